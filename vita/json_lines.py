"""A file of JSON lines that grows, and may be cut off by a kill in the middle of any of them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any


class JsonLinesFile:
    """One process appends, others may read. What a kill left half-written is forgotten, and cut off before more."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._torn_at: int | None = None  # where a half-written last line begins

    def read_values(self) -> list[Any]:
        """What every whole line says, in their order; a line that is no JSON is left out."""
        if not self._path.is_file():
            return []
        data = self._path.read_bytes()
        whole = data[: data.rfind(b"\n") + 1]
        self._torn_at = len(whole) if len(whole) < len(data) else None
        found = []
        for line in whole.splitlines():
            try:
                found.append(json.loads(line))
            except ValueError:
                continue
        return found

    def append_values(self, values: Iterable[Any]) -> None:
        """Add a line for each value, and return when the disk has them all."""
        text = "".join(f"{json.dumps(value, ensure_ascii=False, default=str)}\n" for value in values)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("ab") as file:
            if self._torn_at is not None:
                file.truncate(self._torn_at)
                self._torn_at = None
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
