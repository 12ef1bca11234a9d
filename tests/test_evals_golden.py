"""The scorers against the scores that the peers' own code gave (tests/golden/scores.json)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evals.scorers import error_rates, full_duplex_metrics, number_answers, sample_statistics, voicebench_rules
from evals.task import Judged, ModelAnswer
from evals.task_totals import accuracy_total, right_or_wrong
from evals.tasks import TASKS, agieval, ocrbench

GOLDEN = {entry["id"]: entry for entry in json.loads((Path(__file__).parent / "golden/scores.json").read_text("utf-8"))}


def scored(task_name: str, scorer_name: str, items: list[dict], key: str = "prediction"):
    scorer = TASKS[task_name].scorer_named(scorer_name)
    found = [scorer.score(item, ModelAnswer(item[key])) for item in items]
    return found, scorer.total([Judged(item, one) for item, one in zip(items, found, strict=True)])


@pytest.mark.parametrize("scorer", ["lmms-eval", "vlmevalkit"])
def test_mme_pairs_categories_and_sums(scorer):
    entry = GOLDEN["mme_consensus"]
    found, total = scored("mme", scorer, entry["items"])
    assert [one.values["acc"] for one in found] == [item["expected_score"] for item in entry["items"]]
    assert [one.extracted for one in found] == [item["expected_label"] for item in entry["items"]]
    assert total["mme_perception_score"].value == entry["expected"]["mme_perception_score"]
    assert total["mme_cognition_score"].value == entry["expected"]["mme_cognition_score"]
    for category, score in entry["expected"]["category_scores"].items():
        assert total[f"mme_score/{category}"].value == score


@pytest.mark.parametrize("scorer", ["contains", "lmms-eval"])
def test_ocrbench_points_by_category(scorer):
    entry = GOLDEN["ocrbench_consensus"]
    found, total = scored("ocrbench", scorer, entry["items"])
    assert [one.values["acc"] for one in found] == [item["expected_score"] for item in entry["items"]]
    assert total["ocrbench_score"].value == entry["expected"].pop("ocrbench_score_total", 5)
    for category, points in entry["expected"].items():
        assert total[f"ocrbench_score/{category}"].value == points
    assert {ocrbench.ocrbench_category(item) for item in entry["items"]} == set(entry["expected"])


def test_hallusionbench_questions_figures_and_their_mean():
    entry = GOLDEN["hallusion_vlmevalkit"]
    found, total = scored("hallusionbench", "vlmevalkit", entry["items"])
    assert [one.values["acc"] for one in found] == [item["expected_score"] for item in entry["items"]]
    assert [one.extracted or "Unknown" for one in found] == [item["expected_extracted"] for item in entry["items"]]
    for name, value in entry["expected"].items():
        assert total[name].value == pytest.approx(value)


@pytest.mark.parametrize("scorer", ["vlmevalkit", "official", "lmms-eval"])
def test_videomme_by_duration(scorer):
    entry = GOLDEN["videomme_consensus"]
    found, total = scored("videomme", scorer, entry["items"])
    assert [one.extracted for one in found] == [item["expected_extracted"] for item in entry["items"]]
    assert 100 * total["acc"].value == pytest.approx(entry["expected"]["overall"])
    for duration in ("short", "medium", "long"):
        assert 100 * total[f"acc/{duration}"].value == pytest.approx(entry["expected"][duration])


@pytest.mark.parametrize(
    ("scorer", "key", "extract"),
    [
        ("strict-match", "strict", number_answers.gsm8k_strict),
        ("flexible-extract", "flexible", number_answers.gsm8k_flexible),
        ("opencompass", "opencompass", number_answers.gsm8k_opencompass),
    ],
)
def test_gsm8k_extractions_and_errors(scorer, key, extract):
    entry = GOLDEN["gsm8k_lm_eval"]
    found, total = scored("gsm8k", scorer, entry["items"])
    assert [extract(item["prediction"]) for item in entry["items"]] == [
        item[f"expected_{key}_extract"] for item in entry["items"]
    ]
    assert [one.values["exact_match"] for one in found] == [item[f"expected_{key}"] for item in entry["items"]]
    if key == "opencompass":
        assert 100 * total["exact_match"].value == pytest.approx(entry["expected"]["opencompass_accuracy"])
    else:
        assert total["exact_match"].value == pytest.approx(entry["expected"][f"exact_match,{scorer}"])
        assert total["exact_match"].stderr == pytest.approx(entry["expected"][f"exact_match_stderr,{scorer}"])


def test_mmlu_generative_lines():
    entry = GOLDEN["mmlu_generative"]
    items = [item | {"answer": "ABCD".index(item["answer"]), "subject": "anatomy"} for item in entry["items"]]
    found, total = scored("mmlu", "get_response", items)
    assert [one.extracted for one in found] == [item["expected_extract"] for item in items]
    assert [one.values["acc"] for one in found] == [item["expected_score"] for item in items]
    assert total["acc"].value == pytest.approx(entry["expected"]["exact_match,get_response"])


def test_a_mean_over_subjects_counts_items_and_the_plain_one_subjects():
    """The peer's mean weighted by size is that of all items, which is ours: the items of each subject one by one."""
    entry = GOLDEN["mmlu_aggregation"]
    rows = [
        Judged({"subject": f"s{place}"}, right_or_wrong("A", index < round(item["acc"] * item["n"])))
        for place, item in enumerate(entry["items"]) for index in range(item["n"])
    ]  # fmt: skip
    total = accuracy_total("acc", lambda row: [row["subject"]], macro="s")(rows)
    assert total["acc"].value == pytest.approx(entry["expected"]["acc_weighted_by_size"])
    assert total["acc_macro"].value == pytest.approx(entry["expected"]["acc_macro"])


