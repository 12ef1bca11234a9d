"""A conversation told in seconds: ``Script`` feeds the machine and keeps what it asked for."""

from __future__ import annotations

from vita.duplex import conversation_events as e
from vita.duplex.conversation_history import UserItem
from vita.duplex.conversation_machine import step
from vita.duplex.conversation_state import ConversationAction, ConversationState
from vita.media import SAMPLE_RATE
from vita.speech import voice_events
from vita.tokens import State

SECOND = 24_000  # samples of VITA's voice


def at(seconds: float) -> int:
    return round(seconds * SAMPLE_RATE)


class Script:
    """A machine with short names for what can happen; times are seconds."""

    def __init__(self, **policy):
        self.state = ConversationState(policy=e.TurnPolicy(**policy))
        self.actions: list[ConversationAction] = []

    def on(self, event: e.ConversationEvent) -> tuple[ConversationAction, ...]:
        self.state, actions = step(self.state, event)
        self.actions += actions
        return actions

    def said(self, kind: type) -> list:
        return [action for action in self.actions if isinstance(action, kind)]

    def voice(self, time: float):
        return self.on(voice_events.VoiceStarted(at(time) + 1024, at(time)))

    def pause(self, time: float):
        return self.on(voice_events.VoicePaused(at(time) + 1024, at(time)))

    def stop(self, time: float):
        return self.on(voice_events.VoiceStopped(at(time) + 8000, at(time)))

    def tick(self, time: float):
        return self.on(e.AudioReceived(at(time)))

    def judge(self, state: State | None):
        assert self.state.decision
        return self.on(e.DecisionMade(self.state.decision.id, state))

    def query(self, begin: float, end: float):
        self.voice(begin)
        self.pause(end)
        self.judge(State.AUDIO_QUERY)
        return self.stop(end)

    def type(self, text: str):
        self.on(e.HistoryItemAdded(UserItem(f"typed{self.state.count}", (text,))))
        return self.on(e.AnswerRequested())

    def speak(self, *clauses: str, seconds: float = 1.0) -> int:
        """The running answer says clauses, each ``seconds`` long, and all of it is sent."""
        assert self.state.answer
        number = self.state.answer.id
        for index, text in enumerate(clauses):
            self.on(e.ClauseSynthesized(number, index, text, round(seconds * SECOND)))
        self.on(e.AudioSent(number, round(len(clauses) * seconds * SECOND)))
        return number

    def played(self, seconds: float):
        assert self.state.answer
        return self.on(e.PlaybackReported(self.state.answer.id, round(seconds * SECOND)))


def kinds(actions) -> list[str]:
    return [type(action).__name__ for action in actions]


def speaking(**policy) -> Script:
    """VITA answers a typed question and has said two seconds."""
    script = Script(**policy)
    script.type("Tell me a story.")
    script.speak("Once upon a time, ", "there was a fox.")
    script.actions.clear()
    return script
