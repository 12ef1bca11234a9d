"""An answer is kept from going on as one before it, by both of vLLM's model runners."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from vllm import SamplingParams

from tests.logits_runners import LONGEST, PLAIN_RUNNERS, held_config
from vita.vllm_plugin.earlier_answer_penalty import FIRST, NEXT
from vita.vllm_plugin.prompt_messages import find_earlier_answers

ONE, TWO, THREE, START, END, USER, BOT, BREAK = range(8)
THE, STORY, OF, WATER = range(8, 12)
SIZE, STATES = 12, (ONE, TWO, THREE)
WORDS = st.lists(st.sampled_from([THE, STORY, OF, WATER]), max_size=5)
HELD = held_config(SIZE, START, END, STATES)


def message(role: int, *words: int) -> list[int]:
    return [START, role, BREAK, *words, END, BREAK]


OPENING = [START, BOT, BREAK]
AFTER_A_STORY = [*message(USER, STORY), *message(BOT, ONE, THE, STORY, OF), *message(USER, WATER), *OPENING]


@pytest.fixture(params=PLAIN_RUNNERS)
def lowered(request):
    """How much less likely words have become, by their ids, behind ``said``."""

    def amounts(prompt, *said, config=HELD, embeds=False):
        runner = request.param(config, SIZE, embeds)
        rows = runner.sampled_from([(prompt, said, SamplingParams())], torch.zeros(1, SIZE))[0]
        return {token: -float(rows[token]) for token in range(THE, SIZE) if rows[token] != 0}

    return amounts


def test_the_first_word_of_an_earlier_answer_becomes_less_likely(lowered):
    assert lowered(AFTER_A_STORY, ONE) == {THE: FIRST}


def test_going_on_as_an_earlier_answer_becomes_less_likely_still(lowered):
    assert lowered(AFTER_A_STORY, ONE, THE) == {STORY: NEXT}
    assert lowered(AFTER_A_STORY, THREE, THE, STORY) == {OF: NEXT}
    assert lowered(AFTER_A_STORY, THE, STORY) == {OF: NEXT}  # without a state token


def test_an_answer_that_went_another_way_is_left_alone(lowered):
    assert lowered(AFTER_A_STORY, ONE, WATER) == {}
    assert lowered(AFTER_A_STORY, ONE, THE, WATER, STORY) == {}


def test_an_answer_as_long_as_the_earlier_one_or_longer_may_go_on(lowered):
    assert lowered(AFTER_A_STORY, ONE, THE, STORY, OF) == {}
    assert lowered(AFTER_A_STORY, THE, STORY, OF) == {}
    assert lowered(AFTER_A_STORY, ONE, THE, STORY, OF, THE, STORY) == {}


def test_each_earlier_answer_counts_and_none_twice(lowered):
    twice = [*message(BOT, THREE, THE, WATER), *message(BOT, ONE, THE, STORY), *AFTER_A_STORY]
    assert lowered(twice, ONE) == {THE: FIRST}
    assert lowered(twice, ONE, THE) == {WATER: NEXT, STORY: NEXT}


def test_what_the_user_said_may_be_said(lowered):
    assert lowered([*message(USER, THE, STORY), *OPENING], ONE) == {}


def test_a_text_without_messages_is_left_alone(lowered):
    assert lowered([THE, STORY], THE) == {}


def test_other_checkpoints_and_prompts_of_embeddings_are_left_alone(lowered):
    assert lowered(AFTER_A_STORY, ONE, config=object()) == {}
    assert lowered(AFTER_A_STORY, ONE, config=held_config(SIZE, START, END, ())) == {}
    assert lowered(AFTER_A_STORY, ONE, embeds=True) == {}


def test_a_broken_prompt_is_left_alone():
    assert find_earlier_answers([START, BOT, BREAK, THE, START, BOT, BREAK], START, END) == []


@given(st.lists(st.tuples(st.sampled_from([USER, BOT]), WORDS), max_size=5))
def test_the_answers_of_any_conversation_are_found(turns):
    prompt = [token for role, words in turns for token in message(role, *words)] + OPENING
    assert find_earlier_answers(prompt, START, END) == [words for role, words in turns if role == BOT]


@given(answers=st.lists(WORDS, max_size=3), said=WORDS, state=st.sampled_from([(), (ONE,), (THREE,)]))
def test_both_runners_lower_exactly_what_would_go_on_as_an_earlier_answer(answers, said, state):
    prompt = [token for words in answers for token in message(BOT, ONE, *words)] + OPENING
    assert len(prompt) + len(said) < LONGEST
    going_on = {words[len(said)] for words in answers if len(words) > len(said) and words[: len(said)] == said}
    expected = torch.zeros(SIZE)
    expected[list(going_on)] = -(NEXT if said else FIRST)
    for one in PLAIN_RUNNERS:
        rows = one(HELD, SIZE).sampled_from([(prompt, [*state, *said], SamplingParams())], torch.zeros(1, SIZE))
        if state or said:  # the first token of all is masked but for the states
            assert torch.equal(rows[0, THE:], expected[THE:])
