"""Which commits of the Hub's data sets a run reads: names such as "main" move, results must not."""

from __future__ import annotations

import logging
import re
from pathlib import Path

from evals.task import DataSource, Task
from evals.task_rows import hub_id, is_local

log = logging.getLogger(__name__)
_COMMIT = re.compile("[0-9a-f]{40}")


def dataset_commits(task: Task, folder: Path | None) -> dict[str, str | None]:
    """The commit of every data set that a task reads from the Hub, by its id; empty where the rows lie here.

    Args:
        folder: data in place of the Hub.

    Returns:
        None for a data set of which the Hub does not tell now; reading it says why, if it cannot be read either.
    """
    if is_local(task, folder) or not task.source.hub:
        return {}
    ids = dict.fromkeys(hub_id(task.source, config) for config in task.source.configs)
    return {hub: _latest_commit(hub, task.source) for hub in ids}


def _latest_commit(hub: str, source: DataSource) -> str | None:
    if _COMMIT.fullmatch(source.revision):
        return source.revision
    from huggingface_hub import HfApi

    try:
        return HfApi().dataset_info(hub, revision=source.revision, timeout=30).sha
    except Exception as error:  # the client raises whatever its transport raises; a run does not depend on it
        log.warning("The commit of %s at %s is not known: %s", hub, source.revision, error)
        return None
