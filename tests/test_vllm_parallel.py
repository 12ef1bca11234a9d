"""Engines split over two processes give upstream's tokens, media and all."""

import pytest

from tests.golden_data import V15, arrays, close, values
from tests.test_vllm_plugin import asked_of

pytestmark = pytest.mark.engine


SPLITS = (
    ("tensor_parallel_size=2", "mm_encoder_tp_mode=data"),  # each process encodes its share of the tiles
    ("tensor_parallel_size=2",),
    ("pipeline_parallel_size=2",),
)


@pytest.mark.parametrize("split", SPLITS, ids=" ".join)
def test_greedy_answers_of_a_model_in_two_parts_are_upstreams(split, tmp_path):
    answers = asked_of("vllm_shared", V15, tmp_path / "answers.pt", *split)
    for name, answer in answers.items():
        assert answer["tokens"] == values(V15, "llm")[name]["greedy_ids"]
        close(answer["logits"], arrays(V15, "llm")[f"{name}__gen_logits"][0], tolerance=1e-3)
