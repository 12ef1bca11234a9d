"""An answer that reached its length is written on where it stands."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import gradio as gr

from demos.visitor_conversation import Conversation

# static/asking/go_on.js tells the window in which chat it was pressed
HEAR_GO_ON = """
const heard = ({ detail }) => detail.chat === props.chat && trigger("select", detail);
window.addEventListener("vita:answer-continued", heard);
"""


def build_go_on_listener(chat: str) -> gr.HTML:
    """An element that nobody sees, whose event ``select`` comes when the last answer of a chat is to go on.

    Args:
        chat: id of the chat's element.
    """
    return gr.HTML("", js_on_load=HEAR_GO_ON, chat=chat, visible="hidden", padding=False)


@dataclass(frozen=True)
class GoOnHandler:
    """What happens when an answer is to go on.

    Args:
        stream: asks a question after a past, and streams updates of the page.
    """

    stream: Callable[..., AsyncGenerator[Any, None]]

    async def write_on(self, past: Conversation, request: gr.Request, *settings: Any) -> AsyncGenerator[Any, None]:
        """Write the last answer on; whatever fails leaves it as it was."""
        if not past or past[-1].answer.finish != "length":
            return
        last = past[-1]
        asking = self.stream(last.question, past[:-1], settings, request, past, last.conversation_id, last.answer)
        async with aclosing(asking) as updates:
            async for update in updates:
                yield update
