"""Greedy recognition on a recogniser that says what the test tells it, and the rules by which a transcript ends."""

from types import SimpleNamespace

import pytest
import torch

from vita.nano.model.greedy_decoding import FIGURES, SUMMARIES, Heard, recognise_window
from vita.nano.model.whisper_layers import WhisperWordsConfig

CONFIG = WhisperWordsConfig(width=4, vocab_size=64, start_token=60, end_token=61, no_speech_token=62)
STOP, QUESTION = 13, 30
SECONDS = 4


class Scripted:
    """Says tokens one after the other, each while it looks at a state of the sound; then that it is over."""

    def __init__(self, *said: tuple[int, float]) -> None:
        self.said = [(CONFIG.start_token, 0.0), *said]
        self.decoder, self.encoder = self, lambda mel: torch.zeros(50 * SECONDS, CONFIG.width)

    def new_caches(self, encoded: torch.Tensor) -> list[object]:
        return []

    def __call__(self, token: int, position: int, caches: list[object]) -> tuple[torch.Tensor, torch.Tensor, float]:
        told, look = self.said[position] if position < len(self.said) else (CONFIG.end_token, 190.0)
        return 10 * torch.eye(CONFIG.vocab_size)[told], torch.full((CONFIG.width,), float(position)), look


def heard(*said: tuple[int, float], **changes: list[int]) -> Heard:
    config = SimpleNamespace(**{**CONFIG.__dict__, **changes})
    return recognise_window(Scripted(*said), config, torch.zeros(80, 100 * SECONDS))


def test_what_is_said_until_the_end_is_heard():
    assert heard((5, 20.0), (6, 60.0), (STOP, 100.0)).tokens == [5, 6, STOP]


def test_evidence_has_the_same_length_for_silence_as_for_speech():
    silence, speech = heard(), heard((5, 20.0), (6, 60.0))
    assert len(silence.evidence) == len(speech.evidence) == FIGURES + SUMMARIES * CONFIG.width
    assert silence.tokens == []


@pytest.mark.parametrize(
    "again",
    [
        [(5, 20.0)],  # its first word looks back at once
        [(QUESTION, 20.0)],  # what marks the end of the sentence looks back already
        [(5, 195.0), (6, 20.0)],  # its first word still looks at the end
        [(5, 192.0), (6, 195.0), (7, 20.0)],  # its first two do
    ],
    ids=["at once", "with the mark", "a word late", "two words late"],
)
def test_a_sentence_that_begins_again_is_heard_once(again):
    once = [(5, 20.0), (6, 60.0), (7, 100.0), (8, 140.0), (9, 180.0)]
    if again[0][0] != QUESTION:
        once.append((QUESTION, 190.0))
    assert heard(*once, *again, (6, 60.0)).tokens == [5, 6, 7, 8, 9, QUESTION]


def test_a_word_that_opens_two_sentences_is_heard_in_both():
    said = [(5, 20.0), (6, 60.0), (STOP, 80.0), (5, 100.0), (7, 140.0), (STOP, 180.0)]
    assert heard(*said).tokens == [token for token, _ in said]


def test_a_passage_said_three_times_over_is_heard_once():
    loop = [(token, 20.0 + place) for place, token in enumerate([4, 5, 6, 5, 6, 5, 6, 5, 6])]
    assert heard(*loop).tokens == [4, 5, 6]


def test_a_suppressed_token_is_not_heard():
    assert heard((5, 20.0), (6, 60.0), suppressed=[6], suppressed_first=[]).tokens[:2] != [5, 6]
