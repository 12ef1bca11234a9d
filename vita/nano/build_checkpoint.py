"""Put VITA-Nano together: weights from installed packages, what we trained, one folder in VITA's layout.

Deterministic: the folder's name is a digest of everything that goes in, and its files are the same byte for byte.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from torch import Tensor
from transformers import LlamaConfig

from vita.model import sound_verdicts
from vita.model.configuration import PLACEHOLDERS, VITAConfig
from vita.nano import weight_sources
from vita.nano.captioning_weights import eye_weights, make_eye
from vita.nano.checkpoint_cache import CACHE, mark_used, remove_unused
from vita.nano.efficientnet_names import rename_efficientnet
from vita.nano.model import device_directed
from vita.nano.model.captioning_tower import CaptionsConfig
from vita.nano.model.whisper_tower import WhisperWordsConfig
from vita.nano.whisper_names import rename_whisper
from vita.tokens import STATE_TOKENS, Family, State

TRAINED = Path(__file__).with_name("weights")  # what we trained, as safetensors
TUNED = "tuned.model."  # of the low-rank changes of the language model
ADAPTED = "recogniser."  # of those of the recogniser
CONTEXT = 8192  # tokens
MULTIPLE = 64  # of which the vocabulary's size is one; the rows beyond the tokenizer serve as placeholders
PENALTY = 1.1  # for repetition, without which so small a model falls into loops when decoding greedily
STORED = torch.float16  # halves the folder; the sources have no more precision than that


def build_nano(output: Path | None = None) -> Path:
    """The checkpoint's folder, built now or found in the cache.

    Several processes may build at once: each works in a folder of its own, the first one's is kept. A build makes room:
    what lies in the cache unused for a month goes.

    Args:
        output: where to write it; None takes a folder in the cache that is named by the digest of its contents.

    Raises:
        CheckpointError: a package that brings weights is absent, or brings others.
    """
    folder = (output or CACHE / f"nano-{source_digest()}").expanduser()
    if (folder / "config.json").is_file() and output is None:
        mark_used(folder)
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        write_checkpoint(draft)
        draft.chmod(0o755)
        _publish_folder(draft, folder, replace=output is not None)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    if output is None:
        remove_unused(folder.parent)
    return folder


def _publish_folder(draft: Path, folder: Path, replace: bool) -> None:
    """Rename the finished draft; where another process was faster, its folder stands."""
    if replace:
        shutil.rmtree(folder, ignore_errors=True)
    try:
        draft.rename(folder)
    except OSError:
        if not (folder / "config.json").is_file():
            raise


def source_digest() -> str:
    """Twelve hexadecimal digits that change with the sources, with what we trained and with the code that merges."""
    total = hashlib.sha256()
    for source in weight_sources.ALL:
        total.update(source.sha256.encode())
    room = Path(__file__).parent
    for path in (*sorted(room.rglob("*.py")), *sorted(room.glob("*.txt")), *sorted(TRAINED.glob("*.safetensors"))):
        total.update(path.read_bytes())
    return total.hexdigest()[:12]


def write_checkpoint(folder: Path) -> None:
    """Write every file of the checkpoint into an empty folder."""
    paths = {source: source.locate_file() for source in weight_sources.ALL}
    language, vocabulary = weight_sources.read_language_model(paths[weight_sources.LANGUAGE])
    tokenizer = make_tokenizer(vocabulary)
    trained = {
        name: tensor for path in sorted(TRAINED.glob("*.safetensors")) for name, tensor in load_file(path).items()
    }
    eye, ids = make_eye(vocabulary.tokens, tokenizer)
    config = make_config(tokenizer, eye, json.loads(paths[weight_sources.WHISPER_CONFIG].read_text()))
    weights = text_weights(language, trained, config.text_config.vocab_size)
    embeddings = weights["model.embed_tokens.weight"]
    weights |= vision_weights(weight_sources.read_efficientnet(paths[weight_sources.EFFICIENTNET]))
    weights |= eye_weights(trained, embeddings, ids)
    _save_tensors(weights, folder / "model.safetensors")
    hearing = merge_changes(
        rename_whisper(weight_sources.read_ctranslate2(paths[weight_sources.WHISPER])), trained, ADAPTED
    )
    hearing["embeddings"] = embeddings
    (folder / config.audio_config.weights).parent.mkdir()
    hearing |= {name: tensor for name, tensor in trained.items() if name.startswith(device_directed.NAME)}
    _save_tensors(hearing, folder / config.audio_config.weights)
    shutil.copyfile(paths[weight_sources.WHISPER_TOKENIZER], folder / config.audio_config.words)
    write_texts(folder, tokenizer, vocabulary.chat_template, config)


def make_tokenizer(vocabulary: weight_sources.SourceVocabulary) -> Tokenizer:
    """SmolLM2's byte-level BPE with the state tokens as special tokens behind its own."""
    ids = {token: index for index, token in enumerate(vocabulary.tokens)}
    merges = [(left, right) for left, right in (merge.split(" ") for merge in vocabulary.merges)]
    tokenizer = Tokenizer(models.BPE(vocab=ids, merges=merges))
    digits, text = pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([digits, text])
    tokenizer.decoder = decoders.ByteLevel()
    states = [STATE_TOKENS[Family.NANO].text(state) for state in State]
    special = [vocabulary.tokens[index] for index in vocabulary.special] + states
    tokenizer.add_special_tokens([AddedToken(text, special=True, normalized=False) for text in special])
    return tokenizer


