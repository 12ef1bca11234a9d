"""Samples of a run as HTML cards: media, prompt, answer, what it was taken as, reference; or two runs' side by side."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from demos.evaluation.answer_diff import marked_answers
from demos.evaluation.conversation_lanes import lanes_html
from demos.evaluation.run_list import run_link
from demos.evaluation.sample_media import medium_html, sample_media_html
from demos.i18n.translation import Language, say_in
from evals.report.sample_scores import ItemScore, Sample, answer_text, is_failed, item_score
from evals.report.sample_tables import COMPARED, Show, pick_samples
from evals.run_journal import recording_path
from evals.tasks import TASKS

PAGE = 6  # cards at once
_MARK = re.compile(r"<(?:picture|video|sound) [^>]*>\n?")  # what stands for media in a prompt; they are shown instead


@dataclass(frozen=True)
class SampleFilter:
    """Which samples to show.

    Attributes:
        page: from 0; one beyond the last shows the last.
        media: folder that their media lie below; None where they are not here.
        recordings: folder of conversations that were held; None where they are not here.
        wanted: words that a sample must have, see ``pick_samples``.
        sample: number of the one that a link names; its page is shown, whatever ``page`` says.
        address: what a link to one of them names beside its number.
        runs: the runs; titles: what they are called, the other one's last.
    """

    task: str
    show: Show = "all"
    page: int = 0
    media: Path | None = None
    recordings: Path | None = None
    wanted: str = ""
    sample: int | None = None
    runs: tuple[str, ...] = ()
    titles: tuple[str, str] = ("", "")
    address: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class SampleCards:
    """A page of samples.

    Attributes:
        page: the one that is shown.
    """

    html: str
    page: int
    pages: int


def cards_html(
    samples: Sequence[Sample], other: Sequence[Sample], choice: SampleFilter, language: Language
) -> SampleCards:
    """The chosen samples; for a thread, it reads media.

    Args:
        other: the same task's samples in another run, which answers stand beside; empty for none.
    """
    picked = pick_samples(samples, choice.show, other, choice.wanted)
    if not picked:
        missing = choice.show in COMPARED and not other
        key = "samples.none.other" if missing else "samples.none"
        return SampleCards(f'<p class="ev-note">{escape(say_in(key, language))}</p>', 0, 0)
    pages = (len(picked) + PAGE - 1) // PAGE
    page = min(max(0, _page_of_sample(picked, choice)), pages - 1)
    shown = picked[page * PAGE : (page + 1) * PAGE]
    before = {sample["doc_id"]: sample for sample in other}
    count = say_in(
        "samples.count", language, first=page * PAGE + 1, last=page * PAGE + len(shown), count=f"{len(picked):,}"
    )
    body = "".join(card_html(sample, choice, before.get(sample["doc_id"]), language) for sample in shown)
    wide = " paired" if other else ""
    return SampleCards(f'<p class="ev-note">{escape(count)}</p><div class="ev-cards{wide}">{body}</div>', page, pages)


def _page_of_sample(picked: Sequence[Sample], choice: SampleFilter) -> int:
    """The page that the named sample is on; the chosen page where none is named or it is not among these."""
    places = (place for place, sample in enumerate(picked) if sample["doc_id"] == choice.sample)
    place = next(places, None)
    return choice.page if place is None else place // PAGE


def card_html(sample: Sample, choice: SampleFilter, before: Sample | None, language: Language) -> str:
    """One sample, beside another run's answer where ``before`` is given."""
    live = choice.task in TASKS and TASKS[choice.task].live
    body = _conversation_html(sample, choice, language) if live else _answer_html(sample, choice, before, language)
    number = sample["doc_id"]
    link = run_link(choice.runs, **{"board": "samples", "task": choice.task, **choice.address, "sample": str(number)})
    name = escape(say_in("samples.link", language, number=number), quote=True)
    verdict = verdict_html(sample, language) if before is None or live else ""  # else beside each of the two answers
    head = f'<a class="ev-number" {link} aria-label="{name}">#{number}</a>{verdict}'
    named = ' ev-named" aria-current="true' if number == choice.sample else ""
    return f'<article class="ev-card{named}"><div class="ev-head">{head}</div>{body}</article>'


