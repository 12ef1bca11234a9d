"""Received audio: PCM16 from the wire, resampled to SAMPLE_RATE, kept for a while, and run through voice activity."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from vita.duplex.conversation_events import AudioReceived
from vita.duplex.conversation_history import Utterance
from vita.media import SAMPLE_RATE, Sound
from vita.media.pcm import BYTES_PER_SAMPLE, decode_pcm16
from vita.speech.resampling import Downsampler
from vita.speech.voice_activity import FRAME, Frame, VadSettings, VoiceActivity
from vita.speech.voice_events import VoiceEvent

KEPT = 75 * SAMPLE_RATE  # samples; longer than any utterance with its padding
SPARE = 15 * SAMPLE_RATE  # samples kept beyond that before the oldest are given up, so that this is rare


class AudioInput:
    """The received audio of one conversation. ``received`` (samples at SAMPLE_RATE) is the conversation's time base."""

    def __init__(self, probability: Callable[[Frame], float], settings: VadSettings) -> None:
        self.activity = VoiceActivity(probability, settings)
        self.received = 0  # samples at SAMPLE_RATE
        self._resample = Downsampler()
        self._kept = np.zeros(KEPT + SPARE, np.float32)
        self._count = 0  # of them filled
        self._watched = 0  # samples that voice activity has seen
        self._odd = b""  # half a sample that came at the end of a message

    def receive_pcm(self, pcm: bytes) -> list[VoiceEvent | AudioReceived]:
        """Take PCM16 mono at VOICE_RATE, less than is kept of it; the events it causes, AudioReceived last."""
        pcm = self._odd + pcm
        self._odd = pcm[len(pcm) - len(pcm) % BYTES_PER_SAMPLE :]
        self._keep_samples(self._resample(decode_pcm16(pcm)))
        events: list[VoiceEvent | AudioReceived] = []
        while self.received - self._watched >= FRAME:
            frame = self.sound_of(Utterance(self._watched, self._watched + FRAME)).samples
            self._watched += FRAME
            events += self.activity.feed_frame(frame)
        events += self.activity.check_tail(self.sound_of(Utterance(self._watched, self.received)).samples)
        return [*events, AudioReceived(self.received)]

    def sound_of(self, utterance: Utterance) -> Sound:
        """The audio of ``utterance``, float32 at SAMPLE_RATE; what is no longer kept is left out."""
        first = self.received - self._count
        begin, end = max(utterance.begin - first, 0), max(utterance.end - first, 0)
        return Sound(self._kept[begin : min(end, self._count)].copy())

    def _keep_samples(self, samples: NDArray[np.float32]) -> None:
        for begin in range(0, len(samples), SPARE):
            part = samples[begin : begin + SPARE]
            if self._count + len(part) > len(self._kept):
                self._kept[:KEPT] = self._kept[self._count - KEPT : self._count]
                self._count = KEPT
            self._kept[self._count : self._count + len(part)] = part
            self._count += len(part)
        self.received += len(samples)
