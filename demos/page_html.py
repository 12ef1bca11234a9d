"""The page's own HTML: badges, facts, the engines' progress. Pure; everything is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

from demos.i18n.translation import Language, say_in, translated_note
from demos.visitor_conversation import AnswerPhase, VisitorAnswer
from vita.engine.engine_protocol import Stage, Status, Usage
from vita.tokens import State

LOST = "lost:"  # in place of the folder of a file that is not there any more
NAMES = {"nano": "VITA-Nano"}  # models that are called otherwise than their checkpoints

_STATE_WORD = {State.AUDIO_QUERY: "voice", State.NOISE: "noise", State.TEXT_QUERY: "text"}


def badge_html(answer: VisitorAnswer, language: Language) -> str:
    """The line above an answer: what is going on, or what the model made of the question."""
    if answer.phase is AnswerPhase.LOADING:
        note = say_in("phase.loading", language, percent=round(100 * answer.loaded))
        return f'<div class="note pending" role="status">{escape(note)}</div>'
    if answer.phase is AnswerPhase.READING:
        note = say_in("phase.reading", language, seconds=round(answer.waited))
        return f'<div class="note pending" role="status">{escape(note)}</div>'
    if answer.finish == "abort" and answer.state is None:
        return ""
    word = _STATE_WORD[answer.state] if answer.state else "none"
    html = f'<span class="badge {word}"><i></i>{escape(say_in(f"state.{word}", language))}</span>'
    if answer.state is State.NOISE:
        html += f'<div class="note">{escape(say_in("noise", language))}</div>'
    return html


def typed_html(text: str, number: int, language: Language) -> str:
    """A question as it was typed, nothing in it markup, with a button to edit it.

    Args:
        number: of its exchange in the conversation.
    """
    name = escape(say_in("edit", language), quote=True)
    named = f'class="edit-question" data-exchange="{number}" aria-label="{name}" title="{name}"'
    typed = f'<div class="typed">{escape(text.strip())}</div>'
    return f'<div class="question">{typed}<button type="button" {named}></button></div>'


def heard_html(words: str, language: Language) -> str:
    """What was said in a question's sounds, above its answer."""
    return f'<div class="typed heard">{escape(say_in("heard", language, words=words))}</div>'


def facts_html(answer: VisitorAnswer, language: Language, can_go_on: bool = False) -> str:
    """The line under an answer: pace, tokens by modality, engine; a button where it can be written on."""
    items = []
    if answer.first_token is not None:
        items.append(say_in("fact.first", language, value=f"{answer.first_token:.2f}"))
    if answer.rate is not None:
        items.append(say_in("fact.rate", language, value=f"{answer.rate:.1f}"))
    if answer.text and answer.tokens:
        items.append(say_in("fact.answer", language, value=answer.tokens))
    if answer.usage:
        items.append(prompt_facts(answer.usage, language))
    items.append(escape(answer.engine))
    marks = {"abort": "phase.stopped", "length": "phase.cut"}
    mark = marks.get(answer.finish or "")
    lead = f'<b class="mark">{escape(say_in(mark, language))}</b>' if mark else ""
    if can_go_on and answer.finish == "length":
        lead += f'<button type="button" class="go-on">{escape(say_in("go_on", language))}</button>'
    return f'<div class="facts">{lead}' + "".join(f"<span>{item}</span>" for item in items if item) + "</div>"


def prompt_facts(usage: Usage, language: Language) -> str:
    """The prompt's tokens in all and by modality."""
    counts = {
        "text": usage.text_tokens,
        "image": usage.image_tokens,
        "video": usage.video_tokens,
        "audio": usage.audio_tokens,
        "cached": usage.cached_tokens,
    }
    parts = [say_in(f"modality.{name}", language, value=count) for name, count in counts.items() if count]
    listed = say_in("list", language).join(parts)
    return escape(say_in("fact.prompt", language, value=usage.prompt_tokens, parts=listed))


def footer_html(
    answer: VisitorAnswer, shown: str, own: Usage | None, language: Language, can_go_on: bool = False
) -> str:
    """Everything under an answer: its facts, and what the model got to fold out.

    Args:
        shown: from ``seen_html``.
        own: tokens of this question's own media.
    """
    html = facts_html(answer, language, can_go_on)
    if not shown:
        return html
    counts = []
    if own:
        named = (("image", own.image_tokens), ("video", own.video_tokens), ("audio", own.audio_tokens))
        counts = [say_in(f"modality.{name}", language, value=count) for name, count in named if count]
    tokens = say_in("saw.tokens", language, value=say_in("list", language).join(counts)) if counts else ""
    title = f"{escape(say_in('saw', language))}<small>{escape(tokens)}</small>"
    return f'{html}<details class="saw"><summary>{title}</summary><div class="saw-body">{shown}</div></details>'


def engine_strip_html(statuses: Sequence[Status], model: str, language: Language, english_only: bool = False) -> str:
    """The model's name, with its limit where it understands English only, and a name, a bar and a word per engine."""
    cells = "".join(_engine_html(status, language) for status in statuses)
    name = NAMES.get(model, Path(model).name)
    label = f'<span class="model" title="{escape(model, quote=True)}">{escape(name)}</span>' if model else ""
    limit = f'<span class="limit">{escape(say_in("model.english_only", language))}</span>' if english_only else ""
    return f'<div class="strip" role="status" aria-live="polite">{label}{limit}{cells}</div>'


def _engine_html(status: Status, language: Language) -> str:
    percent = 100 if status.stage is Stage.READY else round(100 * status.fraction)
    word, note = say_in(f"engine.{status.stage.value}", language), translated_note(status.note, language)
    shown = f'<em title="{escape(status.note, quote=True)}">{escape(note)}</em>' if note else ""
    if status.stage is Stage.LOADING:
        word = f"{percent} %"
    elif status.stage is not Stage.FAILED:
        shown = ""
    name = f'<span class="name"><i></i>{escape(status.name)}</span>{shown}<span class="word">{escape(word)}</span>'
    bar = f'<span class="bar"><b style="width:{percent}%"></b></span>'
    return f'<div class="engine {status.stage.value}">{name}{bar}</div>'


def lost_html(path: str, language: Language) -> str:
    """In place of a file of an earlier question that is not there any more."""
    return f'<div class="note lost">{escape(say_in("kept.lost", language, name=file_name(path)))}</div>'


def file_name(path: str) -> str:
    """A file's name as the visitor knows it."""
    return Path(path).name.removeprefix(LOST)
