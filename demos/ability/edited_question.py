"""A sent question is edited in its place: what followed it is asked anew, and is gone once the new answer begins."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr

from demos.visitor_conversation import Conversation, new_id

# static/asking/edit_in_place.js tells the window which question of which chat was edited, and how
HEAR_EDITS = """
window.addEventListener("vita:question-edited", ({ detail }) => detail.chat === props.chat && trigger("edit", detail));
"""


def build_edit_listener(chat: str) -> gr.HTML:
    """An element that nobody sees, whose event ``edit`` comes with the question's number and its new text.

    Args:
        chat: id of the chat's element.
    """
    return gr.HTML("", js_on_load=HEAR_EDITS, chat=chat, visible="hidden", padding=False)


@dataclass(frozen=True)
class EditHandler:
    """What happens when a question was edited.

    Args:
        stream: asks a question after a past, and streams updates of the page.
    """

    stream: Callable[..., AsyncGenerator[Any, None]]

    async def ask_edited(
        self, past: Conversation, request: gr.Request, edited: gr.EventData, *settings: Any
    ) -> AsyncGenerator[Any, None]:
        """Ask the question with its new text and its own files, in place of it.

        Where others followed it, the page goes on in a conversation of its own, and the one before stays as it was.
        """
        number, text = edited._data.get("exchange"), edited._data.get("text")
        if not isinstance(number, int) or not 0 <= number < len(past) or not isinstance(text, str):
            return  # of no page of ours
        old = past[number]
        question = replace(old.question, text=text)
        conversation_id = old.conversation_id if number == len(past) - 1 else new_id()
        before = tuple(replace(exchange, conversation_id=conversation_id) for exchange in past[:number])
        asking = self.stream(question, before, settings, request, past, conversation_id)
        async with aclosing(asking) as updates:
            async for update in updates:
                yield update
