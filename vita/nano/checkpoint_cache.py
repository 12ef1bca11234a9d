"""Where built checkpoints lie, half a gigabyte each, and when those of other versions go."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from vita.folder_aging import remove_old_folders

CACHE = Path("~/.cache/vita-playground")
UNUSED = 30 * 24 * 3600  # seconds after which a folder that nobody asked for goes


def mark_used(folder: Path) -> None:
    """Note that ``folder`` was asked for now; a cache that may only be read stays as it is."""
    with suppress(OSError):
        os.utime(folder)


def remove_unused(cache: Path) -> None:
    """Remove the checkpoints that nobody asked for in a month, and what builds left that were killed as long ago."""
    remove_old_folders((*cache.glob("nano-*"), *cache.glob(".nano-*")), UNUSED)
