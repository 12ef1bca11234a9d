"""Numbers over several tasks: VoiceBench's overall, where a run has all nine of its sets and a judge marked them."""

from __future__ import annotations

from evals.result_files import Content
from evals.scorers import voicebench_rules

OVERALL, TITLE = "voicebench_overall", "VoiceBench overall"
_SETS = {
    "AlpacaEval": "alpacaeval_full", "CommonEval": "commoneval", "WildVoice": "wildvoice", "SD-QA": "sd_qa",
    "MMSU": "mmsu", "OBQA": "openbookqa", "BBH": "bbh", "IFEval": "ifeval", "AdvBench": "advbench",
}  # the leaderboard's columns and our tasks  # fmt: skip
_JUDGED = ("AlpacaEval", "CommonEval", "WildVoice", "SD-QA")


def voicebench_overall(content: Content, bundled: bool) -> float | None:
    """The leaderboard's number, 0 to 100; None where a set lacks or an open one was not judged."""
    headlines = content.get("headlines", {})
    tail = "_bundled" if bundled else ""
    lines = {column: headlines.get(f"voicebench_{name}{tail}") for column, name in _SETS.items()}
    if None in lines.values() or any(lines[column]["scorer"] != "judge" for column in _JUDGED):
        return None
    return voicebench_rules.mean_overall({column: line["value"] for column, line in lines.items()})
