"""Whatever a visitor sends that cannot be answered: one sentence, no engine's time, and the page as it was."""

from __future__ import annotations

import mimetypes
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from demos import media_cache as module
from demos.ability.audio_tab import TAB as AUDIO
from demos.ability.image_tab import TAB as IMAGE
from demos.ability.video_tab import TAB as VIDEO
from demos.example_files import EXAMPLES
from demos.visitor_conversation import AnswerPhase, ChatExchange, VisitorQuestion
from demos.visitor_conversation import VisitorAnswer as Shown
from tests.desk import CAT, CHINESE, SETTINGS, VISITOR, ChatVisitor, skipped, texts
from tests.fakes import Answer
from tests.media_files import clip, png_of_size, recording, saved, three_hours, tone, written
from vita.errors import EngineDeadError, PromptTooLongError
from vita.media import Clip, Picture
from vita.tokens import State

EARLIER = (ChatExchange(VisitorQuestion("Earlier?"), answer=Shown("Yes.", phase=AnswerPhase.DONE)),)


@dataclass(frozen=True)
class Bad:
    """Something that cannot be asked.

    Attributes:
        says: part of the sentence in English.
        file: name and content of a file; an absent one has none.
        copies: so many of the file are sent.
    """

    name: str
    says: str
    file: str = ""
    content: Callable[[], bytes] | None = None
    text: str = "What is it?"
    copies: int = 1


def broken(data: bytes, keep: float = 1.0) -> bytes:
    """Without its second half's sense: zeros from the middle on, and cut off behind ``keep`` of its length."""
    half = len(data) // 2
    return (data[:half] + bytes(len(data) - half))[: int(len(data) * keep)]


def noise() -> Image.Image:
    return Image.effect_noise((64, 64), 60).convert("RGB")


def film() -> bytes:
    return clip(frames=128, rate=10, codec="libvpx", container="webm")


NEITHER = "neither an image, a video nor a sound"
BAD = [
    Bad("an empty question", "There is no question yet", text="  \n"),
    Bad("a picture without a question", "There is no question yet", "p.png", lambda: saved(noise()), text=""),
    Bad("a corrupt image", "damaged or cut off", "p.png", lambda: broken(saved(noise()))),
    Bad("a truncated image", "damaged or cut off", "p.jpg", lambda: Path(CAT).read_bytes()[:9000]),
    Bad("a text file renamed .png", "neither an image, a video nor a sound", "p.png", lambda: b"Dear diary."),
    Bad("a text file renamed .mp4", "neither an image, a video nor a sound", "v.mp4", lambda: b"Dear diary."),
    Bad("a text file renamed .wav", "neither an image, a video nor a sound", "s.wav", lambda: b"Dear diary."),
    Bad("an empty image", "empty (0 bytes)", "p.png", bytes),
    Bad("an empty video", "empty (0 bytes)", "v.mp4", bytes),
    Bad("an empty sound", "empty (0 bytes)", "s.wav", bytes),
    Bad("an image of 60,000 x 60,000", "more than 50 million pixels", "p.png", lambda: png_of_size(60_000, 60_000)),
    Bad("a corrupt video", "neither an image, a video nor a sound", "v.mp4", lambda: broken(clip())),
    Bad("a truncated video", "damaged or cut off", "v.webm", lambda: broken(film(), 0.5)),
    Bad("a video of three hours", "3 h 0 min long", "v.mp4", three_hours),
    Bad("a truncated sound", "damaged or cut off", "s.wav", lambda: written(tone(1))[:9000]),
    Bad("a corrupt sound", NEITHER, "s.flac", lambda: b"x" * 40 + written(tone(1))),
    Bad("a sound without samples", "no samples", "s.wav", lambda: written(np.zeros(0, np.float32))),
    Bad("a sound of 20 minutes", "20 min 0 s long", "s.wav", lambda: written(np.zeros(1200 * 8000, np.int16), 8000)),
    Bad("more images than allowed", "12 images and at most 8", "p.png", lambda: saved(noise()), copies=12),
    Bad("more videos than allowed", "3 videos and at most 2", "v.mp4", clip, copies=3),
    Bad("a file of another kind", "neither an image, a video nor a sound", "notes.txt", lambda: b"Hello."),
    Bad("a drawing", "SVG drawings are not read", "d.svg", lambda: b"<?xml version='1.0'?><svg/>"),
    Bad("a file that is gone", "choose the file again", "gone.png"),
]  # fmt: skip


def laid(bad: Bad, folder: Path) -> list[str]:
    """The paths of the files to send."""
    if not bad.file:
        return []
    path = folder / bad.file
    if bad.content:
        path.write_bytes(bad.content())
    return [str(path)] * bad.copies


@pytest.mark.parametrize("visitor", [VISITOR, CHINESE], ids=["English", "Chinese"])
@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.name)
async def test_bad_input_is_one_sentence_and_changes_nothing(bad, visitor, tmp_path):
    desk = ChatVisitor()
    updates = await desk.send(bad.text, *laid(bad, tmp_path), past=EARLIER, visitor=visitor)
    assert len(updates) == 1
    assert all(skipped(value) for value in updates[0])  # conversation, text and files stay where they are
    assert len(desk.toasts) == 1
    if visitor is VISITOR:
        assert bad.says in desk.toasts[0]
        assert desk.toasts[0].endswith(".")
    else:
        assert desk.toasts[0].endswith("。")
    assert not desk.engine.requests


LATE = [
    (PromptTooLongError(5000, 4096), "904 tokens too long", "超长 904 个词元"),
    (EngineDeadError("{name} stopped while it worked; it is being restarted.", name="engine-1"),
     "engine-1 stopped while it worked", "engine-1 在工作时停止了"),
    (ZeroDivisionError("secret"), "went wrong on our side", "服务端出错"),
]  # fmt: skip