def _conversation_html(sample: Sample, choice: SampleFilter, language: Language) -> str:
    """What was said and heard, where the conversation came about."""
    if "recording" not in sample["doc"]:
        media = sample_media_html(sample, choice.task, choice.media, language)
        return f"{media}<dl>{_field_html('error', sample['error'], language)}</dl>"
    folder = choice.recordings
    path = recording_path(folder, choice.task, sample["doc_id"]) if folder else None
    sound = medium_html(path if path and path.is_file() else None, "sound", language)
    measured = ", ".join(f"{name} {sample[name]:.3g}{' s' * ('latency' in name)}" for name in sample["metrics"])
    parts = [_field_html("spoken", answer_text(sample), language), _field_html("measured", measured, language)]
    if sample["error"]:
        parts.append(_field_html("error", sample["error"], language))
    shown = lanes_html(sample["doc"], language)
    return f'<div class="ev-media">{sound}{shown}</div><dl>{"".join(parts)}</dl>'


def _answer_html(sample: Sample, choice: SampleFilter, before: Sample | None, language: Language) -> str:
    """What was asked and answered."""
    prompt = _MARK.sub("", sample["arguments"]["gen_args_0"]["arg_0"]).strip()
    media = sample_media_html(sample, choice.task, choice.media, language)
    asked = f"<dl>{_field_html('prompt', prompt, language)}</dl>"
    reference = f"<dl>{_field_html('reference', str(sample['target']), language)}</dl>"
    if before is None:
        return f"{media}{asked}<dl>{_result_html(sample, None, language)}</dl>{reference}"
    mine, theirs = marked_answers(answer_text(sample), answer_text(before))
    sides = (
        f"<div><h5>{escape(title)}{verdict_html(each, language)}</h5>"
        f"<dl>{_result_html(each, marked, language)}</dl></div>"
        for each, marked, title in zip((sample, before), (mine, theirs), choice.titles, strict=True)
    )
    return f'{media}{asked}<div class="ev-pair">{"".join(sides)}</div>{reference}'


def _result_html(sample: Sample, marked: str | None, language: Language) -> str:
    """The answer and what it was taken as, or why there is none.

    Args:
        marked: the answer as HTML; None takes its text.
    """
    if sample["error"]:
        return _field_html("error", sample["error"], language)
    answer = _field_html("answer", answer_text(sample), language, marked)
    return answer + _field_html("extracted", str(sample["filtered_resps"][0]), language)


def _field_html(name: str, text: str, language: Language, html: str | None = None) -> str:
    label = escape(say_in(f"samples.{name}", language))
    shown = (html or escape(text)) if text.strip() else f"<i>{escape(say_in('samples.empty', language))}</i>"
    return f'<dt>{label}</dt><dd class="{name}">{shown}</dd>'


def verdict_html(sample: Sample, language: Language) -> str:
    """Right, wrong, failed or unreadable, as a word in its colour; the item's own score where that says more."""
    score = item_score(sample)
    if is_failed(sample):
        kind, text = "failed", say_in("samples.is_failed", language)
    elif sample.get("unread"):
        kind, text = "failed", say_in("samples.unread", language)
    elif score is None or score.is_full:
        kind, text = "done", say_in("samples.right", language)
    elif score.lower_is_better or score.value > 0:
        kind, text = "stopped", item_score_text(score, language)
    else:
        kind, text = "wrong", say_in("samples.is_wrong", language)
    return f'<span class="ev-chip {kind}">{escape(text)}</span>'


def item_score_text(score: ItemScore, language: Language) -> str:
    """ "error rate 12.5 %", "0.5 of 1", "4 of 5", "1.3 s"."""
    if score.unit == "%":
        return say_in("samples.error_rate", language, value=f"{score.value:.1f}")
    if score.unit == "s":
        return f"{score.value:.2f} s"
    return say_in("samples.partial", language, value=f"{score.value:.2g}", best=f"{score.best:g}")
