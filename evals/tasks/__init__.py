"""Every task by name, and groups of them. ``<task>_bundled`` is the same task over the few rows that ship with it."""

from __future__ import annotations

from collections.abc import Iterable

from evals.task import Task
from evals.tasks import (
    agieval,
    ai2d,
    ceval,
    full_duplex,
    gsm8k,
    hallusionbench,
    mathvista,
    mmbench,
    mme,
    mmlu,
    mmmu,
    mmstar,
    mmvet,
    ocrbench,
    speech,
    state_tokens,
    videomme,
    voicebench,
)  # fmt: skip
from vita.errors import InputError

_FAMILIES = (
    ceval, agieval, mmlu, gsm8k, speech, mme, ocrbench, hallusionbench, mmbench, mmstar, mmmu, mathvista, ai2d, mmvet,
    videomme, voicebench, state_tokens,
)  # fmt: skip
PUBLIC: dict[str, Task] = {task.name: task for family in _FAMILIES for task in family.TASKS}
LIVE: dict[str, Task] = {task.name: task for task in full_duplex.TASKS}  # held with a server, which engines are not
_ALL = PUBLIC | LIVE
TASKS: dict[str, Task] = _ALL | {task.name: task for task in (task.on_bundled() for task in _ALL.values())}
GROUPS: dict[str, tuple[str, ...]] = {
    "all": tuple(PUBLIC),
    "bundled": tuple(f"{name}_bundled" for name in PUBLIC),
    "full_duplex": tuple(LIVE),
    "full_duplex_bundled": tuple(f"{name}_bundled" for name in LIVE),
    **{ability: tuple(name for name, task in PUBLIC.items() if task.ability == ability)
       for ability in ("language", "speech", "image", "video", "voice", "interaction")},
    "librispeech": tuple(name for name in PUBLIC if name.startswith("librispeech")),
    "wenetspeech": tuple(name for name in PUBLIC if name.startswith("wenetspeech")),
    "voicebench": tuple(name for name in PUBLIC if name.startswith("voicebench")),
    "mmbench": tuple(name for name in PUBLIC if name.startswith("mmbench")),
}  # fmt: skip


def select_tasks(names: Iterable[str]) -> tuple[Task, ...]:
    """Tasks by their names or groups' names, each once, in the order asked for.

    Raises:
        InputError: there is no such task; the message names the nearest.
    """
    found: dict[str, Task] = {}
    for name in names:
        for member in GROUPS.get(name, (name,)):
            if member not in TASKS:
                raise InputError(f"There is no task {name!r}; `python -m evals ls` lists them all.")
            found[member] = TASKS[member]
    return tuple(found.values())
