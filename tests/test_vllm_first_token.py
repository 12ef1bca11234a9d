"""FirstToken on its own: the logits of a batch, as vLLM hands them over."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch
from transformers import LlamaConfig
from vllm import SamplingParams
from vllm.v1.sample.logits_processor.interface import BatchUpdate, MoveDirectionality

from vita.model.configuration import VITAConfig
from vita.nano.model.device_directed import VERDICTS
from vita.vllm_plugin.first_token import FirstToken, OnlyTheseFirst


def sampling(*ids: int) -> SamplingParams:
    return SamplingParams(extra_args={"first_token_ids": list(ids)})


def processor(config: object = None, embeds: bool = False) -> FirstToken:
    model = SimpleNamespace(hf_config=config, enable_prompt_embeds=embeds)
    return FirstToken(SimpleNamespace(model_config=model), torch.device("cpu"), False)


ONE, TWO, THREE, START, END, SOUND, PICTURE = 0, 1, 2, 3, 4, 5, 6  # ids of a vocabulary of 10
USER, BREAK, WORD = 7, 8, 9
OPENING = [END, BREAK, START, USER, BREAK]  # the end of the question, and the beginning of the answer
HEARD, TYPED = [START, USER, BREAK, SOUND, SOUND, *OPENING], [START, USER, BREAK, PICTURE, BREAK, WORD, *OPENING]


def held(vocab_size: int = 10, **changes: object) -> VITAConfig:
    text = LlamaConfig(vocab_size=vocab_size, bos_token_id=START, eos_token_id=END)
    tokens = {"image_token_id": PICTURE, "audio_token_id": SOUND, "state_token_ids": [ONE, TWO, THREE]}
    return VITAConfig(family="vita-nano", text_config=text, **{**tokens, **changes})


def first(first_token: FirstToken, prompt: list[int], params: SamplingParams | None = None) -> set[int]:
    """Ids that the answer to ``prompt`` may begin with."""
    added = [(0, params or SamplingParams(), prompt, [])]
    first_token.update_state(BatchUpdate(1, removed=[], added=added, moved=[]))
    size = 10 + VERDICTS * (max(prompt, default=0) >= 10)
    return set(first_token.apply(torch.zeros(1, size)).isfinite()[0].nonzero().flatten().tolist())


def test_only_allowed_tokens_can_come_first():
    logits = OnlyTheseFirst([2, 4])([], torch.arange(6.0))
    assert logits.isfinite().nonzero().flatten().tolist() == [2, 4]
    assert logits[[2, 4]].tolist() == [2.0, 4.0]


def test_every_later_token_is_free():
    logits = torch.arange(6.0)
    assert OnlyTheseFirst([2, 4])([4], logits) is logits


def test_requests_that_do_not_ask_are_left_alone():
    first_token = processor()
    first_token.update_state(
        BatchUpdate(2, removed=[], added=[(0, SamplingParams(), [1], []), (1, sampling(3), [1], [])], moved=[])
    )
    logits = first_token.apply(torch.arange(12.0).view(2, 6))
    assert logits[0].tolist() == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    assert logits[1].argmax() == 3


def test_a_request_that_moves_in_the_batch_keeps_its_restriction():
    first_token = processor()
    first_token.update_state(BatchUpdate(2, removed=[], added=[(1, sampling(3), [1], [])], moved=[]))
    moved = [(1, 0, MoveDirectionality.UNIDIRECTIONAL)]
    first_token.update_state(BatchUpdate(1, removed=[], added=[], moved=moved))
    assert first_token.apply(torch.arange(6.0).view(1, 6)).argmax() == 3


def test_the_restriction_ends_when_the_first_token_is_out():
    first_token, output = processor(), []
    first_token.update_state(BatchUpdate(1, removed=[], added=[(0, sampling(3), [1], output)], moved=[]))
    assert first_token.apply(torch.arange(6.0).view(1, 6)).argmax() == 3
    output.append(3)
    first_token.update_state(None)
    assert first_token.apply(torch.arange(6.0).view(1, 6)).argmax() == 5


def test_an_answer_to_a_sound_says_whether_it_was_a_query():
    assert first(processor(held()), HEARD) == {ONE, TWO}


def test_an_answer_to_what_was_typed_or_shown_begins_with_the_state_of_text():
    assert first(processor(held()), TYPED) == {THREE}


def test_an_answer_to_what_was_typed_beside_a_sound_is_no_noise():
    both = [START, USER, BREAK, WORD, SOUND, SOUND, *OPENING]
    assert first(processor(held()), both) == {ONE, THREE}
    seen = [START, USER, BREAK, PICTURE, BREAK, SOUND, SOUND, *OPENING]
    assert first(processor(held()), seen) == {ONE, TWO}


# Placeholders of a sound that says nothing, of one that surely is not asked, and of one that surely is.
NOTHING, ASIDE, ASKED = 10, 11, 10 + VERDICTS - 1


def leans(*prompt: int, params: SamplingParams | None = None) -> float:
    """How much likelier ``<1>`` than ``<2>`` is made as the beginning of the answer to ``prompt``."""
    first_token = processor(held(vocab_size=10 + VERDICTS, verdict_token_ids=list(range(10, 10 + VERDICTS))))
    added = [(0, params or SamplingParams(), list(prompt), [])]
    first_token.update_state(BatchUpdate(1, removed=[], added=added, moved=[]))
    logits = first_token.apply(torch.zeros(1, 10 + VERDICTS))[0]
    return float(logits[ONE] - logits[TWO])


def test_what_the_judge_found_makes_a_query_likelier_or_less_likely():
    asked, aside = ([START, USER, BREAK, first, SOUND, *OPENING] for first in (ASKED, ASIDE))
    assert leans(*asked) > 3
    assert leans(*aside) < -3


def test_a_request_that_names_both_states_hears_the_judge_too():
    asked = [START, USER, BREAK, WORD, ASKED, SOUND, *OPENING]
    assert leans(*asked, params=sampling(ONE, TWO)) > 3
    assert leans(*asked, params=sampling()) == 0


def test_the_judges_verdict_on_an_earlier_turn_decides_nothing():
    before = [START, USER, BREAK, ASIDE, SOUND, *OPENING, WORD, END]
    assert leans(*before, START, USER, BREAK, ASKED, *OPENING) == leans(START, USER, BREAK, ASKED, *OPENING)


def test_a_judged_sound_beside_typed_words_is_no_noise_and_a_query_by_either():
    first_token = held(vocab_size=10 + VERDICTS, verdict_token_ids=list(range(10, 10 + VERDICTS)))
    for verdict in (ASKED, ASIDE):
        both = [START, USER, BREAK, WORD, verdict, SOUND, *OPENING]
        assert first(processor(first_token), both) == {ONE, THREE}


def test_typed_words_over_a_sound_that_says_nothing_are_asked_by_text():
    config = held(vocab_size=10 + VERDICTS, verdict_token_ids=list(range(10, 10 + VERDICTS)))
    assert first(processor(config), [START, USER, BREAK, WORD, NOTHING, *OPENING]) == {THREE}
    assert first(processor(config), [START, USER, BREAK, NOTHING, *OPENING]) == {ONE, TWO}


def test_what_was_heard_in_an_earlier_turn_decides_nothing():
    assert first(processor(held()), [*HEARD, WORD, END, *TYPED]) == {THREE}
    assert first(processor(held()), [*TYPED, WORD, END, *HEARD]) == {ONE, TWO}


@pytest.mark.parametrize("prompt", [[9, 8, 7], [START, 9, 8], [START, 9, SOUND, END, START, 9, 7, END], []])
def test_a_text_that_asks_for_no_answer_is_continued_with_any_token(prompt):
    assert first(processor(held()), prompt) == set(range(10))


def test_a_request_that_names_tokens_has_its_way_and_an_empty_list_frees_the_first_token():
    assert first(processor(held()), TYPED, sampling(7, 9)) == {7, 9}
    assert first(processor(held()), TYPED, sampling()) == set(range(10))


@pytest.mark.parametrize("params", [SamplingParams(), sampling(ONE), sampling()])
def test_no_state_token_comes_inside_an_answer_however_it_was_asked_for(params):
    first_token, output = processor(held()), [ONE]
    first_token.update_state(BatchUpdate(1, removed=[], added=[(0, params, HEARD, output)], moved=[]))
    assert not first_token.apply(torch.zeros(1, 10))[0, [ONE, TWO, THREE]].isfinite().any()
    assert first_token.apply(torch.zeros(1, 10))[0, THREE + 1 :].isfinite().all()


@pytest.mark.parametrize("config", [held(state_token_ids=()), LlamaConfig(), None])
def test_upstreams_checkpoints_and_other_models_begin_as_they_like(config):
    assert first(processor(config), TYPED) == set(range(10))


def test_prompts_without_ids_are_not_looked_into():
    assert first(processor(held(), embeds=True), TYPED) == set(range(10))


def test_later_tokens_of_an_answer_are_anything_but_state_tokens():
    first_token, output = processor(held()), [THREE]
    first_token.update_state(BatchUpdate(1, removed=[], added=[(0, SamplingParams(), TYPED, output)], moved=[]))
    found = first_token.apply(torch.zeros(1, 10))[0].isfinite().nonzero().flatten().tolist()
    assert set(found) == set(range(10)) - {ONE, TWO, THREE}


def test_it_changes_which_token_is_likeliest():
    assert not processor().is_argmax_invariant()


@pytest.mark.parametrize("ids", ["3", [1.5], [True], [-1], 3])
def test_what_is_no_list_of_ids_is_refused(ids):
    with pytest.raises(ValueError, match="must be a list of token ids"):
        FirstToken.validate_params(SamplingParams(extra_args={"first_token_ids": ids}))
