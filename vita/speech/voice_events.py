"""What voice activity detection reports. Times are samples received since the stream began, at SAMPLE_RATE."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class VoiceStarted:
    """Speech began at ``begin``; detected at ``at``."""

    at: int
    begin: int


@dataclass(frozen=True)
class VoicePaused:
    """A likely end of turn (endpointing): speech ended at ``end``."""

    at: int
    end: int


@dataclass(frozen=True)
class VoiceResumed:
    """Speech goes on after a pause: the turn had not ended."""

    at: int


@dataclass(frozen=True)
class VoiceStopped:
    """The turn is over: speech ended at ``end``, and silence lasted long enough since."""

    at: int
    end: int


VoiceEvent = VoiceStarted | VoicePaused | VoiceResumed | VoiceStopped
