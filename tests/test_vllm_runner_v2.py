"""vLLM's V2 model runner, which it takes on every GPU: our checkpoints and another model in it, on this CPU."""

from __future__ import annotations

import pytest

from tests.golden_data import V10, V15, arrays, close, values
from tests.test_vllm_plugin import asked_of

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """Answers of the embedded checkpoint by either runner, V1's first."""
    out = tmp_path_factory.mktemp("rules") / "answers.pt"
    return asked_of("vllm_rules", "embedded", out), asked_of("vllm_runner_v2", "vllm_rules", "embedded", out)


@pytest.mark.parametrize("family", [V10, V15])
def test_greedy_answers_to_text_pictures_and_sounds_are_upstreams(family, tmp_path):
    answers = asked_of("vllm_runner_v2", "vllm_shared", family, tmp_path / "answers.pt")
    for name, answer in answers.items():
        assert answer["tokens"] == values(family, "llm")[name]["greedy_ids"]
        close(answer["logits"], arrays(family, "llm")[f"{name}__gen_logits"][0], tolerance=1e-3)


def test_the_embedded_checkpoint_answers_the_same_by_both_runners(both):
    v1, v2 = both
    assert (v1["v2"], v2["v2"]) == (False, True)
    assert v2["tokens"] == {name: answer for name, answer in v1["tokens"].items() if name != "grammar"}


def test_answers_begin_with_a_fitting_state_and_have_no_other(both):
    for found in both:
        tokens, (query, noise, typed) = found["tokens"], found["states"]
        assert {tokens[name][0] for name in ("typed", "again", "penalised")} == {typed}
        assert tokens["heard"][0] in (query, noise)
        assert tokens["named"][0] in (1000, 1001)
        assert not {token for answer in tokens.values() for token in answer[1:]} & set(found["states"])


def test_an_answer_under_a_grammar_is_what_the_grammar_allows(both):
    v1, _ = both  # V2's kernel for grammars needs a GPU: ``test_gpu``
    assert v1["texts"]["grammar"] in ("blue", "green")


def test_another_model_starts_beside_us(tmp_path):
    v1 = asked_of("vllm_rules", "llama", tmp_path / "answers.pt")
    v2 = asked_of("vllm_runner_v2", "vllm_rules", "llama", tmp_path / "answers.pt")
    assert (v1["v2"], v2["v2"]) == (False, True)
    assert not v1["processors"]
    assert not v2["processors"]
    assert v1["tokens"] == v2["tokens"]
