"""Samples of runs for people: which are wrong, failed or changed, tables to take away, and a run on the Hub."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from evals.report.text_tables import BUNDLED_NOTE, tiles_text
from evals.result_files import read_results, read_samples
from evals.run_journal import recordings_folder, run_of
from vita.errors import InputError

Sample = Mapping[str, Any]
Show = Literal["all", "wrong", "failed", "changed"]
Until = Literal["seconds", "first_token_seconds"]


def is_failed(sample: Sample) -> bool:
    """Whether the item got no answer, or could not be scored."""
    return bool(sample.get("error"))


def is_wrong(sample: Sample) -> bool:
    """Whether it failed or has less than full marks; for recognition, whether there is any edit."""
    metrics = sample["metrics"]
    if is_failed(sample):
        return True
    if "overlaps" in metrics:  # two who speak at once are timed, not judged
        return False
    if "substitutions" in metrics:
        return any(sample[kind] for kind in ("substitutions", "deletions", "insertions"))
    if "mer" in metrics:
        return bool(sample["mer"])
    best = 5.0 if "mark" in metrics else 1.0
    return bool(sample[metrics[0]] < best)


def changed_items(one: Iterable[Sample], other: Iterable[Sample]) -> set[int]:
    """Items whose scores under the same scorer differ between two runs."""
    before = {(sample["doc_id"], sample["filter"]): _sample_scores(sample) for sample in one}
    return {
        sample["doc_id"]
        for sample in other
        if (key := (sample["doc_id"], sample["filter"])) in before and before[key] != _sample_scores(sample)
    }


def _sample_scores(sample: Sample) -> list[float]:
    return [sample[name] for name in sample["metrics"]]


def pick_samples(samples: Sequence[Sample], show: Show, other: Sequence[Sample] = ()) -> list[Sample]:
    """The samples to look at; "changed" compares with the ``other`` run's."""
    if show == "changed":
        different = changed_items(other, samples)
        return [sample for sample in samples if sample["doc_id"] in different]
    wanted = {"all": lambda sample: True, "wrong": is_wrong, "failed": is_failed}[show]
    return [sample for sample in samples if wanted(sample)]


def item_seconds(results: Path, tasks: Iterable[str], until: Until = "seconds") -> list[float]:
    """How long each item of some tasks took, from the samples beside a results file.

    Args:
        until: the last token, or the first.
    """
    found = (sample for task in tasks for sample in {s["doc_id"]: s for s in read_samples(results, task)}.values())
    return [sample[until] for sample in found if until in sample and not is_failed(sample)]


def as_csv(contents: Sequence[Mapping[str, Any]]) -> str:
    """Headline numbers of runs as a table, bundled ones marked."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(
        ["model", "task", "metric", "scorer", "value", "low", "high", "items", "failed", "bundled", "tiles"]
    )
    for content in contents:
        for name, headline in content["headlines"].items():
            low, high = headline["interval"] or ("", "")
            items, failed = content["n-samples"][name]["effective"], content["failures"][name]
            row = [name, headline["metric"], headline["scorer"], headline["value"], low, high, items, failed]
            writer.writerow([content["model_name"], *row, content["bundled"][name], tiles_text(name, content)])
    return text.getvalue()


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
