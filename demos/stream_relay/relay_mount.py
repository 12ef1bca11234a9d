"""Puts the relay in front of an application with the page."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

import gradio as gr
from fastapi import FastAPI

from demos.stream_relay.repeated_posts import RepeatedPosts
from demos.stream_relay.stream_relay import AWAY, StreamRelay


def mount_relay(app: FastAPI, page: gr.Blocks, away: float = AWAY) -> None:
    """Serve the relay's WebSocket, and answer repeated POSTs once; the relay's scripts are in ``static/relay``.

    Args:
        away: seconds that a tab's streams go on without a connection.
    """
    app.add_middleware(RepeatedPosts)
    app.add_middleware(
        StreamRelay, page=page_fingerprint(page), heartbeat_opened=session_reopener(page), away=away
    )  # the last one added is asked first


def page_fingerprint(page: gr.Blocks) -> str:
    """Names what the page consists of: its elements and events by their numbers, which a browser's requests use."""
    elements = [(number, element.get_block_name()) for number, element in sorted(page.blocks.items())]
    events = [
        (number, [list(target) for target in event.targets], [part._id for part in event.inputs],
         [part._id for part in event.outputs])
        for number, event in sorted(page.fns.items())
    ]  # fmt: skip
    return hashlib.sha256(json.dumps([elements, events]).encode()).hexdigest()[:16]


def session_reopener(page: gr.Blocks) -> Callable[[str], None]:
    """What keeps the state of a tab that comes back: Gradio drops it soon after a heartbeat has ended, for ever."""

    def reopen_session(session: str) -> None:
        holder = getattr(page, "state_holder", None)
        if holder is not None and session in holder.session_data:
            holder.session_data[session].is_closed = False

    return reopen_session
