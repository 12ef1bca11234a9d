"""Loading weights, and the one error that lists what does not fit."""

import json
import shutil

import huggingface_hub
import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import LlamaConfig, MixtralConfig
from transformers.initialization import no_init_weights

from tests.golden_data import V10, V15, checkpoint, values
from vita.errors import CheckpointError
from vita.model import checkpoint_files
from vita.model.checkpoint_loading import LISTED, check_checkpoint, load_model, tensor_differences, tensor_slots
from vita.model.configuration import VITAConfig
from vita.model.modeling import VITAForConditionalGeneration
from vita.model.tensor_names import our_tensor_name
from vita.model.tower_configs import InternViTConfig, WhaleConfig


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(checkpoint(V10), tmp_path / "ckpt")


def rewrite(folder, change):
    """Give the folder the tensors that ``change`` makes of its own."""
    tensors = load_file(folder / "model.safetensors")
    change(tensors)
    save_file(tensors, folder / "model.safetensors")


@pytest.mark.parametrize("family", [V10, V15])
def test_every_tensor_of_a_published_checkpoint_lands_in_the_model(family):
    published = load_file(checkpoint(family) / "model.safetensors")
    places = tensor_slots(load_model(checkpoint(family)))
    assert {our_tensor_name(key) for key in published} == set(places)
    assert all(torch.equal(places[our_tensor_name(key)], tensor) for key, tensor in published.items())


@pytest.mark.parametrize("family", [V10, V15])
def test_every_name_of_upstreams_own_table_is_known(family):
    for name in values(family, "vllm_key_renames"):
        assert our_tensor_name(name).split(".")[0] in ("vision_tower", "audio_tower", "language_model"), name


def test_the_real_checkpoints_tensors_are_all_there_at_their_published_size():
    config = VITAConfig(
        family="vita-1.0",
        text_config=MixtralConfig(vocab_size=51_760).to_dict(),
        vision_config=InternViTConfig(),
        audio_config=WhaleConfig(),
    )
    with torch.device("meta"), no_init_weights():
        places = tensor_slots(VITAForConditionalGeneration(config))
    assert len(places) == 1_815
    headers = 241_240  # bytes, of 20 shards
    assert 2 * sum(place.numel() for place in places.values()) == 95_158_394_776 - headers


def in_shards(folder, *names):
    """The folder's tensors dealt out to files of these names; who holds which."""
    tensors = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    holders = {key: names[number % len(names)] for number, key in enumerate(sorted(tensors))}
    for name in names:
        save_file({key: tensors[key] for key, holder in holders.items() if holder == name}, folder / name)
    return tensors, holders


def test_shards_named_by_an_index_are_one_checkpoint(folder):
    tensors, holders = in_shards(folder, "a.safetensors", "b.safetensors")
    (folder / checkpoint_files.INDEX).write_text(json.dumps({"weight_map": holders}))
    save_file({"stray": torch.zeros(1)}, folder / "not-in-the-index.safetensors")
    assert torch.equal(load_model(folder).get_input_embeddings().weight, tensors["model.embed_tokens.weight"])
    (folder / "b.safetensors").unlink()
    with pytest.raises(CheckpointError, match=r"lacks b\.safetensors; download the checkpoint again"):
        load_model(folder)


def test_shards_without_an_index_are_one_checkpoint_and_are_counted(folder):
    names = [f"model-0000{number}-of-00003.safetensors" for number in (1, 2, 3)]
    tensors, _ = in_shards(folder, *names)
    assert torch.equal(load_model(folder).get_input_embeddings().weight, tensors["model.embed_tokens.weight"])
    (folder / names[1]).unlink()
    with pytest.raises(CheckpointError, match=r"lacks model-00002-of-00003\.safetensors; download"):
        load_model(folder)


def test_a_tensor_that_two_files_hold_is_refused_for_either_may_be_the_older(folder):
    shutil.copy(folder / "model.safetensors", folder / "model-00001-of-00001.safetensors")
    with pytest.raises(CheckpointError, match=r"twice, in model-00001-of-00001\.safetensors and model\.safetensors"):
        load_model(folder)


@pytest.mark.parametrize("written", ["{}", '{"weight_map": []}', '{"weight_map": {"a": ["b"]}}'])
def test_an_index_of_another_form_is_a_checkpoint_error(folder, written):
    (folder / checkpoint_files.INDEX).write_text(written)
    with pytest.raises(CheckpointError, match=r"index\.json is no index of tensors; download it again"):
        load_model(folder)


