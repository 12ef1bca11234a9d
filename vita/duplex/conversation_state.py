"""The state of one conversation: frozen records, and ``Transition``, one step of it being worked out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from vita.duplex.camera import CameraClip, CameraFrame, sees_camera
from vita.duplex.client_notices import ConversationPhase, MachineNotice
from vita.duplex.conversation_events import TurnPolicy
from vita.duplex.conversation_history import AnswerItem, HistoryItem, UserItem, UserPart, Utterance, without_camera
from vita.duplex.driver_commands import DriverCommand, PrefillHistory
from vita.duplex.watch_state import ActiveWatch
from vita.tokens import State

ConversationAction = DriverCommand | MachineNotice  # what one step asks for, in order


@dataclass(frozen=True)
class UserSpeech:
    """The user is speaking, or has finished and is waiting for the turn decision.

    Attributes:
        item: the id that the utterance will have in the history.
        begin: where its sound begins, padding included.
        started: when voice activity said so.
        end: where speech ended; None while it goes on.
        stopped: when the turn was over; None before.
        announced, ended: the client was told that the turn began, and that it ended.
        probed: up to where a decision in overlap has heard it.
    """

    item: str
    begin: int
    started: int
    end: int | None = None
    stopped: int | None = None
    announced: bool = False
    ended: bool = False
    probed: int = 0


@dataclass(frozen=True)
class DecisionRequest:
    """A request to the monitor about one utterance.

    Attributes:
        camera: what the camera saw during the utterance; None where there is none.
        decided: its first token has come: ``verdict``, None where the model has no state tokens.
        probe: it hears only the beginning of an utterance that goes on, to decide on a barge-in.
    """

    id: int
    engine: int
    parts: tuple[UserPart, ...]
    camera: CameraClip | None = None
    probe: bool = False
    decided: bool = False
    verdict: State | None = None

    @property
    def given(self) -> tuple[UserPart, ...]:
        """All that is decided on: what was seen, then what was said."""
        return (self.camera, *self.parts) if self.camera else self.parts

    @property
    def is_query(self) -> bool:
        """Whether the utterance was found to be device-directed speech."""
        return self.decided and self.verdict is not State.NOISE


@dataclass(frozen=True)
class ActiveAnswer:
    """The answer that is being made or played.

    Attributes:
        sent: samples at VOICE_RATE that went to the client.
        reported: samples of them that were played, as the client reports or the driver estimates.
        done: its end was told; it may still be playing.
    """

    id: int
    item: str
    engine: int
    sent: int = 0
    reported: int = 0
    done: bool = False

    @property
    def played_samples(self) -> int:
        """Samples heard: nobody hears what was not sent."""
        return min(self.reported, self.sent)


@dataclass(frozen=True)
class ConversationState:
    """Everything that is true of a conversation; only ``conversation_machine.step`` makes another one.

    Attributes:
        now: samples received.
        frames: what the camera saw of late, see ``duplex.camera``.
        ducked: when the answer was made quiet; None while it is not.
        quiet: since when there was no speech after an answer; None where there was, or the idle timeout was answered.
        idle_answer: the newest answer was started by the idle timeout.
        watch: what the client wants to be told of when it is seen; None where nothing is.
        generator: the engine of the newest answer; the other one monitors.
        name: what the ids of its items have in common, so that those of two conversations never meet at one client.
        count: names answers, decisions and items.
    """

    policy: TurnPolicy = field(default_factory=TurnPolicy)
    name: str = ""
    now: int = 0
    items: tuple[HistoryItem, ...] = ()
    frames: tuple[CameraFrame, ...] = ()
    voice: UserSpeech | None = None
    decision: DecisionRequest | None = None
    answer: ActiveAnswer | None = None
    ducked: int | None = None
    quiet: int | None = None
    idle_answer: bool = False
    watch: ActiveWatch | None = None
    generator: int = 0
    count: int = 0
    closed: bool = False

    @property
    def phase(self) -> ConversationPhase:
        """Derived, so that it cannot contradict the rest."""
        deciding = self.voice is not None and self.voice.stopped is not None
        if self.answer is None:
            return ConversationPhase.DECIDING if deciding else ConversationPhase.LISTENING
        if deciding:
            return ConversationPhase.DECIDING_IN_OVERLAP
        return ConversationPhase.OVERLAP if self.voice else ConversationPhase.SPEAKING

    @property
    def monitor(self) -> int:
        """The engine that listens."""
        return (self.generator + 1) % self.policy.engines

    def find_item(self, item: str) -> HistoryItem | None:
        """The item of that id."""
        return next((known for known in self.items if known.id == item), None)


class Transition:
    """One step: the state so far and the actions so far. Lives only inside ``step``."""

    def __init__(self, state: ConversationState) -> None:
        self.state = state
        self.actions: list[ConversationAction] = []

    def set_fields(self, **changes: object) -> None:
        """Replace fields of the state."""
        self.state = replace(self.state, **changes)  # type: ignore[arg-type]

    def add_actions(self, *actions: ConversationAction) -> None:
        """Add to what this step asks for."""
        self.actions += actions

    def next_number(self) -> int:
        """A fresh number."""
        self.set_fields(count=self.state.count + 1)
        return self.state.count

    def user_id(self) -> str:
        """A fresh id for an item of the user's."""
        return f"item_{self.state.name}u{self.next_number()}"

    def answer_id(self, number: int) -> str:
        """The id for the item of answer ``number``."""
        return f"item_{self.state.name}a{number}"

    def replace_item(self, item: HistoryItem) -> None:
        """Replace the item of the same id."""
        self.set_fields(items=tuple(item if known.id == item.id else known for known in self.state.items))

    def append_item(self, item: HistoryItem) -> str:
        """Add at the end; returns the id that it follows."""
        after = self.state.items[-1].id if self.state.items else ""
        self.set_fields(items=(*self.state.items, item))
        return after

    def heard_history(self) -> tuple[HistoryItem, ...]:
        """The items, the running answer's cut to what was heard of it by now."""
        answer = self.state.answer
        if answer is None:
            return self.state.items
        item = self.answer_item(answer.item)
        live = replace(item, limit=answer.played_samples)
        return tuple(live if known.id == answer.item else known for known in self.state.items)

    def forget_camera(self) -> None:
        """What the camera saw belongs to one turn, and that is answered or over."""
        self.set_fields(items=without_camera(self.state.items))

    def prefill_history(self, engine: int, items: tuple[HistoryItem, ...]) -> None:
        """Let ``engine`` prefill ``items`` as the next utterance will find them: without earlier camera clips."""
        sees = sees_camera(self.state.frames, self.state.now)
        self.add_actions(PrefillHistory(engine, without_camera(items), sees))

    def answer_item(self, item: str) -> AnswerItem:
        """The history's record of an answer; our own ids only."""
        found = self.state.find_item(item)
        assert isinstance(found, AnswerItem)
        return found

    def unanswered_items(self) -> tuple[UserItem, ...]:
        """What the user gave since the newest answer began."""
        items = self.state.items
        last = max((n for n, item in enumerate(items) if isinstance(item, AnswerItem)), default=-1)
        return tuple(item for item in items[last + 1 :] if isinstance(item, UserItem))


def speech_utterance(voice: UserSpeech, until: int, longest: int) -> Utterance:
    """The sound of a voice up to ``until``, at most the ``longest`` samples before it."""
    return Utterance(max(voice.begin, until - longest, 0), until)
