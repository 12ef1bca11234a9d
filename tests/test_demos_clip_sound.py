"""A video brings its own sound to the model, unless it is silent, too long, or switched off."""

from __future__ import annotations

import pytest

from demos import services as module
from demos.ability.uploaded_files import read_question
from demos.ability.video_tab import TAB as VIDEO
from demos.heard_sounds import heard_wave
from demos.media_cache import MediaCache
from demos.visitor_conversation import ChatExchange, ChatOptions, VisitorQuestion, prompt_media_counts
from tests.desk import SETTINGS, VISITOR, ChatVisitor
from tests.fakes import Answer
from tests.media_files import clip
from vita.errors import InputError, MediaError
from vita.media import Clip, Limits, Sound
from vita.tokens import State


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(module, "BEAT", 0.02)
    monkeypatch.setattr(module, "FRAME", 0.0)


@pytest.fixture
def saved(tmp_path):
    def save(**how) -> str:
        path = tmp_path / "clip.mp4"
        path.write_bytes(clip(frames=30, **how))
        return str(path)

    return save


async def test_a_clip_is_followed_by_its_sound_and_both_are_shown(saved):
    desk = ChatVisitor("A cat purrs.", "Still.", tab=VIDEO)
    conversation = (await desk.send("What is heard?", saved(sound=1.0)))[-1][1]
    media = desk.engine.requests[0].turns[0].media
    assert [type(medium) for medium in media] == [Clip, Sound]
    assert media[1].duration == pytest.approx(1.0, abs=0.1)
    assert [seen.name for seen in conversation[0].seen] == ["clip.mp4", "clip.mp4"]
    await desk.send("And now?", past=conversation)
    assert [type(medium) for medium in desk.engine.requests[1].turns[0].media] == [Clip, Sound]


async def test_a_clip_that_speaks_the_question_is_asked_by_it(saved):
    desk = ChatVisitor(Answer("Blue.", State.AUDIO_QUERY), tab=VIDEO)
    assert (await desk.send("", saved(sound=1.0)))[-1][1][-1].answer.text == "Blue."
    assert not desk.toasts


async def test_a_switch_turns_it_off(saved):
    desk = ChatVisitor("A cat.", tab=VIDEO)
    message = {"text": "What is it?", "files": [saved(sound=1.0)]}
    settings = (*SETTINGS[:6], False, "")
    async for _ in desk.chat.submit_question(message, (), VISITOR, *settings):
        pass
    assert [type(medium) for medium in desk.engine.requests[0].turns[0].media] == [Clip]


def read(path: str, limits: Limits | None = None, text: str = "What?") -> ChatExchange:
    return read_question(VisitorQuestion(text, (path,)), (), ChatOptions(), limits or Limits(), "video")


def test_a_clip_without_sound_asks_nothing_by_itself(saved):
    assert read(saved()).kinds == ("clip",)
    with pytest.raises(InputError):
        read(saved(), text="")


def test_a_sound_that_is_too_long_is_left_out_and_it_is_said_so(saved):
    exchange = read(saved(sound=1.0), Limits(audio_seconds=0.5))
    assert exchange.kinds == ("unheard_clip",)
    assert [type(medium) for medium in MediaCache(Limits()).media_of(exchange)] == [Clip]


async def test_what_was_left_out_stands_under_the_answer(saved):
    desk = ChatVisitor("A cat.", tab=VIDEO, limits=Limits(audio_seconds=0.5))
    messages = (await desk.send("What is it?", saved(sound=1.0)))[-1][0]
    assert "its sound is longer than a minute" in messages[-1]["content"].value


def test_sounds_of_clips_count_and_noise_leaves_the_prompt(saved):
    heard = read(saved(sound=1.0))
    assert prompt_media_counts([heard], heard.kinds) == {Clip: 2, Sound: 2}


def test_a_forged_sound_is_refused_with_a_sentence(saved):
    forged = ChatExchange(VisitorQuestion("", (saved(),)), ("voiced_clip",))
    with pytest.raises(MediaError, match=r"clip\.mp4 has no sound"):
        MediaCache(Limits()).media_of(forged)


def test_the_sound_of_a_clip_can_be_played(saved):
    assert heard_wave(saved(sound=1.0), Limits())[:4] == b"RIFF"
