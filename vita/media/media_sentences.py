"""What people are told of a file that cannot be used: one sentence that says what to do."""

from __future__ import annotations

from typing import Literal

from vita.errors import LimitError, MediaError

FileKind = Literal["image", "video", "sound", "file"]  # "file" where it is not known yet


def unreadable_file(kind: FileKind) -> MediaError:
    """For what is of no format that is read here, or not enough of one to begin with."""
    if kind == "image":
        return MediaError(
            "This file is not an image that can be read; send a PNG, JPEG, WebP, GIF, BMP, TIFF, AVIF or HEIC file."
        )
    if kind == "video":
        return MediaError(
            "This file is not a video that can be read, or only a part of one; "
            "send a whole MP4, MOV, WebM, MKV or AVI file."
        )
    if kind == "file":
        return MediaError(
            "This file is neither an image, a video nor a sound that can be read; "
            "choose a file such as .jpg, .mp4 or .wav."
        )
    return MediaError(
        "This file is not a sound that can be read, or only a part of one; "
        "send a whole WAV, MP3, FLAC, OGG, M4A or WebM file."
    )


def damaged_file(kind: FileKind) -> MediaError:
    """For what begins well and fails later, or ends early."""
    if kind == "image":
        return MediaError("The image is damaged or cut off; save or download it again and send that.")
    return MediaError("The {kind} is damaged or cut off; save or record it again and send that.", kind=kind)


def unsupported_image(name: str) -> MediaError:
    """For images of a known format that is not read."""
    if name == "SVG":
        return MediaError("SVG drawings are not read; export it as a PNG file and send that.")
    return MediaError("JPEG XL images are not read; save it as a JPEG or PNG file and send that.")


def too_much_memory(kind: FileKind) -> LimitError:
    """For what a decoder wants more memory for than it gets."""
    return LimitError("The {kind} takes too much memory to decode; make it smaller and send it again.", kind=kind)


def too_much_time(kind: FileKind) -> LimitError:
    """For what is not decoded within the time limit."""
    return LimitError("The {kind} takes too long to decode; make it shorter or smaller and send it again.", kind=kind)


def too_many_pixels(kind: FileKind, width: int, height: int, most: int) -> LimitError:
    """For images and videos of more than ``most`` pixels."""
    if kind == "video":
        return LimitError(
            "The video's pictures ({width:,} x {height:,}) have more than {millions:g} million pixels; "
            "make it smaller and send it again.",
            width=width,
            height=height,
            millions=most / 1e6,
        )
    return LimitError(
        "The image ({width:,} x {height:,}) has more than {millions:g} million pixels; "
        "make it smaller and send it again.",
        width=width,
        height=height,
        millions=most / 1e6,
    )


def decoders_busy() -> LimitError:
    """For a file that has waited for long behind others."""
    return LimitError("The server is still reading other files; send it again in a minute.")
