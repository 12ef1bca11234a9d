"""The settings that a run was made with, as text by name: to say beside its numbers, and to compare two runs by."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from evals.result_files import Content
from evals.task import plain_title
from evals.tasks import TASKS

SETTINGS = (
    "model", "server", "tasks", "data", "limit", "samples", "shots", "seed", "scorers", "mode", "system", "sampling",
    "judge", "flight", "checkpoint", "code", "machine",
)  # in the order in which they are shown  # fmt: skip
MARKED = ("limit", "samples", "shots", "seed", "mode", "system", "sampling", "judge")  # what a run's title says of them
USUAL = {"seed": "0", "mode": "generate"}  # values as good as none
Settings = Mapping[str, str]


def run_settings(plan: Mapping[str, Any], content: Content | None = None) -> dict[str, str]:
    """Every setting that is known, in the order of ``SETTINGS``; "" stands for the usual value.

    Args:
        plan: of the run's folder; empty where that is not here.
        content: of its results file; None where there is none yet.
    """
    found = _planned_settings(plan) if plan else _recorded_settings(content or {})
    if content:
        found |= _environment_settings(content)
    return {name: found[name] for name in SETTINGS if name in found}


def _planned_settings(plan: Mapping[str, Any]) -> dict[str, str]:
    asking = plan.get("asking") or {}
    names = plan.get("tasks", [])
    return {
        "model": str(plan.get("model", "")),
        "server": str((plan.get("model_args") or {}).get("base_url", "")),
        "tasks": _task_titles(names),
        "data": _data_kind(names, plan.get("data")),
        "limit": _number_text(plan.get("limit")),
        "samples": _compact_json(plan.get("samples")),
        "shots": _number_text(plan.get("shots")),
        "seed": str(asking.get("seed", "")),
        "mode": str(asking.get("mode") or ""),
        "system": str(asking.get("system") or ""),
        "sampling": _compact_json(asking.get("gen_kwargs")),
        "judge": "yes" if plan.get("judge") else "",
    }


def _recorded_settings(content: Content) -> dict[str, str]:
    """Of results whose run's folder is not here."""
    config = content.get("config") or {}
    names = list(content.get("headlines", {}))
    return {
        "model": str(content.get("model_name", "")),
        "tasks": _task_titles(names),
        "data": _data_kind(names, None),
        "limit": _number_text(config.get("limit")),
        "shots": _asked_shots(content),
        "seed": _number_text(config.get("random_seed")),
        "mode": str(config.get("mode") or ""),
        "system": str(content.get("system_instruction") or ""),
        "sampling": _compact_json(config.get("gen_kwargs")),
    }


def _environment_settings(content: Content) -> dict[str, str]:
    headlines = content.get("headlines", {})
    scorers = {name: str(headline["scorer"]) for name, headline in headlines.items()}
    provenance = content.get("provenance") or {}
    found = {
        "scorers": ", ".join(f"{_task_title(name)}: {scorer}" for name, scorer in scorers.items()),
        "flight": _number_text((content.get("config") or {}).get("batch_size")),
        "checkpoint": str(provenance.get("checkpoint_sha256") or "")[:12],
        "code": str(content.get("git_hash") or "")[:12],
        "machine": str(provenance.get("machine") or ""),
    }
    return {name: text for name, text in found.items() if text}


def marked_settings(settings: Settings) -> dict[str, str]:
    """Those that make a run another one than the usual run of its tasks."""
    return {name: settings[name] for name in MARKED if settings.get(name) and settings[name] != USUAL.get(name)}


def _task_title(name: str) -> str:
    return plain_title(TASKS[name].title) if name in TASKS else name


def _task_titles(names: Any) -> str:
    return ", ".join(map(_task_title, names))


def _data_kind(names: Any, folder: str | None) -> str:
    """ "bundled", "real" or both, and the name of the data's folder, without where on this machine it lies."""
    kinds = dict.fromkeys("bundled" if name in TASKS and TASKS[name].bundled else "real" for name in names)
    return " + ".join(kinds) + (f" ({Path(folder).name})" if folder else "")


def _asked_shots(content: Content) -> str:
    """The examples that were shown, where that is not each task's own number."""
    shown = content.get("n-shot") or {}
    other = {name: count for name, count in shown.items() if name in TASKS and count != TASKS[name].shots}
    if len(set(other.values())) == 1:
        return str(next(iter(other.values())))
    return ", ".join(f"{_task_title(name)}: {count}" for name, count in other.items())


def _number_text(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:g}" if isinstance(value, int | float) else str(value)


def _compact_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(", ", "=")) if value else ""
