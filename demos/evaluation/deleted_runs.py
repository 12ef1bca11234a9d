"""Deleting runs so that it can be undone: they are moved into a hidden folder, and removed from there a day later."""

from __future__ import annotations

import shutil
from pathlib import Path

from demos.evaluation.run_archive import KeptRun
from evals.report.sample_tables import files_of
from evals.run_labels import label_path
from evals.run_lock import is_held
from vita.errors import InputError
from vita.folder_aging import remove_old_folders

BIN = ".deleted"
KEPT = 24 * 3600  # seconds that a deleted run can be had back


def delete_run(root: Path, run: KeptRun) -> None:
    """Take a run, its results and its samples away.

    Raises:
        InputError: it is going on.
    """
    if run.folder and is_held(run.folder):
        raise InputError("This run goes on: stop it first, then delete it.")
    remove_old_folders((root / BIN).glob("*"), KEPT)
    paths = [run.folder] if run.folder else []
    if run.results:
        paths += [*files_of(run.results), label_path(run.results)]
    target = _bin_folder(root, run.id)
    if target.exists():  # of an earlier run of this name, which was copied here again
        shutil.rmtree(target)
    _move_all([path for path in paths if path.exists()], root, target)
    target.touch()  # its age counts from now


def restore_run(root: Path, id: str) -> None:
    """Put a deleted run back. Raises InputError where it is not there any more."""
    kept = _bin_folder(root, id)
    if not kept.is_dir():
        raise InputError("This run was deleted long ago and cannot be had back.")
    paths = [path for folder in kept.iterdir() for path in (folder.iterdir() if folder.is_dir() else [folder])]
    _move_all(paths, kept, root)
    shutil.rmtree(kept)


def _bin_folder(root: Path, id: str) -> Path:
    name = id.replace("/", "__")
    if name in ("", ".", ".."):
        raise InputError("This run was deleted long ago and cannot be had back.")
    return root / BIN / name


def _move_all(paths: list[Path], source: Path, target: Path) -> None:
    """Move files and folders, keeping where they are below ``source``."""
    for path in paths:
        place = target / path.relative_to(source)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(path, place)
