"""The chat of every ability tab: rows first, then wiring, then what happens on each event."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from html import escape
from typing import Any, Literal

import gradio as gr

from demos.ability.answer_settings import build_camera, build_settings, options_from
from demos.ability.chat_signals import build_chat_listener
from demos.ability.chatbot_messages import Message, chatbot_messages
from demos.ability.continued_answer import CONTINUED, GoOnHandler
from demos.ability.conversation_keeper import ChatFields, kept_field
from demos.ability.edited_question import EDITED, EditHandler
from demos.ability.question_box import busy_box, idle_box
from demos.ability.told_errors import error_for_visitor, setting_error
from demos.ability.uploaded_files import draw_exchange, read_prompt, read_question
from demos.ability.voice_button import build_voice_button
from demos.example_files import EXAMPLES
from demos.i18n.translation import Language, say_in
from demos.keeping.kept_conversation import emptied, update_of
from demos.services import Services, answer_key
from demos.spoken_languages import has_chinese
from demos.visitor_conversation import (
    AnswerPhase,
    Conversation,
    VisitorAnswer,
    VisitorQuestion,
)
from vita.media import await_decoding

REMEMBERED = 12 * 3600  # seconds that a conversation is kept behind its last answer
QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}

TELL_ADDED = (
    "() => void window.dispatchEvent(new CustomEvent('vita:camera-added'))"  # to static/asking/held_question.js
)

Update = tuple[Any, Any, Any, Any]  # for chatbot, conversation, box, and what the browser is to keep
KEEP = 1.0  # seconds between two times that an answer which is being written is given to the browser to keep


@dataclass(frozen=True)
class ExampleQuestion:
    """A question that is asked with one click.

    Attributes:
        label: key of its words.
        files: names in ``examples/``.
        icon: picture on its button, in ``examples/``.
    """

    label: str
    text: str
    files: tuple[str, ...]
    icon: str

    @property
    def question(self) -> VisitorQuestion:
        """As the visitor would have sent it."""
        return VisitorQuestion(self.text, tuple(str(EXAMPLES / name) for name in self.files))


@dataclass(frozen=True)
class AbilityTab:
    """What makes one ability tab different from another."""

    name: Literal["image", "video", "audio"]
    examples: tuple[ExampleQuestion, ...]
    camera: Literal["photo", "clip"] | None = None


def build_chat(services: Services, tab: AbilityTab, i18n: gr.I18n) -> ChatFields:
    """Lay out one tab inside the current gr.Tab and wire it."""
    with gr.Row(elem_classes="ask"):
        with gr.Column(scale=7, min_width=320, elem_classes="talk"):
            chatbot = gr.Chatbot(
                label=i18n("chat"),
                show_label=False,
                container=False,
                placeholder=i18n(f"{tab.name}.empty"),
                buttons=["copy"],
                autoscroll=False,  # static/asking/follow_answer.js does it
                group_consecutive_messages=False,
                latex_delimiters=[
                    {"left": "$$", "right": "$$", "display": True},
                    {"left": "\\(", "right": "\\)", "display": False},
                    {"left": "\\[", "right": "\\]", "display": True},
                ],
                elem_classes="chat",
                elem_id=f"{tab.name}-chat",
            )
            box = gr.MultimodalTextbox(
                label=i18n("ask.label"),
                show_label=False,
                placeholder=i18n("ask.hint"),
                file_count="multiple",
                sources=["upload"],
                max_lines=8,
                elem_classes="box",
                elem_id=f"{tab.name}-box",
            )
            with gr.Row(elem_classes="under-box"):
                build_voice_button()
                gr.Markdown(i18n("stop.hint"), elem_classes="hint")
        with gr.Column(scale=3, min_width=260, elem_classes="side"):
            gr.Markdown(i18n("examples"), elem_classes="side-title")
            with gr.Column(elem_classes="examples"):
                examples = [
                    gr.Button(i18n(example.label), icon=EXAMPLES / example.icon, size="sm", elem_classes="example")
                    for example in tab.examples
                ]
            camera = build_camera(tab.camera, i18n)
            settings = build_settings(tab.name, services.model, i18n)
    conversation = gr.State((), time_to_live=REMEMBERED)

    chat = ChatHandlers(services, tab)
    kept = kept_field(tab.name)
    outputs = [chatbot, conversation, box, kept]
    asking = [
        box.submit(chat.submit_question, [box, conversation, *settings], outputs, concurrency_limit=None, **QUIET),
        chatbot.retry(chat.retry_question, [conversation, *settings], outputs, concurrency_limit=None, **QUIET),
    ]
    for number, button in enumerate(examples):
        asked = chat.example_handler(number)
        asking.append(button.click(asked, [conversation, *settings], outputs, concurrency_limit=None, **QUIET))
    edited = EditHandler(chat._stream_answer).ask_edited
    listener = build_chat_listener(f"{tab.name}-chat", EDITED, "edit")
    asking.append(listener.edit(edited, [conversation, *settings], outputs, concurrency_limit=None, **QUIET))
    write_on = GoOnHandler(chat._stream_answer).write_on
    pressed = build_chat_listener(f"{tab.name}-chat", CONTINUED, "select")
    asking.append(pressed.select(write_on, [conversation, *settings], outputs, concurrency_limit=None, **QUIET))
    for asked in asking:  # an answer that a restarted server knows nothing of
        asked.failure(idle_box, None, box, queue=False, **QUIET)
    box.stop(chat.stop_answer, None, None, queue=False, **QUIET)
    chatbot.undo(chat.undo_question, conversation, outputs, queue=False, **QUIET)
    chatbot.clear(chat.clear_conversation, None, outputs, queue=False, **QUIET)
    if camera:
        taken = gr.State(None)  # reading what the camera took may take seconds, in which a question is typed
        read = camera.add.click(chat.read_camera, camera.source, taken, queue=False, **QUIET)
        # queued, or Gradio would keep its warning to itself
        added = read.then(chat.add_file, [taken, box], [camera.source, box], concurrency_limit=None, **QUIET)
        for told in (added.then, added.failure, read.failure):
            told(None, None, None, js=TELL_ADDED)
    return ChatFields(tab.name, chatbot, conversation, box, settings, kept)


def show_warning(sentence: str, title: str) -> None:
    """Tell the visitor, in a toast; Gradio would render HTML in it, and a file's name may hold some."""
    gr.Warning(escape(sentence), duration=12, title=title)


