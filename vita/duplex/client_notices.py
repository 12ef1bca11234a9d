"""What a client is told of its conversation, independent of any wire protocol. Telling starts no work.

The first group is reported by the state machine, the second by the driver that carries out the machine's commands.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from vita.duplex.conversation_history import AnswerItem, UserItem
from vita.duplex.driver_commands import AnswerEndReason, AnswerOutcome
from vita.duplex.watch_notices import FrameLooked, WatchedThingSeen, WatchEnded, WatchStarted
from vita.engine.engine_protocol import Usage
from vita.tokens import State


class ConversationPhase(StrEnum):
    """What is going on, seen from outside."""

    LISTENING = "listening"
    DECIDING = "deciding"  # the user has finished, no answer is running
    SPEAKING = "speaking"
    OVERLAP = "overlap"  # the user speaks during an answer
    DECIDING_IN_OVERLAP = "deciding_in_overlap"


@dataclass(frozen=True)
class DuckPlayback:
    """Play the answer at low volume."""


@dataclass(frozen=True)
class RestoreVolume:
    """Play at full volume again."""


@dataclass(frozen=True)
class TurnStarted:
    """The user's turn began at sample ``at``; its utterance will be ``item``."""

    item: str
    at: int


@dataclass(frozen=True)
class TurnEnded:
    """The user's turn ended at sample ``at``."""

    item: str
    at: int


@dataclass(frozen=True)
class IdleTimeoutReached:
    """No speech from sample ``begin`` to ``end``: an answer begins by itself, to an empty user ``item``."""

    item: str
    begin: int
    end: int


@dataclass(frozen=True)
class ItemCommitted:
    """A user's or client's item entered the history after item ``after`` ("" is the front).

    Attributes:
        by_voice: it was taken from the audio buffer by turn detection.
    """

    item: UserItem | AnswerItem
    after: str
    by_voice: bool = False


@dataclass(frozen=True)
class AnswerHeard:
    """The history keeps this much of an answer: ``item.heard``."""

    item: AnswerItem


@dataclass(frozen=True)
class UtteranceDismissed:
    """What was heard was not device-directed, too short, undecided, or dropped by the client."""

    item: str
    why: Literal["noise", "short", "failed", "dropped"]


@dataclass(frozen=True)
class RequestRefused:
    """What the client asked for is not possible now."""

    code: str
    message: str


MachineNotice = (
    DuckPlayback | RestoreVolume | TurnStarted | TurnEnded | IdleTimeoutReached | ItemCommitted | AnswerHeard
    | UtteranceDismissed | RequestRefused | WatchStarted | FrameLooked | WatchedThingSeen | WatchEnded
)  # fmt: skip


@dataclass(frozen=True)
class PhaseChanged:
    """The phase, and whether speech is being received, from now on; ``at`` samples received."""

    phase: ConversationPhase
    voice: bool
    at: int


@dataclass(frozen=True)
class DecisionStarted:
    """An engine (its number) was asked about the utterance ``item``."""

    decision: int
    engine: int
    item: str


@dataclass(frozen=True)
class TurnDecision:
    """The decision on an utterance: its state token, None where the model has none.

    Attributes:
        engine: name of the one that decided.
        seconds: from the request to the token.
    """

    decision: int
    state: State | None
    engine: str
    seconds: float


@dataclass(frozen=True)
class PrefillStarted:
    """An engine (its number) prefills the history."""

    engine: int


@dataclass(frozen=True)
class AnswerStarted:
    """An answer begins.

    Attributes:
        previous_item: the item before it in the history; None at the front.
        spoken: with audio; else text alone.
        engine: name of the one that generates.
        monitor: name of the one that listens meanwhile.
        metadata: of the client that asked for it.
    """

    answer: int
    item: str
    previous_item: str | None
    spoken: bool
    engine: str
    monitor: str
    metadata: dict[str, Any] | None = None


@dataclass(frozen=True)
class AnswerText:
    """A piece of an answer's text."""

    answer: int
    item: str
    text: str


@dataclass(frozen=True, repr=False)
class AnswerAudio:
    """A piece of an answer's audio: PCM16 at VOICE_RATE, to be played after the piece before it.

    Attributes:
        offset: samples of the answer before this piece.
    """

    answer: int
    item: str
    pcm: bytes
    offset: int


@dataclass(frozen=True)
class PlaybackStopped:
    """An answer was stopped: nothing more of it comes, and nothing more of it may be played."""

    answer: int
    item: str


@dataclass(frozen=True)
class AnswerEnded:
    """The one end of an answer, with its cost and all of its text."""

    answer: int
    item: str
    outcome: AnswerOutcome
    reason: AnswerEndReason
    detail: str
    usage: Usage
    text: str


@dataclass(frozen=True)
class TurnTiming:
    """When what happened in a turn, seconds by the driver's clock; None for what did not happen.

    Attributes:
        speech_end: the user's speech ended, or the answer was asked for.
        decided: the state token.
        first_token: the first token of text, which may come before the turn is over (preemptive generation).
        first_sound: the first audio was sent.
        played: the client reported that it had begun to play.
        cut: the answer was stopped.
        underruns: how often audio came later than it was needed.
    """

    answer: int
    item: str
    speech_end: float
    decided: float | None = None
    first_token: float | None = None
    first_sound: float | None = None
    played: float | None = None
    cut: float | None = None
    underruns: int = 0


@dataclass(frozen=True)
class TranscriptReady:
    """The transcript of the user's ``item``, ``seconds`` long; None where there is no recogniser."""

    item: str
    text: str | None
    seconds: float


@dataclass(frozen=True)
class ProtocolReply:
    """A reply of the wire protocol itself, sent in its place among the notices."""

    event: object


ClientNotice = (
    MachineNotice | PhaseChanged | DecisionStarted | TurnDecision | PrefillStarted | AnswerStarted | AnswerText
    | AnswerAudio | PlaybackStopped | AnswerEnded | TurnTiming | TranscriptReady | ProtocolReply
)  # fmt: skip
