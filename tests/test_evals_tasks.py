"""Every task over its bundled rows: prompts, extraction, and full marks for the right answers."""

from __future__ import annotations

import json
import re
from fnmatch import fnmatch

import pytest

from evals.item_runner import shown_prompt
from evals.scorers.voicebench_rules import refuses_request
from evals.task import BUNDLED, Judged, ModelAnswer
from evals.task_data import Selection, open_media, plain_row, selected_examples
from evals.tasks import (
    GROUPS,
    LIVE,
    PUBLIC,
    TASKS,
    mathvista,
    mmbench,
    mme,
    mmmu,
    mmstar,
    mmvet,
    select_tasks,
    videomme,
)
from vita.errors import InputError
from vita.tokens import State

BUNDLED_NAMES = GROUPS["bundled"]
RIGHT = {  # what a perfect answer is where the target is not one
    "voicebench_ifeval": "it rains and all is well",
    "voicebench_advbench": "I cannot help with that.",
}


def right_answer(name: str, row: dict, target: str) -> ModelAnswer:
    public = name.removesuffix("_bundled")
    if public == "state_tokens":
        return ModelAnswer("", State[target.upper()])
    if public in ("gsm8k", "agieval"):
        return ModelAnswer(
            f"#### {target.replace(chr(44), '')}"
            if public == "gsm8k"
            else f"\\boxed{{{target}}}"
            if "answer" in row
            else target
        )
    if public == "mmvet":
        return ModelAnswer(target.split("<OR>")[0].replace("<AND>", " and "))
    if public in ("mathvista", "mmmu", "ocrbench"):
        return ModelAnswer(target.split(" | ")[0])
    return ModelAnswer(RIGHT.get(public) or target or "Something useful.")


@pytest.mark.parametrize("name", BUNDLED_NAMES)
def test_right_answers_get_full_marks_and_silence_gets_none(name):
    task = TASKS[name]
    rows = [plain_row(example, task.source.media) for example in selected_examples(task, Selection())]
    assert rows, "a bundled split is never empty"
    for scorer in task.scorers:
        if scorer.ask is not None or name.startswith("voicebench_alpaca"):
            continue
        perfect = [Judged(row, scorer.score(row, right_answer(name, row, task.target(row)))) for row in rows]
        missed = [Judged(row, scorer.missed_score(row)) for row in rows]
        best, worst = scorer.total(perfect), scorer.total(missed)
        key = task.metric if task.metric in best else next(iter(best))
        assert best[key].value == pytest.approx(full_marks(name, key, len(rows))), scorer.name
        assert worst[key].value == pytest.approx(100.0 if key in ("cer", "wer", "mer") else 0.0), scorer.name


def full_marks(name: str, key: str, rows: int) -> float:
    if key in ("wer", "cer", "mer"):
        return 0.0
    if name.startswith("mme"):
        return 200.0 * 8
    return {"ocrbench_score": float(rows), "average": 100.0}.get(key, 1.0)


@pytest.mark.parametrize("name", BUNDLED_NAMES)
def test_prompts_hold_the_medium_and_the_question(name):
    task = TASKS[name]
    example = next(iter(selected_examples(task, Selection())))
    turns = task.prompt(open_media(example.row, task.source.media), example.shots)
    assert turns[-1].role == "user"
    assert len(turns[-1].media) == sum(example.row.get(column) is not None for column in task.source.media)
    assert shown_prompt(turns).strip()


def test_bundled_files_belong_to_tasks_and_name_files_that_are_there():
    files = {path.stem for path in BUNDLED.glob("*.jsonl")}
    assert files == set(PUBLIC) | set(LIVE)
    for path in BUNDLED.glob("*.jsonl"):
        for line in path.read_text("utf-8").splitlines():
            row = json.loads(line)
            media = [row[name] for name in TASKS[path.stem].source.media if row.get(name)]
            assert all((BUNDLED / name).is_file() for name in media)
    assert sum(path.stat().st_size for path in BUNDLED.rglob("*") if path.is_file()) < 6 * 2**20


def test_every_task_says_where_it_is_from_and_on_what_terms():
    for task in (PUBLIC | LIVE).values():
        assert task.source.licence
        assert task.source.hub or task.source.how_to_get
        assert all(scorer.version for scorer in task.scorers)
        assert task.scorers[0].ask is None, "the default scorer works without a judge, or there is another that does"
        assert not task.bundled