class ChatHandlers:
    """What happens on each event of one tab; the conversation itself travels through gr.State."""

    def __init__(self, services: Services, tab: AbilityTab, tell: Callable[[str, str], None] = show_warning) -> None:
        self._services, self._tab, self._tell = services, tab, tell

    async def submit_question(
        self, message: Message, past: Conversation, request: gr.Request, *settings: Any
    ) -> AsyncGenerator[Update, None]:
        """Ask what is in the box."""
        question = VisitorQuestion(message.get("text") or "", tuple(message.get("files") or ()))
        async with aclosing(self._stream_answer(question, past, settings, request)) as updates:
            async for update in updates:
                yield update

    async def retry_question(
        self, past: Conversation, request: gr.Request, *settings: Any
    ) -> AsyncGenerator[Update, None]:
        """Ask the last question again, with the settings as they are now."""
        if past:
            last = past[-1]
            asking = self._stream_answer(last.question, past[:-1], settings, request, past, last.conversation_id)
            async with aclosing(asking) as updates:
                async for update in updates:
                    yield update

    def example_handler(self, number: int) -> Callable[..., AsyncGenerator[Update, None]]:
        """The handler that asks one of the tab's examples."""
        return ExampleHandler(self, self._tab.examples[number].question).ask_example

    async def stop_answer(self, request: gr.Request) -> None:
        """End the answer that is being written."""
        await self._services.stop(self._answer_key(request))

    async def undo_question(self, past: Conversation, request: gr.Request) -> Update:
        """Take the last question back into the box."""
        await self._services.stop(self._answer_key(request))
        if not past:
            return (gr.skip(),) * 4
        left, last, language = past[:-1], past[-1], self._visitor_language(request)
        kept = update_of(left, self._tab.name) if left else emptied(self._tab.name, last.conversation_id)
        return chatbot_messages(left, language), left, idle_box(last.question), kept

    async def clear_conversation(self, request: gr.Request) -> Update:
        """Begin another conversation; what is typed stays."""
        await self._services.stop(self._answer_key(request))
        return [], (), idle_box(), emptied(self._tab.name)

    def read_camera(self, path: str | None) -> str | None:
        """What the camera took, as a file."""
        return path

    def add_file(self, path: str | None, message: Message, request: gr.Request) -> tuple[Any, Any]:
        """Put what the camera took into the box."""
        language = self._visitor_language(request)
        if not path:
            self._tell(say_in("camera.first", language), say_in("error.title", language))
            return gr.skip(), gr.skip()
        files = [*(message.get("files") or ()), path]
        return None, gr.MultimodalTextbox(value={"text": message.get("text") or "", "files": files})

    def _visitor_language(self, request: gr.Request) -> Language:
        return self._services.language_of(request.headers.get("accept-language"))

    def _answer_key(self, request: gr.Request) -> str:
        return answer_key(request.session_hash, self._tab.name)

    async def _stream_answer(
        self,
        question: VisitorQuestion,
        past: Conversation,
        settings: Sequence[Any],
        request: gr.Request,
        before: Conversation | None = None,
        conversation_id: str | None = None,
        so_far: VisitorAnswer | None = None,
    ) -> AsyncGenerator[Update, None]:
        """Stream one answer into the page; whatever fails leaves conversation and box as they were.

        Args:
            before: what the page showed, where the question does not come from the box, which is left alone then.
            conversation_id: where ``past`` is what is left of a conversation; None for that of ``past``, or a new one.
            so_far: the question's answer, where it is to be written on.
        """
        language, begun, typed, due = self._visitor_language(request), False, before is None, 0.0
        try:
            self._services.check_free(self._answer_key(request))
            options = options_from(settings)
            if self._services.english_only() and has_chinese(question.text):
                self._tell(say_in("model.ask_in_english", language), say_in("model.english_only", language))
            exchange = await await_decoding(
                read_question, question, past, options, self._services.limits, self._tab.name
            )
            if conversation_id:
                exchange = replace(exchange, conversation_id=conversation_id)
            turns = await await_decoding(read_prompt, exchange, past, self._services.media)
            answers = self._services.ask(turns, options, self._answer_key(request), so_far)
            async with aclosing(answers), self._services.transcript_of(turns[-1].media) as transcript:
                async for answer in answers:
                    done = answer.phase is AnswerPhase.DONE
                    exchange = replace(exchange, answer=answer, heard=await transcript.words_so_far(answer))
                    if done:
                        exchange = await asyncio.to_thread(
                            draw_exchange, exchange, turns[-1].media, self._services.lens(), options.tiles
                        )
                    now = (*past, exchange)
                    box = idle_box() if done else gr.skip() if begun else busy_box(empty=typed)
                    kept: Any = gr.skip()
                    if done or not begun or answer.waited >= due:
                        kept, due = update_of(now, self._tab.name, options), answer.waited + KEEP
                    yield chatbot_messages(now, language), now if done else gr.skip(), box, kept
                    begun = True
        except Exception as error:
            words = setting_error(error, language) or error_for_visitor(error, language)
            if begun and typed:
                words = say_in("error.back", language, told=words)
            self._tell(words, say_in("error.title", language))
            if begun:
                left = past if before is None else before
                begun_id, tab = exchange.conversation_id, self._tab.name
                undone = update_of(left, tab, dropped=begun_id) if left else emptied(tab, begun_id)
                yield chatbot_messages(left, language), left, idle_box(question if typed else None), undone
            else:
                yield (gr.skip(),) * 4


@dataclass(frozen=True)
class ExampleHandler:
    """One example's click."""

    chat: ChatHandlers
    question: VisitorQuestion

    async def ask_example(
        self, past: Conversation, request: gr.Request, *settings: Any
    ) -> AsyncGenerator[Update, None]:
        """Ask it in a conversation of its own, whose media fit into any model's context."""
        asking = self.chat._stream_answer(self.question, (), settings, request, before=past)
        async with aclosing(asking) as updates:
            async for update in updates:
                yield update