@pytest.mark.parametrize(("error", "english", "chinese"), LATE, ids=["too long", "dead engine", "our fault"])
async def test_what_the_engine_refuses_brings_text_and_files_back_into_the_box(error, english, chinese):
    for visitor, says, back in ((VISITOR, english, "back in the box."), (CHINESE, chinese, "问题已放回输入框。")):
        desk = ChatVisitor(Answer("Half", error=error))
        updates = await desk.send("What is it?", CAT, past=EARLIER, visitor=visitor)
        messages, conversation, box, _ = updates[-1]
        assert texts(messages) == ["Earlier?", "Yes."]
        assert conversation == EARLIER
        assert box.value["text"] == "What is it?"
        assert [file["path"].endswith("cat.jpg") for file in box.value["files"]] == [True]
        assert (box.submit_btn, box.stop_btn) == (True, False)
        assert says in desk.toasts[0]
        assert desk.toasts[0].endswith(back)


async def test_a_retry_that_fails_keeps_the_answer_that_was_there_and_the_draft():
    desk = ChatVisitor("One.", EngineDeadError("gone"))
    past = (await desk.send("Number?"))[-1][1]
    updates = [update async for update in desk.chat.retry_question(past, VISITOR, *SETTINGS)]
    messages, conversation, box, _ = updates[-1]
    assert texts(messages) == ["Number?", "One."]
    assert conversation == past
    assert all("value" not in update[2].constructor_args for update in updates if not skipped(update[2]))
    assert (box.submit_btn, box.stop_btn) == (True, False)
    assert "box" not in desk.toasts[0]


async def test_an_example_leaves_a_draft_in_the_box():
    desk = ChatVisitor("Coffee.")
    updates = [update async for update in desk.chat.example_handler(1)((), VISITOR, *SETTINGS)]
    assert texts(updates[-1][0])[-1] == "Coffee."
    assert all("value" not in update[2].constructor_args for update in updates if not skipped(update[2]))


async def test_files_are_counted_with_those_of_the_whole_conversation(tmp_path):
    desk = ChatVisitor("Yes.")
    past = (await desk.send("Five?", *[CAT] * 5))[-1][1]
    await desk.send("Four more?", *[CAT] * 4, past=past)
    assert "9 images and at most 8" in desk.toasts[0]
    assert len(desk.engine.requests) == 1


async def test_pictures_shown_with_noise_count_for_the_next_question():
    desk = ChatVisitor(Answer("", State.NOISE), tab=AUDIO)
    past = (await desk.send("", *[CAT] * 5, str(EXAMPLES / "knocking.wav")))[-1][1]
    await desk.send("And these?", *[CAT] * 4, past=past)
    assert "9 images and at most 8" in desk.toasts[0]


async def test_nothing_is_decoded_where_a_count_or_a_header_forbids_it(monkeypatch, tmp_path):
    for name in ("load_picture", "load_clip", "load_sound"):
        monkeypatch.setattr(module, name, lambda *_: pytest.fail("a file was decoded"))
    good = shutil.copy(CAT, tmp_path)
    huge = tmp_path / "huge.png"
    huge.write_bytes(png_of_size(60_000, 60_000))
    desk = ChatVisitor()
    for sent in ([good] * 12, [good, str(huge)], [good, str(tmp_path / "gone.wav")], [good, "notes.txt"]):
        await desk.send("What is it?", *sent)
    await desk.send("", good)
    assert len(desk.toasts) == 5
    assert not any("our side" in toast for toast in desk.toasts)


async def test_a_browsers_recording_asks_by_itself_whatever_its_name(tmp_path):
    desk = ChatVisitor("Paris.", tab=AUDIO)
    for name in ("recording.webm", "blob", "voice.mp4"):
        path = tmp_path / name
        path.write_bytes(recording(1.0, "libopus", "webm", {"live": "1"}))
        updates = await desk.send("", str(path))
        assert texts(updates[-1][0])[-1] == "Paris."
    assert not desk.toasts


async def test_an_animation_is_a_picture_in_the_image_tab_and_a_video_elsewhere(tmp_path):
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("red", "lime", "blue")]
    path = tmp_path / "moving.gif"
    path.write_bytes(saved(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=1000))
    for tab, kind in ((IMAGE, Picture), (VIDEO, Clip), (AUDIO, Clip)):
        desk = ChatVisitor("Colours.", tab=tab)
        await desk.send("What is it?", str(path))
        (medium,) = [part for part in desk.engine.requests[0].turns[-1].parts if not isinstance(part, str)]
        assert type(medium) is kind


@pytest.mark.parametrize("name", ["song.ogg", "clip", "photo.jfif", "v.3gp", "talk.weba"])
async def test_a_machine_without_a_table_of_file_types_reads_the_same(name, tmp_path, monkeypatch):
    """As in the container image, which has no /etc/mime.types."""
    monkeypatch.setattr(mimetypes, "guess_type", lambda *_, **__: (None, None))
    contents = {
        "song.ogg": lambda: written(tone(1), kind="OGG"),
        "clip": clip,
        "photo.jfif": lambda: saved(noise(), "JPEG"),
        "v.3gp": lambda: (Path(__file__).parent / "media_faults/m3gp.3gp").read_bytes(),
        "talk.weba": recording,
    }
    path = tmp_path / name
    path.write_bytes(contents[name]())
    desk = ChatVisitor("Yes.")
    await desk.send("What is it?", str(path))
    assert not desk.toasts
    assert len(desk.engine.requests) == 1
