"""A conversation keeps files; what they hold is decoded for a prompt and kept within a number of bytes."""

from __future__ import annotations

import pickle

import pytest

from demos import media_cache
from demos.ability.video_tab import TAB as VIDEO
from demos.example_files import EXAMPLES
from demos.media_cache import MediaCache, decoded_bytes
from demos.visitor_conversation import (
    AnswerPhase,
    ChatExchange,
    VisitorAnswer,
    VisitorQuestion,
    prompt,
    prompt_media_counts,
)
from tests.desk import CAT, SETTINGS, VISITOR, ChatVisitor
from vita.conversation import media_counts
from vita.media import Clip, Limits, Picture, Sound, digest
from vita.tokens import State

CLIP = str(EXAMPLES / "cat_then_coffee.mp4")
VOICE = str(EXAMPLES / "ask_sky.wav")


@pytest.fixture
def decoded(monkeypatch):
    """The paths that were decoded, in order."""
    paths: list[str] = []
    for name in ("load_picture", "load_clip", "load_sound"):
        load = getattr(media_cache, name)
        monkeypatch.setattr(media_cache, name, lambda path, *rest, load=load: paths.append(path) or load(path, *rest))
    return paths


def exchange(*files: tuple[str, media_cache.MediumKind], state: State | None = None, frames: int = 8) -> ChatExchange:
    question = VisitorQuestion("What is it?", tuple(path for path, _ in files))
    answer = VisitorAnswer("A cat.", state, AnswerPhase.DONE, "stop")
    return ChatExchange(question, tuple(kind for _, kind in files), frames, answer)


async def test_a_conversation_about_a_clip_and_pictures_holds_no_pixels():
    desk = ChatVisitor("Yes.", tab=VIDEO)
    conversation = (await desk.send("What is it?", CLIP, CAT, VOICE))[-1][1]
    assert len(pickle.dumps(conversation)) < 200_000
    assert desk.services.media.held_bytes > 1_000_000
    assert conversation[0].kinds == ("clip", "picture", "sound")


def test_files_are_decoded_once_and_again_where_they_were_forgotten(decoded):
    cache = MediaCache(Limits())
    asked = exchange((CAT, "picture"), (VOICE, "sound"))
    first = cache.media_of(asked)
    assert cache.media_of(asked) == first
    assert decoded == [CAT, VOICE]
    assert cache.held_bytes == sum(map(decoded_bytes, first))
    small = MediaCache(Limits(), most_bytes=decoded_bytes(first[0]) + 1)
    small.media_of(asked)
    small.media_of(exchange((CAT, "picture")))
    assert decoded[2:] == [CAT, VOICE, CAT]
    assert small.held_bytes <= decoded_bytes(first[0]) + 1


def test_what_was_used_last_is_forgotten_last(decoded):
    cat, coffee, light = (
        exchange((str(EXAMPLES / name), "picture")) for name in ("cat.jpg", "coffee.jpg", "icon_light.jpg")
    )
    sizes = [decoded_bytes(*MediaCache(Limits()).media_of(asked)) for asked in (cat, coffee, light)]
    cache = MediaCache(Limits(), most_bytes=sizes[0] + max(sizes[1:]))
    decoded.clear()
    for asked in (cat, coffee, cat, light, cat):
        cache.media_of(asked)
    assert [path.rsplit("/")[-1] for path in decoded] == ["cat.jpg", "coffee.jpg", "icon_light.jpg"]


def test_a_medium_larger_than_the_cache_is_decoded_and_not_kept():
    cache = MediaCache(Limits(), most_bytes=10)
    (medium,) = cache.media_of(exchange((CAT, "picture")))
    assert isinstance(medium, Picture)
    assert cache.held_bytes == 0


def test_a_clip_is_sampled_to_the_frames_that_its_question_was_asked_with():
    cache = MediaCache(Limits())
    few, many = (cache.media_of(exchange((CLIP, "clip"), frames=frames))[0] for frames in (4, 8))
    assert isinstance(few, Clip)
    assert isinstance(many, Clip)
    assert (len(few.frames), len(many.frames)) == (4, 6)


async def test_a_later_question_has_the_same_prompt_after_the_cache_forgot_everything():
    desk = ChatVisitor("Yes.", tab=VIDEO)
    past = (await desk.send("What is it?", CLIP, VOICE))[-1][1]
    more = (*SETTINGS[:4], 16, *SETTINGS[5:])  # another number of frames, for the next question alone
    for _ in range(2):
        message = {"text": "And now?", "files": [CLIP]}
        assert [update async for update in desk.chat.submit_question(message, past, VISITOR, *more)]
        desk.services.media = MediaCache(Limits())
    kept, forgotten = (
        [(turn.text, turn.state, [digest(medium) for medium in turn.media]) for turn in request.turns]
        for request in desk.engine.requests[1:]
    )
    assert kept == forgotten


@pytest.mark.parametrize("state", [State.NOISE, State.AUDIO_QUERY, None])
def test_media_are_counted_without_decoding_as_the_prompt_has_them(state):
    past = (
        exchange((CAT, "picture"), (VOICE, "sound"), state=state),
        exchange((VOICE, "sound"), state=State.AUDIO_QUERY),
    )
    asked = exchange((CAT, "picture"), (VOICE, "sound"))
    counted = prompt_media_counts(past, asked.kinds)
    assert counted == media_counts(prompt(past, asked, MediaCache(Limits()).media_of))
    assert set(counted) == {Picture, Sound}