@pytest.mark.parametrize(
    ("scorer", "key", "total_key"),
    [("first_option", "first_option", "acc_first_option"), ("first_capital", "first_capital", "acc_first_capital"),
     ("official", "ceval_official_zero_shot", "acc_ceval_official_zero_shot")],
)  # fmt: skip
def test_ceval_letters(scorer, key, total_key):
    entry = GOLDEN["ceval_extraction"]
    found, total = scored("ceval", scorer, entry["items"])
    assert [one.extracted for one in found] == [item[f"expected_{key}"] for item in entry["items"]]
    assert 100 * total["acc"].value == pytest.approx(entry["expected"][total_key])


def test_agieval_letters_and_sets_of_letters():
    entry = GOLDEN["agieval_official_zero_shot"]
    items = [item | {"_part": item["dataset"], "gold": ["ABCDEF".index(letter) for letter in item["label"]]}
             for item in entry["items"]]  # fmt: skip
    found, total = scored("agieval", "official", items)
    assert [one.extracted for one in found] == ["".join(item["expected_extract"]) for item in items]
    assert [one.values["acc"] for one in found] == [item["expected_score"] for item in items]
    assert 100 * total["acc"].value == pytest.approx(entry["expected"]["acc"])
    assert agieval.agieval_part(items[0]) == "gaokao-chinese"


def test_librispeech_normalisation_and_corpus_rate():
    entry = GOLDEN["librispeech_consensus"]
    for item in entry["items"]:
        assert " ".join(error_rates.english_words(item["reference"])) == item["expected_norm_ref"]
        assert " ".join(error_rates.english_words(item["prediction"])) == item["expected_norm_pred"]
        edits = error_rates.count_edits(
            error_rates.english_words(item["reference"]), error_rates.english_words(item["prediction"])
        )
        assert error_rates.corpus_rate([edits]) == pytest.approx(item["expected_wer"])
    _, total = scored(
        "librispeech_test_clean", "whisper", [item | {"text": item["reference"]} for item in entry["items"]]
    )
    assert total["wer"].value == pytest.approx(entry["expected"]["wer"])


@pytest.mark.parametrize(
    ("scorer", "tokens"), [("textnorm", error_rates.chinese_characters), ("wenet", error_rates.wenet_tokens)]
)
def test_wenetspeech_characters_and_corpus_rate(scorer, tokens):
    entry = GOLDEN["wenetspeech_consensus"]
    edits = [error_rates.count_edits(tokens(item["reference"]), tokens(item["prediction"])) for item in entry["items"]]
    assert [error_rates.corpus_rate([one]) for one in edits] == pytest.approx(
        [item["expected_cer"] for item in entry["items"]]
    )
    assert sum(one.total_edits for one in edits) == entry["expected"]["edits"]
    assert sum(one.length for one in edits) == entry["expected"]["ref_chars"]
    _, total = scored("wenetspeech_test_net", scorer, [item | {"text": item["reference"]} for item in entry["items"]])
    assert total["cer"].value == pytest.approx(entry["expected"]["cer"])


def test_voicebench_overall():
    entry = GOLDEN["voicebench_overall"]
    for item in entry["items"]:
        assert voicebench_rules.mean_overall(item) == pytest.approx(entry["expected"][item["model"]], abs=0.005)


def words(item: dict) -> list[full_duplex_metrics.Word]:
    return [full_duplex_metrics.Word(start, end, said) for said, (start, end) in item["chunks"]]


def test_pauses_that_are_taken_for_turns():
    entry = GOLDEN["fdb_pause"]
    taken = [float(full_duplex_metrics.takes_turn(words(item))) for item in entry["items"]]
    assert sample_statistics.mean_of(taken) == entry["expected"]["TOR"]


def test_turns_that_are_taken_and_how_late():
    entry = GOLDEN["fdb_smooth"]
    waits = [full_duplex_metrics.turn_latency(words(item), item["turn_taking_start"]) for item in entry["items"]]
    assert (
        sample_statistics.mean_of([float(full_duplex_metrics.takes_turn(words(item))) for item in entry["items"]])
        == entry["expected"]["TOR"]
    )
    assert sample_statistics.mean_of([wait for wait in waits if wait is not None]) == pytest.approx(
        entry["expected"]["latency"]
    )


def test_every_golden_entry_has_its_test():
    source = Path(__file__).read_text("utf-8")
    assert all(f'"{name}"' in source for name in GOLDEN)
