"""Files that visitors take away: a table, a page of charts, a run with its samples."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from evals.report import sample_tables
from evals.report.chart_files import chart_filename
from evals.result_files import Content
from vita.folder_aging import remove_old_folders

EXPORTS = "vita-evaluation-"  # how the folders of downloads begin
KEPT = 3600  # seconds that such a folder is kept


def _kept_download(name: str, write: Callable[[Path], Any]) -> str:
    """A file for download in a folder of its own, so that it keeps its name; the page takes a copy at once."""
    remove_old_folders(Path(tempfile.gettempdir()).glob(f"{EXPORTS}*"), KEPT)
    path = Path(tempfile.mkdtemp(prefix=EXPORTS)) / name
    write(path)
    return str(path)


def csv_file(contents: Sequence[Content], titles: Sequence[str], ids: Sequence[str]) -> str:
    """The table of headline numbers; returns its path. The arguments are ``as_csv``'s."""
    text = sample_tables.as_csv(contents, titles, ids)
    name = f"{chart_filename('results', titles)}.csv"
    return _kept_download(name, lambda path: path.write_text(text, encoding="utf-8"))


def html_file(page: str, titles: Sequence[str]) -> str:
    """A page of charts of runs with these titles; returns its path."""
    name = f"{chart_filename('charts', titles)}.html"
    return _kept_download(name, lambda path: path.write_text(page, encoding="utf-8"))


def zip_file(path: Path) -> str:
    """A run's results and samples; returns the archive's path."""
    return _kept_download(f"{path.parent.name}_{path.stem}.zip", lambda target: sample_tables.as_zip(path, target))
