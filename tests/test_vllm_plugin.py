"""VITA in vLLM against upstream's own outputs, in float32, and what vLLM adds to it.

One engine a family, each in a process that ``vllm_golden`` runs in; its steps of 64 tokens cut every prompt in chunks.
"""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.golden_data import V10, V15, arrays, checkpoint, close, values
from tests.test_model_modeling import CASES
from vita.errors import CheckpointError
from vita.model.configuration import VITAConfig

ENVIRONMENT = {
    "VLLM_ENABLE_V1_MULTIPROCESSING": "0",
    "VLLM_CPU_KVCACHE_SPACE": "1",
    "VLLM_CPU_OMP_THREADS_BIND": "nobind",
    "OMP_WAIT_POLICY": "PASSIVE",
    "KMP_BLOCKTIME": "0",
}
BLOCK = 32  # tokens of a cached block


def asked_of(module, *options):
    """What a module of tests writes, to the path among its options, that asks an engine in a process of its own."""
    command = [sys.executable, "-m", f"tests.{module}", *map(str, options)]
    root = Path(__file__).parent.parent
    run = subprocess.run(command, env=os.environ | ENVIRONMENT, cwd=root, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr[-4000:]
    return torch.load(next(option for option in options if isinstance(option, Path)))


@pytest.fixture(scope="module")
def v10(tmp_path_factory):
    return asked_of("vllm_golden", V10, tmp_path_factory.mktemp("v10") / "answers.pt")


@pytest.fixture(scope="module")
def v15(tmp_path_factory):
    return asked_of("vllm_golden", V15, tmp_path_factory.mktemp("v15") / "answers.pt")


@pytest.fixture(params=CASES, ids="-".join)
def case(request):
    family, name = request.param
    answer = request.getfixturevalue("v10" if family == V10 else "v15")["golden"][name]
    stored = arrays(family, "llm")
    return answer, values(family, "llm")[name], lambda key: stored[f"{name}__{key}"]


@pytest.mark.engine
def test_language_model_is_fed_upstreams_embeddings(case):
    answer, expected, stored = case
    assert len(answer["prompt"]) == expected["n_embeds"]
    close(answer["embeddings"], stored("inputs_embeds"))


@pytest.mark.engine
def test_logits_are_upstreams(case):
    answer, _, stored = case
    close(answer["logits"], stored("gen_logits"), tolerance=1e-3)


@pytest.mark.engine
def test_greedy_answer_is_upstreams_token_for_token(case):
    answer, expected, _ = case
    assert answer["tokens"] == expected["greedy_ids"]


@pytest.mark.engine
def test_visual_tokens_are_upstreams_in_full_precision(v10):
    answer = v10["golden"]["image"]
    places = torch.tensor(answer["prompt"]) == VITAConfig.from_checkpoint(checkpoint(V10)).image_token_id
    close(answer["embeddings"][places], arrays(V10, "vision_projected")["img1"].flatten(0, 1))


@pytest.mark.engine
def test_several_pictures_sounds_and_a_clip_each_stand_in_their_place(v10):
    answer = v10["mixed"]
    close(answer["embeddings"], answer["reference"])


@pytest.mark.engine
def test_prompt_seen_before_comes_from_the_cache_with_its_picture(v10):
    first, again = v10["caching"]["first"], v10["caching"]["again"]
    assert first["cached"] == 0
    assert again["cached"] == (len(first["prompt"]) - 1) // BLOCK * BLOCK
    assert again["tokens"] == first["tokens"]


@pytest.mark.engine
def test_cache_tells_pictures_apart_that_stand_in_the_same_place(v10):
    first, other = v10["caching"]["first"], v10["caching"]["other"]
    place = first["prompt"].index(VITAConfig.from_checkpoint(checkpoint(V10)).image_token_id)
    assert other["prompt"] == first["prompt"]
    assert other["cached"] == place // BLOCK * BLOCK
    assert other["tokens"] != first["tokens"]


@pytest.mark.engine
def test_each_request_says_how_many_tiles_its_pictures_may_have(v10):
    lengths = {name: len(v10["limits"][name]["prompt"]) for name in ("all_tiles", "three_tiles", "one_tile")}
    per_tile = 4
    assert lengths["all_tiles"] - lengths["one_tile"] == (9 - 1) * per_tile  # 4 x 2 tiles and the thumbnail
    assert lengths["three_tiles"] - lengths["one_tile"] == (3 - 1) * per_tile  # 2 x 1 tiles and the thumbnail
    assert "max_tiles must be a positive number" in v10["limits"]["no_tiles"]["error"]


@pytest.mark.engine
def test_media_beyond_the_limit_are_refused(v10):
    assert "At most 3 image(s)" in v10["limits"]["too_many"]["error"]


@pytest.mark.engine
def test_media_without_a_place_are_refused(v10):
    assert "0 places for image inputs and 1 were given" in v10["limits"]["no_place"]["error"]


@pytest.mark.engine
def test_first_token_is_the_likeliest_of_those_allowed_and_the_rest_is_free(v10):
    free, restricted = v10["limits"]["free"], v10["limits"]["restricted"]
    assert free["tokens"][0] not in (7, 9)
    assert restricted["tokens"][0] == max((7, 9), key=lambda token: free["logits"][0, token].item())
    assert not {7, 9} & set(restricted["tokens"][1:])


@pytest.mark.engine
def test_chat_message_becomes_the_prompt_of_our_own_engine(v10):
    chat, ours = v10["chats"]["chat"], v10["chats"]["ours"]
    assert chat["prompt"] == ours["prompt"]
    assert chat["tokens"] == ours["tokens"]


@pytest.mark.engine
def test_words_that_look_like_placeholders_stay_words(v10):
    config = VITAConfig.from_checkpoint(checkpoint(V10))
    placeholders = {config.image_token_id, config.video_token_id, config.audio_token_id}
    chat, texts = v10["chats"]["chat"]["prompt"], v10["chats"]["texts"]["prompt"]
    assert sum(token in placeholders for token in chat) == 4  # the tokens of the one tile that was sent
    assert not placeholders & set(texts)


@pytest.mark.engine
def test_role_that_no_template_has_is_refused(v10):
    assert "no role 'tool'" in v10["chats"]["tool"]["error"]


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")  # of torch, when vLLM imports it
def test_tensors_that_do_not_fit_are_one_error_that_lists_them(tmp_path):
    from vita.vllm_plugin.vllm_model import VITAForConditionalGeneration

    for file in checkpoint(V15).iterdir():
        if file.suffix in (".json", ".txt"):
            (tmp_path / file.name).write_bytes(file.read_bytes())
    for folder in ("InternViT-tiny", "audio-encoder-tiny"):
        (tmp_path / folder).symlink_to(checkpoint(V15) / folder)
    tensors = load_file(checkpoint(V15) / "model.safetensors")
    del tensors["model.norm.weight"]
    tensors["model.stranger.weight"] = torch.zeros(2)
    tensors["model.mm_projector.0.bias"] = torch.zeros(3)
    save_file(tensors, tmp_path / "model.safetensors")
    model = SimpleNamespace(checkpoint=str(tmp_path), config=VITAConfig.from_checkpoint(tmp_path))
    with pytest.raises(CheckpointError) as error:
        VITAForConditionalGeneration.load_weights(model, tensors.items())
    for name in ("language_model.model.norm.weight", "language_model.model.stranger.weight", "projector.0.bias is [3]"):
        assert name in str(error.value)
