"""Teach the recogniser's encoder robotic voices and noise: low-rank changes, merged when the checkpoint is built.

Its decoder stays as it is and judges: the loss is the cross-entropy of the words that were said. Half of the sounds
have a noise behind them; sentences without sense keep the encoder from leaning on what is usually said.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional as F
from tqdm import tqdm

from evals.synthetic.noises import NOISES, Samples, make_noise, mix_at_snr
from evals.synthetic.speech_programs import TRAINING, speak_by_program
from evals.synthetic.utterances import aside_sentences, query_sentences, words_of
from recipes.nano.train.drawing_material import language_vocabulary
from recipes.nano.train.export import export_weights
from recipes.nano.train.training_loop import TrainingPlan, train_steps
from recipes.nano.train.tune import SCALE, LowRank
from recipes.nano.train.word_splits import split_words
from vita.model.configuration import VITAConfig
from vita.nano import weight_sources
from vita.nano.build_checkpoint import build_nano
from vita.nano.model.log_mel import log_mel, mel_filters
from vita.nano.model.whisper_layers import Recogniser, WhisperBlock, WhisperDecoder, WhisperEncoder, WhisperWordsConfig
from vita.nano.whisper_names import rename_whisper

log = logging.getLogger(__name__)

SEED = 14
CHUNK = 128  # sounds between two savings
BATCH = 12
RATE = 1e-3
STRENGTH = 0.5  # of the changes: whole, they cost voices of people what they win robotic ones; half wins for both
JUMBLED = 0.3  # share of sentences without sense
LONGEST = 9  # words of such a sentence
TOTAL = 6.0  # seconds; longer sounds are left out
IGNORED = -100  # a place that has no word
PREFIX = "recogniser."  # of the changes, in the weights


@dataclass(frozen=True)
class Spoken:
    """A sound and Whisper's tokens of what it says."""

    samples: Samples
    tokens: list[int]


def training_sentences(size: int) -> list[str]:
    """What is said: questions, asides, and words in a row that mean nothing."""
    rng = np.random.default_rng(SEED)
    jumbled, half = round(JUMBLED * size), (size - round(JUMBLED * size)) // 2
    words = [word for word in split_words(language_vocabulary())[0] if word not in words_of("test")]
    rows = [" ".join(rng.choice(words, int(rng.integers(3, LONGEST + 1)))) for _ in range(jumbled)]
    texts = query_sentences("train", size - jumbled - half, SEED) + aside_sentences("train", half, SEED)
    texts += [f"{row[0].upper()}{row[1:]}." for row in rows]
    return [texts[i] for i in rng.permutation(size)]


def training_sound(number: int, text: str) -> Samples:
    """``text`` in a voice of training, every second one with a noise behind it; at any loudness."""
    rng = np.random.default_rng((SEED, number))
    samples = speak_by_program(text, TRAINING[rng.integers(len(TRAINING))], int(rng.integers(130, 190)))
    if number % 2:
        other = make_noise(NOISES[rng.integers(len(NOISES))], 3.0, int(rng.integers(1 << 30)))
        samples = mix_at_snr(samples, other, float(rng.uniform(5, 20)))
    return np.asarray(samples * rng.uniform(0.2, 1.0), dtype=np.float32)


def gathered_sounds(words: Tokenizer, size: int, folder: Path) -> Iterator[Spoken]:
    """Sounds to learn from, from ``folder`` where a killed run has left them."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = training_sentences(size)
    for start in tqdm(range(0, size, CHUNK), desc="speaking", unit="chunk"):
        path = folder / f"listening-{size}-{start:05}.pt"
        part = texts[start : start + CHUNK]
        if not path.is_file():
            with ThreadPoolExecutor(4) as pool:
                made = list(pool.map(training_sound, range(start, start + len(part)), part))
            torch.save([torch.from_numpy(one).half() for one in made], path.with_suffix(".draft"))
            path.with_suffix(".draft").rename(path)
        for text, samples in zip(part, torch.load(path, weights_only=True), strict=True):
            if len(samples) <= TOTAL * 16_000:
                yield Spoken(samples.float().numpy(), words.encode(f" {text}", add_special_tokens=False).ids)


def add_low_rank(encoder: WhisperEncoder) -> dict[str, LowRank]:
    """Put low-rank changes on the encoder's linear maps; they are returned by name."""
    added = {}
    for name, module in list(encoder.named_modules()):
        if isinstance(module, nn.Linear):
            parent, _, leaf = name.rpartition(".")
            added[name] = LowRank(module)
            setattr(encoder.get_submodule(parent), leaf, added[name])
    return added


