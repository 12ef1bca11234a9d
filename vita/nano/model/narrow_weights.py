"""The recogniser with narrower weights, which a CPU reads faster than it computes with them.

Decoding takes one token at a time, so that its pace is that of the memory: weights of 8 bits there. The encoder takes
all of a sound at once: bfloat16, for which CPUs have instructions. What is in between and what is decoded stay float32.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vita.nano.model.whisper_layers import Recogniser

SHORTLIST = 128  # tokens whose logits are computed in float32; more than are ever suppressed or looked at
ONCE = ("cross.key", "cross.value")  # the decoder's maps that take the whole sound, once


class HalfLinear(nn.Module):
    """A linear map for many rows, in bfloat16."""

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        self.weight = nn.Buffer(linear.weight.detach().bfloat16())
        self.bias = None if linear.bias is None else nn.Buffer(linear.bias.detach().bfloat16())

    def forward(self, x: Tensor) -> Tensor:
        """Float32 [n, in] -> float32 [n, out]."""
        return F.linear(x.bfloat16(), self.weight, self.bias).float()


class ByteLinear(nn.Module):
    """A linear map for one row, whose weights are whole numbers of 8 bits times one scale for each output."""

    def __init__(self, weight: Tensor, bias: Tensor | None) -> None:
        super().__init__()
        weight = weight.detach()
        scale = weight.abs().amax(1).clamp(min=1e-8) / 127
        self.weight = nn.Buffer((weight / scale[:, None]).round().to(torch.int8))
        self.scale = nn.Buffer(scale.bfloat16())
        self.bias = None if bias is None else nn.Buffer(bias.detach())

    def forward(self, x: Tensor) -> Tensor:
        """Float32 [n, in] -> float32 [n, out]."""
        y: Tensor = torch._weight_int8pack_mm(x.bfloat16(), self.weight, self.scale).float()
        return y if self.bias is None else y + self.bias


class NarrowVocabulary(nn.Module):
    """Logits of all tokens: roughly from 8 bits, then in float32 of the likeliest."""

    def __init__(self, embed: nn.Embedding) -> None:
        super().__init__()
        self.rough = ByteLinear(embed.weight, None)
        self.exact = embed.weight

    def forward(self, state: Tensor) -> Tensor:
        """The last state [width] -> [vocab_size]."""
        logits: Tensor = self.rough(state[None])[0]
        likeliest = logits.topk(SHORTLIST).indices
        logits[likeliest] = self.exact[likeliest] @ state
        return logits


def narrow_recogniser(recogniser: Recogniser) -> Recogniser:
    """The same recogniser, its linear maps replaced; it can be trained no more."""
    for name, linear in [found for found in recogniser.named_modules() if isinstance(found[1], nn.Linear)]:
        parent, _, leaf = name.rpartition(".")
        many = name.startswith("encoder.") or name.endswith(ONCE)
        narrow = HalfLinear(linear) if many else ByteLinear(linear.weight, linear.bias)
        setattr(recogniser.get_submodule(parent), leaf, narrow)
    recogniser.decoder.read = NarrowVocabulary(recogniser.decoder.embed)
    return recogniser
