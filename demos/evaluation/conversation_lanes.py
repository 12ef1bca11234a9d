"""A recorded conversation as two lanes over its time: when the user spoke, and what the model said when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from demos.i18n.translation import Language, say_in

Pair = Sequence[Any]  # a beginning and an end in seconds; of a word its text too


def lanes_html(doc: Mapping[str, Any], language: Language) -> str:
    """The lanes of a row that was held, see ``evals.tasks.full_duplex``, with what the bench has marked in it."""
    held = doc["recording"]
    whole = float(held["seconds"]) or 1.0
    marks = "".join(_lane_bar("mark", pair, whole) for pair in doc.get("marks", ()))
    said = held["words"]
    rows = "".join(
        f'<span class="ev-lane-name">{escape(say_in(f"samples.lane.{who}", language))}</span>'
        f'<div class="ev-lane {who}">{marks if who == "user" else ""}'
        f"{''.join(_lane_bar('voice', span, whole, _words_within(span, said, who)) for span in held[who])}</div>"
        for who in ("user", "model")
    )
    axis = escape(say_in("samples.lane.axis", language))
    return (
        f'<div class="ev-lanes">{rows}<small>0</small><small><span>{axis}</span><span>{whole:.1f}</span></small></div>'
    )


def _words_within(span: Pair, words: Sequence[Pair], who: str) -> str:
    """The model's words within a span."""
    return " ".join(word[2] for word in words if span[0] <= word[0] < span[1]) if who == "model" else ""


def _lane_bar(kind: str, span: Pair, whole: float, said: str = "") -> str:
    start, end = (min(max(float(time), 0.0), whole) for time in span[:2])
    title = escape(f"{start:.2f} – {end:.2f} s {said}".strip(), quote=True)
    place = f"left:{100 * start / whole:.2f}%;width:{100 * (end - start) / whole:.2f}%"
    return f'<b class="{kind}" style="{place}" title="{title}"></b>'
