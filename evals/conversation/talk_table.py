"""The figures of a conversation benchmark as a table: what was measured, what is asked for, whether it holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evals.markdown_table import table

# name -> (what it is, unit, at most); what is a share is shown in percent
FIGURES: Mapping[str, tuple[str, str, float | None]] = {
    "duck_ms": ("voice starts -> answer ducked, median", "ms", 150),
    "duck_ms_p95": ("  95th percentile", "ms", None),
    "cut_over_token_ms": ("query ends -> answer cut, over the monitor's own time for one token, median", "ms", 100),
    "cut_over_token_ms_p95": ("  95th percentile", "ms", None),
    "cut_after_end_ms": ("query ends -> answer cut, median", "ms", None),
    "cut_after_end_ms_p95": ("  95th percentile", "ms", None),
    "cut_before_end_rate": ("cut before the query had ended", "%", None),
    "decision_ms": ("the monitor's time for one token, median", "ms", None),
    "frames_after_cut": ("sound of a cut answer heard after the cut", "frames", 0),
    "interruption_answer_ms": ("interrupting query ends -> first sound of its answer, median", "ms", None),
    "missed_interruption_rate": ("real interruptions missed", "%", 0.05),
    "false_cut_rate": ("answers ended by noise, backchannel, background speech", "%", 0.03),
    "echo_cut_rate": ("answers ended by their own echo", "%", None),
    "first_sound_ratio": ("query ends -> first sound, over its parts measured alone, median", "x", 1.15),
    "first_sound_s": ("query ends -> first sound, median", "s", None),
    "first_sound_s_p95": ("  95th percentile", "s", None),
    "warm_cold_ratio": ("warm decision / cold decision", "x", 0.35),
    "history_tokens": ("  tokens of history", "", None),
    "conversations": ("conversations at once, a turn every 20 s each, without an underrun", "", None),
    "watch_delay_s": ("a watched thing comes in -> the answer begins, median", "s", None),
    "watch_delay_s_p95": ("  95th percentile", "s", None),
    "watch_sound_s": ("a watched thing comes in -> first sound, median", "s", None),
    "watch_sound_s_p95": ("  95th percentile", "s", None),
    "watch_false_alarms_min": ("answers to what had not come", "a minute", None),
    "watch_missed_rate": ("watched things that came and were not told of", "%", None),
    "watch_missed_known_rate": ("  of those that the model tells in a still picture", "%", None),
    "watch_skipped_rate": ("frames that could not be looked at", "%", None),
    "loop_lag_ms_p95": ("lag of the event loop with most conversations, 95th percentile", "ms", None),
}


def of_figures(figures: Mapping[str, Any]) -> str:
    """Every figure that was measured."""
    rows = [
        (
            what,
            name,
            _shown_value(figures[name], unit),
            "" if most is None else _shown_value(most, unit),
            _holds_limit(figures[name], most),
        )
        for name, (what, unit, most) in FIGURES.items()
        if name in figures
    ]
    return table(("figure", "name", "measured", "at most", "holds"), rows)


def _shown_value(value: float | None, unit: str) -> str:
    if value is None:
        return "-"
    if unit == "%":
        return f"{100 * value:.1f} %"
    return f"{value:.0f} {unit}".strip() if unit in ("ms", "frames", "") else f"{value:.2f} {unit}"


def _holds_limit(value: float | None, most: float | None) -> str:
    if most is None or value is None:
        return ""
    return "yes" if value <= most else "no"
