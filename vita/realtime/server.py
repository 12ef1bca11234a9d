"""The WebSocket ``/v1/realtime``: connections to conversations. Holds no logic of a conversation.

A conversation outlives its connection for half a minute: who comes back with ``?resume=<session id>`` finds it again.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter, Response, WebSocket, WebSocketDisconnect
from pydantic import ValidationError

from vita.duplex import events as e
from vita.duplex.hall import Hall
from vita.duplex.history import UserItem, Utterance
from vita.duplex.lag import LoopLag
from vita.duplex.outbox import Notice, Reply
from vita.duplex.session import Session, SessionSettings
from vita.duplex.tts import Voice
from vita.duplex.urgency import engines_yield
from vita.duplex.vad import Frame, Silero
from vita.engine.base import Engine
from vita.errors import InputError
from vita.media import Sound
from vita.realtime import events as c
from vita.realtime import replies as r
from vita.realtime.front import Front, House, ProtocolError, describe
from vita.realtime.scribe import Scribe

log = logging.getLogger(__name__)

TRY_LATER, TAKEN_OVER = 1013, 4001  # close codes; clients retry on the first and not on the second


@dataclass
class Talk:
    """Everything that the conversations of a server share.

    Args:
        engines: the two engines, or one; asked for each new conversation.
        base: settings that a client's own are laid over; its voice is the default one.
        voices: by the name that a client may choose.
        capacity: conversations held at once; more wait, and are told where in the queue they are.
        grace: seconds for which a conversation is kept after its connection is lost.
        transcribe: letters for what was heard, where the model's front end has them.
    """

    engines: Callable[[], Sequence[Engine]]
    base: SessionSettings = field(default_factory=SessionSettings)
    voices: Mapping[str, Voice] = field(default_factory=dict)
    model: str = "vita"
    capacity: int = 8
    grace: float = 30.0
    transcribe: Callable[[Sound], Awaitable[str]] | None = None
    detector: Callable[[], Callable[[Frame], float]] = Silero
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        self.hall = Hall(self.capacity)
        self.lag = LoopLag()
        self.held: dict[str, Held] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def open(self, vita_events: bool) -> Held:
        """A new conversation; it begins when there is a place for it."""
        if not self._tasks:
            self.spawn(self.lag.run(), "loop lag")
        engines_yield()
        held = Held(self, vita_events)
        self.held[held.name] = held
        held.life = self.spawn(held.live(), f"conversation {held.name}")
        return held

    def spawn(self, work: Any, name: str) -> asyncio.Task[None]:
        """A task that is ended by ``close``."""
        task: asyncio.Task[None] = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def close(self) -> None:
        """End all conversations."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


class Held:
    """A conversation with or without somebody on the line."""

    def __init__(self, talk: Talk, vita_events: bool) -> None:
        self.name = r.fresh("sess")
        self.life: asyncio.Task[None] | None = None
        self.placed = asyncio.Event()
        self._talk = talk
        self._line: asyncio.Task[Any] | None = None
        self._expiry: asyncio.TimerHandle | None = None
        self.session = Session(talk.engines(), talk.base, talk.clock, talk.detector())
        self.scribe = Scribe(vita_events)
        self.front = Front(self.session, self.scribe, House(talk.model, talk.base, talk.voices), self.name)

    async def live(self) -> None:
        """Wait for a place, then be until closed."""
        try:
            async with self._talk.hall.place(self._told):
                running = asyncio.create_task(self.session.run(), name=f"session {self.name}")
                try:
                    await self.session.ready.wait()
                    self.front.greet()
                    self.placed.set()
                    await asyncio.shield(running)
                finally:
                    self.session.close()
                    await asyncio.wait([running], timeout=1.0)
        except Exception:  # a fault of ours ends this conversation and no other
            log.exception("conversation %s failed", self.name)
        finally:
            del self._talk.held[self.name]
            if self._line:
                self._line.cancel()

    def attach(self) -> bool:
        """The calling task is on the line now; whoever was before is not. True where there had been somebody."""
        returning = self._line is not None or self._expiry is not None
        if self._line:
            self._line.cancel()
        if self._expiry:
            self._expiry.cancel()
        self._line, self._expiry = asyncio.current_task(), None
        return returning

    def detach(self) -> None:
        """The line is dead: stop talking, and wait a while for its return."""
        if self._line is not asyncio.current_task() or self.life is None:
            return
        self._line = None
        if not self.placed.is_set():
            self.life.cancel()
            return
        if self.session.state.answer:
            self.session.cancel()
        self.session.outbox.forget_sound()
        self._expiry = asyncio.get_running_loop().call_later(self._talk.grace, self.session.close)

    def note(self, notice: Notice) -> None:
        """See what goes out."""
        if isinstance(notice, e.Commit) and isinstance(notice.item, UserItem):
            self.front.committed(notice.item)
            if notice.by_voice and self.front.config.audio.input.transcription and self._talk.transcribe:
                self._talk.spawn(self._transcribe(notice.item, self._talk.transcribe), f"transcribe {notice.item.id}")

    async def _transcribe(self, item: UserItem, transcribe: Callable[[Sound], Awaitable[str]]) -> None:
        sounds = [self.session.ear.sound(part) for part in item.parts if isinstance(part, Utterance)]
        text = " ".join([await transcribe(sound) for sound in sounds])
        usage = {"type": "duration", "seconds": sum(sound.duration for sound in sounds)}
        self.front.reply(r.TranscriptionCompleted(item_id=item.id, transcript=text, usage=usage))

    def _told(self, position: int) -> None:
        if self.scribe.vita_events:
            self.front.reply(r.VitaEvent(type="vita.queue", data={"position": position}))


