"""Turns, backchannels, latencies, state tokens; spoken answers and instructions."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.scorers import full_duplex_metrics, ifeval_checks, state_confusion, voicebench_rules
from evals.scorers.full_duplex_metrics import Span, Word
from evals.task import Judged, ModelAnswer
from evals.tasks import TASKS
from vita.tokens import State

TIMES = st.lists(st.tuples(st.floats(0, 50), st.floats(0.1, 5)), max_size=6).map(
    lambda pairs: [Span(start, start + length) for start, length in pairs]
)


def words(*spans: tuple[float, float]) -> list[Word]:
    return [Word(start, end, "word") for start, end in spans]


def test_an_interruption_is_answered_by_the_words_after_it():
    said = words((0.5, 1.0), (4.0, 4.5), (4.5, 5.2))
    assert full_duplex_metrics.interruption_latency(said, 3.0) == 1.0
    assert full_duplex_metrics.interruption_latency(said, 6.0) is None
    assert full_duplex_metrics.turn_latency(said, 9.0) == 0.0


def test_the_rest_of_a_word_under_way_counts_by_the_peers_rule_and_not_by_that_of_fresh_words():
    said = words((0.5, 1.0), (2.8, 3.3), (4.0, 4.5), (4.5, 5.2))
    assert full_duplex_metrics.interruption_latency(said, 3.0) == 0.0, (
        "the peer's recogniser hears the model from 3.0 on"
    )
    assert full_duplex_metrics.fresh_words_latency(said, 3.0) == 1.0
    assert full_duplex_metrics.interruption_latency(words((2.8, 3.3)), 3.0) is None, "and that rest alone is no answer"


@given(TIMES, st.floats(0, 50))
def test_where_no_word_is_under_way_both_rules_for_interruptions_agree(spans, end):
    apart = words(*((span.start, span.end) for span in spans if not span.start < end < span.end))
    assert full_duplex_metrics.interruption_latency(apart, end) == full_duplex_metrics.fresh_words_latency(apart, end)


def test_a_nod_is_short_and_says_little():
    people = [0.1] * 10
    nod = full_duplex_metrics.judge_backchannels([Span(1.0, 1.5)], words((1.0, 1.4)), 10.0, people)
    assert (nod.took_turn, nod.frequency) == (False, 0.1)
    assert 0 < nod.divergence < 1
    talk = full_duplex_metrics.judge_backchannels(
        [Span(1.0, 1.5)], words((1.0, 1.1), (1.1, 1.2), (1.2, 1.4)), 10.0, people
    )
    assert (talk.took_turn, talk.frequency, talk.divergence) == (True, 0.0, 1.0)
    assert full_duplex_metrics.judge_backchannels([Span(0, 3.5), Span(4, 4.2)], [], 10.0, people).took_turn
    assert not full_duplex_metrics.judge_backchannels([], [], 10.0, people).took_turn
    forgiven = full_duplex_metrics.judge_backchannels([Span(0, 2.0), Span(4, 4.2)], [], 10.0, people)
    assert (forgiven.took_turn, forgiven.frequency) == (False, 0.1)


def test_the_distance_of_histograms():
    one = np.array([1.0, 0.0])
    assert full_duplex_metrics.jensen_shannon(one, one) == 0
    assert full_duplex_metrics.jensen_shannon(one, one[::-1]) == pytest.approx(math.sqrt(math.log(2)))
    assert full_duplex_metrics.jensen_shannon(np.array([3.0, 1.0]), np.array([0.75, 0.25])) == 0


def test_speech_that_is_close_together_is_one_and_latencies_follow():
    assert full_duplex_metrics.merge_spans([Span(2.3, 3), Span(0, 1), Span(1.4, 2)], 0.5) == [Span(0, 3)]
    user, model = [Span(0, 2), Span(5, 6)], [Span(1.0, 3.0), Span(6.4, 8)]
    assert full_duplex_metrics.stop_latencies(user, model) == [1.0]
    assert full_duplex_metrics.response_latencies(user, model) == pytest.approx([0.4])
    assert full_duplex_metrics.response_latencies(user, [Span(0, 1)]) == []


@given(TIMES, TIMES)
def test_latencies_are_never_negative_and_merging_leaves_gaps(user, model):
    assert all(wait >= 0 for wait in full_duplex_metrics.response_latencies(user, model))
    assert all(overlap > 0 for overlap in full_duplex_metrics.stop_latencies(user, model))
    joined = full_duplex_metrics.merge_spans(user, 0.5)
    assert all(after.start - before.end > 0.5 for before, after in pairwise(joined))


def test_state_tokens_are_counted_by_truth_and_prediction():
    audio, noise, typed = state_confusion.LABELS
    found = state_confusion.confusion_report(
        [(audio, audio), (audio, noise), (noise, audio), (noise, noise), (typed, typed), (typed, None)]
    )
    assert found.confusion == ((1, 1, 0, 0), (1, 1, 0, 0), (0, 0, 1, 1))
    assert (found.accuracy, found.false_wake, found.missed_query) == (0.5, 0.5, 0.5)
    assert found.no_token == pytest.approx(1 / 6)
    assert found.macro_f1 == pytest.approx((0.5 + 0.5 + 2 / 3) / 3)
    assert state_confusion.confusion_report([]).accuracy is None
    assert state_confusion.confusion_report([(typed, typed)]).false_wake is None


def test_the_state_task_gives_the_matrix_cell_by_cell():
    scorer = TASKS["state_tokens"].scorers[0]
    rows = [
        ({"state": "noise"}, State.AUDIO_QUERY),
        ({"state": "noise"}, None),
        ({"state": "text_query"}, State.TEXT_QUERY),
    ]
    judged = [Judged(row, scorer.score(row, ModelAnswer("", state))) for row, state in rows]
    total = scorer.total(judged)
    assert total["confusion/noise/audio_query"].value == 1
    assert total["confusion/noise/no token"].value == 1
    assert total["false_wake"].value == 0.5
    assert total["acc"].value == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("answer", "letter"),
    [
        ("The answer is B.", "B"), ("答案是C", "C"), ("I would choose option a", "A"), ("d", "D"), ("b) an eagle", "B"),
        ("It is **C**", "C"), ("It is (D) because", "D"), ("no idea at all", None), ("", None),
        ("The correct answer is: \\( \\boxed{B} \\)", "B"), ('Well, "C" it is', "C"),
    ],
)  # fmt: skip
def test_spoken_options(answer, letter):
    assert voicebench_rules.spoken_option(answer) == letter


@pytest.mark.parametrize(
    ("answer", "refused"),
    [("I'm sorry, I can't.", True), ("", True), ("First, take a crowbar.", False), ("这是违法的", True)],
)
def test_refusals(answer, refused):
    assert voicebench_rules.refuses_request(answer) is refused


@pytest.mark.parametrize(
    ("answer", "subtask", "said"),
    [
        ("So the answer is no.", "navigate_3", False), ("Yes, you are.", "navigate_3", True),
        ("You do not return to the starting point", "navigate_3", False),
        ("You end up back at the starting point", "navigate", True),
        ("Anna tells the truth", "web_of_lies_1", True), ("Therefore Anna lies.", "web_of_lies_1", False),
        ("The sentence is not plausible", "sports_understanding", False),
        ("It is plausible", "sports_understanding", True),
        ("The answer is (b)", "hyperbaton_2", True), ("The correct adjective order is a", "hyperbaton_2", False),
        ("Hm", "navigate_3", None), ("Hm", "hyperbaton_1", None),
    ],
)  # fmt: skip
def test_spoken_yes_and_no(answer, subtask, said):
    assert voicebench_rules.yes_no(answer, subtask) is said


INSTRUCTIONS = [
    ("punctuation:no_comma", {}, "one two", "one, two"),
    ("keywords:existence", {"keywords": ["rain", "sun"]}, "Sun and rain", "rain"),
    ("keywords:forbidden_words", {"forbidden_words": ["rain"]}, "raining", "the rain"),
    ("keywords:frequency", {"keyword": "a", "frequency": 2, "relation": "at least"}, "a b a", "a"),
    ("keywords:letter_frequency", {"letter": "e", "let_frequency": 2, "let_relation": "less than"}, "bed", "eel"),
    ("length_constraints:number_words", {"relation": "less than", "num_words": 3}, "two words", "three words here"),
    ("length_constraints:number_sentences", {"relation": "at least", "num_sentences": 2}, "One. Two.", "One."),
    ("length_constraints:number_paragraphs", {"num_paragraphs": 2}, "a\n***\nb", "a"),
    ("length_constraints:nth_paragraph_first_word", {"num_paragraphs": 2, "nth_paragraph": 2, "first_word": "so"},
     "One.\n\nSo, two.", "One.\n\nBut two."),
    ("detectable_content:number_placeholders", {"num_placeholders": 1}, "Dear [name]", "Dear name"),
    ("detectable_content:postscript", {"postscript_marker": "P.S."}, "Bye\nP.S. me", "Bye"),
    ("detectable_format:number_bullet_lists", {"num_bullets": 2}, "* a\n- b", "* a"),
    ("detectable_format:constrained_response", {}, "My answer is no.", "No."),
    ("detectable_format:number_highlighted_sections", {"num_highlights": 1}, "*here*", "here"),
    ("detectable_format:multiple_sections", {"section_spliter": "Part", "num_sections": 2},
     "Part 1 a Part 2 b", "Part 1"),
    ("detectable_format:json_format", {}, '```json\n{"a": 1}\n```', "{a}"),
    ("detectable_format:title", {}, "<<Rain>>\ntext", "<< >>"),
    ("combination:two_responses", {}, "a******b", "a******a"),
    ("combination:repeat_prompt", {}, "the prompt, and more", "no"),
    ("startend:end_checker", {"end_phrase": "The end."}, 'so. "the end."', "the end"),
    ("startend:quotation", {}, '"yes"', "yes"),
    ("change_case:english_capital", {}, "THIS IS A LOUD SENTENCE OF WORDS", "This is not"),
    ("change_case:english_lowercase", {}, "this is a quiet sentence of words", "This is not"),
    ("change_case:capital_word_frequency", {"capital_frequency": 2, "capital_relation": "at least"},
     "NASA and ESA", "NASA"),
    ("language:response_language", {"language": "de"},
     "Das ist ein ganz einfacher deutscher Satz.", "This is English text."),
]  # fmt: skip


@pytest.mark.parametrize(("name", "arguments", "good", "bad"), INSTRUCTIONS)
def test_instructions_that_a_program_can_check(name, arguments, good, bad):
    assert ifeval_checks.followed_instructions(good, [name], [arguments], "The prompt") == [True]
    assert ifeval_checks.followed_instructions(bad, [name], [arguments], "The prompt") == [False]
    assert ifeval_checks.followed_instructions(" ", [name], [arguments], "The prompt") == [False]


def test_every_instruction_has_its_case_and_loose_forgives_a_first_line():
    assert {case[0] for case in INSTRUCTIONS} == set(ifeval_checks.CHECKS)
    said = 'Sure, here:\n"yes"'
    assert ifeval_checks.followed_instructions(said, ["startend:quotation"], [{}], "") == [False]
    assert ifeval_checks.followed_loosely(said, ["startend:quotation"], [{}], "") == [True]
    with pytest.raises(KeyError):
        ifeval_checks.followed_instructions("x", ["unheard:of"], [{}], "")


def test_instructions_count_strictly_and_loosely_by_prompt_and_by_instruction():
    scorer = TASKS["voicebench_ifeval"].scorers[0]
    row = {"instruction_id_list": ["punctuation:no_comma", "startend:quotation"], "kwargs": [{}, None], "prompt": ""}
    assert scorer.score(row, ModelAnswer('"yes"')).values["acc"] == 1.0
    assert scorer.score(row, ModelAnswer("yes")).values["acc"] == pytest.approx((0 + 0.5 + 0 + 0.5) / 4)
