"""Headers of MP3 and ADTS frames, which tell where the next one begins. Pure.

MP3: ISO/IEC 11172-3 and 13818-3, as in http://www.mp3-tech.org/programmer/frame_header.html; ADTS: ISO/IEC 13818-7.
"""

from __future__ import annotations

from collections.abc import Callable

ReadAt = Callable[[int, int], bytes]  # (offset, size) -> at most size bytes

# kbit/s by the header's index, of layers I, II and III of MPEG-1, then of layer I and of II and III of MPEG-2
_KILOBITS = {
    (True, 3): (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (True, 2): (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 1): (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 3): (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (False, 2): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, 1): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
MPEG_RATES = {0: (11_025, 12_000, 8_000), 2: (22_050, 24_000, 16_000), 3: (44_100, 48_000, 32_000)}  # Hz, by version


def frame_bytes(header: bytes) -> int:
    """Length of the MP3 or ADTS frame that begins with these 6 bytes; 0 where none does."""
    if len(header) < 6 or header[0] != 0xFF or header[1] & 0xE0 != 0xE0:
        return 0
    if header[1] & 0xF6 == 0xF0:
        size = (header[3] & 3) << 11 | header[4] << 3 | header[5] >> 5
        return size if size > 7 and header[2] >> 2 & 15 < 13 else 0
    version, layer = header[1] >> 3 & 3, header[1] >> 1 & 3
    rate, bits = header[2] >> 2 & 3, header[2] >> 4
    if version not in MPEG_RATES or not layer or rate == 3 or bits in (0, 15):
        return 0
    bit_rate, hertz = _KILOBITS[version == 3, layer][bits] * 1000, MPEG_RATES[version][rate]
    padding = header[2] >> 1 & 1
    if layer == 3:
        return (12 * bit_rate // hertz + padding) * 4
    return (72 if layer == 1 and version != 3 else 144) * bit_rate // hertz + padding


def run_of_frames(data: bytes, begin: int) -> int:
    """How many frames follow each other without a gap from ``begin`` on, as far as ``data`` goes."""
    count = 0
    while size := frame_bytes(data[begin : begin + 6]):
        count, begin = count + 1, begin + size
    return count
