from __future__ import annotations

import asyncio
import os
import signal
from dataclasses import replace

import pytest
from PIL import Image, ImageDraw

from evals.synthetic.speech_programs import speak_by_program
from tests.media_files import tone
from vita.conversation import Turn
from vita.engine import local_engine
from vita.engine.engine_protocol import Request, Sampling, Stage
from vita.engine.local_engine import LocalEngine
from vita.errors import CheckpointError, EngineError, EngineNotReadyError, PromptTooLongError
from vita.media import Clip, Picture, Sound
from vita.settings import Settings
from vita.tokens import State

engine_test = [pytest.mark.engine, pytest.mark.asyncio(loop_scope="session")]


def question(*parts, history=(), **options) -> Request:
    sampling = Sampling(**{"max_tokens": 12} | options)
    return Request((*history, Turn("user", parts)), sampling)


async def ask(engine, request):
    return [delta async for delta in engine.generate(request)]


def text_of(deltas) -> str:
    return "".join(delta.text for delta in deltas)


async def failed_start(find) -> LocalEngine:
    engine = LocalEngine("a", Settings(), find)
    with pytest.raises(EngineError, match="no checkpoint"):
        await engine.start()
    return engine


def nothing_found(settings):
    raise CheckpointError(f"{settings.model} is no checkpoint.")


async def test_a_checkpoint_that_is_not_there_is_said_in_the_status():
    engine = await failed_start(nothing_found)
    assert engine.status.stage is Stage.FAILED
    assert engine.status.note == "nano is no checkpoint."


async def test_of_an_error_that_lists_tensors_the_status_says_the_first_line():
    def misfit(settings):
        raise CheckpointError("It is no checkpoint.\nMissing (1): lm_head.weight")

    assert (await failed_start(misfit)).status.note == "It is no checkpoint."


async def test_a_start_that_failed_can_be_tried_again():
    engine = await failed_start(nothing_found)
    with pytest.raises(EngineError, match="no checkpoint"):
        await engine.start()


async def test_an_engine_counts_as_loading_while_what_is_left_of_it_is_cleared_away(monkeypatch):
    engine, seen = LocalEngine("a", Settings(), nothing_found), []

    async def shut_down():
        seen.append(engine.status.stage)

    monkeypatch.setattr(engine, "_shut_down", shut_down)
    with pytest.raises(EngineError):
        await engine.start()
    assert seen[0] is Stage.LOADING


async def test_an_engine_that_was_not_started_refuses_and_ignores():
    engine = LocalEngine("a", Settings(), nothing_found)
    with pytest.raises(EngineNotReadyError, match="a is not ready"):
        await ask(engine, question("Hi"))
    await engine.abort("unknown")
    await engine.close()
    await engine.close()
    assert engine.status.stage is Stage.CLOSED


