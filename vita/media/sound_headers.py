"""Lengths that sound files state themselves, where FFmpeg estimates or passes over them. Pure."""

from __future__ import annotations

from vita.media.audio_frames import MPEG_RATES, ReadAt

STREAMED = 0x7FFF0000  # sizes from here on stand for "until the end", as do zeros
SLACK = 64  # bytes: a last sample that is incomplete, or a size that counts the header


def is_wave_cut_off(read_at: ReadAt, size: int) -> bool:
    """Whether a WAV file has fewer samples than its data chunk says.

    Sizes of the whole file and of chunks behind the data say nothing about the samples: recorders get them wrong.
    """
    if read_at(0, 4) != b"RIFF":
        return False  # RF64 and others keep their size elsewhere
    place = 12
    for _ in range(1000):
        header = read_at(place, 8)
        if len(header) < 8:
            return False
        stated = int.from_bytes(header[4:], "little")
        if header[:4] == b"data":
            return 0 < stated < STREAMED and size - place - 8 < stated - SLACK
        place += 8 + stated + stated % 2
    return False


def mp3_seconds(read_at: ReadAt) -> float:
    """The length in an MP3 file's Xing or Info header; 0 where it has none.

    Without that header there is no length: what FFmpeg tells is file size by the first frame's bit rate.
    """
    place, tag = 0, read_at(0, 10)
    if tag[:3] == b"ID3" and len(tag) == 10:
        place = 10 + ((tag[6] & 0x7F) << 21 | (tag[7] & 0x7F) << 14 | (tag[8] & 0x7F) << 7 | tag[9] & 0x7F)
    frame = read_at(place, 64)
    version = frame[1] >> 3 & 3 if len(frame) == 64 else 1
    rate_index = frame[2] >> 2 & 3 if len(frame) == 64 else 3
    if version not in MPEG_RATES or rate_index == 3:
        return 0.0
    is_mono = frame[3] >> 6 == 3
    side = (17 if is_mono else 32) if version == 3 else (9 if is_mono else 17)
    header = frame[4 + side : 16 + side]
    if header[:4] not in (b"Xing", b"Info") or not header[7] & 1:
        return 0.0
    frames = int.from_bytes(header[8:12], "big")
    return frames * (1152 if version == 3 else 576) / MPEG_RATES[version][rate_index]


def ogg_links(read_at: ReadAt, size: int) -> list[tuple[int, int]]:
    """Where each stream of an Ogg file that was joined of several begins and ends, in bytes; one pair for a plain file.

    RFC 3533: a page whose flag says that a stream begins, behind one that says otherwise, begins another link.
    """
    begins, place, is_opening = [0], 0, True
    while (head := read_at(place, 27))[:4] == b"OggS" and len(head) == 27:
        starts = bool(head[5] & 2)
        if starts and not is_opening:
            begins.append(place)
        is_opening = starts
        place += 27 + head[26] + sum(read_at(place + 27, head[26]))
    return list(zip(begins, [*begins[1:], size], strict=True))