def make_config(tokenizer: Tokenizer, eye: CaptionsConfig, whisper: dict[str, Any]) -> VITAConfig:
    """The checkpoint's configuration; its answers begin with a state token that fits."""
    known = tokenizer.get_vocab_size()
    rows = -(-(known + sound_verdicts.VERDICTS + PLACEHOLDERS) // MULTIPLE) * MULTIPLE
    text = LlamaConfig(
        vocab_size=rows,
        hidden_size=576,
        intermediate_size=1536,
        num_hidden_layers=30,
        num_attention_heads=9,
        num_key_value_heads=3,
        head_dim=64,
        max_position_embeddings=CONTEXT,
        rms_norm_eps=1e-5,
        rope_parameters={"rope_type": "default", "rope_theta": 100_000.0},
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=2,
        tie_word_embeddings=False,
    )
    audio = WhisperWordsConfig(
        alignment_heads=whisper["alignment_heads"],
        suppressed=whisper["suppress_ids"],
        suppressed_first=whisper["suppress_ids_begin"],
    )
    return VITAConfig(
        family=Family.NANO.value,
        text_config=text,
        vision_config=eye,
        audio_config=audio,
        max_tiles=1,
        use_thumbnail=False,
        state_token_ids=[tokenizer.token_to_id(STATE_TOKENS[Family.NANO].text(state)) for state in State],
        verdict_token_ids=list(range(known, known + sound_verdicts.VERDICTS)),
        penalizes_earlier_answers=True,
        languages=["en"],
        dtype="float32",
    )


def text_weights(language: dict[str, Tensor], trained: dict[str, Tensor], rows: int) -> dict[str, Tensor]:
    """The language model with rows for the state tokens; its output matrix is no longer its input matrix."""
    weights = {f"model.{name}": tensor for name, tensor in merge_changes(language, trained, TUNED).items()}
    table = weights["model.embed_tokens.weight"]
    spare = torch.zeros(rows - len(table), table.shape[1])
    inputs, outputs = torch.cat((table, spare)), torch.cat((table, spare))
    first = len(table)  # the state tokens are the first behind SmolLM2's own
    inputs[first : first + len(State)] = trained["state.inputs"].float()
    outputs[first : first + len(State)] = trained["state.outputs"].float()
    return weights | {"model.embed_tokens.weight": inputs, "lm_head.weight": outputs}


def merge_changes(source: dict[str, Tensor], trained: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """Weights of a package with those of our low-rank changes added that have the prefix."""
    weights = dict(source)
    for name in [name for name in trained if name.startswith(prefix) and name.endswith(".down")]:
        stem = name.removesuffix(".down")
        key = f"{stem.removeprefix(prefix)}.weight"
        weights[key] = weights[key] + trained[f"{stem}.up"].float() @ trained[name].float()
    return weights


def vision_weights(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """The encoder and its classifier."""
    return {f"model.vision_tower.vision_tower.{name}": t for name, t in rename_efficientnet(state).items()}


def write_texts(folder: Path, tokenizer: Tokenizer, template: str, config: VITAConfig) -> None:
    """Tokenizer, chat template, configuration and generation defaults."""
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "chat_template.jinja").write_text(template, encoding="utf-8")
    states = [STATE_TOKENS[Family.NANO].text(state) for state in State]
    _write_json(
        folder / "tokenizer_config.json",
        {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "bos_token": "<|im_start|>",
            "eos_token": "<|im_end|>",
            "pad_token": "<|im_end|>",
            "unk_token": "<|endoftext|>",
            "additional_special_tokens": states,
            "model_max_length": CONTEXT,
            "clean_up_tokenization_spaces": False,
        },
    )
    _write_json(
        folder / "generation_config.json",
        {
            "bos_token_id": 1,
            "eos_token_id": 2,
            "pad_token_id": 2,
            "do_sample": False,
            "repetition_penalty": PENALTY,
        },
    )
    _write_json(folder / "config.json", json.loads(config.to_json_string(use_diff=False)))


def _write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def _save_tensors(tensors: dict[str, Tensor], path: Path) -> None:
    save_file(
        {name: tensors[name].to(STORED).contiguous() for name in sorted(tensors)}, path, metadata={"format": "pt"}
    )
