"""Rows of the embedding table, and where a checkpoint that speaks is found."""

from __future__ import annotations

import json
import shutil
import struct
from pathlib import Path

import huggingface_hub
import psutil
import pytest
import torch
from safetensors.torch import save_file

from tests.golden_data import checkpoint
from tests.speech_golden import ARRAYS, TEXTS, speaking_checkpoint
from vita.errors import CheckpointError
from vita.speech.vita_voice import speech_fetch
from vita.speech.vita_voice.embedding_rows import EmbeddingRows
from vita.speech.vita_voice.speech_fetch import fetch_speech, require_speech


@pytest.mark.parametrize("name", TEXTS)
def test_rows_of_the_published_layout_are_what_the_decoder_was_given(name):
    rows = EmbeddingRows(checkpoint("vita-1.5")).read_rows(TEXTS[name]["input_ids"])
    assert torch.equal(rows.reshape(-1, 16), ARRAYS[f"{name}__hidden"][0])


def test_one_file_of_many_is_opened_by_the_index(tmp_path):
    save_file({"language_model.model.embed_tokens.weight": torch.arange(12.0).view(4, 3)}, tmp_path / "b.safetensors")
    index = {"weight_map": {"lm_head.weight": "absent.safetensors", "model.embed_tokens.weight": "b.safetensors"}}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index), encoding="utf-8")
    rows = EmbeddingRows(tmp_path)
    assert (rows.rows, rows.width) == (4, 3)
    assert rows.read_rows([3, 0, 3]).tolist() == [[9, 10, 11], [0, 1, 2], [9, 10, 11]]
    assert rows.read_rows([]).shape == (0, 3)
    with pytest.raises(CheckpointError, match="gives 4, but"):
        rows.read_rows([4])


def test_half_precision_rows_become_single_precision(tmp_path):
    save_file({"model.embed_tokens.weight": torch.ones(2, 4, dtype=torch.bfloat16)}, tmp_path / "m.safetensors")
    assert EmbeddingRows(tmp_path).read_rows([1]).dtype == torch.float32


def test_a_table_of_a_gigabyte_is_not_read_to_give_a_row(tmp_path):
    rows, width = 2**18, 2**11
    size = rows * width * 2
    place = {"dtype": "BF16", "shape": [rows, width], "data_offsets": [0, size]}
    header = json.dumps({"model.embed_tokens.weight": place})
    with (tmp_path / "model.safetensors").open("wb") as file:
        file.write(struct.pack("<Q", len(header)) + header.encode())
        file.truncate(8 + len(header) + size)  # a hole: no room on the disk
    before = psutil.Process().memory_info().rss
    assert not EmbeddingRows(tmp_path).read_rows([0, rows // 2, rows - 1]).any()
    assert psutil.Process().memory_info().rss - before < size / 10


def test_a_checkpoint_without_a_table_and_a_damaged_one_are_told(tmp_path):
    with pytest.raises(CheckpointError, match="has no embed_tokens"):
        EmbeddingRows(tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"damaged")
    with pytest.raises(CheckpointError, match="cannot be read"):
        EmbeddingRows(tmp_path)


def test_a_folder_passes_where_it_has_a_speech_decoder_or_the_one_above_has(tmp_path):
    require_speech(str(speaking_checkpoint(tmp_path)))
    with pytest.raises(CheckpointError, match=r"needs vita_tts_ckpt in .*download VITA-1\.5"):
        require_speech(str(checkpoint("vita-1.5")))
    shared = tmp_path / "shared"
    shutil.copytree(checkpoint("vita-1.5"), shared / "demo_VITA_ckpt")
    shutil.copytree(tmp_path / "vita_tts_ckpt", shared / "vita_tts_ckpt")
    require_speech(str(shared))
    assert fetch_speech(str(shared)) == shared / "demo_VITA_ckpt"


@pytest.mark.parametrize("model", ["", "nano", "VITA-MLLM/VITA", "a/b/c"])
def test_names_that_are_not_known_to_speak_are_told_so(model):
    with pytest.raises(CheckpointError, match=r"such as VITA-1\.5"):
        require_speech(model)


def test_the_published_name_passes_before_anything_was_downloaded():
    require_speech("VITA-MLLM/VITA-1.5")


def test_from_the_hub_comes_what_speaks_and_one_file_of_the_language_model(tmp_path, monkeypatch):
    folder, asked = speaking_checkpoint(tmp_path), []
    index = {"weight_map": {"model.embed_tokens.weight": "model-00001-of-00004.safetensors", "lm_head.weight": "x"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index), encoding="utf-8")

    def snapshot_download(name, allow_patterns):
        asked.extend(allow_patterns)
        return str(folder)

    monkeypatch.setattr(speech_fetch, "snapshot_download", snapshot_download)
    assert fetch_speech("VITA-MLLM/VITA-1.5") == Path(folder)
    assert "vita_tts_ckpt/*/final.pt" in asked
    assert [pattern for pattern in asked if "safetensors" in pattern] == ["model-00001-of-00004.safetensors"]


def test_a_hub_that_cannot_be_reached_is_one_error(monkeypatch):
    def snapshot_download(name, allow_patterns):
        raise huggingface_hub.errors.LocalEntryNotFoundError("no network")

    monkeypatch.setattr(speech_fetch, "snapshot_download", snapshot_download)
    with pytest.raises(
        CheckpointError, match=r"could not be fetched with VITA-MLLM/VITA-1\.5 from the Hub: no network"
    ):
        fetch_speech("VITA-MLLM/VITA-1.5")