def test_a_pointer_that_git_left_in_a_file_s_place_is_said_so(folder):
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:6f34\nsize 4987197000\n"
    (folder / "model.safetensors").write_text(pointer)
    with pytest.raises(CheckpointError, match="Git LFS pointer and no weights; run git lfs pull"):
        load_model(folder)


def test_missing_unexpected_and_misshapen_tensors_are_one_error(folder):
    def change(tensors):
        del tensors["model.mm_projector.0.bias"]
        tensors["model.surprise.weight"] = torch.zeros(2)
        tensors["model.layers.1.block_sparse_moe.experts.2.w3.weight"] = torch.zeros(96, 63)

    rewrite(folder, change)
    with pytest.raises(CheckpointError) as caught:
        load_model(folder)
    lines = str(caught.value).splitlines()
    assert lines[1:] == [
        "Missing (1): vision_tower.projector.0.bias",
        "Unexpected (1): language_model.model.surprise.weight",
        "Misshapen (1): language_model.model.layers.1.block_sparse_moe.experts.2.w3.weight is [96, 63], not [96, 64]",
    ]


def test_harmless_extras_of_other_versions_are_let_pass(folder):
    def change(tensors):
        tensors["model.layers.0.self_attn.rotary_emb.inv_freq"] = torch.zeros(16)
        tensors["model.audio_encoder.prompt_embeddings.weight"] = torch.zeros(25, 64)

    rewrite(folder, change)
    check_checkpoint(folder, VITAConfig.from_checkpoint(folder))


def test_a_long_list_is_cut_and_counted():
    wanted = {f"tensor.{number:03}": (1,) for number in range(LISTED + 5)}
    assert tensor_differences(wanted, wanted) == []
    (line,) = tensor_differences(wanted, {})
    assert line.startswith(f"Missing ({LISTED + 5}): tensor.000; ")
    assert line.endswith("; and 5 more")


def test_a_truncated_file_is_a_checkpoint_error(folder):
    data = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(data[: len(data) // 2])
    with pytest.raises(CheckpointError, match="cannot be read"):
        load_model(folder)


def test_weights_come_in_the_dtype_asked_for(folder):
    model = load_model(folder, dtype=torch.bfloat16)
    assert {tensor.dtype for tensor in model.state_dict().values()} == {torch.bfloat16}
    assert torch.get_default_dtype() == torch.float32
    features = torch.zeros(30, 80)
    assert (
        model.embed_sounds([features])[0].dtype
        == model.embed_pixels([torch.zeros(1, 3, 56, 56)])[0].dtype
        == torch.bfloat16
    )


def test_a_tied_output_needs_no_tensor_of_its_own(folder):
    config = VITAConfig.from_checkpoint(folder)
    text = LlamaConfig(
        vocab_size=32, hidden_size=8, intermediate_size=8, num_hidden_layers=1, num_attention_heads=2,
        tie_word_embeddings=True, architectures=["LlamaForCausalLM"],
    )  # fmt: skip
    tied = VITAConfig(
        family="vita-nano",
        text_config=text.to_dict(),
        vision_config=config.vision_config.to_dict(),
        audio_config=config.audio_config.to_dict(),
    )
    tensors = {key: torch.rand_like(value) for key, value in VITAForConditionalGeneration(tied).state_dict().items()}
    del tensors["language_model.lm_head.weight"]
    save_file(tensors, folder / "model.safetensors")
    tied.save_pretrained(folder)
    model = load_model(folder)
    embeddings = model.get_input_embeddings().weight
    assert torch.equal(embeddings, tensors["language_model.model.embed_tokens.weight"])
    assert model.language_model.lm_head.weight is embeddings


def test_a_name_on_the_hub_is_downloaded_without_what_nothing_reads(folder, monkeypatch):
    asked = {}

    def snapshot_download(name, allow_patterns):
        asked[name] = allow_patterns
        return str(folder)

    monkeypatch.setattr(checkpoint_files, "snapshot_download", snapshot_download)
    assert load_model("VITA-MLLM/VITA").config.family == "vita-1.0"
    assert set(asked) == {"VITA-MLLM/VITA"}
    others = set(asked["VITA-MLLM/VITA"]) - {"vita_tts_ckpt/*/final.pt"}  # the speech decoder comes with it
    assert not any("pt" in pattern or "bin" in pattern for pattern in others)


def test_a_hub_that_cannot_be_reached_is_a_checkpoint_error(monkeypatch):
    def snapshot_download(name, allow_patterns):
        raise huggingface_hub.errors.LocalEntryNotFoundError("no network")

    monkeypatch.setattr(checkpoint_files, "snapshot_download", snapshot_download)
    with pytest.raises(CheckpointError, match="the Hub did not give it"):
        load_model("VITA-MLLM/VITA-1.5")
