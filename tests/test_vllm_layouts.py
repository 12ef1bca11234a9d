"""VITA-1.5 in the folder of upstream's demo, whose config.json has no model type, by its folder and by its name."""

import pytest

from tests.golden_data import V15, arrays, checkpoint, close, values
from tests.layouts import cached_on_this_machine, demo_checkpoint
from tests.test_vllm_plugin import asked_of
from vita.model.configuration import VITAConfig
from vita.model.processing import load_tokenizer

NAME = "VITA-MLLM/VITA-1.5"
ASKED = ("text", "image_audio")  # what ``vllm_shared`` asks
pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    root = tmp_path_factory.mktemp("layouts")
    folder = demo_checkpoint(V15, root / "demo_VITA_ckpt")
    environment = cached_on_this_machine(root / "home", NAME, folder)
    found = asked_of("vllm_layouts", V15, root / "answers.pt", str(folder), NAME, environment=environment)
    return {"folder": found[str(folder)], "name": found[NAME]}


@pytest.mark.parametrize("given", ["folder", "name"])
def test_an_engine_answers_as_upstream_does_whichever_way_the_checkpoint_is_given(answers, given):
    expected, stored = values(V15, "llm"), arrays(V15, "llm")
    for case in ASKED:
        assert answers[given][case]["tokens"] == expected[case]["greedy_ids"]
        close(answers[given][case]["logits"], stored[f"{case}__gen_logits"][0], tolerance=1e-3)


@pytest.mark.parametrize("given", ["folder", "name"])
def test_configuration_and_tokenizer_are_those_of_the_published_checkpoint(answers, given):
    published = VITAConfig.from_checkpoint(checkpoint(V15)).to_dict()
    kept = ("family", "architectures", "vision_config", "audio_config", "audio_token_id", "max_tiles", "dtype")
    for config in answers[given]["configs"]:
        assert {key: config[key] for key in kept} == {key: published[key] for key in kept}
    text, words = answers[given]["words"]
    assert words == load_tokenizer(checkpoint(V15)).encode(text, add_special_tokens=False)
