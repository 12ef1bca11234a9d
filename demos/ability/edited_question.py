"""A sent question is edited in its place and asked anew; where others followed it, in a copy of the conversation."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr

from demos.visitor_conversation import Conversation, new_id

EDITED = "vita:question-edited"  # told by static/asking/edit_in_place.js, with the question's number and its new text


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
