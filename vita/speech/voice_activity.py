"""Voice activity: Silero's probability for each 32 ms, made into beginnings, pauses and ends with some patience.

The model is the ONNX file inside the silero-vad package (MIT), run by onnxruntime alone: importing the package itself
would load torch. One frame costs 0.12 ms on one core, so it runs where the sound arrives.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from vita.errors import CheckpointError
from vita.media import SAMPLE_RATE
from vita.speech.trailing_silence import PIECE, TrailingSilence
from vita.speech.voice_events import VoiceEvent, VoicePaused, VoiceResumed, VoiceStarted, VoiceStopped

FRAME = 512  # samples, 32 ms at SAMPLE_RATE; the only size that Silero takes
CONTEXT = 64  # samples of the frame before, in front of each frame

Frame = NDArray[np.float32]


@dataclass(frozen=True)
class VadSettings:
    """When a sound is a voice. Lengths are samples at SAMPLE_RATE.

    Attributes:
        threshold: probability from which a frame is voice.
        echo_margin: so much more is asked for while VITA speaks, against its own echo.
        echo_share: a sound that is quieter than this share of what VITA is saying is its echo, however clear: what a
            browser's echo cancellation leaves is 30 dB and more below, a visitor rarely 20.
        onset: so much voice in a row is a beginning.
        pause: so much without voice is a likely end of turn, upon which a decision is begun. One that is none costs
            work, for the decision is dropped as the voice goes on; where that takes longer than the decision (0.15 s
            and more), half a sentence may end an answer. Measured on 60 synthetic questions in messages of 20 ms, with
            a ``tail_silence`` as long: the pause is there 24 ms after the voice and 2.6 times within it; 33 ms and 2.3
            times with 4 pieces, 11 ms and 3.1 times with 2.
        tail_silence: a frame is without voice, however sure the network is, where so much at its end is quiet; 0
            leaves that to the network, which takes 60 ms longer.
        quiet_share: what is quieter than this share of the voice's loudest is quiet.
        silence: so much silence is the end of a turn.
        longest: a voice that lasts so long is taken to have ended.
    """

    threshold: float = 0.5
    echo_margin: float = 0.15
    echo_share: float = 0.1
    onset: int = 2 * FRAME
    pause: int = 3 * PIECE
    tail_silence: int = 3 * PIECE
    quiet_share: float = 0.03
    silence: int = SAMPLE_RATE // 2
    longest: int = 30 * SAMPLE_RATE


def threshold_for(sensitivity: float) -> float:
    """The threshold for a sensitivity from 0 (hears only clear voices) to 1 (hears a whisper)."""
    return 0.9 - 0.8 * min(max(sensitivity, 0.0), 1.0)


@cache
def _silero_session() -> onnxruntime.InferenceSession:
    spec = find_spec("silero_vad")
    if spec is None or spec.origin is None:
        raise CheckpointError("Voice activity needs the package silero-vad; install it.")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3  # the published file makes onnxruntime warn of unused initializers
    path = Path(spec.origin).parent / "data" / "silero_vad_16k_op15.onnx"
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


class SileroVad:
    """The probability of voice, frame by frame. The network is shared, its memory belongs to one stream."""

    def __init__(self) -> None:
        self._state = np.zeros((2, 1, 128), np.float32)
        self._context = np.zeros(CONTEXT, np.float32)

    def __call__(self, frame: Frame) -> float:
        """Probability (0..1) that ``frame``, float32 [FRAME] at SAMPLE_RATE, is voice."""
        sound = np.concatenate([self._context, frame])[None]
        rate = np.array(SAMPLE_RATE, np.int64)
        probability, self._state = _silero_session().run(None, {"input": sound, "state": self._state, "sr": rate})
        self._context = frame[-CONTEXT:]
        return float(probability[0, 0])


def root_mean_square(samples: NDArray[np.float32]) -> float:
    """Root mean square of float samples in -1..1."""
    return float(np.sqrt(np.mean(np.square(samples)))) if len(samples) else 0.0


class VoiceActivity:
    """From frames to events.

    Attributes:
        overlap: VITA is speaking; set by whoever knows.
        echo: how loud that is, as the root mean square of its loudest frame of late.
    """

    def __init__(self, probability: Callable[[Frame], float], settings: VadSettings) -> None:
        self.settings = settings
        self.overlap = False
        self.echo = 0.0
        self._probability = probability
        self._at = 0  # samples seen
        self._begin: int | None = None  # where the voice, or what may become one, began
        self._end = 0  # where it was last heard
        self._voiced = 0  # where the last frame ended that was voice
        self._silence = TrailingSilence(settings.quiet_share)
        self._started = self._paused = False

    def feed_frame(self, frame: Frame) -> list[VoiceEvent]:
        """What ``frame``, float32 [FRAME], changes."""
        probability = self._probability(frame)
        self._at += len(frame)
        return self._during_speech(probability, frame) if self._started else self._before_speech(probability, frame)

    def check_tail(self, samples: Frame) -> list[VoiceEvent]:
        """What the beginning of the next frame, float32 [less than FRAME], tells by its loudness: a pause, at once."""
        settings, whole = self.settings, samples[: len(samples) // PIECE * PIECE]
        if not self._started or self._paused or not settings.tail_silence:
            return []
        quiet = copy(self._silence).feed_frame(whole)
        if quiet < max(settings.tail_silence, settings.pause):
            return []
        at = self._at + len(whole)
        self._paused, self._end = True, max(self._end, at - quiet)
        return [VoicePaused(at, self._end)]

    def _before_speech(self, probability: float, frame: Frame) -> list[VoiceEvent]:
        threshold = self.settings.threshold + (self.settings.echo_margin if self.overlap else 0.0)
        if probability < min(threshold, 0.95) or self._is_echo(frame):
            self._begin = None
            return []
        if self._begin is None:
            self._begin, self._silence = self._at - FRAME, TrailingSilence(self.settings.quiet_share)
        self._silence.feed_frame(frame)
        if self._at - self._begin < self.settings.onset:
            return []
        self._started, self._paused, self._end, self._voiced = True, False, self._at, self._at
        return [VoiceStarted(self._at, self._begin)]

    def _is_echo(self, frame: Frame) -> bool:
        return self.overlap and root_mean_square(frame) < self.settings.echo_share * self.echo

    def _during_speech(self, probability: float, frame: Frame) -> list[VoiceEvent]:
        assert self._begin is not None
        settings, quiet = self.settings, self._silence.feed_frame(frame)
        if probability >= settings.threshold and not 0 < settings.tail_silence <= quiet:
            self._end, self._voiced = self._at - quiet, self._at
        if self._at - self._end >= settings.silence or self._at - self._begin >= settings.longest:
            self._started, self._begin = False, None
            return [VoiceStopped(self._at, self._end)]
        silence = self._at - self._voiced
        if self._paused and not silence:
            self._paused = False
            return [VoiceResumed(self._at)]
        if not self._paused and silence >= settings.pause:
            self._paused = True
            return [VoicePaused(self._at, self._end)]
        return []
