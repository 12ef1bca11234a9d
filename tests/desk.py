"""A tab with a fake engine and a visitor before it, without Gradio running."""

from __future__ import annotations

import re
from html import unescape
from types import SimpleNamespace
from typing import Any

from demos.ability.chat_tab import AbilityTab, ChatHandlers
from demos.ability.image_tab import TAB as IMAGE
from demos.example_files import EXAMPLES
from demos.services import Services
from tests.fakes import FakeEngine, pool_of
from vita.media import Limits

SETTINGS = (0.0, 1.0, 64, None, 8, 4, True, "")
VISITOR = SimpleNamespace(session_hash="s", headers={"accept-language": "en"})
CHINESE = SimpleNamespace(session_hash="s", headers={"accept-language": "zh-CN"})
CAT = str(EXAMPLES / "cat.jpg")


class ChatVisitor:
    """What a visitor does in a tab, and the toasts that they saw."""

    def __init__(self, *replies: Any, limits: Limits | None = None, tab: AbilityTab = IMAGE, **engine: Any) -> None:
        self.engine = FakeEngine(*replies, **engine)
        self.services = Services(pool_of(self.engine), limits=limits)
        self.toasts: list[str] = []
        self.chat = ChatHandlers(self.services, tab, lambda sentence, title: self.toasts.append(sentence))

    async def send(self, text: str = "", *files: str, past: Any = (), visitor: Any = VISITOR) -> list[Any]:
        message = {"text": text, "files": list(files)}
        return [update async for update in self.chat.submit_question(message, past, visitor, *SETTINGS)]


def skipped(value: Any) -> bool:
    """Whether an update leaves its component as it is."""
    return isinstance(value, dict) and value.get("__type__") == "update" and len(value) == 1


def texts(messages: list[Any]) -> list[str]:
    """What was typed and what was answered."""
    contents = [_text_of(message["content"]) for message in messages]
    return [text for text in contents if text is not None]


def _text_of(content: Any) -> str | None:
    if isinstance(content, str):
        return content
    typed = re.search(r'<div class="typed(?: heard)?">(.*?)</div>', str(getattr(content, "value", "")), re.DOTALL)
    return unescape(typed[1]) if typed else None
