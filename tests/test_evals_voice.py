"""Spoken requests: VoiceBench's tasks row by row, IFEval's checks at their edges, judges' marks, error rates."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.report import charts, figures, task_groups, text_tables
from evals.scorers import error_rates, ifeval_checks, voicebench_rules
from evals.task import Judged, ModelAnswer
from evals.tasks import GROUPS, PUBLIC, TASKS
from evals.tasks import voicebench as tasks

WORDS = st.lists(st.sampled_from(["我", "b", "C", "3", "，", "<unk>", " "]), max_size=8).map("".join)


def nine(tail: str = "", scorer: str = "judge") -> dict:
    """As a results file has them: full marks everywhere."""
    marked = ("alpacaeval_full", "commoneval", "wildvoice")
    return {
        name + tail: {"value": 5.0 if name.removeprefix("voicebench_") in marked else 100.0, "scorer": scorer}
        for name in GROUPS["voicebench"]
    }


def test_a_run_of_all_nine_judged_sets_has_an_overall_of_its_own_kind():
    assert task_groups.voicebench_overall({"headlines": nine()}, bundled=False) == 100.0
    assert task_groups.voicebench_overall({"headlines": nine()}, bundled=True) is None
    assert task_groups.voicebench_overall({"headlines": nine("_bundled")}, bundled=True) == 100.0
    assert task_groups.voicebench_overall({"headlines": nine(scorer="rules")}, bundled=False) is None
    short = nine()
    del short["voicebench_mmsu"]
    assert task_groups.voicebench_overall({"headlines": short}, bundled=False) is None
    assert task_groups.voicebench_overall({}, bundled=False) is None


def test_the_overall_stands_in_table_and_chart_beside_the_published_and_not_on_the_radar():
    headlines = {
        name: one | {"title": name, "metric": "m", "interval": None, "ability": "voice"} for name, one in nine().items()
    }
    empty = {name: {} for name in headlines}
    content = {
        "headlines": headlines,
        "bundled": dict.fromkeys(headlines, False),
        "failures": dict.fromkeys(headlines, 0),
        "n-samples": {name: {"effective": 3} for name in headlines},
        "higher_is_better": empty,
        "units": empty,
        "results": empty,
    }
    row = next(line for line in text_tables.of_results(content).splitlines() if "overall" in line)
    assert "100.00" in row
    assert "VITA 36.43" in row
    figure = figures.score_figure(["run"], [content], bundled=False)
    theirs = {trace.name: dict(zip(trace.y, trace.x, strict=True)) for trace in figure.data}
    assert theirs["run"]["VoiceBench overall"] == 100.0
    assert theirs["VITA-1.5"]["VoiceBench overall"] == 64.53
    assert charts.ability_shares(figures.headline_bars(content)) == {"voice": pytest.approx(100 * (6 + 3 * 0.05) / 9)}


@pytest.mark.parametrize(
    ("task", "row", "said", "value"),
    [
        ("mmsu", {"reference": "C"}, "The answer is C.", 1.0), ("mmsu", {"reference": "C"}, "It is a.", 0.0),
        ("openbookqa", {"reference": "A"}, "a", 1.0), ("openbookqa", {"reference": "A"}, "who knows", 0.0),
        ("bbh", {"reference": "Yes", "id": "navigate_1"}, "Yes, you return.", 1.0),
        ("bbh", {"reference": "No", "id": "navigate_1"}, "Yes, you return.", 0.0),
        ("bbh", {"reference": "(B)", "id": "hyperbaton_1"}, "The answer is (b)", 1.0),
        ("bbh", {"reference": "(A)", "id": "hyperbaton_1"}, "", 0.0),
        ("sd_qa", {"reference": "Paris"}, "it is paris, of course", 1.0),
        ("sd_qa", {"reference": "Paris"}, "London", 0.0),
        ("advbench", {}, "Sorry, I can't help.", 1.0), ("advbench", {}, "Sure, first you", 0.0),
    ],
)  # fmt: skip
def test_voicebench_without_a_judge(task, row, said, value):
    scorer = TASKS[f"voicebench_{task}"].scorers[0]
    assert scorer.score(row, ModelAnswer(said)).values["acc"] == value
    assert scorer.ask is None


@pytest.mark.parametrize(
    ("verdict", "mark", "unread"),
    [("4", 4.0, False), ("Score: 3.5", 3.5, False), ("**5**", 5.0, False), ("none", 0.0, True), (None, 0.0, True),
     ("0", 0.0, True)],
)  # fmt: skip
def test_marks_are_read_out_of_what_the_judge_says(verdict, mark, unread):
    scored = tasks.score_mark({}, ModelAnswer("x", verdict=verdict))
    assert (scored.values["mark"], scored.unread) == (mark, unread)


@pytest.mark.parametrize(("verdict", "right"), [("Yes", 1.0), (" yes.", 1.0), ("No", 0.0), ("", 0.0), (None, 0.0)])
def test_a_judges_yes_is_right(verdict, right):
    assert tasks.score_correct({}, ModelAnswer("x", verdict=verdict)).values["acc"] == right


def test_marks_are_points_of_five_and_judges_are_told_what_was_asked():
    scorer = TASKS["voicebench_alpacaeval_full"].scorer_named("judge")
    judged = [Judged({}, scorer.score({}, ModelAnswer("x", verdict=mark))) for mark in ("5", "2")]
    total = scorer.total(judged)
    assert (total["mark"].value, total["mark"].unit, total["unread"].value) == (3.5, "points", 0.0)
    row = {"prompt": "Where is {Paris}?", "reference": "France"}
    assert "[Instruction]: Where is {Paris}?" in tasks.ask_mark(row, ModelAnswer("In {France}"))
    question = tasks.ask_correct(row, ModelAnswer("In {France}"))
    assert "### Reference answer\nFrance" in question
    assert "### Candidate answer\nIn {France}" in question


def test_open_questions_without_a_judge_say_only_whether_there_was_an_answer():
    scorer = TASKS["voicebench_wildvoice"].scorers[0]
    found = [scorer.score({}, ModelAnswer(text)) for text in ("Well", " ")]
    assert scorer.total([Judged({}, one) for one in found])["answered"].value == 0.5


def test_voicebench_has_nine_sets_and_its_overall_needs_them_all():
    assert len(GROUPS["voicebench"]) == 9
    assert all(PUBLIC[name].ability == "voice" for name in GROUPS["voicebench"])
    best = dict.fromkeys(("AlpacaEval", "CommonEval", "WildVoice"), 5.0)
    best |= dict.fromkeys(("SD-QA", "MMSU", "OBQA", "BBH", "IFEval", "AdvBench"), 100.0)
    assert voicebench_rules.mean_overall(best) == 100.0
    with pytest.raises(KeyError):
        voicebench_rules.mean_overall({"MMSU": 1.0})


@pytest.mark.parametrize(
    ("answer", "letter"),
    [
        ("The correct answer is a", "A"), ("I would select option c", "C"), ("answer is: **D**", "D"),
        ("the answer is 'b'", "B"), ("A. Paris", "A"), ("选项B是最合适的", "B"), ("It's about cats", None),
        ("option b: it is", "B"), ("(c)", "C"), ("e", None),
    ],
)  # fmt: skip
def test_more_ways_to_name_an_option(answer, letter):
    assert voicebench_rules.spoken_option(answer) == letter


@given(st.text(max_size=40), st.sampled_from(["navigate", "web_of_lies", "sports_understanding", "hyperbaton"]))
def test_no_answer_breaks_the_rules(said, subtask):
    assert voicebench_rules.spoken_option(said) in {None, "A", "B", "C", "D"}
    assert voicebench_rules.yes_no(said, subtask) in {None, True, False}
    assert isinstance(voicebench_rules.refuses_request(said), bool)


@pytest.mark.parametrize(
    ("name", "arguments", "answer", "done"),
    [
        ("length_constraints:number_words", {"relation": "at least", "num_words": 2}, "two words", True),
        ("length_constraints:number_words", {"relation": "less than", "num_words": 2}, "two words", False),
        ("length_constraints:number_sentences", {"relation": "less than", "num_sentences": 2},
         "Just 1.5 litres.", True),
        ("length_constraints:number_paragraphs", {"num_paragraphs": 3}, "a *** b *** c", True),
        ("length_constraints:number_paragraphs", {"num_paragraphs": 2}, "a *** *** c", False),
        ("length_constraints:nth_paragraph_first_word",
         {"num_paragraphs": 1, "nth_paragraph": 2, "first_word": "so"}, "One.", False),
        ("length_constraints:nth_paragraph_first_word",
         {"num_paragraphs": 1, "nth_paragraph": 1, "first_word": "Hi"}, "'hi!' she said", True),
        ("keywords:forbidden_words", {"forbidden_words": ["rain"]}, "RAIN", False),
        ("keywords:frequency", {"keyword": "a", "frequency": 2, "relation": "less than"}, "bb", True),
        ("detectable_format:number_highlighted_sections", {"num_highlights": 2}, "*one* and **", False),
        ("detectable_format:number_highlighted_sections", {"num_highlights": 2}, "*one* and *two*", True),
        ("detectable_format:number_bullet_lists", {"num_bullets": 1}, "**bold**", False),
        ("detectable_content:postscript", {"postscript_marker": "P.P.S"}, "Bye\np. p. s. me", True),
        ("detectable_content:postscript", {"postscript_marker": "Note:"}, "note: me", True),
        ("detectable_format:json_format", {}, "[1, 2]", True),
        ("detectable_format:json_format", {}, "Here: {}", False),
        ("combination:two_responses", {}, "a******b******c", False),
        ("startend:quotation", {}, '"', False),
        ("change_case:english_capital", {}, "1234", False),
        ("change_case:capital_word_frequency", {"capital_frequency": 1, "capital_relation": "less than"}, "no", True),
        ("language:response_language", {"language": "en"}, "12345", True),
    ],
)  # fmt: skip
def test_instructions_at_their_edges(name, arguments, answer, done):
    assert ifeval_checks.followed_instructions(answer, [name], [arguments], "") == [done]


def test_arguments_that_are_null_are_as_if_not_given():
    repeated = {"prompt_to_repeat": None, "num_words": None}
    assert ifeval_checks.followed_instructions(
        "the prompt again", ["combination:repeat_prompt"], [repeated], "The prompt"
    ) == [True]
    with pytest.raises(ValueError, match="zip"):
        ifeval_checks.followed_instructions("x", ["punctuation:no_comma"], [], "")


@given(st.text(max_size=60))
def test_loosely_is_never_stricter_than_strictly(answer):
    names = ["punctuation:no_comma", "startend:quotation", "detectable_format:title", "detectable_format:json_format",
             "detectable_format:constrained_response", "combination:two_responses"]  # fmt: skip
    strict = ifeval_checks.followed_instructions(answer, names, [{}] * len(names), "")
    loose = ifeval_checks.followed_loosely(answer, names, [{}] * len(names), "")
    assert all(late or not early for early, late in zip(strict, loose, strict=True))


@pytest.mark.parametrize(
    ("task", "scorer", "reference", "said", "rate"),
    [
        ("librispeech_test_clean", "whisper", "HE HOPED FOR STEW", "He hoped for stew.", 0.0),
        ("librispeech_test_clean", "whisper", "HE HOPED FOR STEW", "he hoped four", 50.0),
        ("librispeech_test_clean", "whisper", "COLOUR", "color", 0.0),
        ("wenetspeech_test_net", "textnorm", "我有三个", "我有3个。", 0.0),
        ("wenetspeech_test_net", "textnorm", "我有三个", "", 100.0),
        ("wenetspeech_test_net", "wenet", "我有三个", "我有3个", 25.0),
        ("wenetspeech_test_meeting", "lmms-eval", "我用iPhone", "我用", 100 / 3),
    ],
)
def test_error_rates_of_an_utterance(task, scorer, reference, said, rate):
    found = TASKS[task].scorer_named(scorer)
    row = {"text": reference}
    total = found.total([Judged(row, found.score(row, ModelAnswer(said)))])
    name = next(iter(total))
    assert total[name].value == pytest.approx(rate)
    assert (total[name].higher_is_better, total["unread"].value) == (False, float(not said))


def test_a_corpus_is_one_ratio_and_its_kinds_of_edits_add_up():
    scorer = TASKS["librispeech_dev_other"].scorers[0]
    pairs = [("THE CAT SAT DOWN", "the cat sat down again"), ("DOG", ""), ("RED HEN", "red pen")]
    judged = [Judged({"text": text}, scorer.score({"text": text}, ModelAnswer(said))) for text, said in pairs]
    total = scorer.total(judged)
    assert total["wer"].value == pytest.approx(100 * 3 / 7)
    kinds = [total[f"wer/{kind}"].value for kind in ("substitutions", "deletions", "insertions")]
    assert sum(kinds) == pytest.approx(total["wer"].value)
    assert total["wer"].stderr > 0
    assert scorer.total(judged[:1])["wer"].stderr is None
    assert scorer.total([])["wer"].value == 0.0


@given(WORDS, WORDS)
def test_chinese_rates_are_zero_only_for_what_reads_the_same(reference, heard):
    for tokens in (error_rates.chinese_characters, error_rates.wenet_tokens, error_rates.mixed_tokens):
        one, other = tokens(reference), tokens(heard)
        assert (error_rates.count_edits(one, other).total_edits == 0) == (one == other)
        assert 0 <= error_rates.mixed_rate(error_rates.count_edits(one, other), len(other)) <= 1
