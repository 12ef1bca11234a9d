"""Published numbers, each with where it was read. Only for the public data sets, never beside bundled ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

LANGUAGE = "VITA repository, asset/language_eval2.png @360de22"
AUDIO = "VITA repository, asset/audio_eval.jpg @360de22"
VISUAL = "VITA repository, asset/visual_eval.jpg @360de22"
MINICPM = "MiniCPM-o README, table of MiniCPM-o 2.6"
QWEN25 = "QwenLM/Qwen2.5-Omni README @11fffee1"
QWEN3 = "QwenLM/Qwen3-Omni README @0309c201"
VOICEBENCH = "VoiceBench README @53381541"
WENET = "WenetSpeech README @d293df83"
FULL_DUPLEX = "Full-Duplex-Bench README @d7336bda, v1.0"
_OWN = "own re-run by the source"
_COT = "chain-of-thought prompts"


@dataclass(frozen=True)
class Published:
    """A number that somebody published.

    Attributes:
        value: in the unit of the task's headline: percent, points, or error rate in percent.
        source: document and revision; shown wherever the number is.
        note: what makes it hard to compare.
    """

    task: str
    model: str
    value: float
    source: str
    note: str = ""


def _published_rows(
    source: str, models: tuple[str, ...], numbers: Mapping[str, Sequence[float | None]], note: str = ""
) -> list[Published]:
    return [
        Published(task, model, value, source, note)
        for task, values in numbers.items()
        for model, value in zip(models, values, strict=True)
        if value is not None
    ]


_VISUAL = {
    "mme": (2310.3, 2110.6, 2006.5, 2097.0), "mmbench_en": (83.1, 74.6, 78.5, 71.8), "mmstar": (64.7, 59.1, 51.6, 46.4),
    "mmmu": (69.9, 49.0, 48.8, 47.3), "mathvista": (62.7, 46.5, 40.4, 44.9), "hallusionbench": (55.0, 45.6, 34.8, 39.7),
    "ai2d": (84.7, 79.1, 78.9, 73.1), "ocrbench": (805.0, 754.0, 574.0, 678.0), "mmvet": (75.1, 64.0, 50.7, 41.6),
    "videomme_subtitles": (77.2, 81.3, 63.0, 59.2),
}  # fmt: skip
_LATER = {
    "ocrbench": (741.0, 897.0, 736.0, 754.0), "mathvista": (66.2, 71.9, 61.3, 57.7), "mmvet": (52.7, 67.5, 69.1, 64.0),
    "mmstar": (60.2, 64.0, 63.9, 59.1), "mme": (2328.1, 2372.0, 2328.7, 2110.6), "mmbench_en": (76.8, 80.5, 82.2, 73.9),
    "ai2d": (79.2, 85.8, 84.6, 79.1), "mmmu": (52.6, 50.4, 69.2, 60.6), "hallusionbench": (44.6, 51.9, 55.0, 45.6),
    "videomme": (56.1, 63.9, 71.9, None), "videomme_subtitles": (58.7, 67.9, 77.2, None),
    "wenetspeech_test_net": (8.4, 6.9, None, 14.3), "librispeech_test_clean": (3.4, 1.7, None, 2.9),
}  # fmt: skip
_STARRED = {  # of the MiniCPM-o table: chain of thought for pictures, the authors' own re-run for speech
    ("ocrbench", "MiniCPM-o 2.6"), ("mathvista", "MiniCPM-o 2.6"), ("mme", "MiniCPM-o 2.6"), ("mmmu", "MiniCPM-o 2.6"),
    ("wenetspeech_test_net", "Gemini 1.5 Pro"), ("librispeech_test_clean", "Gemini 1.5 Pro"),
}  # fmt: skip
_V11 = "MMBench V1.1 test"


def _visual_rows() -> list[Published]:
    rows = _published_rows(VISUAL, ("GPT-4o", "Gemini 1.5 Pro", "LLaVA-Next (30B or more)", "VITA"), _VISUAL)
    hidden = {("ai2d", "GPT-4o"): "half hidden by the figure's legend"}
    return [replace(row, note=hidden.get((row.task, row.model), "")) for row in rows]


def _minicpm_rows() -> list[Published]:
    rows = _published_rows(MINICPM, ("VITA-1.5", "MiniCPM-o 2.6", "GPT-4o-20240513", "Gemini 1.5 Pro"), _LATER)
    rows += _published_rows(
        MINICPM, ("GPT-4o-Realtime",), {"wenetspeech_test_net": (28.9,), "librispeech_test_clean": (2.6,)}, _OWN
    )
    return [replace(row, note=_row_note(row)) for row in rows]


def _row_note(row: Published) -> str:
    if row.task == "mmbench_en":
        return _V11
    if (row.task, row.model) in _STARRED:
        return _OWN if "speech" in row.task else _COT
    return row.note


ALL: tuple[Published, ...] = (
    *_published_rows(LANGUAGE, ("VITA", "Mixtral-8x7B-Instruct"),
           {"ceval": (56.68, 53.30), "agieval": (46.17, 41.72), "mmlu": (70.98, 70.35), "gsm8k": (75.66, 63.99)},
           "shots and harness not stated"),
    *_published_rows(AUDIO, ("VITA",),
           {"wenetspeech_test_net": (12.15,), "wenetspeech_test_meeting": (16.53,), "librispeech_dev_clean": (7.57,),
            "librispeech_dev_other": (16.57,), "librispeech_test_clean": (8.14,), "librispeech_test_other": (18.41,)}),
    *_visual_rows(),
    *_minicpm_rows(),
    *_published_rows(QWEN25, ("Qwen2.5-Omni-7B",),
           {"mmmu": (59.2,), "mathvista": (67.9,), "mmvet": (66.8,), "mmstar": (64.0,), "mme": (2340.0,),
            "ai2d": (83.2,), "videomme": (64.3,), "videomme_subtitles": (72.4,), "gsm8k": (88.7,),
            "librispeech_dev_clean": (1.6,),
            "librispeech_dev_other": (3.5,), "librispeech_test_clean": (1.8,), "librispeech_test_other": (3.4,),
            "wenetspeech_test_net": (5.9,), "wenetspeech_test_meeting": (7.7,)}),
    Published("mmbench_en", "Qwen2.5-Omni-7B", 81.8, QWEN25, _V11),
    *_published_rows(QWEN3, ("Qwen3-Omni-30B-A3B-Instruct",),
           {"mmstar": (68.5,), "hallusionbench": (59.7,), "mmmu": (69.1,), "mathvista": (75.9,), "ai2d": (85.2,),
            "videomme": (70.5,), "librispeech_test_clean": (1.22,), "librispeech_test_other": (2.48,),
            "wenetspeech_test_net": (4.69,), "wenetspeech_test_meeting": (5.89,)}),
    *_published_rows(QWEN3, ("Gemini-2.5-Pro", "GPT-4o-Transcribe"),
           {"librispeech_test_clean": (2.89, 1.39), "librispeech_test_other": (3.56, 3.75),
            "wenetspeech_test_net": (14.43, 15.30), "wenetspeech_test_meeting": (13.47, 32.27)}),
    *_published_rows(WENET, ("Kaldi", "ESPnet", "WeNet"),
           {"wenetspeech_test_net": (12.83, 8.90, 9.70), "wenetspeech_test_meeting": (24.72, 15.90, 15.59)}),
    *_published_rows(VOICEBENCH, ("VITA", "VITA-1.5", "GPT-4o-Audio", "MiniCPM-o 2.6", "Freeze-Omni", "Moshi"),
           {"voicebench_overall": (36.43, 64.53, 86.75, 71.23, 55.20, 29.51)}),
    *_published_rows(VOICEBENCH, ("VITA", "VITA-1.5"),
           {"voicebench_alpacaeval_full": (3.38, 4.21), "voicebench_commoneval": (2.15, 3.66),
            "voicebench_wildvoice": (1.87, 3.48), "voicebench_sd_qa": (27.94, 38.88), "voicebench_mmsu": (25.70, 52.15),
            "voicebench_openbookqa": (29.01, 71.65), "voicebench_bbh": (47.70, 55.30),
            "voicebench_ifeval": (22.82, 38.14), "voicebench_advbench": (26.73, 97.69)}),
    *_published_rows(QWEN3, ("Qwen3-Omni-30B-A3B-Instruct", "Qwen2.5-Omni-7B"), {"voicebench_overall": (85.5, 73.6)}),
    *_published_rows(FULL_DUPLEX, ("PersonaPlex", "dGSLM", "Moshi", "Freeze-Omni", "Gemini Live 2.0", "GPT-Realtime"),
           {"full_duplex_pause": (58.4, 93.4, 98.5, 64.2, 25.5, 1.0),
            "full_duplex_pause_candor": (66.2, 93.5, 98.0, 48.1, 31.0, 12.0),
            "full_duplex_backchannel": (32.7, 69.1, 100.0, 63.6, 9.1, 0.0),
            "full_duplex_turn_taking": (99.2, 97.5, 94.1, 33.6, 65.5, 100.0),
            "full_duplex_turn_taking_latency": (0.070, 0.352, 0.265, 0.953, 1.301, 1.470),
            "full_duplex_interruption": (100.0, 91.7, 100.0, 86.7, 89.1, 97.0),
            "full_duplex_interruption_latency": (0.400, 2.531, 0.257, 1.409, 1.183, 1.500)},
           "turns taken, words by a recogniser"),
)  # fmt: skip


def published_rows(task: str) -> tuple[Published, ...]:
    """All that was published for a public task; nothing for a bundled one."""
    return tuple(number for number in ALL if number.task == task)
