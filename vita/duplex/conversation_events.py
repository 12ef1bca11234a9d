"""What can happen to a conversation: the events of its state machine, and its turn-taking policy.

``at`` is the time base everywhere: samples received since the conversation began, at SAMPLE_RATE.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from vita.duplex.conversation_history import HistoryItem
from vita.duplex.watch_state import WatchPlan
from vita.engine.engine_protocol import Finish
from vita.media import SAMPLE_RATE, Picture
from vita.speech.voice_events import VoicePaused, VoiceResumed, VoiceStarted, VoiceStopped
from vita.tokens import State


class TurnDetectionMode(StrEnum):
    """What detects the user's turn."""

    SERVER_VAD = "server_vad"  # voice activity alone
    SEMANTIC = "semantic_vad"  # the model's state token
    PUSH_TO_TALK = "push_to_talk"  # the client


@dataclass(frozen=True)
class TurnPolicy:
    """How a conversation takes turns. Lengths are samples at SAMPLE_RATE.

    Attributes:
        engines: 2, or 1 when one engine plays both roles.
        interrupt: whether the user may end an answer by voice.
        create: whether a query by voice is answered without being asked for.
        speculate: decide on a likely end of turn already, and throw that away if the voice goes on.
        min_voice: shorter sounds are no utterance and cost no decision.
        confirm: in SERVER_VAD, how long a voice must last before it ends an answer.
        patience: a ducked answer comes back when no decision came so long after the voice ended.
        watchdog: a decision that took so long is given up.
        longest: an utterance keeps at most so much sound.
        padding: so much sound from before the voice belongs to the utterance.
        probe: in an overlap, decide on what was heard so far each time so much more was heard; 0 waits for pauses.
            Shorter, and the probe's own work delays the decision at the end of a question of usual length.
        frames: so many frames of the camera go with an utterance, as one clip; 0 none.
        cuts: the client learns that an answer whose end it was told is played no further; where it does not, it plays
            that to its end, whatever is asked meanwhile.
        idle: after so much quiet after an answer the idle timeout starts another one, once; 0 never.
    """

    mode: TurnDetectionMode = TurnDetectionMode.SEMANTIC
    engines: int = 2
    interrupt: bool = True
    create: bool = True
    speculate: bool = True
    min_voice: int = SAMPLE_RATE * 15 // 100
    confirm: int = SAMPLE_RATE * 12 // 100
    patience: int = SAMPLE_RATE * 2
    watchdog: int = SAMPLE_RATE * 20
    longest: int = SAMPLE_RATE * 30
    padding: int = SAMPLE_RATE * 3 // 10
    probe: int = SAMPLE_RATE * 2
    frames: int = 4
    cuts: bool = True
    idle: int = 0


@dataclass(frozen=True)
class AudioReceived:
    """So many samples were received by now; the conversation's clock."""

    at: int


@dataclass(frozen=True)
class DecisionMade:
    """The monitor's state token; None where the checkpoint has none, which counts as a query."""

    decision: int
    state: State | None


@dataclass(frozen=True)
class DecisionFailed:
    """No engine could decide."""

    decision: int
    reason: str


@dataclass(frozen=True)
class HistoryItemAdded:
    """A complete item for the history, after item ``after`` ("" is the front, None the end)."""

    item: HistoryItem
    after: str | None = None


@dataclass(frozen=True)
class AnswerRequested:
    """The client asks for an answer, as after typed text."""


@dataclass(frozen=True)
class FrameSeen:
    """The camera's newest frame."""

    picture: Picture


@dataclass(frozen=True)
class ClauseSynthesized:
    """Clause ``index`` of an answer sounds ``samples`` long, as far as it was synthesised."""

    answer: int
    index: int
    text: str
    samples: int


@dataclass(frozen=True)
class AudioSent:
    """So many samples of an answer have been sent to the client, in all."""

    answer: int
    samples: int


@dataclass(frozen=True)
class PlaybackReported:
    """The client has played so many samples of an answer, in all."""

    answer: int
    samples: int


@dataclass(frozen=True)
class AnswerSent:
    """All of an answer has been sent to the client."""

    answer: int
    finish: Finish


@dataclass(frozen=True)
class AnswerFailed:
    """No engine could finish the answer."""

    answer: int
    reason: str


@dataclass(frozen=True)
class CancelRequested:
    """The client cancels the running answer."""


@dataclass(frozen=True)
class PlaybackTruncated:
    """The client reports that it played only ``samples`` samples of an item."""

    item: str
    samples: int


@dataclass(frozen=True)
class ItemRemoved:
    """The client takes an item out of the history, and ``pictures`` of the camera's out of what rides along."""

    item: str
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True)
class Faded:
    """No request will hold the pictures of items ``unseen`` again, nor the audio that came in items ``unheard``."""

    unseen: tuple[str, ...]
    unheard: tuple[str, ...] = ()


@dataclass(frozen=True)
class VoiceDropped:
    """Speech in progress is dropped: the client cleared or committed the buffer itself."""


@dataclass(frozen=True)
class PolicyChanged:
    """The client changed the turn-taking policy."""

    policy: TurnPolicy


@dataclass(frozen=True)
class WatchRequested:
    """The client wants to be told when something is seen."""

    plan: WatchPlan


@dataclass(frozen=True)
class WatchStopped:
    """The client wants to be told no more."""


@dataclass(frozen=True)
class WatchRanOut:
    """The time of a watch is over."""

    watch: int


@dataclass(frozen=True)
class LookFinished:
    """What an engine found in a frame that is watched; no score where it could not look."""

    look: int
    score: float | None
    said: str = ""


@dataclass(frozen=True)
class LookRested:
    """The watch may look again: a second has passed."""

    watch: int


@dataclass(frozen=True)
class ConversationClosed:
    """The conversation is over."""


ConversationEvent = (
    VoiceStarted | VoicePaused | VoiceResumed | VoiceStopped | AudioReceived | DecisionMade | DecisionFailed
    | HistoryItemAdded | AnswerRequested | FrameSeen | ClauseSynthesized | AudioSent | PlaybackReported | AnswerSent
    | AnswerFailed | CancelRequested | PlaybackTruncated | ItemRemoved | Faded | VoiceDropped | PolicyChanged
    | WatchRequested | WatchStopped | WatchRanOut | LookFinished | LookRested | ConversationClosed
)  # fmt: skip
FREQUENT_EVENTS = AudioReceived | AudioSent | PlaybackReported | ClauseSynthesized | LookRested  # too many for a log
