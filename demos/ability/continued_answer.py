"""An answer that reached its length is written on where it stands."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import gradio as gr

from demos.visitor_conversation import Conversation

CONTINUED = "vita:answer-continued"  # told by static/asking/go_on.js


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
