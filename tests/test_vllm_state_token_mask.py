"""What may begin an answer, and where no state token comes, by both of vLLM's model runners."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import torch
from transformers import LlamaConfig
from vllm import SamplingParams
from vllm.sampling_params import StructuredOutputsParams

from tests.logits_runners import PLAIN_RUNNERS, held_config
from vita.model.configuration import VITAConfig
from vita.nano.model.device_directed import VERDICTS
from vita.vllm_plugin.logits_processor import VITALogitsProcessor

ONE, TWO, THREE, START, END, SOUND, PICTURE = 0, 1, 2, 3, 4, 5, 6  # ids of a vocabulary of 10
USER, BREAK, WORD = 7, 8, 9
STATES = (ONE, TWO, THREE)
OPENING = [END, BREAK, START, USER, BREAK]  # the end of the question, and the beginning of the answer
HEARD, TYPED = [START, USER, BREAK, SOUND, SOUND, *OPENING], [START, USER, BREAK, PICTURE, BREAK, WORD, *OPENING]
# Placeholders of a sound that says nothing, of one that surely is not asked, and of one that surely is.
NOTHING, ASIDE, ASKED = 10, 11, 10 + VERDICTS - 1


def naming(*ids: int) -> SamplingParams:
    return SamplingParams(extra_args={"first_token_ids": list(ids)})


def held(vocab_size: int = 10, **changes: object) -> VITAConfig:
    tokens = {"image_token_id": PICTURE, "audio_token_id": SOUND, **changes}
    return held_config(vocab_size, START, END, STATES, **tokens)


def judged() -> VITAConfig:
    return held(10 + VERDICTS, verdict_token_ids=list(range(10, 10 + VERDICTS)))


@pytest.fixture(params=PLAIN_RUNNERS)
def sampled(request):
    """Logits that the next token of one answer is sampled from, where the model finds all equally likely."""

    def logits(config, prompt, output=(), params=None, embeds=False):
        size = 10 if not isinstance(config, VITAConfig) else config.text_config.vocab_size
        runner = request.param(config, size, embeds)
        return runner.sampled_from([(prompt, output, params or SamplingParams())], torch.zeros(1, size))[0]

    return logits


def allowed(logits: torch.Tensor) -> set[int]:
    return set(logits.isfinite().nonzero().flatten().tolist())


def test_an_answer_to_a_sound_says_whether_it_was_a_query(sampled):
    assert allowed(sampled(held(), HEARD)) == {ONE, TWO}


def test_an_answer_to_what_was_typed_or_shown_begins_with_the_state_of_text(sampled):
    assert allowed(sampled(held(), TYPED)) == {THREE}


def test_an_answer_to_what_was_typed_beside_a_sound_is_no_noise(sampled):
    assert allowed(sampled(held(), [START, USER, BREAK, WORD, SOUND, SOUND, *OPENING])) == {ONE, THREE}
    assert allowed(sampled(held(), [START, USER, BREAK, PICTURE, BREAK, SOUND, SOUND, *OPENING])) == {ONE, TWO}


def test_what_was_heard_in_an_earlier_turn_decides_nothing(sampled):
    assert allowed(sampled(held(), [*HEARD, WORD, END, *TYPED])) == {THREE}
    assert allowed(sampled(held(), [*TYPED, WORD, END, *HEARD])) == {ONE, TWO}


@pytest.mark.parametrize("prompt", [[9, 8, 7], [START, 9, 8], [START, 9, SOUND, END, START, 9, 7, END], []])
def test_a_text_that_asks_for_no_answer_is_continued_with_any_token(sampled, prompt):
    assert allowed(sampled(held(), prompt)) == set(range(10))


def test_an_answer_that_is_written_on_has_its_state_already(sampled):
    assert allowed(sampled(held(), [*TYPED, THREE, WORD])) == set(range(10))


def test_a_request_that_names_tokens_has_its_way_and_an_empty_list_frees_the_first_token(sampled):
    assert allowed(sampled(held(), TYPED, params=naming(7, 9))) == {7, 9}
    assert allowed(sampled(held(), TYPED, params=naming())) == set(range(10))


def test_checkpoints_without_state_ids_begin_as_a_request_says_and_later_tokens_are_free(sampled):
    assert allowed(sampled(held(state_token_ids=()), TYPED, params=naming(7, 9))) == {7, 9}
    assert allowed(sampled(held(state_token_ids=()), TYPED, [7], naming(7, 9))) == set(range(10))


def test_named_ids_beyond_the_vocabulary_are_left_out_and_end_no_engine(sampled):
    assert allowed(sampled(held(), TYPED, params=naming(7, 10, 1_000_000))) == {7}


@pytest.mark.parametrize("params", [SamplingParams(), naming(ONE), naming()])
def test_no_state_token_comes_inside_an_answer_however_it_was_asked_for(sampled, params):
    assert allowed(sampled(held(), HEARD, [ONE], params)) == set(range(10)) - set(STATES)
    assert allowed(sampled(held(), TYPED, [THREE, WORD], params)) == set(range(10)) - set(STATES)


@pytest.mark.parametrize("config", [held(state_token_ids=()), LlamaConfig(), None])
def test_upstreams_checkpoints_and_other_models_begin_as_they_like(sampled, config):
    assert allowed(sampled(config, TYPED)) == set(range(10))


def test_prompts_without_ids_are_not_looked_into(sampled):
    assert allowed(sampled(held(), TYPED, embeds=True)) == set(range(10))
    assert allowed(sampled(held(), TYPED, params=naming(7), embeds=True)) == {7}


def leaning(logits: torch.Tensor) -> float:
    """How much likelier ``<1>`` than ``<2>`` is made."""
    return float(logits[ONE] - logits[TWO])


def test_what_the_judge_found_makes_a_query_likelier_or_less_likely(sampled):
    asked, aside = ([START, USER, BREAK, first, SOUND, *OPENING] for first in (ASKED, ASIDE))
    assert leaning(sampled(judged(), asked)) > 3
    assert leaning(sampled(judged(), aside)) < -3


def test_a_temperature_hardly_touches_what_was_addressed_but_leaves_other_named_tokens_as_likely_as_they_were(sampled):
    aside = [START, USER, BREAK, ASIDE, SOUND, *OPENING]
    assert (sampled(judged(), aside) / 2).softmax(0)[TWO] > 0.999
    named = sampled(held(), HEARD, params=naming(ONE, WORD)).softmax(0)
    assert named[ONE] == named[WORD] == 0.5


def test_a_request_that_names_both_states_hears_the_judge_too(sampled):
    asked = [START, USER, BREAK, WORD, ASKED, SOUND, *OPENING]
    assert leaning(sampled(judged(), asked, params=naming(ONE, TWO))) > 3
    assert leaning(sampled(judged(), asked, params=naming())) == 0


def test_the_judges_verdict_on_an_earlier_turn_decides_nothing(sampled):
    before, now = [START, USER, BREAK, ASIDE, SOUND, *OPENING, WORD, END], [START, USER, BREAK, ASKED, *OPENING]
    assert leaning(sampled(judged(), [*before, *now])) == leaning(sampled(judged(), now))


def test_a_judged_sound_beside_typed_words_is_no_noise_and_a_query_by_either(sampled):
    for verdict in (ASKED, ASIDE):
        assert allowed(sampled(judged(), [START, USER, BREAK, WORD, verdict, SOUND, *OPENING])) == {ONE, THREE}


def test_typed_words_over_a_sound_that_says_nothing_are_asked_by_text(sampled):
    assert allowed(sampled(judged(), [START, USER, BREAK, WORD, NOTHING, *OPENING])) == {THREE}
    assert allowed(sampled(judged(), [START, USER, BREAK, NOTHING, *OPENING])) == {ONE, TWO}


def with_grammar(**extra: Sequence[int]) -> SamplingParams:
    return SamplingParams(structured_outputs=StructuredOutputsParams(regex="[a-z]+"), extra_args=extra)


def test_with_a_grammar_the_first_token_is_free_of_the_mask_and_later_ones_are_no_states(sampled):
    assert allowed(sampled(held(), TYPED, params=with_grammar())) == set(range(10))
    assert allowed(sampled(held(), TYPED, [WORD], with_grammar())) == set(range(10)) - set(STATES)


def test_tokens_that_a_request_names_beside_a_grammar_are_refused():
    VITALogitsProcessor.validate_params(with_grammar(first_token_ids=[]))
    with pytest.raises(ValueError, match="structured outputs already say how the answer begins"):
        VITALogitsProcessor.validate_params(with_grammar(first_token_ids=[1]))


@pytest.mark.parametrize("ids", ["3", [1.5], [True], [-1], 3])
def test_what_is_no_list_of_ids_is_refused(ids):
    with pytest.raises(ValueError, match="must be a list of token ids"):
        VITALogitsProcessor.validate_params(SamplingParams(extra_args={"first_token_ids": ids}))
