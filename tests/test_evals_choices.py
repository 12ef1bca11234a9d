"""Every multiple-choice and yes-or-no task on rows of its own: prompts, what answers come to, sub-scores."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.task import Judged, ModelAnswer, Row
from evals.task_rows import PART
from evals.tasks import (
    PUBLIC,
    TASKS,
    agieval,
    ai2d,
    ceval,
    hallusionbench,
    mathvista,
    mmbench,
    mme,
    mmlu,
    mmmu,
    mmstar,
    ocrbench,
    videomme,
)  # fmt: skip

MMLU_ROW = {"question": " Which? ", "subject": "college_physics", "choices": ["a", "b", "c", "d"], "answer": 2}
CEVAL_ROW = {"question": "哪个？", "A": "甲", "B": "乙", "C": "丙", "D": "丁", "answer": "B", PART: "college_physics"}
AI2D_ROW = {"question": "Which?", "options": ["fox", "hare", "owl", "pike"], "answer": "1", "image": None}


def is_right(task: str, scorer: str, row: Row, said: str) -> bool:
    return TASKS[task].scorer_named(scorer).score(row, ModelAnswer(said)).values.get("acc") == 1.0


@pytest.mark.parametrize(
    ("scorer", "said", "right"),
    [
        ("first_option", "C", True), ("first_option", "The answer is (C).", True), ("first_option", "B", False),
        ("first_option", "", False), ("get_response", "C.", True), ("get_response", "(c)\nbecause", True),
        ("get_response", "The answer is C", False), ("get_response", "", False),
    ],
)  # fmt: skip
def test_mmlu(scorer, said, right):
    assert is_right("mmlu", scorer, MMLU_ROW, said) is right


def test_mmlu_has_its_57_subjects_in_four_categories():
    assert len(mmlu.CATEGORY) == 57
    assert {name: len(subjects.split()) for name, subjects in mmlu.CATEGORIES.items()} == {
        "stem": 19, "humanities": 13, "social sciences": 12, "other": 13,
    }  # fmt: skip
    assert mmlu.mmlu_labels(MMLU_ROW) == ["stem", "subject:college_physics"]
    assert mmlu.mmlu_labels({"subject": "new"}) == ["other", "subject:new"]
    assert mmlu.mmlu_prompt(MMLU_ROW, [])[0].text.startswith(
        "The following are multiple choice questions (with answers) about college physics.\n\nWhich?\nA. a\n"
    )


@pytest.mark.parametrize(
    ("scorer", "said", "right"),
    [
        ("first_option", "答案是B", True), ("first_option", "A", False), ("first_capital", "我选B", True),
        ("first_capital", "I say B", False), ("official", "B。因为", True), ("official", "我想答案是B", True),
        ("official", "也许B", False), ("official", "", False),
    ],
)  # fmt: skip
def test_ceval(scorer, said, right):
    assert is_right("ceval", scorer, CEVAL_ROW, said) is right


def test_ceval_has_its_52_subjects_and_eight_hard_ones():
    assert len(ceval.CHINESE) == len(ceval.CATEGORY) == 52
    assert set(ceval.HARD) <= set(ceval.CHINESE)
    assert ceval.ceval_labels(CEVAL_ROW) == ["STEM", "subject:college_physics", "hard"]
    assert ceval.ceval_labels({PART: "law"}) == ["humanities", "subject:law"]
    assert "关于大学物理考试" in ceval.ceval_prompt(CEVAL_ROW, [CEVAL_ROW])[0].text
    assert ceval.ceval_prompt(CEVAL_ROW, [CEVAL_ROW])[0].text.count("答案：B") == 1


@pytest.mark.parametrize(
    ("part", "row", "said", "right"),
    [
        ("sat-math", {"gold": [1]}, "B", True), ("sat-math", {"gold": [1]}, "(B) 4", True),
        ("sat-math", {"gold": [1]}, "A or B", False), ("sat-math", {"gold": [1]}, "", False),
        ("jec-qa-kd", {"gold": [0, 2]}, "A C", True), ("jec-qa-kd", {"gold": [0, 2]}, "CA", True),
        ("jec-qa-kd", {"gold": [0, 2]}, "A", False), ("jec-qa-kd", {"gold": [0, 2]}, "ABC", False),
        ("gaokao-physics", {"gold": [3]}, "D", True), ("gaokao-physics", {"gold": [3]}, "无", False),
        ("math", {"answer": "\\frac{1}{2}"}, "\\boxed{\\frac12}", True), ("math", {"answer": "7"}, "8", False),
        ("gaokao-mathcloze", {"answer": "56"}, "答案是 56", True), ("gaokao-mathcloze", {"answer": "56"}, "", False),
    ],
)  # fmt: skip
def test_agieval_by_kind_of_set(part, row, said, right):
    assert is_right("agieval", "official", row | {PART: part}, said) is right


@pytest.mark.parametrize(
    ("gold", "said", "by_lm_eval", "by_authors"),
    [
        ("$\\frac{1}{2}$", "It is $\\frac12$.", True, False), ("$(-1,2)$", "$x \\in (-1,2)$", False, False),
        ("$x=5$", "\\boxed{5}", True, False), ("5", "$5$", True, True), ("7", "so 8", False, False),
        ("$\\{1\\}$", "$\\{1\\}$", True, False), ("east", "west", False, False), ("east", "east", True, False),
        ("-3", "-3", True, False), ("-3", "3", False, False), ("\\frac{3}{4}", "4", False, False),
    ],
)  # fmt: skip
def test_agieval_formulas_between_dollars_are_equal_by_lm_eval_and_as_they_stand_by_the_authors(
    gold, said, by_lm_eval, by_authors
):
    row = {PART: "gaokao-mathcloze", "answer": gold}
    assert agieval.TASK.scorers[0].name == "lm-eval", "the default"
    assert is_right("agieval", "lm-eval", row, said) is by_lm_eval
    assert is_right("agieval", "official", row, said) is by_authors


def test_agieval_letters_are_read_alike_by_both_scorers():
    row = {PART: "jec-qa-kd", "gold": [0, 2]}
    assert is_right("agieval", "lm-eval", row, "CA")
    assert is_right("agieval", "official", row, "CA")


def test_agieval_weighs_its_sets_evenly_and_tells_the_languages_apart():
    rows = [{PART: "sat-math", "gold": [0]}] * 3 + [{PART: "logiqa-zh", "gold": [0]}]
    scorer = agieval.TASK.scorers[0]
    said = ["A", "A", "B", "B"]
    judged = [Judged(row, scorer.score(row, ModelAnswer(text))) for row, text in zip(rows, said, strict=True)]
    total = scorer.total(judged)
    assert total["acc"].value == 0.5
    assert total["acc_macro"].value == pytest.approx((2 / 3 + 0) / 2)
    assert (total["acc/en"].n, total["acc/cn"].n) == (3, 1)
    assert len({*agieval.CHINESE, *agieval.ENGLISH}) == 21
    assert {*agieval.MULTIPLE, *agieval.CLOZE} <= {*agieval.CHINESE, *agieval.ENGLISH}


@pytest.mark.parametrize(
    ("scorer", "said", "right"),
    [
        ("vlmevalkit", "B", True), ("vlmevalkit", "the hare", True), ("vlmevalkit", "fox or hare", False),
        ("lmms-eval", "B. hare", True), ("lmms-eval", "b", True), ("lmms-eval", "hare", False),
        ("lmms-eval", "", False),
    ],
)  # fmt: skip
def test_ai2d(scorer, said, right):
    assert is_right("ai2d", scorer, AI2D_ROW, said) is right
    assert ai2d.ai2d_target(AI2D_ROW) == "B"


@pytest.mark.parametrize(
    ("question", "options"),
    [
        ("Which?\nOptions: A: dog, B: cat, C: cow, D: hen", {"A": "dog", "B": "cat", "C": "cow", "D": "hen"}),
        ("Which?\nOptions: A: yes, B: no", {"A": "yes", "B": "no"}),
        ("A: is odd\nOptions: A: x, y, B: z", {"A": "x, y", "B": "z"}),
        ("No options", {}),
    ],
)
def test_mmstar_options(question, options):
    assert mmstar.mmstar_options({"question": question}) == options


@given(st.lists(st.text("abcxyz 12", min_size=1).map(str.strip).filter(bool), min_size=4, max_size=4))
def test_mmstar_reads_back_any_options(texts):
    listed = ", ".join(f"{letter}: {text}" for letter, text in zip("ABCD", texts, strict=True))
    assert list(mmstar.mmstar_options({"question": f"Which?\nOptions: {listed}"}).values()) == texts


def test_mmstar_labels_are_abilities_and_sides():
    assert mmstar.mmstar_labels({"category": "math", "l2_category": "geometry"}) == ["math", "side:geometry"]


def test_mmbench_rows_have_as_many_options_as_are_not_missing():
    row = {"index": 2_000_007, "A": "a", "B": "b", "C": float("nan"), "D": "nan", "hint": None, "category": "c"}
    assert mmbench.mmbench_options(row) == {"A": "a", "B": "b"}
    assert mmbench.question_id(row) == 7
    assert mmbench.mmbench_labels(row) == ["c"]
    assert mmbench.mmbench_labels(row | {"L2-category": "l2"}) == ["l2"]
    text = mmbench.mmbench_prompt(row | {"question": "Q?", "hint": "Look.", "image": None}, ())[0].parts[-1]
    assert text.startswith("Look.\nQ?\nA. a\nB. b\nAnswer")
    judged = [Judged(row | {"answer": "A"}, mmbench.mmbench_score(row | {"answer": "A"}, ModelAnswer("A")))]
    assert mmbench.circular_accuracy(judged)["acc/c"].value == 1.0
    assert mmbench.circular_accuracy([])["acc"].value == 0.0


@pytest.mark.parametrize(
    ("target", "said", "right"),
    [("1", "Yes", True), ("0", "No.", True), ("0", "yes", False), ("1", "yes and no", False), ("1", "", False)],
)
def test_hallusionbench_reads_one_of_two_words(target, said, right):
    scored = hallusionbench.hallusionbench_score({"gt_answer": target}, ModelAnswer(said))
    assert scored.values["acc"] == float(right)
    assert scored.unread is (said in ("yes and no", ""))


def figure(category: str, figure_id: int, question_id: int, value: float) -> Judged:
    row = {"category": category, "subcategory": "chart", "set_id": "0", "figure_id": str(figure_id),
           "question_id": str(question_id), "gt_answer": "1"}  # fmt: skip
    return Judged(row, hallusionbench.hallusionbench_score(row, ModelAnswer("yes" if value else "no")))


def test_hallusionbench_counts_questions_figures_and_pairs():
    judged = [figure("VD", 0, 0, 1), figure("VD", 0, 1, 1), figure("VD", 1, 0, 1), figure("VD", 1, 1, 0)]
    total = TASKS["hallusionbench"].scorers[0].total(judged)
    assert (total["aAcc"].value, total["fAcc"].value, total["qAcc"].value) == (75.0, 50.0, 50.0)
    assert total["average"].value == pytest.approx(175 / 3)
    assert total["average/VD"].value == total["average/chart"].value == total["average"].value
    both = [figure("VD", 1, 0, 1), figure("VS", 1, 0, 0)]
    mixed, apart = (scorer.total(both) for scorer in TASKS["hallusionbench"].scorers)
    assert (mixed["fAcc"].value, apart["fAcc"].value) == (0.0, 50.0), "one figure, or one of each category"


def test_hallusionbench_official_groups_count_a_question_without_its_figure_for_no_figure():
    rows = [figure("VS", 0, 0, 0), figure("VS", 1, 0, 1), figure("VD", 0, 0, 1)]
    mixed, apart = (scorer.total(rows) for scorer in TASKS["hallusionbench"].scorers)
    assert (mixed["fAcc"].value, apart["fAcc"].value) == (50.0, 100.0)
    assert mixed["qAcc"].value == 0.0
    assert apart["qAcc"].value == 50.0, "its question counts all the same"


@pytest.mark.parametrize(
    ("row", "said", "rules", "prefetch"),
    [
        ({"choices": ["red", "blue"], "answer": "blue"}, "B", True, True),
        ({"choices": ["red", "blue"], "answer": "blue"}, "It is blue", True, True),
        ({"choices": ["red", "blue"], "answer": "blue"}, "red", False, False),
        ({"choices": None, "answer": "3", "answer_type": "integer"}, "3", True, True),
        ({"choices": None, "answer": "3", "answer_type": "integer"}, "there are 3", True, False),
        ({"choices": None, "answer": "1.5", "answer_type": "float", "precision": 1.0}, "about 1.46", True, False),
        ({"choices": None, "answer": "1.5", "answer_type": "float", "precision": 1.0}, "1.5", True, True),
        ({"choices": None, "answer": "3", "answer_type": "integer"}, "", False, False),
        ({"choices": None, "answer": "[1, 2]", "answer_type": "list"}, "[1, 2]", True, False),
    ],
)
def test_mathvista_by_type_of_answer(row, said, rules, prefetch):
    assert is_right("mathvista", "rules", row, said) is rules
    assert is_right("mathvista", "prefetch", row, said) is prefetch


def test_mathvista_labels_are_task_and_skills_where_known():
    assert mathvista.mathvista_labels({"metadata": {"task": "math", "skills": ["algebra", "logic"]}}) == [
        "math", "algebra", "logic",
    ]  # fmt: skip
    assert mathvista.mathvista_labels({"metadata": None}) == ["other"]


@pytest.mark.parametrize(
    ("row", "said", "official", "vlmevalkit"),
    [
        ({"options": "['Monet', 'Manet']", "answer": "B"}, "B", True, True),
        ({"options": "['Monet', 'Manet']", "answer": "B"}, "Manet", False, True),
        ({"options": ["Monet", "Manet"], "answer": "B"}, "(B)", True, True),
        ({"options": "[]", "answer": "42"}, "The result is 42", True, True),
        ({"options": "[]", "answer": "['42', 'forty-two']"}, "it is forty-two", True, False),
        ({"options": "[]", "answer": "42"}, "", False, False),
    ],
)
def test_mmmu_options_and_open_questions(row, said, official, vlmevalkit):
    assert is_right("mmmu", "official", row, said) is official
    assert is_right("mmmu", "vlmevalkit", row, said) is vlmevalkit


def test_mmmu_pictures_that_no_text_names_come_first():
    row = {"question": "How many?", "options": [], "image_1": "picture", "image_2": None}
    assert mmmu.mmmu_prompt(row, ())[0].parts == (
        "picture",
        "How many?\n\nAnswer the question using a single word or phrase.",
    )
    assert mmmu.mmmu_labels({"id": "validation_Art_Theory_12"}) == ["Art_Theory"]


@pytest.mark.parametrize(
    ("dataset", "targets", "said", "contains", "folded"),
    [
        ("IIIT5K", ["CENTRE"], "It says centre.", True, True), ("IIIT5K", ["CENTRE"], "center", False, False),
        ("HME100k", ["x ^ 2"], "x^2", True, True), ("HME100k", ["X"], "x", False, False),
        ("POIE", "７g", "7g", False, True), ("IIIT5K", ["A"], "", False, False),
    ],
)  # fmt: skip
def test_ocrbench_contains(dataset, targets, said, contains, folded):
    row = {"dataset": dataset, "answer": targets}
    assert is_right("ocrbench", "contains", row, said) is contains
    assert is_right("ocrbench", "lmms-eval", row, said) is folded


@pytest.mark.parametrize("kind", ["Regular Text Recognition", "Digit String Recognition", "Handwriting Recognition"])
def test_ocrbench_draws_recognition_together(kind):
    assert ocrbench.ocrbench_category({"question_type": kind}) == "Text Recognition"
    assert ocrbench.ocrbench_category({"question_type": "Doc-oriented VQA"}) == "Doc-oriented VQA"


def test_mme_points_are_sums_of_categories():
    scorer = TASKS["mme"].scorers[0]
    rows = [{"question_id": "1", "category": name, "answer": answer} for name in ("count", "code_reasoning")
            for answer in ("Yes", "No")]  # fmt: skip
    judged = [Judged(row, scorer.score(row, ModelAnswer("yes"))) for row in rows]
    total = scorer.total(judged)
    assert total["mme_perception_score"].value == total["mme_cognition_score"].value == 50.0
    assert total["mme_score"].value == 100.0
    assert mme.TASK.group(rows[0]) == mme.TASK.group(rows[1]) != mme.TASK.group(rows[2])


def test_videomme_without_a_video_names_the_missing_file(tmp_path):
    row = videomme.locate_media({"videoID": "v9"}, tmp_path)
    assert (row["video"], row["subtitles"]) == (str(tmp_path / "v9.mp4"), "")
    labels = videomme.videomme_labels({"duration": "short", "domain": "Life", "task_type": "Counting"})
    assert labels == ["short", "domain:Life", "type:Counting"]
    asked = videomme.videomme_prompt(row | {"question": "Q?", "options": ["A. a"]}, (), subtitles=True)
    assert "No subtitles available" in asked[0].parts[1]


CHOICE_ROWS = {"mmlu": MMLU_ROW, "ceval": CEVAL_ROW, "ai2d": AI2D_ROW,
               "agieval": {PART: "sat-math", "gold": [1]}, "videomme": {"answer": "A"},
               "mmstar": {"answer": "A", "question": "?\nOptions: A: x, B: y"}}  # fmt: skip


@given(st.sampled_from(sorted(CHOICE_ROWS)), st.text(max_size=30))
def test_no_answer_breaks_a_scorer_and_what_is_unread_is_wrong(name, said):
    for scorer in PUBLIC[name].scorers:
        scored = scorer.score(CHOICE_ROWS[name], ModelAnswer(said))
        assert scored.values["acc"] in (0.0, 1.0)
        assert not (scored.unread and scored.values["acc"])