class TestRealEngines:
    """With the embedded checkpoint in two vLLM engines."""

    pytestmark = engine_test

    async def test_an_answer_streams_sense_behind_its_state(self, engines):
        deltas = await ask(engines, question("What is the capital of France?"))
        assert "Paris" in text_of(deltas)
        assert deltas[0].state in State
        assert not text_of(deltas).startswith(("<", " "))
        assert len(deltas) > 4
        assert deltas[-1].usage.completion_tokens == sum(delta.tokens for delta in deltas)

    async def test_two_questions_at_once_go_to_two_engines(self, engines):
        answers = await asyncio.gather(*(ask(engines, question(f"Say {word}.")) for word in ("yes", "no")))
        assert {deltas[-1].engine for deltas in answers} == {"engine-1", "engine-2"}

    async def test_the_next_turn_finds_the_first_one_in_the_cache(self, engines):
        first = question("Tell me about the sea, the sky and the land. " * 4)
        answer = Turn("assistant", (text_of(await ask(engines, first)),), State.TEXT_QUERY)
        deltas = await ask(engines, question("Go on.", history=(*first.turns, answer)))
        assert deltas[-1].usage.cached_tokens >= 32

    async def test_prompt_tokens_are_counted_by_modality(self, engines):
        red = Image.new("RGB", (224, 224), "red")
        media = (Picture(red), Clip((red, red, red), (0.0, 1.0, 2.0), 3.0), Sound(tone(2, 16_000)))
        usage = (await ask(engines, question(*media, "What is this?")))[-1].usage
        assert usage.image_tokens > 0
        assert usage.video_tokens > 0
        assert usage.audio_tokens > 0
        assert usage.text_tokens > 10

    async def test_the_first_token_obeys_the_states_asked_for(self, engines):
        for state in State:
            deltas = await ask(engines, question("Hello", states=(state,), max_tokens=1))
            assert (deltas[0].state, text_of(deltas)) == (state, "")

    async def test_unless_told_it_says_of_text_that_it_was_typed_and_of_a_sound_whether_it_was_a_query(self, engines):
        typed, heard = question("Hello", max_tokens=1), question(Sound(tone(2, 16_000)), max_tokens=1)
        later = (*heard.turns, Turn("assistant", ("A beep.",)), *typed.turns)
        states = [(await ask(engines, one))[0].state for one in (typed, heard, replace(typed, turns=later))]
        assert states[::2] == [State.TEXT_QUERY] * 2
        assert states[1] in (State.AUDIO_QUERY, State.NOISE)

    async def test_a_question_that_was_heard_is_answered_as_the_same_one_typed(self, engines):
        spoken = speak_by_program("What is the capital of France?", "piper:joe")
        typed, heard = (question(asked, temperature=0.0) for asked in ("What is the capital of France?", Sound(spoken)))
        answers = [await ask(engines, one) for one in (typed, heard)]
        assert [deltas[0].state for deltas in answers] == [State.TEXT_QUERY, State.AUDIO_QUERY]
        assert text_of(answers[0]) == text_of(answers[1]) != ""
        assert answers[0][-1].usage.prompt_tokens == answers[1][-1].usage.prompt_tokens

    @pytest.mark.parametrize("asked", ["Stop. What is water?", "Who wrote Hamlet?", "Stop. Who was Marie Curie?"])
    async def test_an_answer_that_was_broken_off_is_not_said_again(self, engines, asked):
        beginning = "The story of a dragon is"
        story = Turn("user", ("Can you tell me a long story about a dragon?",))
        history = (story, Turn("assistant", (beginning,), State.AUDIO_QUERY))
        answer = text_of(await ask(engines, question(asked, history=history, temperature=0.0)))
        assert answer
        assert not answer.startswith("The story")

    async def test_what_the_judge_of_sounds_found_decides_whether_a_sound_is_answered(self, engines):
        said = [
            speak_by_program(text, "piper:joe")
            for text in ("Who was Marie Curie?", "We were at my sister's on Sunday.")
        ]
        both = (State.AUDIO_QUERY, State.NOISE)
        decisions = [question(Sound(samples), max_tokens=1, states=both) for samples in said]
        assert [(await ask(engines, one))[0].state for one in decisions] == list(both)

    async def test_a_picture_changes_the_answer(self, engines):
        drawing = Image.new("RGB", (224, 224), "white")
        ImageDraw.Draw(drawing).ellipse((40, 40, 180, 180), fill="orange")
        with_it = text_of(await ask(engines, question(Picture(drawing), "What is in the picture?")))
        assert with_it != text_of(await ask(engines, question("What is in the picture?")))

    async def test_a_seed_makes_sampling_repeatable(self, engines):
        seeded = question("Tell me a story.", temperature=1.0, seed=7)
        assert text_of(await ask(engines, seeded)) == text_of(await ask(engines, seeded))

    async def test_a_prompt_beyond_the_context_says_by_how_much(self, engines):
        with pytest.raises(PromptTooLongError) as caught:
            await ask(engines, question("word " * 9_000))
        assert caught.value.tokens > 9_000 > caught.value.limit
        assert engines.load == 0

    async def test_abort_by_id_ends_the_stream(self, engines):
        deltas = engines.generate(request := question("Count to a thousand.", max_tokens=500))
        await anext(deltas)
        await engines.abort(request.id)
        rest = [delta async for delta in deltas]
        assert (rest[-1].finish, engines.load) == ("abort", 0)
        assert rest[-1].usage.completion_tokens < 500

    async def test_closing_the_iterator_frees_the_engine(self, engines):
        deltas = engines.generate(question("Count to a thousand.", max_tokens=500))
        await anext(deltas)
        await deltas.aclose()
        assert engines.load == 0
        assert text_of(await ask(engines, question("Say yes.")))

    async def test_media_of_a_question_that_was_cancelled_while_it_was_read_are_not_lost(self, engines, monkeypatch):
        engine, red = engines.engines[0], Image.new("RGB", (224, 224), "red")
        for number, tries in enumerate((2, 1)):
            monkeypatch.setattr(local_engine, "TRIES", tries)
            asked = question(Picture(red), Sound(tone(1.3 + number, 16_000)), "What is this?")
            await engine._serving.read_request(asked)  # and then cancelled
            if tries == 2:
                assert (await ask(engine, asked))[0].state in State
            else:
                with pytest.raises(EngineError, match="gave the request up"):
                    await ask(engine, asked)
        monkeypatch.undo()
        assert (await ask(engine, asked))[0].state in State

    async def test_the_core_computes_itself_for_it_would_spin_while_another_process_does(self, engines):
        assert [len(engine.processes) for engine in engines.engines] == [1, 1]

    async def test_an_engine_whose_process_is_killed_is_replaced_while_the_other_answers(self, engines):
        victim = engines.engines[1]
        for process in reversed(victim.processes):
            os.kill(process, signal.SIGKILL)
        async with asyncio.timeout(60):
            while victim.status.stage is Stage.READY:
                await asyncio.sleep(0.05)
        assert (await ask(engines, question("Say yes.")))[-1].engine == "engine-1"
        async with asyncio.timeout(240):
            while victim.status.stage is not Stage.READY:
                await asyncio.sleep(0.5)
        assert text_of(await ask(victim, question("Say yes.")))
