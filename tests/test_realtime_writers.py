"""Who writes what to a client: commands stay with the driver, one module writes response.*, writing starts no work."""

from __future__ import annotations

import ast
import asyncio
import typing
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.duplex_world import run
from tests.realtime_server import HUSH, LOUD, model, talk
from vita.duplex import client_notices as notices
from vita.duplex import driver_commands as commands
from vita.duplex.conversation_history import AnswerItem, UserItem, Utterance
from vita.engine.engine_protocol import Usage
from vita.media import Sound
from vita.realtime import server_events as r
from vita.realtime.protocol_state import ProtocolState
from vita.realtime.response_writer import ResponseWriter
from vita.realtime.server_event_writer import ServerEventWriter
from vita.realtime.session_config import SessionConfig

ROOT = Path(__file__).parents[1]
NO_USAGE = Usage(0, 0, 0, 0, 0, 0)
ENDS = st.sampled_from(
    [
        ("completed", "", ""),
        ("cancelled", "turn_detected", ""),
        ("incomplete", "max_output_tokens", ""),
        ("failed", "error", "The engine a is gone."),
    ]
)


def kinds(events) -> list[str]:
    return [event.type for event in events]


def test_a_command_is_no_notice():
    assert not set(typing.get_args(commands.DriverCommand)) & set(typing.get_args(notices.ClientNotice))


def test_the_events_of_a_response_are_made_in_one_module_alone():
    names = {
        name
        for name, kind in vars(r).items()
        if isinstance(kind, type)
        and issubclass(kind, r.ServerEvent)
        and str(kind.model_fields.get("type") and kind.model_fields["type"].default).startswith("response.")
    }
    assert len(names) == 12
    users = {
        path.name
        for path in (ROOT / "vita").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if (isinstance(node, ast.Attribute) and node.attr in names) or (isinstance(node, ast.Name) and node.id in names)
    }
    assert users == {"response_writer.py"}


@given(st.lists(st.text(min_size=1)), ENDS, st.booleans(), st.booleans())
def test_a_response_has_one_beginning_its_whole_text_and_one_end(pieces, end, spoken, in_conversation):
    writer = ResponseWriter("item_1", spoken, "conv_1" if in_conversation else None)
    events = writer.begin_response("item_0")
    events += [writer.write_text(piece) for piece in pieces]
    events += writer.end_response(*end, NO_USAGE)
    told = kinds(events)
    assert (told[0], told[-1]) == ("response.created", "response.done")
    assert len({event.event_id for event in events}) == len(events)
    assert told.count("response.created") == told.count("response.done") == 1
    assert told.count("conversation.item.added") == told.count("conversation.item.done") == in_conversation
    assert "".join(event.delta for event in events if event.type.endswith(".delta")) == "".join(pieces)
    done = events[-1].response
    assert done.status == end[0]
    assert (done.status_details is None) == (end[0] == "completed")
    content = done.output[0].content[0]
    assert (content.transcript if spoken else content.text) == "".join(pieces)
    assert ("response.output_audio.done" in told) == spoken


def test_a_response_whose_text_was_taken_back_still_ends_with_all_of_it():
    writer = ServerEventWriter(ProtocolState(vita_events=False))
    writer.write_notice(notices.AnswerStarted(1, "a", None, True, "x", "y"))
    assert writer.state.is_running(None)
    end = notices.AnswerEnded(1, "a", "cancelled", "turn_detected", "", NO_USAGE, "Once upon a time")
    events = writer.write_notice(end)
    assert events[-1].response.output[0].content[0].transcript == "Once upon a time"
    assert not writer.state.is_running(None)
    writer.write_notice(notices.AnswerHeard(AnswerItem("a", limit=0)))
    assert writer.state.items["a"].content[0].transcript == ""


def test_writing_a_notice_starts_no_task():
    async def story() -> set[asyncio.Task]:
        state = ProtocolState(vita_events=True)
        state.config = SessionConfig().merge_changes({"audio": {"input": {"transcription": {"model": "any"}}}})
        before = asyncio.all_tasks()
        writer = ServerEventWriter(state)
        writer.write_notice(notices.ItemCommitted(UserItem("u", (Utterance(0, 16_000),)), "", by_voice=True))
        writer.write_notice(notices.TranscriptReady("u", "Hello.", 1.0))
        assert state.items["u"].content[0].transcript == "Hello."
        return asyncio.all_tasks() - before

    assert not run(story())


async def test_audio_is_transcribed_though_no_client_reads():
    heard: list[Sound] = []

    async def transcribe(sound: Sound) -> str:
        heard.append(sound)
        return "Hello."

    manager = talk(model(), transcribe=transcribe)
    session = manager.open_session(vita_events=False)
    session.state.config = SessionConfig().merge_changes({"audio": {"input": {"transcription": {"model": "any"}}}})
    await session.admitted.wait()
    for pcm in (HUSH, LOUD, LOUD, HUSH, HUSH, HUSH):
        session.driver.receive_audio(pcm)
        await asyncio.sleep(0.05)
    async with asyncio.timeout(10):
        while not heard:
            await asyncio.sleep(0.02)
    assert np.abs(heard[0].samples).max() > 0.1
    assert session.state.buffer_begin > 0
    await manager.close()
