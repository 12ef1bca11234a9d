"""State tokens in the text of an answer, as vLLM's detokeniser writes it."""

import copy

import pytest

from tests.golden_data import V10, V15, checkpoint
from tests.layouts import demo_checkpoint
from vita.model.processing import load_tokenizer
from vita.tokens import STATE_TOKENS, Family, State

# of torch, when vLLM imports it
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")


@pytest.fixture(params=[V10, V15])
def family(request):
    return Family(request.param)


@pytest.fixture
def tokenizer(family):
    from vita.vllm_plugin.vita_tokenizer import VITATokenizer

    return VITATokenizer.from_pretrained(checkpoint(family))


def test_state_tokens_are_shown_where_special_tokens_are_not(tokenizer, family):
    for state in State:
        token = STATE_TOKENS[family].text(state)
        ids = [
            tokenizer.convert_tokens_to_ids(tokenizer.eos_token),
            *tokenizer.encode(f"{token}Yes", add_special_tokens=False),
        ]
        assert tokenizer.decode(ids, skip_special_tokens=True).replace(" ", "") == f"{token}Yes"


def test_copies_that_vllm_makes_show_them_too(tokenizer, family):
    ids = tokenizer.encode(STATE_TOKENS[family].noise, add_special_tokens=False)
    assert copy.deepcopy(tokenizer).decode(ids, skip_special_tokens=True) == STATE_TOKENS[family].noise


def test_text_is_read_as_before(tokenizer, family):
    plain, text = load_tokenizer(checkpoint(family)), f"One {STATE_TOKENS[family].noise}two</s> three"
    assert tokenizer.encode(text) == plain.encode(text)


def test_code_beside_a_checkpoint_is_not_run_even_where_it_is_trusted(family, tmp_path):
    from vita.vllm_plugin.vita_tokenizer import VITATokenizer

    folder, text = demo_checkpoint(family.value, tmp_path / "demo"), "One two\n"
    plain = load_tokenizer(checkpoint(family.value)).encode(text)
    assert VITATokenizer.from_pretrained(folder, trust_remote_code=True).encode(text) == plain
    assert load_tokenizer(folder).encode(text) == plain
