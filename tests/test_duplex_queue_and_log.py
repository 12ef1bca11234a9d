"""The admission queue, what is taken back from the outbox, the conversation's log, what the context leaves out."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from tests.duplex_world import run
from vita.duplex import client_notices as notices
from vita.duplex import conversation_events as e
from vita.duplex.client_notices import AnswerAudio, AnswerText
from vita.duplex.client_outbox import ClientOutbox
from vita.duplex.context_window import ContextWindow
from vita.duplex.conversation_history import AnswerItem, Clause, UserItem, Utterance, to_turns
from vita.duplex.conversation_log import ConversationLog
from vita.engine.process_priority import ENGINES_NICER, NICEST, lower_engine_priority
from vita.media import Limits, Picture, Sound
from vita.realtime.admission_queue import AdmissionQueue
from vita.realtime.event_loop_lag import EventLoopLag
from vita.tokens import State


def picture() -> Picture:
    return Picture(Image.new("RGB", (2, 2)))


async def visit(hall: AdmissionQueue, seconds: float, told: list[int], log: list[str], name: str) -> None:
    async with hall.hold_place(told.append):
        log.append(name)
        await asyncio.sleep(seconds)


def test_who_comes_first_is_served_first_and_hears_the_position_on_the_way():
    async def story():
        hall, log, told = AdmissionQueue(1), [], [[], [], []]
        async with asyncio.TaskGroup() as group:
            for n, name in enumerate("abc"):
                group.create_task(visit(hall, 10, told[n], log, name))
                await asyncio.sleep(0.1)
        return log, told, hall.taken

    assert run(story()) == (["a", "b", "c"], [[], [1], [2, 1]], 0)


def test_who_leaves_the_queue_makes_room_in_it():
    async def story():
        hall, log, told = AdmissionQueue(1), [], []
        first = asyncio.create_task(visit(hall, 10, [], log, "a"))
        await asyncio.sleep(0)
        impatient = asyncio.create_task(visit(hall, 10, [], log, "b"))
        await asyncio.sleep(0)
        patient = asyncio.create_task(visit(hall, 10, told, log, "c"))
        await asyncio.sleep(1)
        assert hall.waiting == 2
        impatient.cancel()
        await asyncio.gather(first, patient)
        return log, told

    assert run(story()) == (["a", "c"], [2, 1])


def test_an_interrupted_answer_is_taken_back_but_not_its_end():
    async def story():
        box = ClientOutbox()
        for notice in (
            AnswerAudio(1, "a", b"", 0),
            AnswerText(1, "a", "x"),
            notices.DuckPlayback(),
            AnswerAudio(2, "b", b"", 0),
            notices.PlaybackStopped(1, "a"),
        ):
            box.put_notice(notice)
        box.drop_answer(1)
        return [await box.next_notice() for _ in range(3)]

    assert run(story()) == [notices.DuckPlayback(), AnswerAudio(2, "b", b"", 0), notices.PlaybackStopped(1, "a")]


def test_the_journal_is_json_lines_without_media():
    journal = ConversationLog(lambda: 1.0)
    item = AnswerItem("i", State.AUDIO_QUERY, (Clause("Hello there.", 100),), 0)
    journal.write_record(e.FrameSeen(picture()))
    journal.write_record(
        notices.ItemCommitted(UserItem("u", (Sound(np.zeros(3, np.float32)), Utterance(1, 2), "Hi")), ""),
        phase="speaking",
    )
    journal.write_record(notices.AnswerHeard(item))
    journal.write_record(e.DecisionMade(3, State.NOISE))
    lines = [json.loads(line) for line in journal.as_json_lines().splitlines()]
    assert [line["kind"] for line in lines] == ["FrameSeen", "ItemCommitted", "AnswerHeard", "DecisionMade"]
    assert lines[1]["item"]["parts"] == ["<sound>", {"begin": 1, "end": 2}, "Hi"]
    assert lines[2]["item"] == {"id": "i", "heard": "", "text": "Hello there."}
    assert lines[3]["state"] == "NOISE"


def test_the_lag_of_the_loop_is_measured():
    async def story():
        lag = EventLoopLag()
        task = asyncio.create_task(lag.run())
        await asyncio.sleep(0.1)
        asyncio.get_running_loop().now += 0.5  # somebody blocked the loop
        await asyncio.sleep(0.1)
        task.cancel()
        return lag

    lag = run(story())
    assert lag.percentile(50) == pytest.approx(0.0, abs=1e-6)
    assert lag.percentile(100) == pytest.approx(0.49, abs=0.02)


def sound(utterance: Utterance) -> Sound:
    return Sound(np.zeros(utterance.end - utterance.begin, np.float32))


def spoken_turns(count: int, *parts) -> tuple:
    return tuple(UserItem(f"u{n}", (*parts, Utterance(n, n + 1))) for n in range(count))


def test_more_sounds_than_the_model_takes_are_forgotten_from_the_front_several_at_once():
    prompts = ContextWindow(sound, Limits(sounds=8))
    sizes = [len(prompts.decision(spoken_turns(n)).turns[0].parts) for n in range(7, 15)]
    assert sizes == [7, 8, 5, 6, 7, 8, 5, 6]


def test_old_pictures_fade_before_old_turns_do():
    prompts = ContextWindow(sound, Limits(images=2, sounds=8))
    parts = prompts.decision(spoken_turns(6, picture())).turns[0].parts
    assert sum(isinstance(part, Picture) for part in parts) <= 2
    assert isinstance(parts[-2], Picture)
    assert sum(isinstance(part, Sound) for part in parts) == 6


def test_the_same_stretch_is_the_same_sound_in_every_prompt():
    prompts = ContextWindow(sound, Limits())
    items = spoken_turns(1)
    prompts.keep(items)
    assert prompts.decision(items).turns[0].parts[0] is prompts.warm(items).turns[0].parts[0]


def test_an_unheard_answer_leaves_no_turn_and_joins_what_the_user_said_around_it():
    unheard = AnswerItem("a", State.AUDIO_QUERY, (Clause("Never heard. ", 100),), 0)
    turns = to_turns((UserItem("1", ("One.",)), unheard, UserItem("2", ("Two.",))), sound)
    assert [(turn.role, turn.parts) for turn in turns] == [("user", ("One.", "Two."))]


def _start_another(pipe) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        pipe.send(other.pid)
        pipe.recv()
        other.communicate(b"\n")


def test_child_processes_and_what_they_have_started_are_made_less_urgent_than_this_one():
    spawning = multiprocessing.get_context("spawn")
    ours, theirs = spawning.Pipe()
    child = spawning.Process(target=_start_another, args=(theirs,), daemon=True)
    child.start()
    try:
        other = ours.recv()
        assert lower_engine_priority() >= 2
        wanted = min(os.getpriority(os.PRIO_PROCESS, 0) + ENGINES_NICER, NICEST)
        assert [os.getpriority(os.PRIO_PROCESS, process) for process in (child.pid, other)] == [wanted, wanted]
    finally:
        ours.send("end")
        child.join()
