"""Recognition: LibriSpeech (English, word error rate) and WenetSpeech (Chinese, character error rate).

Sources: https://huggingface.co/datasets/openslr/librispeech_asr, CC BY 4.0; upper-case references without marks.
WenetSpeech: https://github.com/wenet-e2e/WenetSpeech, to be applied for, non-commercial; its terms are on its site.
Rows: {"audio": <16 kHz>, "text": "HE HOPED THERE WOULD BE STEW"}, {"audio": <16 kHz>, "text": "我今天去了北京"}
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from evals.scorers import error_rates
from evals.task import DataSource, Judged, Metric, ModelAnswer, Row, Scored, Scorer, Task, user_turn
from evals.task_totals import unread_share

ENGLISH = "Please recognize the speech and only output the recognized content:"
CHINESE = "请将这段中文语音转换为纯文本。"


def _error_rate_scorer(name: str, version: str, tokens: error_rates.Tokens, metric: str) -> Scorer:
    def score_row(row: Row, answer: ModelAnswer) -> Scored:
        reference, heard = tokens(row["text"]), tokens(answer.text)
        found = error_rates.count_edits(reference, heard)
        kinds = {kind: float(getattr(found, kind)) for kind in ("substitutions", "deletions", "insertions", "length")}
        return Scored(" ".join(heard), kinds | {"heard": float(len(heard))}, unread=not heard)

    return Scorer(name, version, score_row, _rate_total(metric))


def _rate_total(metric: str) -> Callable[[Sequence[Judged]], dict[str, Metric]]:
    def total_rate(judged: Sequence[Judged]) -> dict[str, Metric]:
        items = [edits_of(item.scored) for item in judged]
        found = {
            metric: Metric(error_rates.corpus_rate(items), _ratio_error(items), "%", len(items), higher_is_better=False)
        }
        length = sum(item.length for item in items) or 1
        for kind in ("substitutions", "deletions", "insertions"):
            share = 100.0 * sum(getattr(item, kind) for item in items) / length
            found[f"{metric}/{kind}"] = Metric(share, None, "%", len(items), higher_is_better=False)
        return found | unread_share(judged)

    return total_rate


def edits_of(scored: Scored) -> error_rates.Edits:
    """The counts that ``score`` put down."""
    count = {name: int(value) for name, value in scored.values.items()}
    return error_rates.Edits(count["substitutions"], count["deletions"], count["insertions"], count["length"])


def _ratio_error(items: Sequence[error_rates.Edits]) -> float | None:
    """Standard error of a ratio of sums over utterances, in percent (linearised)."""
    length = sum(item.length for item in items)
    if len(items) < 2 or not length:
        return None
    rate = sum(item.total_edits for item in items) / length
    spread = sum((item.total_edits - rate * item.length) ** 2 for item in items)
    return float(100.0 * (len(items) / (len(items) - 1) * spread) ** 0.5 / length)


def _mixed_scorer() -> Scorer:
    tokens = error_rates.mixed_tokens

    def score_row(row: Row, answer: ModelAnswer) -> Scored:
        heard = tokens(answer.text)
        rate = error_rates.mixed_rate(error_rates.count_edits(tokens(row["text"]), heard), len(heard))
        return Scored(" ".join(heard), {"mer": rate}, unread=not heard)

    def total_mixed(judged: Sequence[Judged]) -> dict[str, Metric]:
        rates = [item.scored.values["mer"] for item in judged]
        mean = 100.0 * sum(rates) / len(rates) if rates else 0.0
        return {"mer": Metric(mean, None, "%", len(rates), higher_is_better=False)} | unread_share(judged)

    return Scorer(
        "lmms-eval", "lmms-eval 0.7.3 wenet_speech: mean of per-utterance rates, not a CER", score_row, total_mixed
    )


def _librispeech_task(split: str, config: str, hub_split: str, size: int) -> Task:
    return Task(
        name=f"librispeech_{split.replace('-', '_')}",
        title=f"LibriSpeech {split}",
        ability="speech",
        source=DataSource(
            "openslr/librispeech_asr", hub_split, "CC BY 4.0", configs=(config,), media={"audio": "sound"}, size=size
        ),
        prompt=lambda row, shots: user_turn(row["audio"], ENGLISH),
        target=lambda row: str(row["text"]),
        scorers=(
            _error_rate_scorer(
                "whisper",
                "whisper-normalizer 0.1.15 EnglishTextNormalizer, jiwer 4.0",
                error_rates.english_words,
                "wer",
            ),
        ),
        metric="wer",
        scale=1.0,
        max_tokens=256,
    )


def _wenetspeech_task(split: str, size: int) -> Task:
    return Task(
        name=f"wenetspeech_{split}",
        title=f"WenetSpeech {split}",
        ability="speech",
        source=DataSource(
            "lmms-lab-audio/WenetSpeech",
            split,
            "by application, non-commercial",
            media={"audio": "sound"},
            size=size,
            how_to_get="Apply at https://wenet.org.cn/WenetSpeech, or take a copy that you may use.",
        ),
        prompt=lambda row, shots: user_turn(row["audio"], CHINESE),
        target=lambda row: str(row["text"]),
        scorers=(
            _error_rate_scorer(
                "textnorm",
                "TextNorm(zh) as lmms-eval 0.7.3 compute_wer(zh), jiwer 4.0",
                error_rates.chinese_characters,
                "cer",
            ),
            _error_rate_scorer(
                "wenet", "wenet compute-wer.py --char=1 @0e1042b8, jiwer 4.0", error_rates.wenet_tokens, "cer"
            ),
            _mixed_scorer(),
        ),
        metric="cer",
        scale=1.0,
        max_tokens=256,
    )


TASKS = (
    _wenetspeech_task("test_net", 24774),
    _wenetspeech_task("test_meeting", 8370),
    _librispeech_task("dev-clean", "clean", "validation", 2703),
    _librispeech_task("dev-other", "other", "validation", 2864),
    _librispeech_task("test-clean", "clean", "test", 2620),
    _librispeech_task("test-other", "other", "test", 2939),
)
