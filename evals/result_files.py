"""Result and sample files in lm-eval's schema, and reading them again.

``<output_path>/<model>/results_<date>.json`` and ``samples_<task>_<date>.jsonl``; lm-eval 0.4.13's own functions read
both. What is ours stands beside it: ``scorers``, ``units``, ``tiles``, ``failures``, ``speed``,
``provenance``, ``bundled``.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evals.run_journal import ItemRecord
from evals.scoring import TaskResult, speed_figures
from evals.task import Scored

Content = Mapping[str, Any]  # of a results file


@dataclass(frozen=True)
class About:
    """What was run on what.

    Attributes:
        source: kind of contestant: "vita", "remote" or "simulated".
        config: lm-eval's config block: model, model_args, limit, seeds, …
        provenance: versions, git revision, checkpoint hash, machine.
        commits: of the Hub's data sets that each task read, see ``revisions.commits``.
        tile_bound: tiles that the checkpoint lets one picture be cut into; None where that is not known here.
        started: unix time; seconds: wall clock of all starts that are known.
    """

    model: str
    source: str
    config: Mapping[str, Any]
    provenance: Mapping[str, Any]
    started: float
    seconds: float
    system: str | None = None
    tile_bound: int | None = None
    shots: Mapping[str, int] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)
    commits: Mapping[str, Mapping[str, str | None]] = field(default_factory=dict)


def sanitize_name(name: str) -> str:
    """A model's name as a folder's, as lm-eval has it."""
    return re.sub(r"[\"<>:/\|\\?\*\[\]]+", "__", name)


def build_results(about: About, results: Sequence[TaskResult]) -> dict[str, Any]:
    """The content of a results file."""
    by_task: dict[str, list[TaskResult]] = {}
    for result in results:
        by_task.setdefault(result.task.name, []).append(result)
    firsts = {name: several[0] for name, several in by_task.items()}
    return {
        "results": {name: _metric_numbers(several) for name, several in by_task.items()},
        "group_subtasks": {name: [] for name in by_task},
        "configs": {name: _task_config(result, about) for name, result in firsts.items()},
        "versions": dict.fromkeys(by_task, 1),
        "n-shot": {name: about.shots.get(name, 0) for name in by_task},
        "higher_is_better": {
            name: {_plain_name(key): metric.higher_is_better for one in several for key, metric in one.metrics.items()}
            for name, several in by_task.items()
        },
        "n-samples": {
            name: {"original": about.sizes.get(name) or len(one.records), "effective": len(one.records)}
            for name, one in firsts.items()
        },
        "config": dict(about.config),
        "date": about.started,
        **_environment_fields(about),
        "task_hashes": {name: _value_hash([record.prompt for record in one.records]) for name, one in firsts.items()},
        "total_evaluation_time_seconds": str(about.seconds),
        **_own_fields(about, by_task),
    }


def _metric_numbers(several: Sequence[TaskResult]) -> dict[str, Any]:
    task = several[0].task
    numbers: dict[str, Any] = {"name": task.name, "alias": task.title, "sample_len": len(several[0].records)}
    for result in several:
        for name, metric in result.metrics.items():
            error = "N/A" if metric.stderr is None else metric.stderr
            numbers[f"{_plain_name(name)},{result.scorer.name}"] = metric.value
            numbers[f"{_plain_name(name)}_stderr,{result.scorer.name}"] = error
    return numbers


def _plain_name(name: str) -> str:
    """A metric's name without commas, which part the scorer's name from it."""
    return name.replace(",", ";")


def _task_config(result: TaskResult, about: About) -> dict[str, Any]:
    source, task = result.task.source, result.task
    return {
        "task": task.name,
        "dataset_path": "bundled" if task.bundled else source.hub,
        "dataset_name": "+".join(source.configs)
        if len(source.configs) < 4
        else f"{len(source.configs)} configurations",
        "test_split": source.split,
        "fewshot_split": source.shots or None,
        "num_fewshot": about.shots.get(task.name, 0),
        "output_type": "generate_until",
        "generation_kwargs": {"until": list(task.until), "max_gen_toks": task.max_tokens, "do_sample": False},
        "metadata": {
            "revision": source.revision,
            "commits": dict(about.commits.get(task.name, {})),
            "licence": source.licence,
            "note": task.note,
            "bundled": task.bundled,
        },
    }


def _environment_fields(about: About) -> dict[str, Any]:
    provenance = about.provenance
    system = about.system
    return {
        "git_hash": provenance.get("git"),
        "pretty_env_info": provenance.get("machine", ""),
        "transformers_version": provenance.get("versions", {}).get("transformers", ""),
        "lm_eval_version": "",
        "upper_git_hash": None,
        "tokenizer_pad_token": ["", ""],
        "tokenizer_eos_token": ["", ""],
        "tokenizer_bos_token": ["", ""],
        "eot_token_id": None,
        "max_length": None,
        "model_source": about.source,
        "model_name": about.model,
        "model_name_sanitized": sanitize_name(about.model),
        "system_instruction": system,
        "system_instruction_sha": _value_hash(system) if system else None,
        "fewshot_as_multiturn": False,
        "chat_template": None,
        "chat_template_sha": None,
    }


def _own_fields(about: About, by_task: Mapping[str, Sequence[TaskResult]]) -> dict[str, Any]:
    return {
        "scorers": {
            name: {one.scorer.name: one.scorer.version for one in several} for name, several in by_task.items()
        },
        "units": {
            name: {_plain_name(key): metric.unit for one in several for key, metric in one.metrics.items()}
            for name, several in by_task.items()
        },
        "headlines": {
            name: {
                "metric": _plain_name(several[0].headline_metric),
                "scorer": several[0].scorer.name,
                "value": several[0].headline_value.value,
                "stderr": several[0].headline_value.stderr,
                "interval": several[0].headline_interval,
                "title": several[0].task.title,
                "ability": several[0].task.ability,
            }
            for name, several in by_task.items()
        },
        "bundled": {name: several[0].task.bundled for name, several in by_task.items()},
        "tiles": {
            name: {"asked": asked, "used": None if about.tile_bound is None else min(asked, about.tile_bound)}
            for name, several in by_task.items()
            if (asked := several[0].task.tiles) is not None
        },
        "failures": {name: several[0].failed_items for name, several in by_task.items()},
        "speed": {name: speed_figures(several[0].records, about.seconds) for name, several in by_task.items()},
        "provenance": dict(about.provenance),
    }


def sample_lines(result: TaskResult, gen_kwargs: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A task's samples under one scorer, one dictionary a line."""
    return [
        _sample_line(result, record, scored, gen_kwargs) | {"error": error}
        for record, scored, error in zip(result.records, result.scored, result.errors, strict=True)
    ]


