"""Narrower weights: what is heard with them is what is heard without, and each map is close to the one it replaces."""

import pytest
import torch
from safetensors.torch import load_file

from evals.synthetic.speech_programs import speak_by_program
from vita.model.configuration import VITAConfig
from vita.nano.build_checkpoint import build_nano
from vita.nano.model.device_directed import DeviceDirectedClassifier
from vita.nano.model.greedy_decoding import recognise_window
from vita.nano.model.log_mel import log_mel
from vita.nano.model.narrow_weights import SHORTLIST, ByteLinear, HalfLinear, NarrowVocabulary
from vita.nano.model.whisper_layers import Recogniser
from vita.nano.model.whisper_tower import WhisperWordsFrontEnd

pytestmark = pytest.mark.embedded


@pytest.fixture(scope="module")
def front():
    folder = build_nano()
    return WhisperWordsFrontEnd(VITAConfig.from_checkpoint(folder), folder)


@pytest.fixture(scope="module")
def wide(front):
    """The recogniser of the same checkpoint in float32."""
    tensors = load_file(build_nano() / front.config.weights)
    own = {name: tensor.float() for name, tensor in tensors.items() if name.startswith(("encoder.", "decoder."))}
    recogniser = Recogniser(front.config)
    recogniser.load_state_dict(own)
    return recogniser.eval().requires_grad_(False)


@pytest.mark.parametrize(
    ("voice", "text"),
    [
        ("piper:joe", "What is the capital of France?"),
        ("piper:joe", "My sister went to the market yesterday, and it rained."),
        ("espeak:en-us", "How many legs does a spider have?"),
        ("espeak:en-gb", "Tell me a short story about a brave little dog."),
    ],
)
@torch.inference_mode()
def test_the_same_words_are_heard_as_in_float32_and_judged_alike(front, wide, voice, text):
    mel = log_mel(speak_by_program(text, voice), front.filters)
    narrow, exact = (recognise_window(recogniser, front.config, mel) for recogniser in (front.recogniser, wide))
    assert narrow.tokens == exact.tokens
    judge = DeviceDirectedClassifier.of(front.loaded[1])
    verdicts = [judge(one.evidence[None]) for one in (narrow, exact)]
    torch.testing.assert_close(*verdicts, atol=0.05, rtol=0)


@pytest.mark.parametrize("rows", [1, 40])
@pytest.mark.parametrize("bias", [True, False])
def test_a_narrow_map_is_close_to_the_one_it_replaces(rows, bias):
    torch.manual_seed(0)
    linear, x = torch.nn.Linear(48, 96, bias=bias), torch.randn(rows, 48)
    for narrow in (HalfLinear(linear), ByteLinear(linear.weight, linear.bias)):
        y = narrow(x)
        assert y.dtype == torch.float32
        torch.testing.assert_close(y, linear(x).detach(), atol=0.03, rtol=0.03)


def test_a_row_of_zeros_stays_zero():
    assert ByteLinear(torch.zeros(8, 16), None)(torch.ones(1, 16)).tolist() == [[0.0] * 8]


def test_the_likeliest_tokens_have_the_very_logits_of_float32():
    torch.manual_seed(0)
    embed, state = torch.nn.Embedding(4 * SHORTLIST, 48).requires_grad_(False), torch.randn(48)
    exact, found = embed.weight @ state, NarrowVocabulary(embed)(state)
    top, best = found.topk(32), exact.topk(32)
    assert top.indices.tolist() == best.indices.tolist()
    torch.testing.assert_close(top.values, best.values)
    assert torch.logsumexp(found, -1).item() == pytest.approx(torch.logsumexp(exact, -1).item(), abs=0.02)
