"""Where a run of an evaluation is, for the page. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from vita.errors import VitaError

Phase = Literal["waiting", "running", "stopping", "stopped", "failed", "done", "elsewhere"]


@dataclass(frozen=True)
class TaskView:
    """Where a task of a run is.

    Attributes:
        score: the headline so far in its published unit, with its 95 % interval; None before the first item.
        unit: of the score: "%", "s", or "points", which are out of ``best``.
        seconds_left: None where nothing tells.
    """

    name: str
    done: int
    total: int
    failed: int
    score: float | None = None
    interval: tuple[float, float] | None = None
    seconds_left: float | None = None
    unit: str = "%"
    best: float = 100.0


@dataclass(frozen=True)
class RunView:
    """Where a run is.

    Attributes:
        id: its folder, relative to the folder of results.
        phase: "elsewhere" while another process works on it, such as the command line.
        error: why it ended before its time; None where it did not.
        rate: items a second since this start; 0 where it does not run.
    """

    id: str
    model: str
    phase: Phase
    tasks: tuple[TaskView, ...]
    error: VitaError | None = None
    rate: float = 0.0

    @property
    def live(self) -> bool:
        """Whether anything is being asked now, or is about to."""
        return self.phase in ("waiting", "running", "stopping")

    @property
    def seconds_left(self) -> float | None:
        """For all tasks together, at this rate."""
        left = sum(task.total - task.done for task in self.tasks)
        return left / self.rate if self.rate and all(task.total for task in self.tasks) else None
