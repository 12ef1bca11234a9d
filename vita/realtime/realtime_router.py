"""The WebSocket ``/v1/realtime``: connections to conversations. Holds no logic of a conversation.

A conversation outlives its connection for half a minute: who comes back with ``?resume=<session id>`` finds it again.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from typing import Any

from fastapi import APIRouter, Response, WebSocket, WebSocketDisconnect
from pydantic import ValidationError

from vita.duplex.client_outbox import ProtocolReply
from vita.errors import EngineNotReadyError, InputError
from vita.realtime import client_events as c
from vita.realtime import protocol_objects as s
from vita.realtime import server_events as r
from vita.realtime.client_event_handler import ProtocolError, describe_error
from vita.realtime.session_manager import RealtimeSession, SessionManager

log = logging.getLogger(__name__)

TRY_LATER, TAKEN_OVER = 1013, 4001  # close codes; clients retry on the first and not on the second


def realtime_router(talk: SessionManager) -> APIRouter:
    """The routes of ``talk``: the WebSocket, its status, and a conversation's event log."""
    router = APIRouter(prefix="/v1/realtime")

    @router.websocket("")
    async def realtime(websocket: WebSocket) -> None:
        await _serve_connection(websocket, talk)

    @router.get("/status")
    async def status() -> dict[str, Any]:
        lag = {f"p{percent}": talk.lag.percentile(percent) for percent in (50, 95, 100)}
        return {"places": talk.capacity, "taken": talk.hall.taken, "waiting": talk.hall.waiting, "loop_lag_s": lag}

    @router.get("/{name}/log")
    async def event_log(name: str) -> Response:
        held = talk.held.get(name)
        if held is None:
            return Response("There is no such conversation any more.", status_code=404)
        return Response(held.session.journal.as_json_lines(), media_type="application/jsonl")

    return router


async def _serve_connection(websocket: WebSocket, talk: SessionManager) -> None:
    await websocket.accept()
    vita_events = websocket.query_params.get("vita_events") == "1"
    held = talk.held.get(websocket.query_params.get("resume", ""))
    if held is None:
        if trouble := talk.engine_trouble():
            code = "engines_loading" if isinstance(trouble, EngineNotReadyError) else "engines_down"
            await _turn_away(websocket, code, str(trouble))
            return
        await talk.make_room()
        if talk.hall.is_full and not vita_events:
            await _turn_away(websocket, "full", "All places are taken; try again in a minute.")
            return
        held = talk.open_session(vita_events)
    if held.attach_connection():
        held.front.greet_client()
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
        held.detach_connection()


async def _turn_away(websocket: WebSocket, code: str, message: str) -> None:
    await _send_event(websocket, _error_event(code, message, None, ours=True))
    await websocket.close(TRY_LATER, code)


async def _receive_all(websocket: WebSocket, events: asyncio.Queue[c.AnyClientEvent], held: RealtimeSession) -> None:
    """Read what comes; a message that is none is answered and the reading goes on."""
    while True:
        message = await _receive_frame(websocket)
        try:
            event = c.parse_event(message)
        except ValidationError as error:
            held.front.send_event(_error_event("invalid_event", describe_error(error), _event_id(message)))
            continue
        if held.placed.is_set() or not isinstance(event, c.InputAudioAppendEvent):
            events.put_nowait(event)


async def _receive_frame(websocket: WebSocket) -> str:
    """The next frame, text or not.

    Raises:
        WebSocketDisconnect: there is none any more.
    """
    frame = await websocket.receive()
    if frame["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(frame.get("code", 1005), frame.get("reason"))
    text: str | None = frame.get("text")
    return frame["bytes"].decode(errors="replace") if text is None else text


async def _handle_all(events: asyncio.Queue[c.AnyClientEvent], held: RealtimeSession) -> None:
    await held.placed.wait()
    while True:
        event = await events.get()
        try:
            await held.front.handle_event(event)
        except ProtocolError as error:
            held.front.send_event(_error_event(error.code, str(error), event.event_id))
        except InputError as error:
            held.front.send_event(_error_event("invalid_value", str(error), event.event_id))
        except Exception:  # a fault of ours must not cost the client its conversation
            log.exception("an event of type %s failed", event.type)
            held.front.send_event(
                _error_event("internal_error", "The server failed at this event.", event.event_id, ours=True)
            )


async def _send_all(websocket: WebSocket, held: RealtimeSession) -> None:
    while True:
        notice = await held.session.outbox.next_notice()
        held.see_notice(notice)
        if isinstance(notice, ProtocolReply):
            assert isinstance(notice.event, r.ServerEvent)
            await _send_event(websocket, notice.event)
            continue
        for event in held.scribe.write_notice(notice):
            await _send_event(websocket, event)


async def _send_event(websocket: WebSocket, event: r.ServerEvent) -> None:
    await websocket.send_text(event.model_dump_json())


def _error_event(code: str, message: str, event_id: str | None, ours: bool = False) -> r.ErrorEvent:
    kind = "server_error" if ours else "invalid_request_error"
    return r.ErrorEvent(
        error=s.ErrorDetail.model_validate({"type": kind, "code": code, "message": message, "event_id": event_id})
    )


def _event_id(message: str) -> str | None:
    """The event's name for itself, of a message that is no event; half a surrogate could not be sent back."""
    with contextlib.suppress(ValueError, AttributeError, RecursionError):
        found = json.loads(message).get("event_id")
        return found if isinstance(found, str) and found.isprintable() else None
    return None
