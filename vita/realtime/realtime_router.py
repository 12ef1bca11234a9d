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

from vita.errors import EngineNotReadyError, InputError
from vita.realtime import client_events as c
from vita.realtime import protocol_objects as s
from vita.realtime import server_events as r
from vita.realtime.protocol_error import ProtocolError, describe_error
from vita.realtime.realtime_session import RealtimeSession
from vita.realtime.session_manager import SessionManager

log = logging.getLogger(__name__)

TRY_LATER, TAKEN_OVER = 1013, 4001  # close codes; clients retry on the first and not on the second


def realtime_router(manager: SessionManager) -> APIRouter:
    """The routes of ``manager``: the WebSocket, its status, and a conversation's event log."""
    router = APIRouter(prefix="/v1/realtime")

    @router.websocket("")
    async def realtime(websocket: WebSocket) -> None:
        await _serve_connection(websocket, manager)

    @router.get("/status")
    async def status() -> dict[str, Any]:
        lag = {f"p{percent}": manager.loop_lag.percentile(percent) for percent in (50, 95, 100)}
        return {
            "places": manager.capacity,
            "taken": manager.queue.taken,
            "waiting": manager.queue.waiting,
            "loop_lag_s": lag,
        }

    @router.get("/{name}/log")
    async def event_log(name: str) -> Response:
        session = manager.sessions.get(name)
        if session is None:
            return Response("There is no such conversation any more.", status_code=404)
        return Response(session.driver.log.as_json_lines(), media_type="application/jsonl")

    return router


async def _serve_connection(websocket: WebSocket, manager: SessionManager) -> None:
    await websocket.accept()
    vita_events = websocket.query_params.get("vita_events") == "1"
    session = manager.sessions.get(websocket.query_params.get("resume", ""))
    if session is None:
        if trouble := manager.engine_trouble():
            code = "engines_loading" if isinstance(trouble, EngineNotReadyError) else "engines_down"
            await _turn_away(websocket, code, str(trouble))
            return
        await manager.make_room()
        if manager.queue.is_full and not vita_events:
            await _turn_away(websocket, "full", "All places are taken; try again in a minute.")
            return
        session = manager.open_session(vita_events)
    if session.attach_connection():
        session.handler.greet_client()
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(_send_all(websocket, session), name=f"send {session.name}")
            events: asyncio.Queue[c.AnyClientEvent] = asyncio.Queue()
            group.create_task(_handle_all(events, session), name=f"handle {session.name}")
            await _receive_all(websocket, events, session)
    except* WebSocketDisconnect:
        pass
    except* asyncio.CancelledError:
        with contextlib.suppress(RuntimeError):
            await websocket.close(TAKEN_OVER, "this conversation goes on elsewhere or is over")
    finally:
        session.detach_connection(manager.resume_grace)


async def _turn_away(websocket: WebSocket, code: str, message: str) -> None:
    await _send_event(websocket, _error_event(code, message, None, ours=True))
    await websocket.close(TRY_LATER, code)


async def _receive_all(websocket: WebSocket, events: asyncio.Queue[c.AnyClientEvent], session: RealtimeSession) -> None:
    """Read what comes; a message that is none is answered and the reading goes on."""
    while True:
        message = await _receive_frame(websocket)
        try:
            event = c.parse_event(message)
        except ValidationError as error:
            session.state.handled += 1
            session.handler.send_event(_error_event("invalid_event", describe_error(error), _event_id(message)))
            continue
        if session.admitted.is_set() or not isinstance(event, c.InputAudioAppendEvent):
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


async def _handle_all(events: asyncio.Queue[c.AnyClientEvent], session: RealtimeSession) -> None:
    await session.admitted.wait()
    while True:
        event = await events.get()
        try:
            await session.handler.handle_event(event)
        except ProtocolError as error:
            session.handler.send_event(_error_event(error.code, str(error), event.event_id))
        except InputError as error:
            session.handler.send_event(_error_event("invalid_value", str(error), event.event_id))
        except Exception:  # a fault of ours must not cost the client its conversation
            log.exception("an event of type %s failed", event.type)
            session.handler.send_event(
                _error_event("internal_error", "The server failed at this event.", event.event_id, ours=True)
            )
        session.state.handled += 1


async def _send_all(websocket: WebSocket, session: RealtimeSession) -> None:
    while True:
        notice = await session.driver.outbox.next_notice()
        for event in session.writer.write_notice(notice):
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
