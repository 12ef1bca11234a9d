"""What may begin an answer: state tokens, or texts to choose from, as ids for the logits processor."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.golden_data import V10, V15, checkpoint
from vita.engine.engine_protocol import Sampling
from vita.engine.request_prompts import PromptWriter
from vita.errors import InputError
from vita.model.configuration import VITAConfig
from vita.model.processing import load_tokenizer
from vita.tokens import FIRST_TOKEN_IDS, State


@pytest.fixture(scope="module", params=[V10, V15])
def prompts(request):
    folder = checkpoint(request.param)
    return PromptWriter.for_checkpoint(VITAConfig.from_checkpoint(folder), load_tokenizer(folder))


def first_ids(prompts: PromptWriter, **options: object) -> list[int]:
    return prompts.sampling_params(Sampling(**options)).extra_args[FIRST_TOKEN_IDS]


def test_an_answer_begins_with_the_state_tokens_that_are_asked_for(prompts):
    both = (State.AUDIO_QUERY, State.NOISE)
    assert {prompts.states[token_id] for token_id in first_ids(prompts, states=both)} == set(both)
    assert [prompts.states[token_id] for token_id in first_ids(prompts, states=(State.NOISE,))] == [State.NOISE]


def test_states_are_the_checkpoints_own_unless_a_request_names_some_and_free_where_it_names_none(prompts):
    assert prompts.sampling_params(Sampling()).extra_args is None
    assert first_ids(prompts, states=()) == []


def test_choices_take_the_place_of_state_tokens(prompts):
    ids = first_ids(prompts, choices=("A", "B", "C", "D"))
    assert [prompts.tokenizer.decode([token_id]).strip() for token_id in ids] == ["A", "B", "C", "D"]
    assert not set(ids) & set(prompts.states)


def test_choices_are_weighed_where_a_request_asks_for_that(prompts):
    sampling = Sampling(choices=("Yes", "No"), weighs_choices=True)
    assert list(prompts.choice_ids(sampling).values()) == ["Yes", "No"]
    assert prompts.sampling_params(sampling).logprob_token_ids == list(prompts.choice_ids(sampling))
    assert prompts.sampling_params(Sampling(choices=("Yes", "No"))).logprob_token_ids is None


def test_choices_that_begin_alike_are_refused(prompts):
    class Spelling:
        def encode(self, text: str, add_special_tokens: bool) -> list[int]:
            assert not add_special_tokens
            return [ord(" "), *(ord(letter) for letter in text)]

        def decode(self, ids: list[int]) -> str:
            return "".join(map(chr, ids))

    spelling = replace(prompts, tokenizer=Spelling())
    assert first_ids(spelling, choices=("yes", "no")) == [ord("y"), ord("n")]
    with pytest.raises(InputError, match="cannot be told apart"):
        spelling.sampling_params(Sampling(choices=("yes", "yellow")))


def test_the_checkpoints_penalty_holds_where_a_request_names_none(prompts):
    strict = replace(prompts, repetition_penalty=1.2)
    assert strict.sampling_params(Sampling()).repetition_penalty == 1.2
    assert strict.sampling_params(Sampling(repetition_penalty=1.0)).repetition_penalty == 1.0
