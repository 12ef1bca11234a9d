"""Lessons about what was heard: the same prompt as the processor writes, the heard words as the answer."""

import numpy as np
import pytest

from recipes.nano.hearing_evaluation import REPEAT
from recipes.nano.train import repeating
from vita.conversation import Turn, render_prompt
from vita.media import SAMPLE_RATE, Sound
from vita.model.processing import Processor
from vita.nano import build_checkpoint as nano
from vita.tokens import CHAT_MARKERS, Family

pytestmark = pytest.mark.embedded

WORDS = ["apple", "river", "seven", "under", "quickly"]


@pytest.fixture(scope="module")
def processor():
    return Processor.from_checkpoint(nano.build_nano())


def parts(processor, sample):
    """The prompt and the answer of a lesson, as texts."""
    learnt = sample.learnt.index(True)
    return processor.tokenizer.decode(sample.ids[:learnt]), processor.tokenizer.decode(sample.ids[learnt:])


def lessons(processor, count=40):
    rng = np.random.default_rng(3)
    return [parts(processor, repeating.repetition_sample(rng, processor.tokenizer, WORDS)) for _ in range(count)]


def test_the_answer_is_what_was_heard(processor):
    for prompt, answer in lessons(processor):
        heard = answer.removesuffix("<|im_end|>")
        assert heard in prompt
        assert f"{CHAT_MARKERS[Family.NANO].spoken}{heard}" in prompt


def test_some_sentences_cannot_be_guessed(processor):
    jumbled = [answer for _, answer in lessons(processor) if set(answer.lower()[:-11].split()) <= set(WORDS)]
    assert 5 < len(jumbled) < 25


def test_a_lesson_reads_as_the_prompt_of_a_request_and_a_sound_does(processor):
    sample = repeating.repetition_sample(np.random.default_rng(3), processor.tokenizer, WORDS)
    prompt, answer = parts(processor, sample)
    request = next(text for text in repeating.REQUESTS if text in prompt)
    given = processor(render_prompt([Turn("user", (request, Sound(np.zeros(SAMPLE_RATE, np.float32))))], Family.NANO))
    place = next(n for n, token in enumerate(given.token_ids) if token in processor.config.sound_token_ids)
    heard = processor.tokenizer.encode(answer.removesuffix("<|im_end|>"), add_special_tokens=False)
    state = processor.tokenizer.convert_tokens_to_ids("<1>")
    expected = [*given.token_ids[:place], *heard, *given.token_ids[place + 1 :], state]
    assert sample.ids[: sample.learnt.index(True)] == expected


def test_no_request_is_the_evaluations():
    assert REPEAT not in repeating.REQUESTS


def test_the_same_seed_gives_the_same_lessons(processor):
    assert lessons(processor) == lessons(processor)
