"""Packages of pictures and fonts, fetched with npm once."""

from __future__ import annotations

import subprocess
from pathlib import Path

from vita.errors import CheckpointError


def pack_package(package: str, folder: Path) -> Path:
    """The archive of ``@scope/name@version`` in ``folder``, packed by npm at first use.

    Raises:
        CheckpointError: npm cannot give the package.
    """
    archive = folder / f"{package.removeprefix('@').replace('/', '-').replace('@', '-')}.tgz"
    if archive.is_file():
        return archive
    folder.mkdir(parents=True, exist_ok=True)
    try:
        subprocess.run(["npm", "pack", "--silent", package], cwd=folder, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError) as e:
        raise CheckpointError(f"npm cannot fetch {package}, which training needs: {e}") from e
    return archive
