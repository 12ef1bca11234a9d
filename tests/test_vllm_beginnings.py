"""Beginnings on its own: the logits of one request, as vLLM hands them over."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import LlamaConfig
from vllm import SamplingParams
from vllm.v1.sample.logits_processor.interface import BatchUpdate

from vita.model.configuration import VITAConfig
from vita.vllm_plugin.beginnings import FIRST, NEXT, Beginnings, answers

ONE, TWO, THREE, START, END, USER, BOT, BREAK = range(8)
THE, STORY, OF, WATER = range(8, 12)
SIZE = 12
WORDS = st.lists(st.sampled_from([THE, STORY, OF, WATER]), max_size=5)


def message(role: int, *words: int) -> list[int]:
    return [START, role, BREAK, *words, END, BREAK]


OPENING = [START, BOT, BREAK]
AFTER_A_STORY = [*message(USER, STORY), *message(BOT, ONE, THE, STORY, OF), *message(USER, WATER), *OPENING]


def held(**changes: object) -> VITAConfig:
    text = LlamaConfig(vocab_size=SIZE, bos_token_id=START, eos_token_id=END)
    return VITAConfig(family="vita-nano", text_config=text, **{"state_token_ids": [ONE, TWO, THREE], **changes})


def beginnings(config: object, embeds: bool = False) -> Beginnings:
    model = SimpleNamespace(hf_config=config, enable_prompt_embeds=embeds)
    return Beginnings(SimpleNamespace(model_config=model), torch.device("cpu"), False)


def lowered(prompt: list[int], *said: int) -> dict[int, float]:
    """How much less likely tokens have become, by their ids, where ``said`` is said one token after the other."""
    processor, output = beginnings(held()), list[int]()
    processor.update_state(BatchUpdate(1, removed=[], added=[(0, SamplingParams(), prompt, output)], moved=[]))
    for token in said:
        processor.apply(torch.zeros(1, SIZE))
        output.append(token)
    changed = processor.apply(torch.zeros(1, SIZE))[0]
    return {int(token): -float(changed[token]) for token in changed.nonzero()}


def test_the_first_word_of_an_earlier_answer_becomes_less_likely():
    assert lowered(AFTER_A_STORY, ONE) == {THE: FIRST}


def test_going_on_as_an_earlier_answer_becomes_less_likely_still():
    assert lowered(AFTER_A_STORY, ONE, THE) == {STORY: NEXT}
    assert lowered(AFTER_A_STORY, THREE, THE, STORY) == {OF: NEXT}


def test_an_answer_that_went_another_way_is_left_alone():
    assert lowered(AFTER_A_STORY, ONE, WATER) == {}
    assert lowered(AFTER_A_STORY, ONE, THE, WATER, STORY) == {}


def test_an_answer_as_long_as_the_earlier_one_may_go_on():
    assert lowered(AFTER_A_STORY, ONE, THE, STORY, OF) == {}


def test_each_earlier_answer_counts_and_none_twice():
    twice = [*message(BOT, THREE, THE, WATER), *message(BOT, ONE, THE, STORY), *AFTER_A_STORY]
    assert lowered(twice, ONE) == {THE: FIRST}
    assert lowered(twice, ONE, THE) == {WATER: NEXT, STORY: NEXT}


def test_what_the_user_said_may_be_said():
    assert lowered([*message(USER, THE, STORY), *OPENING], ONE) == {}


def test_a_text_without_messages_is_left_alone():
    assert lowered([THE, STORY], THE) == {}


def test_a_broken_prompt_is_left_alone():
    assert answers([START, BOT, BREAK, THE, START, BOT, BREAK], START, END) == []


@given(st.lists(st.tuples(st.sampled_from([USER, BOT]), WORDS), max_size=5))
def test_the_answers_of_any_conversation_are_found(turns):
    prompt = [token for role, words in turns for token in message(role, *words)] + OPENING
    assert answers(prompt, START, END) == [words for role, words in turns if role == BOT]


@pytest.mark.parametrize(("config", "embeds"), [(object(), False), (held(state_token_ids=[]), False), (held(), True)])
def test_other_checkpoints_and_prompts_of_embeddings_are_left_alone(config, embeds):
    assert beginnings(config, embeds).new_req_logits_processor(SamplingParams()) is None


def test_it_changes_which_token_is_likeliest():
    assert not beginnings(held()).is_argmax_invariant()
