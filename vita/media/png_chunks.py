"""PNG files without their texts, which nothing here reads and which may unfold to gigabytes. Pure."""

from __future__ import annotations

SIGNATURE = 8  # bytes
_TEXTS = (b"tEXt", b"zTXt", b"iTXt")


def drop_text(data: bytes) -> bytes:
    """The file without its text chunks; whatever is no whole chunk stays as it is."""
    kept, place = [data[:SIGNATURE]], SIGNATURE
    while place + 12 <= len(data):
        end = place + 12 + int.from_bytes(data[place : place + 4], "big")
        if data[place + 4 : place + 8] not in _TEXTS or end > len(data):
            kept.append(data[place:end])
        place = end
    return b"".join([*kept, data[place:]])
