"""Lessons about what was heard: say it again.

A sound reaches the language model as the embeddings of the words that the recogniser heard, so that a lesson about
sound is a row of token ids, and no sound is needed. What is asked by voice alone reads like what is typed, and needs no
lesson. The evaluation asks with other words ("Repeat what I said.").
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from evals.synthetic.utterances import aside_sentences, query_sentences
from recipes.nano.train.tune import Sample
from vita.conversation import Turn, render_prompt
from vita.tokens import CHAT_MARKERS, STATE_TOKENS, Family, State

REQUESTS = (
    "Repeat my words.",
    "Say exactly what you heard.",
    "Repeat this sentence word for word.",
    "Repeat what you just heard.",
    "Please repeat what was said.",
    "Write down what I say.",
    "What did I say?",
    "Repeat after me.",
    "Say that again, word for word.",
    "Please write out the words that I speak.",
    "Can you repeat that?",
    "Transcribe this.",
)
LONGEST = 12  # words of a sentence made of random words
GAP = "\0"  # where in a prompt the sound stands
JUMBLED = 0.35  # share of such sentences: what cannot be guessed must be copied


def repetition_sample(rng: np.random.Generator, tokenizer: Any, words: Sequence[str]) -> Sample:
    """A typed request to repeat, something heard behind it, the words that were heard as the answer.

    Args:
        words: of which sentences without sense are made.
    """
    said = _jumbled_words(rng, words) if rng.random() < JUMBLED else _random_sentence(rng)
    request = REQUESTS[int(rng.integers(len(REQUESTS)))]
    before, after = str(render_prompt([Turn("user", (f"{request}{GAP}",))], Family.NANO)[0]).split(GAP)
    between, state = CHAT_MARKERS[Family.NANO].spoken, STATE_TOKENS[Family.NANO].text(State.AUDIO_QUERY)
    pieces = (before, between, said, after + state)
    ids = [token for piece in pieces for token in tokenizer.encode(piece, add_special_tokens=False)]
    answer = tokenizer.encode(f"{said}<|im_end|>", add_special_tokens=False)
    return Sample([*ids, *answer], [False] * len(ids) + [True] * len(answer))


def _random_sentence(rng: np.random.Generator) -> str:
    write = query_sentences if rng.random() < 0.4 else aside_sentences
    return write("train", 1, int(rng.integers(1 << 30)))[0]


def _jumbled_words(rng: np.random.Generator, words: Sequence[str]) -> str:
    text = " ".join(words[int(i)] for i in rng.integers(len(words), size=int(rng.integers(3, LONGEST + 1))))
    return f"{text[0].upper()}{text[1:]}{'.?'[int(rng.random() < 0.3)]}"
