"""Folders that nobody has use for after a while."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path


def remove_old_folders(folders: Iterable[Path], seconds: float) -> None:
    """Remove those that were not changed for so long; what is not there or may not be removed is passed over."""
    for folder in folders:
        with suppress(OSError):
            if time.time() - folder.stat().st_mtime > seconds:
                shutil.rmtree(folder)
