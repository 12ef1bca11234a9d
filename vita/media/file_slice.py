"""A part of an open file as a file of its own."""

from __future__ import annotations

import io
import os


class FileSlice(io.RawIOBase):
    """The bytes ``begin`` to ``end`` of ``descriptor``, which stays the caller's."""

    def __init__(self, descriptor: int, begin: int, end: int) -> None:
        self._descriptor, self._begin, self._size, self._place = descriptor, begin, end - begin, 0

    def readable(self) -> bool:
        """True."""
        return True

    def seekable(self) -> bool:
        """True."""
        return True

    def read(self, size: int = -1) -> bytes:
        """At most ``size`` bytes from where it stands."""
        left = max(0, self._size - self._place)
        data = os.pread(self._descriptor, left if size < 0 else min(size, left), self._begin + self._place)
        self._place += len(data)
        return data

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place; returns it."""
        origins = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._size}
        self._place = max(0, origins[whence] + offset)
        return self._place

    def tell(self) -> int:
        """Where it stands."""
        return self._place
