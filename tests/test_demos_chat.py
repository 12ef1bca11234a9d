"""What happens on each event of a tab, without Gradio running."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest

from demos import services as module
from demos.ability.answer_settings import DEFAULTS, options_from
from demos.ability.audio_tab import TAB as AUDIO
from demos.ability.chatbot_messages import chatbot_messages
from demos.ability.continued_answer import GoOnHandler
from demos.ability.edited_question import EditHandler
from demos.ability.image_tab import TAB as IMAGE
from demos.ability.video_tab import TAB as VIDEO
from demos.example_files import EXAMPLES
from demos.visitor_conversation import AnswerPhase, ChatExchange, ChatOptions, VisitorQuestion
from demos.visitor_conversation import VisitorAnswer as Shown
from tests.desk import CAT, CHINESE, SETTINGS, VISITOR, ChatVisitor, skipped, texts
from tests.fakes import Answer
from vita.engine.engine_protocol import Stage
from vita.errors import EngineDeadError
from vita.media import Clip, Picture, Sound, load_picture
from vita.tokens import State


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(module, "BEAT", 0.02)
    monkeypatch.setattr(module, "FRAME", 0.0)


async def test_an_answer_streams_under_its_question_and_the_conversation_keeps_it():
    updates = await (desk := ChatVisitor("A cat.")).send("What is it?", CAT)
    messages, conversation, box, _ = updates[-1]
    assert texts(messages) == ["What is it?", "A cat."]
    assert messages[0]["content"] == {"path": CAT}
    assert [exchange.answer.text for exchange in conversation] == ["A cat."]
    assert box.submit_btn is True
    assert not desk.toasts
    assert isinstance(desk.engine.requests[0].turns[0].media[0], Picture)


async def test_the_box_empties_and_offers_stop_once_the_question_is_taken():
    first = (await ChatVisitor("A cat.").send("What is it?", CAT))[0]
    assert first[2].value["text"] == ""
    assert (first[2].submit_btn, first[2].stop_btn) == (False, True)


async def test_a_second_question_is_asked_with_the_first_and_its_picture():
    desk = ChatVisitor("A cat.", "Green.")
    conversation = (await desk.send("What is it?", CAT))[-1][1]
    await desk.send("And its eyes?", past=conversation)
    turns = desk.engine.requests[1].turns
    assert [turn.text for turn in turns] == ["What is it?", "A cat.", "And its eyes?"]
    assert turns[0].media == desk.engine.requests[0].turns[0].media


async def test_an_engine_that_dies_midway_gives_the_question_back():
    desk = ChatVisitor(Answer("Half", error=EngineDeadError("its process ended")))
    before = (ChatExchange(VisitorQuestion("Earlier?"), answer=Shown("Yes.", phase=AnswerPhase.DONE)),)
    messages, conversation, box, _ = (await desk.send("What is it?", CAT, past=before))[-1]
    assert conversation == before
    assert texts(messages) == ["Earlier?", "Yes."]
    assert box.value["text"] == "What is it?"
    assert box.value["files"][0]["path"].endswith("cat.jpg")
    assert "its process ended" in desk.toasts[0]


async def test_what_is_our_fault_is_told_without_its_insides(caplog):
    desk = ChatVisitor(ZeroDivisionError("secret"))
    await desk.send("Hello?")
    assert "went wrong on our side" in desk.toasts[0]
    assert "secret" not in desk.toasts[0]
    assert "secret" in caplog.text


async def test_toasts_and_notes_come_in_the_visitors_language():
    desk = ChatVisitor(EngineDeadError("gone"))
    await desk.send("你好", visitor=CHINESE)
    assert desk.toasts[0].startswith("引擎出错")


async def test_retry_asks_the_last_question_again():
    desk = ChatVisitor("One.", "Two.")
    past = (await desk.send("Number?"))[-1][1]
    updates = [update async for update in desk.chat.retry_question(past, VISITOR, *SETTINGS)]
    assert [exchange.answer.text for exchange in updates[-1][1]] == ["Two."]
    assert len(desk.engine.requests[1].turns) == 1


async def test_undo_takes_the_question_back_into_the_box():
    desk = ChatVisitor("One.", "Two.")
    past = (await desk.send("First?"))[-1][1]
    past = (await desk.send("Second?", CAT, past=past))[-1][1]
    messages, conversation, box, _ = await desk.chat.undo_question(past, VISITOR)
    assert texts(messages) == ["First?", "One."]
    assert len(conversation) == 1
    assert box.value["text"] == "Second?"


async def test_undo_of_nothing_changes_nothing():
    assert all(skipped(value) for value in await ChatVisitor().chat.undo_question((), VISITOR))


async def test_clear_ends_the_running_answer_first():
    desk = ChatVisitor("never", paced=True)
    task = asyncio.create_task(desk.send("Hello?"))
    async with asyncio.timeout(5):
        while not desk.engine.load:
            await asyncio.sleep(0.005)
        messages, conversation, *_ = await desk.chat.clear_conversation(VISITOR)
    assert (messages, conversation) == ([], ())
    assert (await task)[-1][1][-1].answer.finish == "abort"
    assert desk.engine.aborts


async def test_a_second_question_meanwhile_is_refused_and_the_first_goes_on():
    desk = ChatVisitor("never", paced=True)
    task = asyncio.create_task(desk.send("First?"))
    async with asyncio.timeout(5):
        while not desk.engine.load:
            await asyncio.sleep(0.005)
    await desk.send("Second?")
    assert "still being written" in desk.toasts[0]
    await desk.chat.stop_answer(VISITOR)
    assert len((await task)[-1][1]) == 1


async def test_a_question_that_waits_for_engines_says_so():
    desk = ChatVisitor("Yes.", stage=Stage.LOADING)
    updates = []
    async for update in desk.chat.submit_question({"text": "Hello?", "files": []}, (), VISITOR, *SETTINGS):
        updates.append(update)
        if len(updates) == 2:
            await desk.engine.start()
    assert "still loading" in updates[0][0][-1]["content"].value
    assert texts(updates[-1][0])[-1] == "Yes."


async def test_noise_shows_its_badge_and_no_answer():
    desk = ChatVisitor(Answer("Babble.", State.NOISE), tab=AUDIO)
    messages = (await desk.send("", str(EXAMPLES / "knocking.wav")))[-1][0]
    assert texts(messages) == []
    assert "not addressed to me" in messages[1]["content"].value


def test_the_camera_adds_to_what_is_in_the_box():
    desk = ChatVisitor()
    source, box = desk.chat.add_file(CAT, {"text": "Who?", "files": [str(EXAMPLES / "coffee.jpg")]}, VISITOR)
    assert source is None
    assert [file["path"].rsplit("/")[-1] for file in box.value["files"]] == ["coffee.jpg", "cat.jpg"]
    desk.chat.add_file(None, {"text": "", "files": []}, VISITOR)
    assert desk.toasts == ["Take or record something first, then add it."]


@pytest.mark.parametrize("tab", [IMAGE, VIDEO, AUDIO], ids=lambda tab: tab.name)
async def test_every_example_can_be_asked(tab):
    desk = ChatVisitor("Yes.", tab=tab)
    kinds = {".jpg": Picture, ".mp4": Clip, ".wav": Sound}
    for number, example in enumerate(tab.examples):
        updates = [update async for update in desk.chat.example_handler(number)((), VISITOR, *SETTINGS)]
        assert texts(updates[-1][0])[-1] == "Yes."
        media = desk.engine.requests[-1].turns[0].media
        assert [type(medium) for medium in media] == [kinds[name[-4:]] for name in example.files]
        assert "<details" in updates[-1][0][-1]["content"].value
    assert not desk.toasts


async def test_an_example_begins_a_conversation_of_its_own_unless_it_fails():
    desk = ChatVisitor("A cat.", "Coffee.", EngineDeadError("gone"))
    past = (await desk.send("What is it?", CAT))[-1][1]
    for wanted in (["Coffee."], ["A cat."]):
        updates = [update async for update in desk.chat.example_handler(1)(past, VISITOR, *SETTINGS)]
        assert [exchange.answer.text for exchange in updates[-1][1]] == wanted


def test_example_pictures_are_small_enough_to_ship():
    assert sum(path.stat().st_size for path in EXAMPLES.iterdir()) < 2**20
    assert all(max(load_picture(path).image.size) <= 640 for path in EXAMPLES.glob("*.jpg"))


def test_emptied_settings_fall_back_to_their_defaults():
    assert options_from([None] * 7 + [""]) == DEFAULTS
    assert options_from([0, 1, 5, -1, 4, 2, None, ""]).seed is None
    assert options_from([0, 1, 5, 0, 4, 2, True, ""]).seed == 0
    assert options_from([0, 0.9, 5, 7.0, 4, 2, False, "Hi"]) == ChatOptions(0.0, 0.9, 5, 7, 4, 2, "Hi", False)


def test_an_empty_conversation_has_no_messages():
    assert chatbot_messages((), "en") == []


async def test_a_question_is_edited_with_its_files_and_what_followed_is_gone():
    desk = ChatVisitor("A cat.", "Green.", "A ginger cat.")
    past = (await desk.send("What is it?", CAT))[-1][1]
    past = (await desk.send("And its eyes?", past=past))[-1][1]
    edited = SimpleNamespace(_data={"exchange": 0, "text": "What animal?"})
    handler = EditHandler(desk.chat._stream_answer)
    messages, conversation, box, _ = [u async for u in handler.ask_edited(past, VISITOR, edited, *SETTINGS)][-1]
    assert texts(messages) == ["What animal?", "A ginger cat."]
    assert conversation[0].question.files == (CAT,)
    assert conversation[0].conversation_id != past[0].conversation_id, "the one before stays with what followed"
    assert "value" not in box.constructor_args, "what is in the box stays there"


async def test_the_last_question_is_edited_in_its_own_conversation_and_an_earlier_one_in_a_copy():
    desk = ChatVisitor("A cat.", "Green.", "Round.", "Blue.", "Long.")
    past = (await desk.send("What is it?", CAT))[-1][1]
    past = (await desk.send("And its eyes?", past=past))[-1][1]
    past = (await desk.send("And its ears?", past=past))[-1][1]
    ask_edited = EditHandler(desk.chat._stream_answer).ask_edited

    async def edit(number: int):
        edited = SimpleNamespace(_data={"exchange": number, "text": "And its tail?"})
        return [update async for update in ask_edited(past, VISITOR, edited, *SETTINGS)][-1][1]

    assert {exchange.conversation_id for exchange in await edit(2)} == {past[0].conversation_id}
    copy = await edit(1)
    assert len({exchange.conversation_id for exchange in copy}) == 1
    assert copy[0].conversation_id != past[0].conversation_id


@pytest.mark.parametrize("data", [{}, {"exchange": 1, "text": "a"}, {"exchange": "0", "text": "a"}, {"exchange": 0}])
async def test_an_edit_that_no_page_of_ours_sends_asks_nothing(data):
    desk = ChatVisitor("A cat.")
    past = (await desk.send("What is it?", CAT))[-1][1]
    edited = SimpleNamespace(_data=data)
    assert not [u async for u in EditHandler(desk.chat._stream_answer).ask_edited(past, VISITOR, edited, *SETTINGS)]
    assert len(desk.engine.requests) == 1


async def test_an_answer_is_written_on_from_where_it_stands():
    desk = ChatVisitor(Answer(", three.", None))
    cut = Shown("One, two", State.TEXT_QUERY, AnswerPhase.DONE, "length", tokens=3)
    past = (ChatExchange(VisitorQuestion("Count."), answer=cut),)
    handler = GoOnHandler(desk.chat._stream_answer)
    messages, conversation, *_ = [u async for u in handler.write_on(past, VISITOR, *SETTINGS)][-1]
    assert texts(messages) == ["Count.", "One, two, three."]
    assert conversation[0].answer.state is State.TEXT_QUERY
    (asked,) = desk.engine.requests
    assert asked.goes_on
    assert [(turn.role, turn.text, turn.state) for turn in asked.turns] == [
        ("user", "Count.", None),
        ("assistant", "One, two", State.TEXT_QUERY),
    ]


async def test_only_an_answer_that_reached_its_length_goes_on():
    desk = ChatVisitor("More.")
    past = (ChatExchange(VisitorQuestion("Count."), answer=Shown("One.", phase=AnswerPhase.DONE, finish="stop")),)
    for before in ((), past):
        assert not [u async for u in GoOnHandler(desk.chat._stream_answer).write_on(before, VISITOR, *SETTINGS)]
    assert not desk.engine.requests


async def test_a_number_out_of_its_range_is_refused_by_its_label_and_nothing_is_asked():
    desk = ChatVisitor("A cat.")
    message = {"text": "What is it?", "files": []}
    updates = [u async for u in desk.chat.submit_question(message, (), VISITOR, 9, *SETTINGS[1:])]
    assert all(skipped(value) for value in updates[-1])
    assert desk.toasts == ["Temperature must be from 0 to 2, not 9. Change it under Settings."]
    assert not desk.engine.requests


async def test_what_was_said_is_written_above_its_answer_and_a_noise_is_not():
    async def transcribe(sound):
        return "Why is the sky blue?"

    spoken, noise = str(EXAMPLES / "ask_sky.wav"), str(EXAMPLES / "knocking.wav")
    desk = ChatVisitor(Answer("Rayleigh.", State.AUDIO_QUERY), Answer("", State.NOISE), tab=AUDIO)
    desk.services._transcribe = transcribe
    messages, past, *_ = (await desk.send("", spoken))[-1]
    assert texts(messages) == ["“Why is the sky blue?”", "Rayleigh."]
    messages, past, *_ = (await desk.send("", noise, past=past))[-1]
    assert [exchange.heard for exchange in past] == ["Why is the sky blue?", ""]


async def test_an_answer_stands_though_what_was_said_cannot_be_written_down(caplog):
    async def transcribe(sound):
        raise ZeroDivisionError

    desk = ChatVisitor(Answer("Rayleigh.", State.AUDIO_QUERY), tab=AUDIO)
    desk.services._transcribe = transcribe
    messages, *_ = (await desk.send("", str(EXAMPLES / "ask_sky.wav")))[-1]
    assert texts(messages) == ["Rayleigh."]
    assert not desk.toasts
