"""The published layout of VITA-1.5's speech decoder, whole, unusual and damaged."""

from __future__ import annotations

import json
import pickle

import pytest
import torch

from tests.speech_golden import (
    ARRAYS,
    SPEECH,
    TEXTS,
    change_weights,
    copied_speech,
    read_config,
    write_config,
)  # fmt: skip
from vita.errors import CheckpointError
from vita.speech.vita_voice.speech_decoder import CodeSampling
from vita.speech.vita_voice.speech_loading import load_speech_networks


@pytest.fixture
def folder(tmp_path):
    return copied_speech(tmp_path / "vita_tts_ckpt")


def fault_of(folder):
    with pytest.raises(CheckpointError) as error:
        load_speech_networks(folder)
    return str(error.value)


def test_half_precision_weights_become_single_precision_and_evaluation_mode():
    networks = load_speech_networks(SPEECH)
    for network in networks:
        assert {tensor.dtype for tensor in network.state_dict().values()} == {torch.float32}
        assert not network.training


def test_a_state_dict_may_lie_bare_and_hold_layers_that_nothing_calls(folder):
    bare = torch.load(folder / "decoder" / "final.pt", weights_only=True)["model"]
    bare |= {f"layers_prefix.0.{key}": torch.zeros(3) for key in ("mlp.up_proj.weight", "input_layernorm.weight")}
    torch.save(bare, folder / "decoder" / "final.pt")
    decoder, _ = load_speech_networks(folder)
    drawn = list(decoder.stream_codes(ARRAYS["short__hidden"][0], CodeSampling(top_k=1)))
    assert drawn == TEXTS["short"]["tokens"]


def test_every_fault_of_both_networks_is_told_at_once(folder):
    config = read_config(folder, "decoder")
    config[2]["transformer_num_blocks"] = 6
    write_config(folder, "decoder", config)

    def damage(state):
        del state["generator"]["conv_post.bias"]
        state["generator"]["ups.0.weight_v"] = torch.zeros(1, 2, 3)
        state["generator"]["stray.weight"] = torch.zeros(1)

    change_weights(folder, "codec", damage)
    told = fault_of(folder)
    assert "layers.5.mlp.up_proj.weight" in told
    assert "layers_pre_nn.2" in told
    assert "Missing (1): conv_post.bias" in told
    assert "Unexpected (1): stray.weight" in told
    assert "ups.0.weight_v is [1, 2, 3], not [256, 128, 16]" in told


def test_layers_beyond_what_the_configuration_has_are_a_fault(folder):
    config = read_config(folder, "decoder")
    config[2]["transformer_num_blocks"] = 3
    write_config(folder, "decoder", config)
    assert "Unexpected" in fault_of(folder)


def test_absent_files_are_all_named(tmp_path):
    told = fault_of(tmp_path)
    for network in ("decoder", "codec"):
        assert str(tmp_path / network / "model.json") in told
        assert str(tmp_path / network / "final.pt") in told


def test_a_file_that_would_run_code_is_refused(folder, tmp_path):
    class Harm:
        def __reduce__(self):
            return (tmp_path.joinpath("ran").touch, ())

    torch.save({"model": Harm()}, folder / "decoder" / "final.pt", pickle_module=pickle)
    told = fault_of(folder)
    assert "decoder/final.pt: holds no weights that can be read safely" in told
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("content", [b"", b"not weights", b"PK\x03\x04 cut off"])
def test_a_damaged_file_of_weights_is_one_line(folder, content):
    (folder / "codec" / "final.pt").write_bytes(content)
    told = fault_of(folder)
    assert len(told.splitlines()) == 2
    assert "codec/final.pt" in told


def test_a_file_cut_short_is_told(folder):
    whole = (folder / "codec" / "final.pt").read_bytes()
    (folder / "codec" / "final.pt").write_bytes(whole[: len(whole) // 2])
    assert "codec/final.pt: holds no weights" in fault_of(folder)


@pytest.mark.parametrize(
    ("network", "weights", "told"),
    [
        ("decoder", [1, 2], "holds no dictionary of weights"),
        ("decoder", {"model": 3}, "holds no state dict 'model'"),
        ("decoder", {"model": {"embedding.weight": "text"}}, "these are no tensors: embedding.weight"),
        ("codec", {"generator": {}}, "holds no state dict 'quantizer'"),
    ],
)
def test_weights_of_another_form_are_told(folder, network, weights, told):
    torch.save(weights, folder / network / "final.pt")
    assert told in fault_of(folder)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"transformer_attention_heads": 3}, "3 heads do not divide idim 16 evenly"),
        ({"encoder_output_dim": 32}, "must be equal"),
        ({"transformer_num_blocks": 0}, "transformer_num_blocks: "),
        ({"odim": None}, "odim: "),
    ],
)
def test_a_decoder_configuration_that_cannot_be_is_told(folder, change, told):
    config = read_config(folder, "decoder")
    config[2] |= change
    write_config(folder, "decoder", config)
    assert told in fault_of(folder)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"resblock": "3"}, "resblock: "),
        ({"upsample_rates": [8, 5, 5]}, "must be equally long"),
        ({"upsample_kernel_sizes": [15, 11, 11, 5]}, "upsample kernel 15 does not fit rate 8"),
        ({"resblock_kernel_sizes": [3, 4]}, "resblock_kernel_sizes must be odd"),
        ({"global_tokens": [1, 2]}, "there are 2 global_tokens for 8 code books"),
        ({"global_tokens": [40] * 8}, "must be below n_codes 40"),
        ({"n_code_groups": 2}, "n_code_groups: "),
        ({"upsample_initial_channel": 250}, "cannot be halved"),
        ({"resblock_dilation_sizes": [[1, 3, 5]]}, "must be equally long"),
    ],
)
def test_a_codec_configuration_that_cannot_be_is_told(folder, change, told):
    write_config(folder, "codec", read_config(folder, "codec") | change)
    assert told in fault_of(folder)


def test_a_configuration_that_is_none_is_told(folder):
    (folder / "decoder" / "model.json").write_text("{", encoding="utf-8")
    (folder / "codec" / "model.json").write_text("[1]", encoding="utf-8")
    told = fault_of(folder)
    assert "decoder/model.json: holds no JSON" in told
    assert "codec/model.json" in told
    write_config(folder, "decoder", [16, 40])
    assert "decoder/model.json: is of another form than published" in fault_of(folder)


def test_a_speaker_that_no_stage_has_room_for_is_told(folder):
    def narrow(state):
        for number in range(8):
            state["quantizer"][f"quantizer_modules_globaltokens.{number}.embedding.weight"] = torch.zeros(40, 3)

    change_weights(folder, "codec", narrow)
    assert "the speaker has 24 values" in fault_of(folder)


def test_networks_that_do_not_belong_together_are_told(folder):
    def fewer(state):
        for key, tensor in state["quantizer"].items():
            state["quantizer"][key] = tensor[:39].clone()

    change_weights(folder, "codec", fewer)
    write_config(folder, "codec", read_config(folder, "codec") | {"n_codes": 39})
    assert "the decoder has 40 codes, the codec 39" in fault_of(folder)


def test_the_stored_configuration_is_as_published():
    idim, odim, arguments = json.loads((SPEECH / "decoder" / "model.json").read_text(encoding="utf-8"))
    assert (idim, odim) == (arguments["idim"], arguments["odim"])
