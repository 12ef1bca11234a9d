"""The speech decoder: embeddings of a clause's text -> codes of its sound, one after another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from vita.speech.vita_voice.speech_config import DecoderConfig
from vita.speech.vita_voice.speech_layers import LayerCache, SpeechBlock, rotary_table

LONGEST_CODES = 1_000  # codes of one clause: 25 s
SPECIAL_CODES = 4  # after the codes in the embedding: begin of text, start of sound, end of sound, padding


@dataclass(frozen=True)
class CodeSampling:
    """How the next code is drawn: softmax, the ``top_k`` likeliest renormalised.

    Attributes:
        top_k: 1 always takes the likeliest. Upstream's demos use 2.
        seed: equal seeds and equal text give equal codes.
        penalty: divides a code's logit once for each time it stands among the last ``window`` ones.
        window: codes that are penalised; 0 for none, as in upstream's demos.
    """

    top_k: int = 2
    seed: int = 0
    penalty: float = 1.1
    window: int = 0


class SpeechDecoder(nn.Module):
    """Upstream's ``LLM2TTSCodecAR``. Parameters have the published names; the codes 0 to ``config.odim - 1`` are sound.

    Text vectors go through ``layers_pre_nn`` once (the paper's non-autoregressive decoder), and are then the prefix of
    ``layers`` (the autoregressive one). Nothing is masked: the prefix sees all of itself, as in training.
    """

    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        dim, inner, heads = config.idim, config.transformer_linear_units, config.transformer_attention_heads
        blocks = config.transformer_num_blocks
        self.config = config
        self.text_begin, self.sound_start, self.sound_end, self.padding = range(
            config.odim, config.odim + SPECIAL_CODES
        )
        self.embedding = nn.Embedding(config.odim + SPECIAL_CODES, dim)
        self.layers_pre_nn = nn.ModuleList([SpeechBlock(dim, inner, heads) for _ in range(blocks // 2)])
        self.layers = nn.ModuleList([SpeechBlock(dim, inner, heads) for _ in range(blocks)])
        self.norm = nn.RMSNorm(dim, eps=1e-6)
        self.out_fnn = nn.Linear(dim, config.odim + SPECIAL_CODES)

    def encode_text(self, vectors: Tensor) -> Tensor:
        """Text vectors [m, idim] -> what the codes are conditioned on, [m, idim]."""
        rotation = rotary_table(len(vectors), self._head_size, vectors.device)
        for block in self.layers_pre_nn:
            vectors = block(vectors, rotation)
        return vectors

    @torch.inference_mode()
    def stream_codes(self, vectors: Tensor, sampling: CodeSampling, limit: int = LONGEST_CODES) -> Iterator[int]:
        """Codes of text vectors [m, idim], as soon as each is known; at most ``limit``, and none for no text."""
        if not len(vectors):
            return
        generator = torch.Generator().manual_seed(sampling.seed)
        codes = [self.sound_start]
        for logits in self.stream_logits(vectors, codes, limit):
            logits[[self.text_begin, self.sound_start, self.padding]] = -torch.inf  # what can be no answer
            code = draw_code(logits.cpu(), codes, sampling, generator)
            if code == self.sound_end:
                return
            codes.append(code)
            yield code

    @torch.inference_mode()
    def stream_logits(self, vectors: Tensor, codes: Sequence[int], limit: int) -> Iterator[Tensor]:
        """Logits [odim + 4] of the code that follows the last of ``codes``, to which the caller adds it."""
        device, head_size = vectors.device, self._head_size
        cosines, sines = rotary_table(len(vectors) + 1 + limit, head_size, device)
        caches = [LayerCache(self._heads, head_size, len(cosines), device) for _ in self.layers]

        def run_layers(hidden: Tensor) -> Tensor:
            begin = caches[0].length
            rotation = cosines[begin : begin + len(hidden)], sines[begin : begin + len(hidden)]
            for block, cache in zip(self.layers, caches, strict=True):
                hidden = block(hidden, rotation, cache)
            return hidden

        run_layers(torch.cat([self.embedding.weight[self.text_begin, None], self.encode_text(vectors)]))
        for _ in range(limit):
            hidden = run_layers(self.embedding.weight[codes[-1], None])
            yield self.out_fnn(self.norm(hidden))[0]

    @property
    def _heads(self) -> int:
        return self.config.transformer_attention_heads

    @property
    def _head_size(self) -> int:
        return self.config.idim // self._heads


def draw_code(logits: Tensor, codes: Sequence[int], sampling: CodeSampling, generator: torch.Generator) -> int:
    """The next code by ``logits`` [n], on the CPU, after ``codes``."""
    if sampling.window:
        for code in codes[-sampling.window :]:
            logits[code] /= sampling.penalty  # whatever its sign, as upstream
    likeliest, places = logits.softmax(-1).topk(sampling.top_k)
    return int(places[torch.multinomial(likeliest / likeliest.sum(), 1, generator=generator)])