def test_the_readme_says_of_every_task_what_only_its_real_data_can_show():
    text = (BUNDLED.parent / "README.md").read_text("utf-8")
    rows = [line.split("|") for line in text.splitlines() if line.startswith("| `")]
    patterns = [pattern for row in rows for pattern in re.findall(r"`([\w*]+)`", row[1])]
    for name in PUBLIC | LIVE:
        assert [pattern for pattern in patterns if fnmatch(name, pattern)], name
    assert all(len(row[3].strip()) > 10 for row in rows)


def test_groups_and_names_select_tasks_once_and_unknown_ones_are_refused():
    assert [task.name for task in select_tasks(["mme", "mme", "wenetspeech"])] == [
        "mme", "wenetspeech_test_net", "wenetspeech_test_meeting",
    ]  # fmt: skip
    with pytest.raises(InputError, match="no task 'mmee'"):
        select_tasks(["mmee"])
    assert set(GROUPS["all"]) == set(PUBLIC)


def test_examples_come_before_the_question():
    task = TASKS["gsm8k_bundled"]
    example = next(iter(selected_examples(task, Selection(shots=1))))
    text = shown_prompt(task.prompt(example.row, example.shots))
    assert text.startswith("Question: Mia has")
    assert text.count("Answer:") == 2
    assert text.endswith("Answer:")


def test_mmstar_options_are_read_out_of_the_question():
    row = {"question": "Which?\nOptions: A: a dog, brown, B: two cats, C: none, D: B: Bee"}
    assert mmstar.mmstar_options(row)["A"] == "a dog, brown"
    assert mmstar.mmstar_options(row)["C"] == "none"


def test_mmbench_counts_a_question_only_if_all_its_rotations_are_right():
    rows = [{"index": index, "A": "x", "B": "y", "answer": "A", "category": "c"} for index in (5, 1_000_005, 6)]
    said = [mmbench.mmbench_score(row, ModelAnswer(letter)) for row, letter in zip(rows, "ABA", strict=True)]
    total = mmbench.circular_accuracy([Judged(row, one) for row, one in zip(rows, said, strict=True)])
    assert total["acc"].value == 0.5


def test_mme_drops_its_own_request_from_the_question():
    turns = mme.mme_prompt({"image": None, "question": "Is it? Please answer yes or no."}, ())
    assert turns[0].parts[1] == "Is it?\nAnswer the question using a single word or phrase."


def test_mmmu_puts_pictures_where_they_are_named():
    row = {"question": "Is <image 2> older than <image 1>?", "options": "['yes', 'no']", "image_1": 1, "image_2": 2}
    assert mmmu.mmmu_prompt(row, ())[0].parts[:4] == ("Is ", 2, " older than ", 1)
    assert mmmu.mmmu_targets({"answer": "['ten', '10']", "options": "[]"}) == ["ten", "10"]


def test_mathvista_prefetch_takes_only_clean_answers():
    row = {"choices": None, "answer_type": "integer", "answer": "3", "precision": None}
    assert mathvista.score_prefetch(row, ModelAnswer("3")).values["acc"] == 1.0
    assert mathvista.score_prefetch(row, ModelAnswer("It is 3")).unread
    assert mathvista.mathvista_score(row, ModelAnswer("It is 3")).values["acc"] == 1.0


def test_mmvet_needs_all_parts_or_one_alternative():
    assert mmvet.contains_alternatives("the ROSE costs 5", "rose<AND>5")
    assert not mmvet.contains_alternatives("the rose", "rose<AND>5")
    assert mmvet.contains_alternatives("seven", "7<OR>seven")
    assert mmvet.score_judged({}, ModelAnswer("x", verdict="0.5")).values["acc"] == 0.5
    assert mmvet.score_judged({}, ModelAnswer("x", verdict="good")).unread


def test_subtitles_lose_numbers_and_times(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/v1.srt").write_text(
        "1\n00:00:01,000 --> 00:00:02,000\nHello\n\n2\n00:00:03,0 --> 00:00:04,0\nYou\n"
    )
    (tmp_path / "v1.mp4").write_bytes(b"")
    row = videomme.locate_media({"videoID": "v1"}, tmp_path)
    assert row["subtitles"] == "Hello\nYou"
    assert row["video"] == str(tmp_path / "v1.mp4")


def test_an_engine_that_failed_has_not_refused():
    scorer = TASKS["voicebench_advbench"].scorers[0]
    assert refuses_request("")
    assert scorer.missed_score({}).values["acc"] == 0.0
    assert scorer.score({}, ModelAnswer("")).values["acc"] == 1.0
