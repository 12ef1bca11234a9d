"""Samples of runs for people: which are wrong or answered otherwise, tables to take away, and a run on the Hub."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal

from evals.report.comparable import headline_unit
from evals.report.run_settings import run_settings
from evals.report.sample_scores import Sample, answer_text, is_better, is_failed, is_wrong
from evals.report.text_tables import BUNDLED_NOTE, tiles_text
from evals.result_files import Content, read_results, read_samples
from evals.run_journal import recordings_folder, run_of
from vita.errors import InputError

Show = Literal["all", "wrong", "failed", "differs", "better", "worse"]
COMPARED = ("differs", "better", "worse")  # what needs another run's samples
Until = Literal["seconds", "first_token_seconds"]
CSV_SETTINGS = ("limit", "seed", "mode", "sampling", "data", "checkpoint", "code")
WAITS = ("latency", "response_latency")  # seconds that a conversation's item waited for its answer


def pick_samples(samples: Sequence[Sample], show: Show, other: Sequence[Sample] = (), wanted: str = "") -> list[Sample]:
    """The samples to look at.

    Args:
        other: another run's samples of the task, which those of ``COMPARED`` are held against.
        wanted: words that prompt, answer or reference must have, in any case of letters; "#12" is one item.
    """
    before = {sample["doc_id"]: sample for sample in other}
    kept = [sample for sample in samples if _is_shown(sample, show, before.get(sample["doc_id"]))]
    return [sample for sample in kept if _has_words(sample, wanted)]


def _is_shown(sample: Sample, show: Show, before: Sample | None) -> bool:
    if show in COMPARED:
        if before is None:
            return False
        if show == "differs":
            return answer_text(sample) != answer_text(before) or is_failed(sample) != is_failed(before)
        return is_better(sample, before) if show == "better" else is_better(before, sample)
    return show == "all" or (is_wrong(sample) if show == "wrong" else is_failed(sample))


def _has_words(sample: Sample, wanted: str) -> bool:
    wanted = wanted.strip().casefold()
    if not wanted:
        return True
    if wanted.startswith("#") and wanted[1:].isdigit():
        return bool(sample["doc_id"] == int(wanted[1:]))
    prompt = sample["arguments"]["gen_args_0"]["arg_0"]
    text = "\n".join(map(str, (prompt, answer_text(sample), sample["filtered_resps"][0], sample["target"]))).casefold()
    return all(word in text for word in wanted.split())


def item_seconds(results: Path, tasks: Iterable[str], until: Until = "seconds") -> list[float]:
    """How long each item of some tasks took, from the samples beside a results file.

    Args:
        until: the last token, or the first.
    """
    return run_seconds((read_samples(results, task) for task in tasks), until)


def run_seconds(samples: Iterable[Iterable[Sample]], until: Until = "seconds") -> list[float]:
    """How long each item of a run took, from the samples of each of its tasks."""
    return [wait for of_task in samples for wait in sample_seconds(of_task, until)]


def sample_seconds(samples: Iterable[Sample], until: Until = "seconds") -> list[float]:
    """How long each item took; in conversations, how long the answer was waited for."""
    firsts = {sample["doc_id"]: sample for sample in reversed(list(samples))}
    found = [_sample_wait(sample, until) for _, sample in sorted(firsts.items()) if not is_failed(sample)]
    return [wait for wait in found if wait is not None]


def _sample_wait(sample: Sample, until: Until) -> float | None:
    if "recording" in sample.get("doc", {}):
        return None if until == "first_token_seconds" else next((sample[one] for one in WAITS if one in sample), None)
    return sample.get(until)


def as_csv(contents: Sequence[Content], titles: Sequence[str] = (), ids: Sequence[str] = ()) -> str:
    """Headline numbers of runs as a table, bundled ones marked; every row says of which run it is and how it was made.

    Args:
        titles: what the runs are called; empty takes their models.
        ids: where they are kept; empty takes when they began.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    columns = ["metric", "scorer", "value", "low", "high", "unit", "items", "failed", "bundled", "tiles"]
    writer.writerow(["model", "task", *columns, "run", "id", "started", "shots", *CSV_SETTINGS])
    for place, content in enumerate(contents):
        run = [titles[place] if titles else content["model_name"], ids[place] if ids else content["date"]]
        settings = run_settings({}, content)
        of_run = [*run, _iso_time(content["date"])]
        for name, headline in content["headlines"].items():
            low, high = headline["interval"] or ("", "")
            items, failed = content["n-samples"][name]["effective"], content["failures"][name]
            row = [name, headline["metric"], headline["scorer"], headline["value"], low, high]
            row += [headline_unit(name, content), items, failed, content["bundled"][name], tiles_text(name, content)]
            shots = content.get("n-shot", {}).get(name, "")
            writer.writerow(
                [content["model_name"], *row, *of_run, shots, *(settings.get(key, "") for key in CSV_SETTINGS)]
            )
    return text.getvalue()


def _iso_time(unix: float) -> str:
    return datetime.fromtimestamp(unix).isoformat(timespec="seconds")


def files_of(results: Path) -> list[Path]:
    """A results file and the samples that belong to it."""
    date = results.stem.removeprefix("results_")
    return [results, *sorted(results.parent.glob(f"samples_*_{date}.jsonl"))]


def as_zip(results: Path, target: Path) -> Path:
    """Pack a run's files, and in a folder what was said in its conversations."""
    folder = run_of(results)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files_of(results):
            archive.write(path, path.name)
        for path in sorted(recordings_folder(folder).glob("*")) if folder else ():
            archive.write(path, f"recordings/{path.name}")
    return target


def push_to_hub(results: Path, repo: str, token: str) -> str:
    """Put a run's files into a data set on the Hub, made private where it is new.

    Returns:
        Its address.

    Raises:
        InputError: the Hub refused; the message says why.
    """
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError

    api, folder = HfApi(token=token), read_results(results)["model_name_sanitized"]
    try:
        api.create_repo(repo, repo_type="dataset", private=True, exist_ok=True)
        for path in files_of(results):
            api.upload_file(
                path_or_fileobj=path, path_in_repo=f"{folder}/{path.name}", repo_id=repo, repo_type="dataset",
                commit_message=f"Add {path.name}. {BUNDLED_NOTE}",
            )  # fmt: skip
    except (HfHubHTTPError, HFValidationError, OSError) as error:
        raise InputError(
            "The Hub did not take it: {reason}. Check the name owner/data-set and the token.", reason=error
        ) from error
    return f"https://huggingface.co/datasets/{repo}"
