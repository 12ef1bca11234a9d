"""Tell the format of a file by its first bytes. Pure; knows no decoder.

A file is opened with the decoder named here and no other: what begins as text (playlists, lists of files, markup) has
no entry, so no demuxer that opens further files is ever reached.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from vita.media.audio_frames import ReadAt, run_of_frames

MPEG_TS_PACKET = 188  # bytes; 192 in recordings of camcorders and Blu-ray, which put a time stamp before each
HEAD = 4096  # bytes that are looked at
FRAMES_TO_BELIEVE = 3  # in a row, where the first one is not at the beginning
MOST_TAG = 64 * 2**20  # bytes; an ID3 tag before the sound


@dataclass(frozen=True)
class FileFormat:
    """How a file is to be read.

    Attributes:
        decoder: the library; "none" for a format that is recognised but not read.
        name: Pillow's name of an image format, or FFmpeg's name of a demuxer.
    """

    decoder: Literal["pillow", "ffmpeg", "none"]
    name: str


JPEG_XL, SVG = FileFormat("none", "JPEG XL"), FileFormat("none", "SVG")

_SIGNATURES = (  # (offset, bytes, format)
    (0, b"\x89PNG\r\n\x1a\n", FileFormat("pillow", "PNG")),
    (0, b"\xff\xd8\xff", FileFormat("pillow", "JPEG")),
    (0, b"GIF87a", FileFormat("pillow", "GIF")),
    (0, b"GIF89a", FileFormat("pillow", "GIF")),
    (0, b"BM", FileFormat("pillow", "BMP")),
    (0, b"II*\0", FileFormat("pillow", "TIFF")),
    (0, b"MM\0*", FileFormat("pillow", "TIFF")),
    (0, b"II+\0", FileFormat("pillow", "TIFF")),
    (0, b"MM\0+", FileFormat("pillow", "TIFF")),
    (0, b"\0\0\x01\0", FileFormat("pillow", "ICO")),
    (0, b"\xff\x0a", JPEG_XL),
    (0, b"\0\0\0\x0cJXL \r\n\x87\n", JPEG_XL),
    (0, b"\x1aE\xdf\xa3", FileFormat("ffmpeg", "matroska")),
    (0, b"fLaC", FileFormat("ffmpeg", "flac")),
    (0, b"OggS", FileFormat("ffmpeg", "ogg")),
    (0, b"caff", FileFormat("ffmpeg", "caf")),
    (0, b".snd", FileFormat("ffmpeg", "au")),
    (0, b"#!AMR", FileFormat("ffmpeg", "amr")),
    (0, b"FLV\x01", FileFormat("ffmpeg", "flv")),
    (0, b"DKIF", FileFormat("ffmpeg", "ivf")),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", FileFormat("ffmpeg", "asf")),
    (0, b"\0\0\x01\xba", FileFormat("ffmpeg", "mpeg")),
    (0, b"\0\0\x01\xb3", FileFormat("ffmpeg", "mpegvideo")),
    (0, b"riff\x2e\x91\xcf\x11", FileFormat("ffmpeg", "w64")),
    (0, b"\x0bw", FileFormat("ffmpeg", "ac3")),
)
_RIFF = {
    b"WEBP": FileFormat("pillow", "WEBP"),
    b"AVI ": FileFormat("ffmpeg", "avi"),
    b"AVIX": FileFormat("ffmpeg", "avi"),
    b"WAVE": FileFormat("ffmpeg", "wav"),
}
_AVIF_BRANDS = (b"avif", b"avis")
_HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"mif2", b"msf1")
_BOXES = (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"styp", b"moof")
_ISO = FileFormat("ffmpeg", "mov")
_TEXT = frozenset(range(0x20, 0x7F)) | frozenset(b"\t\r\n\f")


def identify_format(read_at: ReadAt) -> FileFormat | None:
    """The format of a file; None where its first bytes are of no format that is read here.

    Args:
        read_at: gives the bytes at an offset of the file.
    """
    head = read_at(0, HEAD)
    for offset, signature, found in _SIGNATURES:
        if head.startswith(signature, offset):
            return found
    if head[:4] in (b"RIFF", b"RIFX", b"RF64", b"BW64"):
        return _RIFF.get(head[8:12])
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return FileFormat("ffmpeg", "aiff")
    if head[4:8] in _BOXES:
        return _iso_format(head)
    if head[:1] == b"P" and head[1:2] in b"123456" and head[2:3].isspace():
        return FileFormat("pillow", "PPM")
    if b"<svg" in head[:1024].lower() and head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return SVG
    return _transport_stream(head) or _framed_sound(read_at) or _cut_stream(head)


def _iso_format(head: bytes) -> FileFormat:
    """Of the ISO base media family: AVIF, HEIF, or MP4 and QuickTime."""
    if head[4:8] != b"ftyp":
        return _ISO
    end = max(16, min(int.from_bytes(head[:4], "big"), 256))
    brands = [head[8:12], *(head[place : place + 4] for place in range(16, end, 4))]
    if any(brand in _AVIF_BRANDS for brand in brands):
        return FileFormat("pillow", "AVIF")
    return FileFormat("pillow", "HEIF") if brands[0] in _HEIF_BRANDS else _ISO


def _transport_stream(head: bytes, begins: range = range(1)) -> FileFormat | None:
    """MPEG-TS, whose packets of 188 bytes begin with 0x47; M2TS puts four bytes before each.

    Args:
        begins: bytes before the first packet that may be there.
    """
    for before, step in ((0, MPEG_TS_PACKET), (4, MPEG_TS_PACKET + 4)):
        for begin in begins:
            starts = head[begin + before :: step]
            if len(starts) >= 4 and set(starts[: (len(head) - begin) // step]) == {0x47}:
                return FileFormat("ffmpeg", "mpegts")
    return None


def _cut_stream(head: bytes) -> FileFormat | None:
    """A stream of packets or frames that was cut anywhere, told by the run of them; never what begins as text."""
    if all(byte in _TEXT for byte in head.removeprefix(b"\xef\xbb\xbf")[:16]):
        return None
    if found := _transport_stream(head, range(1, MPEG_TS_PACKET + 4)):
        return found
    for begin in range(1, len(head) // 2):
        if run_of_frames(head, begin) >= FRAMES_TO_BELIEVE:
            return FileFormat("ffmpeg", "aac" if head[begin + 1] & 0xF6 == 0xF0 else "mp3")
    return None


def _framed_sound(read_at: ReadAt) -> FileFormat | None:
    """MP3 and AAC (ADTS): frames without a file header, behind ID3 tags or zeros where there are some."""
    offset = 0
    while (tag := read_at(offset, 10))[:3] == b"ID3" and len(tag) == 10 and offset < MOST_TAG:
        size = (tag[6] & 0x7F) << 21 | (tag[7] & 0x7F) << 14 | (tag[8] & 0x7F) << 7 | (tag[9] & 0x7F)
        offset += 10 + size + (10 if tag[5] & 0x10 else 0)
    head = read_at(offset, HEAD)
    start = len(head) - len(head.lstrip(b"\0"))
    frame = head[start : start + 4]
    if frame[:4] == b"fLaC":
        return FileFormat("ffmpeg", "flac")
    if len(frame) < 4 or frame[0] != 0xFF or frame[1] & 0xE0 != 0xE0:
        return None
    if frame[1] & 0xF6 == 0xF0:
        return FileFormat("ffmpeg", "aac")
    has_layer, has_rate = frame[1] & 0x06 != 0, frame[2] & 0xF0 != 0xF0 and frame[2] & 0x0C != 0x0C
    return FileFormat("ffmpeg", "mp3") if has_layer and has_rate else None
