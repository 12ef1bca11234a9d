"""Load ``vita_tts_ckpt`` as it is published, or say in one error all that is wrong with it.

``decoder/model.json`` is ``[idim, odim, {arguments}]``, ``codec/model.json`` an object. ``decoder/final.pt`` is a state
dict, plain or under "model"; ``codec/final.pt`` has one each under "generator" and "quantizer" (and an encoder that is
not needed to speak). Half-precision weights become float32.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from vita.errors import CheckpointError
from vita.model.checkpoint_files import Shape
from vita.model.checkpoint_loading import tensor_differences
from vita.speech.vita_voice.speech_codec import SpeechCodec, join_weight_norm
from vita.speech.vita_voice.speech_config import CodecConfig, DecoderConfig
from vita.speech.vita_voice.speech_decoder import SpeechDecoder
from vita.speech.vita_voice.speech_files import State, pick_state, read_config_file, read_weight_file

CODES_KEY = "quantizer_modules.0.embedding.weight"
SPEAKER_KEY = "quantizer_modules_globaltokens.{}.embedding.weight"


def load_speech_networks(folder: Path, device: str = "cpu") -> tuple[SpeechDecoder, SpeechCodec]:
    """Both networks of ``folder`` (a ``vita_tts_ckpt``), float32, in evaluation mode.

    Raises:
        CheckpointError: a file is absent or damaged, or does not fit its configuration; one line for each fault.
    """
    faults: list[str] = []
    decoder = _load_decoder(folder / "decoder", faults)
    codec = _load_codec(folder / "codec", faults)
    if decoder and codec and decoder.config.odim > codec.config.n_codes:
        faults.append(f"{folder}: the decoder has {decoder.config.odim} codes, the codec {codec.config.n_codes}")
    if faults or not decoder or not codec:
        raise CheckpointError("\n".join([f"{folder} cannot be used as a voice; download it again.", *faults]))
    return decoder.to(device).eval(), codec.to(device).eval()


def _load_decoder(folder: Path, faults: list[str]) -> SpeechDecoder | None:
    weights = folder / "final.pt"
    config = read_config_file(folder / "model.json", DecoderConfig, faults, pick=lambda data: data[2])
    data = read_weight_file(weights, faults)
    state = None if data is None else pick_state(weights, data, "model" if "model" in data else "", faults)
    if config is None or state is None:
        return None
    with torch.device("meta"):
        decoder = SpeechDecoder(config)
    wanted = decoder.state_dict()
    parts = {key.split(".")[0] for key in wanted}
    state = {key: tensor for key, tensor in state.items() if key.split(".")[0] in parts}  # others upstream never calls
    if _compare_shapes(weights, list_shapes(wanted), list_shapes(state), faults):
        _fill_network(decoder, state)
        return decoder
    return None


def _load_codec(folder: Path, faults: list[str]) -> SpeechCodec | None:
    weights = folder / "final.pt"
    config = read_config_file(folder / "model.json", CodecConfig, faults)
    data = read_weight_file(weights, faults)
    generator = None if data is None else pick_state(weights, data, "generator", faults)
    books = None if data is None else pick_state(weights, data, "quantizer", faults)
    if config is None or generator is None or books is None:
        return None
    speakers = [SPEAKER_KEY.format(number) for number in range(config.global_code_num)]
    widths = {key: books[key].shape[-1] if key in books else 1 for key in (CODES_KEY, *speakers)}
    speaker_dim = sum(widths[key] for key in speakers)
    with torch.device("meta"):
        codec = SpeechCodec(config, widths[CODES_KEY], speaker_dim)
    wanted = weight_norm_shapes(codec.generator) | {key: (config.n_codes, width) for key, width in widths.items()}
    if not _compare_shapes(weights, wanted, list_shapes(generator | books), faults):
        return None
    if speaker_dim not in config.stage_channels:
        faults.append(f"{weights}: the speaker has {speaker_dim} values, the stages {config.stage_channels} channels")
        return None
    _fill_network(codec.generator, _fuse_weight_norms(generator))
    codec.code_vectors = books[CODES_KEY].float()
    codec.speaker = torch.cat(
        [books[key][code] for key, code in zip(speakers, config.global_tokens, strict=True)]
    ).float()
    return codec


def list_shapes(tensors: Mapping[str, Tensor]) -> dict[str, Shape]:
    """Shapes by name."""
    return {key: tuple(tensor.shape) for key, tensor in tensors.items()}


def weight_norm_shapes(network: nn.Module) -> dict[str, Shape]:
    """Shapes of ``network``'s parameters as a file with weight norms (``weight_g``, ``weight_v``) has them."""
    wanted: dict[str, Shape] = {}
    for key, shape in list_shapes(network.state_dict()).items():
        if key.endswith(".weight"):
            wanted[key + "_g"] = (shape[0],) + (1,) * (len(shape) - 1)
            wanted[key + "_v"] = shape
        else:
            wanted[key] = shape
    return wanted


def _fuse_weight_norms(state: State) -> State:
    plain = {key: tensor for key, tensor in state.items() if not key.endswith(("_g", "_v"))}
    scaled = {key.removesuffix("_g"): tensor for key, tensor in state.items() if key.endswith("_g")}
    return plain | {key: join_weight_norm(scale.float(), state[key + "_v"].float()) for key, scale in scaled.items()}


def _compare_shapes(file: Path, wanted: dict[str, Shape], found: dict[str, Shape], faults: list[str]) -> bool:
    lines = tensor_differences(wanted, found)
    faults += [f"{file}: {line}" for line in lines]
    return not lines


def _fill_network(network: nn.Module, state: State) -> None:
    network.load_state_dict({key: tensor.float() for key, tensor in state.items()}, assign=True)