def _sample_line(
    result: TaskResult, record: ItemRecord, scored: Scored, gen_kwargs: Mapping[str, Any]
) -> dict[str, Any]:
    given = {"until": list(result.task.until), "max_gen_toks": result.task.max_tokens, "do_sample": False, **gen_kwargs}
    return {
        "doc_id": record.doc_id,
        "doc": dict(record.doc),
        "target": record.target,
        "arguments": {"gen_args_0": {"arg_0": record.prompt, "arg_1": given}},
        "resps": [[record.answer or ""]],
        "filtered_resps": [scored.extracted],
        "filter": result.scorer.name,
        "metrics": list(scored.values),
        "doc_hash": _value_hash(record.doc),
        "prompt_hash": _value_hash(record.prompt),
        "target_hash": _value_hash(record.target),
        **scored.values,
        "unread": scored.unread,
        "state": record.state,
        "verdict": record.verdict,
        "seconds": record.seconds,
        "first_token_seconds": record.first_token_seconds,
        "token_counts": dict(record.tokens),
    }


def _value_hash(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def write_results(folder: Path, date: str, about: About, results: Sequence[TaskResult], log_samples: bool) -> Path:
    """Write both kinds of files into ``folder``; samples of several scorers share a task's file, as lm-eval's filters.

    Returns:
        The results file.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if log_samples:
        for name in dict.fromkeys(result.task.name for result in results):
            several = [result for result in results if result.task.name == name]
            lines = [line for result in several for line in sample_lines(result, about.config.get("gen_kwargs") or {})]
            text = "".join(json.dumps(line, ensure_ascii=False, default=str) + "\n" for line in lines)
            (folder / f"samples_{name}_{date}.jsonl").write_text(text, encoding="utf-8")
    path = folder / f"results_{date}.json"
    path.write_text(
        json.dumps(build_results(about, results), indent=2, ensure_ascii=False, default=str), encoding="utf-8"
    )
    return path


def bundled_part(content: Content, bundled: bool) -> Content:
    """Only its tasks on bundled items, or only those on real data, for the two are never shown together."""
    kept = {name: headline for name, headline in content["headlines"].items() if content["bundled"][name] is bundled}
    return {**content, "headlines": kept}


def read_results(path: Path) -> dict[str, Any]:
    """A results file, ours or lm-eval's."""
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def read_samples(results: Path, task: str) -> list[dict[str, Any]]:
    """The samples that belong to a results file; none where they were not logged."""
    path = results.with_name(results.name.replace("results_", f"samples_{task}_", 1)).with_suffix(".jsonl")
    if not path.is_file():
        return []
    lines = path.read_text(encoding="utf-8").split("\n")  # splitlines parts at U+2028 too, which JSON leaves in texts
    return [json.loads(line) for line in lines if line.strip()]


def find_results(root: Path) -> list[Path]:
    """All results files below a folder, newest first by the date in their names; not those in hidden folders."""
    found = (path for path in root.glob("**/results_*.json") if not _is_hidden(path.relative_to(root)))
    return sorted(found, key=lambda path: path.name, reverse=True)


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)
