"""The seam between an ability tab and the modules in ``static/page`` that keep its conversations in the browser.

Out of sight: a text that carries what is to be kept to the browser, and a button that the browser presses to have a
conversation shown again, with its files, whose places Gradio checks.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import gradio as gr

from demos.ability.answer_settings import settings_values
from demos.ability.chatbot_messages import chatbot_messages
from demos.ability.question_box import idle_box
from demos.i18n.translation import translated_error
from demos.keeping.kept_conversation import options_of, read_kept, refused, restored
from demos.services import Services, answer_key
from demos.visitor_conversation import VisitorQuestion
from vita.errors import InputError

SILENT: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "queue": False}


@dataclass(frozen=True)
class ChatFields:
    """The parts of an ability tab that a conversation is shown in.

    Attributes:
        tab: its name.
        kept: carries what is to be kept to the browser; laid out by ``build_keeper``.
    """

    tab: str
    chatbot: gr.Chatbot
    conversation: gr.State
    box: gr.MultimodalTextbox
    settings: list[Any]
    kept: gr.Textbox


def kept_field(tab: str) -> gr.Textbox:
    """What carries to the browser what is to be kept; laid out later, outside of the tabs, or it would not be there."""
    return gr.Textbox(visible="hidden", render=False, elem_id=f"{tab}-kept", label="kept")


def build_keeper(services: Services, chats: list[ChatFields]) -> None:
    """Lay out and wire what keeps the conversations of ``chats``, at the end of the current Blocks."""
    for chat in chats:
        chat.kept.render()
        chat.kept.change(None, chat.kept, None, js=_script("receive(text)", "text"), **SILENT)
        brought = gr.Textbox(visible="hidden", label="brought")
        files = gr.Files(visible="hidden", label="files", type="filepath")
        button = gr.Button(visible="hidden", elem_id=f"{chat.tab}-restore")
        outputs = [chat.chatbot, chat.conversation, chat.box, chat.kept, *chat.settings]
        show = KeptConversations(services, chat.tab).show_kept
        script = _script(f"brought({json.dumps(chat.tab)})")
        shown = button.click(show, [brought, files], outputs, js=script, trigger_mode="multiple", **SILENT)
        shown.then(None, None, None, js=_script(f"restored({json.dumps(chat.tab)})"), **SILENT)


def start_script() -> str:
    """What the page runs once its parts are there."""
    return _script("start()")


def opened_script(tab: str) -> str:
    """What a tab runs when it is opened."""
    return _script(f"tabOpened({json.dumps(tab)})")


def _script(call: str, parameters: str = "") -> str:
    module = "await import(new URL('page/keeping.js', document.baseURI).href)"
    return f"async ({parameters}) => {{ const {{ keeping }} = {module}; return keeping.{call}; }}"


class KeptConversations:
    """Shows again what a browser has kept of one tab."""

    def __init__(self, services: Services, tab: str) -> None:
        self._services, self._tab = services, tab

    async def show_kept(self, text: str, files: list[str] | None, request: gr.Request) -> tuple[Any, ...]:
        """The chat, its conversation, the box, and the settings as they were kept; an answer that runs is ended.

        Args:
            text: a KeptConversation as JSON.
            files: where its files are on this server, one for each of its keys.
        """
        language = self._services.language_of(request.headers.get("accept-language"))
        await self._services.stop(answer_key(request.session_hash, self._tab))
        try:
            kept = read_kept(text)
            if len(files or ()) != len(kept.keys):
                raise InputError("The files of this conversation did not arrive; open it once more.")
        except InputError as error:
            return [], (), idle_box(), refused(self._tab, translated_error(error, language)), *settings_values(None)
        conversation = restored(kept, dict(zip(kept.keys, map(str, files or ()), strict=True)))
        box = idle_box(VisitorQuestion(kept.draft) if kept.draft else None)
        options = options_of(kept)
        return chatbot_messages(conversation, language), conversation, box, gr.skip(), *settings_values(options)
