"""How fast VITA-1.5's voice is, with the published sizes and random weights."""

from __future__ import annotations

import time

import torch

from vita.speech.vita_voice.code_windows import CHUNK_CODES, FIRST_CHUNK_CODES, PADDING_CODES, window_codes
from vita.speech.vita_voice.speech_codec import SpeechCodec
from vita.speech.vita_voice.speech_config import CodecConfig, DecoderConfig
from vita.speech.vita_voice.speech_decoder import CodeSampling, SpeechDecoder

DECODER = DecoderConfig(
    idim=896, odim=1024, transformer_attention_dim=896, transformer_linear_units=4864, transformer_num_blocks=4,
    transformer_attention_heads=14, encoder_output_dim=896,
)  # fmt: skip
# The decoder's sizes are published; the codec's are TiCodec's defaults with 512 channels (its file was not at hand).
CODEC = CodecConfig(
    resblock="1", upsample_rates=[8, 5, 5, 3], upsample_kernel_sizes=[16, 11, 11, 5], upsample_initial_channel=512,
    resblock_kernel_sizes=[3, 7, 11], resblock_dilation_sizes=[[1, 3, 5]] * 3, n_codes=1024, n_code_groups=1,
    global_code_num=8, global_tokens=[0] * 8, sampling_rate=24_000,
)  # fmt: skip
TEXT_VECTORS = 4 * 12  # of a clause of twelve tokens


def measure_device(device: str, codes: int) -> str:
    """The real-time factors of ``device`` in words."""
    torch.manual_seed(0)
    decoder = SpeechDecoder(DECODER).to(device).eval()
    codec = SpeechCodec(CODEC, code_dim=512, speaker_dim=128).to(device).eval()
    with torch.no_grad():
        decoder.out_fnn.bias[decoder.sound_end] = -1e9  # random weights know no end
    vectors = torch.randn(TEXT_VECTORS, DECODER.idim, device=device)
    _decode_all(decoder, codec, vectors, FIRST_CHUNK_CODES + PADDING_CODES)  # what is made once
    began, computed = time.perf_counter(), time.process_time()
    drawn = list(decoder.stream_codes(vectors, CodeSampling(), codes))
    middle = time.perf_counter()
    for window in window_codes(drawn, CHUNK_CODES):
        codec.decode_codes(window.codes).cpu()
    end, computed = time.perf_counter(), time.process_time() - computed
    _decode_all(decoder, codec, vectors, FIRST_CHUNK_CODES + PADDING_CODES)
    first = time.perf_counter() - end
    seconds = len(drawn) * CODEC.samples_per_code / CODEC.sampling_rate
    name = torch.cuda.get_device_name() if device == "cuda" else f"CPU, {torch.get_num_threads()} threads"
    return (
        f"{name}: real-time factor {(end - began) / seconds:.3f} (decoder {(middle - began) / seconds:.3f}, "
        f"codec {(end - middle) / seconds:.3f}), processor seconds a second {computed / seconds:.2f}; "
        f"first sound after {first:.2f} s; {seconds:.1f} s of sound, random weights"
    )


def _decode_all(decoder: SpeechDecoder, codec: SpeechCodec, vectors: torch.Tensor, codes: int) -> None:
    codec.decode_codes(list(decoder.stream_codes(vectors, CodeSampling(), codes))).cpu()
