"""The two sample rates of a conversation and what they are per millisecond; nothing else writes these numbers."""

from __future__ import annotations

from vita.media import SAMPLE_RATE

VOICE_RATE = 24_000  # Hz, of audio on the wire in both directions and of every synthesised voice
VOICE_SAMPLES_PER_MS = VOICE_RATE // 1000  # 24
INPUT_SAMPLES_PER_MS = SAMPLE_RATE // 1000  # 16: user audio is resampled to SAMPLE_RATE, the rate the model hears at
