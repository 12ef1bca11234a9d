"""From what a visitor chose to a job, and from a run's plan on disk to its job again. Knows no Gradio."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from evals.cli.run_commands import Job
from evals.contestants import Contestant, local_contestant, realtime_contestant
from evals.item_runner import AskingOptions
from evals.task import Task
from evals.task_data import Selection
from evals.tasks import LIVE, PUBLIC, TASKS
from vita.errors import InputError

CONVERSATION = "conversation"  # the family of tasks that are held live
ABILITIES = ("language", "speech", "image", "video", "voice", "interaction")
IN_FLIGHT = 4  # items at once on the page's engines: two for each, so that a visitor's prompt never waits for many
ELSEWHERE = ("remote", "realtime")  # kinds of contestants that are not this page's engines
HIDDEN = "…"  # what plans show in place of a key


@dataclass(frozen=True)
class RunForm:
    """What a visitor chose.

    Attributes:
        server: ask the OpenAI-compatible server at ``address`` in place of the page's own engines.
        tasks: names of public tasks, or of conversations.
        bundled: the few items that ship here in place of the real data.
        folder: real data that was downloaded; "" streams it from the Hub.
        limit: items of each task, or a share of them below 1; 0 takes all.
        shots: examples before each question; -1 takes each task's own number.
        fresh: begin anew though there is an unfinished run of the same plan.
    """

    tasks: tuple[str, ...]
    server: bool = False
    address: str = ""
    model: str = ""
    key: str = ""
    bundled: bool = True
    folder: str = ""
    limit: float = 0.0
    in_flight: int = IN_FLIGHT
    seed: int = 0
    shots: int = -1
    fresh: bool = False

    def selected_tasks(self) -> tuple[Task, ...]:
        """The tasks, over bundled items or real data. Raises InputError where none is chosen, or one is not known."""
        if not self.tasks:
            raise InputError("Choose at least one task.")
        names = [f"{name}_bundled" if self.bundled else name for name in self.tasks]
        if missing := [name for name in names if name not in TASKS]:
            raise InputError("There is no task {task}; choose from the list.", task=missing[0])
        chosen = tuple(TASKS[name] for name in names)
        if len({task.live for task in chosen}) > 1:
            raise InputError("Conversations are a run of their own: choose either them or other tasks.")
        return chosen

    @property
    def is_live(self) -> bool:
        """Whether the tasks are conversations."""
        return self.selected_tasks()[0].live

    def row_selection(self) -> Selection:
        """Which rows. Raises InputError for a folder or a limit that cannot be."""
        folder = Path(self.folder).expanduser() if self.folder.strip() and not self.bundled else None
        if folder is not None and not folder.is_dir():
            raise InputError(
                "There is no folder {folder} on the server; leave it empty to stream from the Hub.", folder=folder
            )
        if self.limit < 0 or (self.limit > 1 and self.limit != int(self.limit)):
            raise InputError("Items of each task is a whole number, a share below 1, or 0 for all.")
        return Selection(folder, self.limit or None, None if self.shots < 0 else self.shots)


def job_of(form: RunForm, model: str, local: bool, remotes: Sequence[str] = ()) -> Job:
    """The job that a form describes.

    Args:
        model: what the page's own engines serve.
        local: whether they run a checkpoint on this machine, whose hash results name.
        remotes: addresses of the servers that they are, where they are servers.

    Raises:
        InputError: it cannot be done; the message says what to change.
    """
    return Job(
        contestant=_other_contestant(form) if form.server else _own_engines(model, local, remotes),
        tasks=form.selected_tasks(),
        selection=form.row_selection(),
        asking=AskingOptions(seed=form.seed),
        concurrency=max(1, form.in_flight),
        seeds=(form.seed, 1234, 1234, 1234),
        fresh=form.fresh,
    )


def _own_engines(model: str, local: bool, remotes: Sequence[str]) -> Contestant:
    """This page's own engines, told apart by their servers' addresses too where they are servers."""
    if local:
        return local_contestant(model)
    if remotes and not model:
        raise InputError("The model's server has not answered yet: wait until the page says that it is ready.")
    return Contestant(model, "page", {"base_url": " ".join(remotes), "model": model} if remotes else {})


def _other_contestant(form: RunForm) -> Contestant:
    if form.is_live:
        return _talked_to(form.address.strip())
    address = form.address.strip().removesuffix("/").removesuffix("/chat/completions")
    if not address.startswith(("http://", "https://")):
        raise InputError("The server's address begins with http:// or https://, such as http://host:8000/v1.")
    given = {"model": form.model.strip(), "api_key": form.key.strip()}
    return Contestant(
        form.model.strip() or address, "remote", {"base_url": address} | {name: v for name, v in given.items() if v}
    )


def _talked_to(address: str) -> Contestant:
    if not address.startswith(("ws://", "wss://", "http://", "https://")):
        raise InputError("The address of a server for conversations begins with ws://, such as ws://host:7860.")
    return realtime_contestant(address, {"base_url": address})


def own_address(request: Any) -> str:
    """Where this very server, which a request (see gr.Request) has reached, can be talked with; "" for nowhere."""
    scope = getattr(getattr(request, "request", None), "scope", {})  # of ASGI
    host, port = scope.get("server") or ("", None)
    if port is None:
        return ""
    return f"ws://[{host}]:{port}" if ":" in host else f"ws://{host}:{port}"


def job_from_plan(plan: Mapping[str, Any]) -> Job:
    """The job that a run's folder was begun with; keys are not in it.

    Raises:
        InputError: it names a task that is no more.
    """
    if missing := [name for name in plan["tasks"] if name not in TASKS]:
        raise InputError("This run has a task that is no more: {task}.", task=missing[0])
    folder = plan.get("data")
    samples = {name: tuple(indices) for name, indices in plan.get("samples", {}).items()}
    return Job(
        contestant=Contestant(plan["model"], plan["source"], plan.get("model_args") or {}),
        tasks=tuple(TASKS[name] for name in plan["tasks"]),
        selection=Selection(Path(folder) if folder else None, plan.get("limit"), plan.get("shots"), samples),
        asking=AskingOptions(**plan["asking"]),
        concurrency=IN_FLIGHT,
        seeds=(plan["asking"]["seed"], 1234, 1234, 1234),
    )


def resumed_job(plan: Mapping[str, Any], model: str, key: str, remotes: Sequence[str] = ()) -> Job:
    """The job that goes on with a run.

    Args:
        model: what the page's own engines serve.
        key: for a server that needs one, for keys are not kept.
        remotes: see ``job_of``.

    Raises:
        InputError: this page cannot go on with it; the message says who can.
    """
    job = job_from_plan(plan)
    contestant = job.contestant
    if plan.get("judge"):
        raise InputError("This run has a judge: go on with it by the command that began it.")
    if contestant.source not in ELSEWHERE:
        page = _own_engines(model, contestant.source == "vita" and not remotes, remotes)
        if _engine_identity(contestant) != _engine_identity(page):
            raise InputError(
                "This run measures {measured}, and this page runs {model}: start it with that model.",
                measured=_contestant_text(contestant), model=_contestant_text(page),
            )  # fmt: skip
    if contestant.args.get("api_key") == HIDDEN:
        if not key.strip():
            raise InputError("Keys are not kept: type the server's key again, then resume.")
        return replace(job, contestant=replace(contestant, args={**contestant.args, "api_key": key.strip()}))
    return job


def _engine_identity(contestant: Contestant) -> tuple[object, ...]:
    """What a run's engines and the page's must have in common."""
    args = contestant.args
    return contestant.name, contestant.source, args.get("model"), args.get("base_url")


def _contestant_text(contestant: Contestant) -> str:
    """Its name, and where it is if not here."""
    address = contestant.args.get("base_url")
    return f"{contestant.name} ({address})" if address else contestant.name


def task_families() -> dict[str, list[Task]]:
    """Public tasks by ability, in the order of the page, and conversations."""
    found = {ability: [task for task in PUBLIC.values() if task.ability == ability] for ability in ABILITIES}
    return found | {CONVERSATION: list(LIVE.values())}