class EncoderChanges(nn.Module):
    """The learned tensors alone."""

    def __init__(self, added: dict[str, LowRank]) -> None:
        super().__init__()
        self.down = nn.ParameterDict({name.replace(".", "/"): one.down for name, one in added.items()})
        self.up = nn.ParameterDict({name.replace(".", "/"): one.up for name, one in added.items()})

    def change_tensors(self) -> dict[str, Tensor]:
        """Halves of each change under the names that the build merges."""
        found: dict[str, Tensor] = {}
        for name in self.down:
            plain = f"{PREFIX}encoder.{name.replace('/', '.')}"
            up = STRENGTH * SCALE * self.up[name].detach()
            found |= {f"{plain}.down": self.down[name].detach(), f"{plain}.up": up}
        return found


def decode_logits(decoder: WhisperDecoder, encoded: Tensor, tokens: Tensor) -> Tensor:
    """Logits [n, vocab_size] of what follows each of ``tokens`` [n], over the encoded sound [T, width]."""
    x = decoder.embed(tokens) + decoder.positions[: len(tokens)]
    for block in decoder.layers():
        x = _read_through(block, x, encoded)
    logits: Tensor = decoder.ln(x) @ decoder.embed.weight.T
    return logits


def _read_through(block: WhisperBlock, x: Tensor, encoded: Tensor) -> Tensor:
    normed = block.attn_ln(x)
    x = x + block.attn(normed, *block.attn.project_memory(normed), causal=True)
    return block.feed_forward(x + block.cross_attend(x, *block.project_memory(encoded))[0])


def recognition_loss(
    recogniser: Recogniser, config: WhisperWordsConfig, filters: Tensor, part: Sequence[Spoken]
) -> Tensor:
    """Mean cross-entropy of the words said in some sounds; shorter ones have silence behind them."""
    longest = max(len(one.samples) for one in part)
    most = max(len(one.tokens) for one in part) + 1
    mels = torch.stack([log_mel(np.pad(one.samples, (0, longest - len(one.samples))), filters) for one in part])
    opening = [config.start_token, config.no_timestamps_token]
    given = torch.tensor([opening + one.tokens + [config.end_token] * (most - 1 - len(one.tokens)) for one in part])
    wanted = torch.tensor([[*one.tokens, config.end_token] + [IGNORED] * (most - 1 - len(one.tokens)) for one in part])
    encoded = torch.vmap(recogniser.encoder)(mels)
    logits = torch.vmap(lambda sound, tokens: decode_logits(recogniser.decoder, sound, tokens))(encoded, given)
    return F.cross_entropy(logits[:, 1:].flatten(0, 1), wanted.flatten(), ignore_index=IGNORED)


def untaught_recogniser(config: WhisperWordsConfig) -> Recogniser:
    """The recogniser as its package has it."""
    weights = rename_whisper(weight_sources.read_ctranslate2(weight_sources.WHISPER.locate_file()))
    recogniser = Recogniser(config)
    recogniser.load_state_dict(weights)
    return recogniser.requires_grad_(False)


def train_listening(runs: Path, size: int, steps: int) -> None:
    """Teach the recogniser of the package, or go on; writes the changes that the build merges."""
    config = VITAConfig.from_checkpoint(build_nano()).audio_config
    words = Tokenizer.from_file(str(weight_sources.WHISPER_TOKENIZER.locate_file()))
    spoken = sorted(gathered_sounds(words, size, runs), key=lambda one: len(one.samples))
    torch.manual_seed(0)
    recogniser, filters = untaught_recogniser(config), mel_filters(config.mel_bins)
    changes = EncoderChanges(add_low_rank(recogniser.encoder))

    def step_loss(step: int) -> Tensor:
        start = int(np.random.default_rng((SEED, step)).integers(len(spoken) - BATCH))  # neighbours are as long
        return recognition_loss(recogniser, config, filters, spoken[start : start + BATCH])

    train_steps(changes, step_loss, TrainingPlan(steps, RATE, warm=20, decay=0.0), runs / f"listening-{size}.pt")
    export_weights(changes.change_tensors(), "listening")