def realtime_router(talk: Talk) -> APIRouter:
    """The routes of ``talk``: the WebSocket, its status, and a conversation's event log."""
    router = APIRouter(prefix="/v1/realtime")

    @router.websocket("")
    async def realtime(websocket: WebSocket) -> None:
        await _serve(websocket, talk)

    @router.get("/status")
    async def status() -> dict[str, Any]:
        lag = {f"p{percent}": talk.lag.percentile(percent) for percent in (50, 95, 100)}
        return {"places": talk.capacity, "taken": talk.hall.taken, "waiting": talk.hall.waiting, "loop_lag_s": lag}

    @router.get("/{name}/log")
    async def event_log(name: str) -> Response:
        held = talk.held.get(name)
        if held is None:
            return Response("There is no such conversation any more.", status_code=404)
        return Response(held.session.journal.jsonl(), media_type="application/jsonl")

    return router


async def _serve(websocket: WebSocket, talk: Talk) -> None:
    await websocket.accept()
    vita_events = websocket.query_params.get("vita_events") == "1"
    held = talk.held.get(websocket.query_params.get("resume", ""))
    if held is None:
        if talk.hall.full and not vita_events:
            message = "All places are taken; try again in a minute."
            await _send(websocket, r.Error(error=r.ErrorDetail(type="server_error", code="full", message=message)))
            await websocket.close(TRY_LATER, "full")
            return
        held = talk.open(vita_events)
    if held.attach():
        held.front.greet()
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(_send_all(websocket, held), name=f"send {held.name}")
            events: asyncio.Queue[c.AnyClientEvent] = asyncio.Queue()
            group.create_task(_handle_all(events, held), name=f"handle {held.name}")
            await _receive_all(websocket, events, held)
    except* WebSocketDisconnect:
        pass
    except* asyncio.CancelledError:
        with contextlib.suppress(RuntimeError):
            await websocket.close(TAKEN_OVER, "this conversation goes on elsewhere or is over")
    finally:
        held.detach()


async def _receive_all(websocket: WebSocket, events: asyncio.Queue[c.AnyClientEvent], held: Held) -> None:
    """Read what comes; a message that is none is answered and the reading goes on."""
    while True:
        message = await websocket.receive_text()
        try:
            event = c.parse(message)
        except ValidationError as error:
            held.front.reply(_error("invalid_event", describe(error), _event_id(message)))
            continue
        if held.placed.is_set() or not isinstance(event, c.InputAudioAppend):
            events.put_nowait(event)


async def _handle_all(events: asyncio.Queue[c.AnyClientEvent], held: Held) -> None:
    await held.placed.wait()
    while True:
        event = await events.get()
        try:
            await held.front.handle(event)
        except ProtocolError as error:
            held.front.reply(_error(error.code, str(error), event.event_id))
        except InputError as error:
            held.front.reply(_error("invalid_value", str(error), event.event_id))
        except Exception:  # a fault of ours must not cost the client its conversation
            log.exception("an event of type %s failed", event.type)
            held.front.reply(_error("internal_error", "The server failed at this event.", event.event_id, ours=True))


async def _send_all(websocket: WebSocket, held: Held) -> None:
    while True:
        notice = await held.session.outbox.get()
        held.note(notice)
        if isinstance(notice, Reply):
            assert isinstance(notice.event, r.ServerEvent)
            await _send(websocket, notice.event)
            continue
        for event in held.scribe.write(notice):
            await _send(websocket, event)


async def _send(websocket: WebSocket, event: r.ServerEvent) -> None:
    await websocket.send_text(event.model_dump_json())


def _error(code: str, message: str, event_id: str | None, ours: bool = False) -> r.Error:
    kind = "server_error" if ours else "invalid_request_error"
    return r.Error(
        error=r.ErrorDetail.model_validate({"type": kind, "code": code, "message": message, "event_id": event_id})
    )


def _event_id(message: str) -> str | None:
    with contextlib.suppress(ValueError, AttributeError):
        found = json.loads(message).get("event_id")
        return found if isinstance(found, str) else None
    return None
