"""What the recogniser hears in a sound, greedily: its words, and figures for the judge."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from vita.nano.model.whisper_layers import Recogniser, WhisperWordsConfig

STATES_PER_SECOND = 50  # of the encoder
TOKENS_PER_SECOND = 8  # nobody speaks faster; beyond it the decoder is in a loop
RESTART = 0.4 * STATES_PER_SECOND  # attention that falls back further starts the transcript again
FIGURES = 10  # about a sound as such
SUMMARIES = 3  # states that stand for all of it: the encoder's mean, the decoder's mean, the decoder's last


@dataclass(frozen=True)
class Heard:
    """What the recogniser made of a sound.

    Attributes:
        tokens: of Whisper, in order, without special ones.
        evidence: [FIGURES + SUMMARIES * width] for the judge: no-speech probability, confidence, loudness and pace, and
            summaries of what the encoder and the decoder made of it.
    """

    tokens: list[int]
    evidence: Tensor


def recognise_window(recogniser: Recogniser, config: WhisperWordsConfig, mel: Tensor) -> Heard:
    """Greedy recognition of one window's log-mel spectrum [mel_bins, T]."""
    encoded = recogniser.encoder(mel)
    caches = recogniser.decoder.new_caches(encoded)
    opening, _, _ = recogniser.decoder(config.start_token, 0, caches)
    silent = float(torch.softmax(opening, -1)[config.no_speech_token])
    limit = min(config.target_positions - 2, 4 + math.ceil(len(encoded) / STATES_PER_SECOND * TOKENS_PER_SECOND))
    said = _Said(config.sentence_ends)
    current = config.no_timestamps_token
    for position in range(1, limit):
        logits, state, look = recogniser.decoder(current, position, caches)
        logits[config.suppressed] = -torch.inf
        if not said.tokens:
            logits[config.suppressed_first] = -torch.inf
        current = int(logits.argmax())
        said.confidence.append(float(logits[current] - torch.logsumexp(logits, -1)))
        said.states.append(state)
        if current == config.end_token or said.add_token(current, look):
            break
    states = torch.stack(said.states[: len(said.tokens) + 1])  # one more than words: the last one sees the end
    evidence = torch.cat(
        (_sound_figures(mel, encoded, silent, said.confidence), encoded.mean(0), states.mean(0), states[-1])
    )
    return Heard(said.tokens, evidence)


@dataclass
class _Said:
    """The transcript as it grows. Without 30 s of padding Whisper often fails to end and says all of it again."""

    sentence_ends: Sequence[int]
    tokens: list[int] = field(default_factory=list)
    looks: list[float] = field(default_factory=list)
    confidence: list[float] = field(default_factory=list)
    states: list[Tensor] = field(default_factory=list)

    def add_token(self, token: int, look: float) -> bool:
        """Append a token; True when it only repeats, in which case the repetition is gone from the transcript."""
        self.tokens.append(token)
        self.looks.append(look)
        keep = self._before_restart() or self._before_loop()
        if keep:
            del self.tokens[keep:], self.looks[keep:]
        return bool(keep)

    def _before_restart(self) -> int:
        """Tokens up to the latest moment of the sound (and a mark that ends its sentence), if attention fell back.

        Measured: on a repetition it falls back by more than a third; while reading on, by less than 0.2 s.
        """
        furthest = max(self.looks)
        if self.looks[-1] > furthest - max(RESTART, furthest * 0.3):
            return 0
        keep = self.looks.index(furthest) + 1
        return self._before_opening(keep + int(self.tokens[keep] in self.sentence_ends))

    def _before_opening(self, keep: int) -> int:
        """Less the words that open the transcript, where they stand again behind its end: they fell back too late."""
        said = self.tokens[:keep]
        for n in range(1, (keep - 1) // 2 + 1):
            if said[-n:] == said[:n] and said[-n - 1] in self.sentence_ends:
                return keep - n
        return keep

    def _before_loop(self) -> int:
        """Tokens up to the first pass of a passage that was now said three times over; 0 where there is none."""
        said = self.tokens
        for n in range(1, len(said) // 3 + 1):
            if said[-n:] == said[-2 * n : -n] == said[-3 * n : -2 * n] and (n > 1 or len(set(said[-4:])) == 1):
                return len(said) - 2 * n
        return 0


def _sound_figures(mel: Tensor, encoded: Tensor, silent: float, confidence: list[float]) -> Tensor:
    """[FIGURES] about the sound as such, each of the order of 1."""
    seconds = len(encoded) / STATES_PER_SECOND
    worth = torch.tensor(confidence)
    figures = [
        silent,
        float(worth.mean()),
        float(worth.min()) / 4,
        float(worth[0]),
        (len(confidence) - 1) / seconds / 4,
        math.log(seconds),
        float(mel.mean()),
        float(mel.amax()),
        float(mel.mean(0).std()),
        float(mel.mean(1).std()),
    ]
    return torch.tensor(figures)
