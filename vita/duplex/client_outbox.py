"""What goes out to a client, in order. Interrupting an answer takes back what of it has not left yet."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Any

from vita.duplex.conversation_actions import ConversationAction, EndAnswer, StartAnswer
from vita.duplex.conversation_state import ConversationPhase
from vita.engine.engine_protocol import Usage
from vita.tokens import State


@dataclass(frozen=True)
class PhaseChanged:
    """What goes on from now: the phase, and whether a voice is being heard; ``at`` samples received."""

    phase: ConversationPhase
    voice: bool
    at: int


@dataclass(frozen=True)
class AnswerStarted:
    """An answer begins, with sound or as text alone; ``engine`` generates, ``monitor`` listens (names).

    Attributes:
        metadata: of whoever asked for it.
    """

    begin: StartAnswer
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
    """A piece of an answer's sound: PCM16 at VOICE_RATE, to be played behind the piece before it.

    Attributes:
        offset: samples of the answer before this piece.
    """

    answer: int
    item: str
    pcm: bytes
    offset: int


@dataclass(frozen=True)
class TurnDecision:
    """What the monitor made of an utterance; ``engine`` is its name, ``seconds`` how long it took."""

    decision: int
    state: State | None
    engine: str
    seconds: float


@dataclass(frozen=True)
class AnswerEnded:
    """An answer's end with its cost."""

    done: EndAnswer
    usage: Usage
    text: str


@dataclass(frozen=True)
class TurnTiming:
    """When what happened in a turn, seconds by the driver's clock; None for what did not happen.

    Attributes:
        speech_end: the user's voice ended, or the answer was asked for.
        decided: the monitor's first token.
        first_token: the first token of text, which may come before the turn is over.
        first_sound: the first sound went out.
        played: the client said that it had begun to play.
        cut: the answer was interrupted.
        underruns: how often the sound came later than it was needed.
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
class ProtocolReply:
    """Something that the wire itself has to say, in its place among the rest."""

    event: object


ClientNotice = (
    ConversationAction | AnswerStarted | PhaseChanged | ProtocolReply | AnswerText | AnswerAudio | TurnDecision
    | AnswerEnded | TurnTiming
)  # fmt: skip


class ClientOutbox:
    """A queue that can forget an answer."""

    def __init__(self) -> None:
        self._notices: deque[ClientNotice] = deque()
        self._filled = asyncio.Event()

    def put_notice(self, notice: ClientNotice) -> None:
        """Add at the end."""
        self._notices.append(notice)
        self._filled.set()

    def drop_answer(self, answer: int) -> None:
        """Take back the sound and the text of an answer that have not been fetched."""
        self._notices = deque(
            notice
            for notice in self._notices
            if not (isinstance(notice, AnswerAudio | AnswerText) and notice.answer == answer)
        )

    def drop_audio(self) -> None:
        """Take back all sound: nobody is there to hear it."""
        self._notices = deque(notice for notice in self._notices if not isinstance(notice, AnswerAudio))

    async def next_notice(self) -> ClientNotice:
        """The oldest; waits for one."""
        while not self._notices:
            self._filled.clear()
            await self._filled.wait()
        return self._notices.popleft()
