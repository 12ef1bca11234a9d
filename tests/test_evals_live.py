"""Conversations with a live server over real sockets: both sides recorded, words placed in time, and scored."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import numpy as np
import pytest
import soundfile
import soxr

from evals import result_files
from evals.cli import options, run_commands
from evals.contestants import contestant_from_arguments
from evals.conversation.live_executor import LiveExecutor
from evals.conversation.live_recorder import _spread_words, record_conversation
from evals.run_journal import RunJournal
from evals.scorers.full_duplex_metrics import Span
from evals.scoring import score_records
from evals.task import BUNDLED
from evals.task_data import Selection, TaskExample
from evals.task_runner import TaskRun, Work
from evals.tasks import TASKS, select_tasks
from tests.held import late_answer
from tests.realtime_server import talk
from vita.errors import EngineDeadError, EngineNotReadyError, SettingsError
from vita.media import SAMPLE_RATE, load_sound
from vita.realtime.standalone_server import serve_sessions

TURN = TASKS["full_duplex_turn_taking_bundled"]
SAID = load_sound(BUNDLED / "media/said_garden.ogg").samples
ASKED = load_sound(BUNDLED / "media/asked_capital.ogg").samples


class Reader:
    """A voice that reads one sentence, whatever the text."""

    name = "reader"

    async def speak(self, text: str, speed: float = 1.0):
        pcm = (np.clip(soxr.resample(SAID, SAMPLE_RATE, 24_000), -1, 1) * 32767).astype("<i2")
        for begin in range(0, len(pcm), 2_400):
            yield pcm[begin : begin + 2_400].tobytes()


def a_server():
    service = talk()
    service.base = replace(service.base, voice=Reader())
    return serve_sessions(service)


def quiet(seconds: float) -> np.ndarray:
    return np.zeros(round(seconds * SAMPLE_RATE), np.float32)


async def test_both_sides_of_a_conversation_are_recorded_at_one_clock(tmp_path):
    async with a_server() as address:
        held = await record_conversation(f"ws://{address}", np.concatenate([quiet(0.3), ASKED, quiet(3.0)]))
    assert len(held.user) == len(held.model)
    [question], [answer] = held.spoken, held.answered
    assert question.start == pytest.approx(0.3, abs=0.2)
    assert question.end < answer.start < question.end + 2.5
    assert " ".join(word.text for word in held.words) == "Four."
    assert answer.start <= held.words[0].start < held.words[0].end <= answer.end + 0.01
    held.save_stereo(tmp_path / "deep/both.ogg")
    sound, rate = soundfile.read(tmp_path / "deep/both.ogg")
    assert (sound.shape[1], rate) == (2, 24_000)
    assert np.abs(sound[: round(question.start * rate) - rate // 10, 1]).max() < 0.01, "the model is silent at first"


async def test_nobody_at_an_address_ends_the_run_and_not_the_item(tmp_path):
    run = TaskRun([TURN], Selection(), RunJournal(tmp_path))
    with pytest.raises(EngineDeadError, match="does not answer"):
        await run.start_run(LiveExecutor("ws://127.0.0.1:9", tmp_path))
    assert run.journal.records == {}


async def test_a_server_that_loads_turns_the_caller_away_with_its_reason():
    service = talk()
    service.engine_trouble = lambda: Exception("It is still loading.")
    async with serve_sessions(service) as address:
        with pytest.raises(EngineNotReadyError, match="It is still loading"):
            await record_conversation(f"ws://{address}", quiet(0.5))


LINES = [
    {"kind": "response.output_audio_transcript.delta", "item_id": "a", "delta": "one two "},
    {"kind": "response.output_audio.delta", "item_id": "a", "samples": 24_000},
    {"kind": "response.output_audio_transcript.delta", "item_id": "a", "delta": "six ten"},
    {"kind": "response.output_audio.delta", "item_id": "a", "samples": 24_000},
]
FRAMES = [("", 0)] * 50 + [("a", 480 * frame) for frame in range(1, 101)]  # silent for a second, then 2 s of sound


def test_words_are_spread_over_the_voiced_time_in_which_they_were_played():
    said = list(_spread_words(LINES, "a", FRAMES, [Span(1.2, 2.0), Span(2.2, 3.0)]))
    assert [word.text for word in said] == ["one", "two", "six", "ten"]
    starts = [word.start for word in said]
    assert starts[:2] == pytest.approx([1.2, 1.6])
    assert starts[2] == pytest.approx(2.2)
    assert said[-1].end == pytest.approx(3.0)


def test_words_whose_sound_was_cut_off_were_not_said():
    said = list(_spread_words(LINES, "a", FRAMES[:100], [Span(1.0, 2.0)]))
    assert [word.text for word in said] == ["one", "two"]
    assert list(_spread_words(LINES, "b", FRAMES, [Span(1.0, 2.0)])) == []
    assert list(_spread_words(LINES, "a", FRAMES, [])) == []


async def test_every_bundled_item_becomes_a_record_with_its_recording_and_a_score(tmp_path):
    tasks = select_tasks(["full_duplex_bundled"])
    run = TaskRun(tasks, Selection(), RunJournal(tmp_path))
    assert await run.start_run(LiveExecutor("ws://nowhere", tmp_path / "recordings", late_answer))
    for task in tasks:
        result = score_records(task, task.scorers[0], run.journal.records_of(task.name))
        assert result.failed_items == 0, result.errors
        assert result.metrics
    assert len(list((tmp_path / "recordings").glob("*.ogg"))) == len(run.journal.records) == 18
    turn = score_records(TURN, TURN.scorers[0], run.journal.records_of(TURN.name))
    assert turn.headline_value.value == 100.0
    assert turn.metrics["latency"].value == pytest.approx(1.0, abs=0.15), "the mark is the end of the sound itself"
    pause = TASKS["full_duplex_pause_bundled"]
    assert score_records(pause, pause.scorers[0], run.journal.records_of(pause.name)).headline_value.value == 100.0


async def test_an_item_that_cannot_be_read_is_one_failure(tmp_path):
    live = LiveExecutor("ws://nowhere", tmp_path, late_answer)
    example = TaskExample(0, {"id": "x", "audio": str(tmp_path / "none.wav")})
    [[record]] = [records async for records in live.run(iter([Work(TURN, example)]))]
    assert record.error.startswith("MediaError")
    result = score_records(TURN, TURN.scorers[0], [record])
    assert (result.failed_items, result.headline_value.value) == (1, 0.0)


def test_a_whole_run_by_the_commands_writes_results(tmp_path, monkeypatch):
    monkeypatch.setattr(LiveExecutor.__init__, "__defaults__", (late_answer,))
    tasks = "full_duplex_turn_taking_bundled,full_duplex_overlap_aside_bundled"
    words = ["--model", "ws://host:1", "--tasks", tasks, "--output_path", str(tmp_path), "--log_samples"]
    job = run_commands.job_of(options.parse_command_line(words))
    run_commands.check_job(job)
    content = asyncio.run(run_commands.run_job(job)).content
    assert content["headlines"]["full_duplex_turn_taking_bundled"]["value"] == 100.0
    assert content["model_source"] == "realtime"
    assert result_files.find_results(tmp_path)[0].parent.name == "ws__host__1"


@pytest.mark.parametrize(
    ("model", "args", "address"),
    [
        ("ws://host:1/v1/realtime", "", "ws://host:1"),
        ("realtime", "base_url=https://host/", "wss://host"),
        ("realtime", "base_url=http://host:7860,model=vita", "ws://host:7860"),
    ],
)
def test_a_realtime_server_is_named_by_its_address(model, args, address):
    found = contestant_from_arguments(model, args)
    assert (found.source, found.args["base_url"]) == ("realtime", address)


def test_conversations_and_questions_are_not_mixed_up():
    for model, task in (("simulated", "full_duplex_pause_bundled"), ("ws://host:1", "mme_bundled")):
        with pytest.raises(SettingsError, match="live server"):
            run_commands.check_job(run_commands.Job(contestant_from_arguments(model, ""), select_tasks([task])))
    with pytest.raises(SettingsError, match="needs its address"):
        contestant_from_arguments("realtime", "")
