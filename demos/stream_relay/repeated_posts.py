"""A POST that a browser sends again, as it never got the answer, is answered as the first time and not done twice."""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import Callable
from time import monotonic

from starlette.types import ASGIApp, Message, Receive, Scope, Send

POST_HEADER = b"x-vita-post"  # a random name, the same each time
KEPT = 120.0  # seconds that an answer is kept
MOST_KEPT = 512
LARGEST_KEPT, LARGEST_IN_ALL = 4 << 20, 32 << 20  # bytes

_NAME = re.compile(rb"[0-9a-f]{32}")
PostKey = tuple[str, bytes]


class _KeptAnswer:
    """The messages that answered a POST; complete once ``done`` is set, and of use if ``whole``."""

    def __init__(self, begun: float) -> None:
        self.messages: list[Message] = []
        self.size, self.begun = 0, begun
        self.whole, self.done = False, asyncio.Event()


class RepeatedPosts:
    """ASGI middleware; what has no such header passes."""

    def __init__(self, app: ASGIApp, clock: Callable[[], float] = monotonic) -> None:
        self._app, self._clock = app, clock
        self._answers: OrderedDict[PostKey, _KeptAnswer] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from what is kept, or ask the application and keep what it says."""
        key = _key_of(scope)
        if key is None:
            await self._app(scope, receive, send)
            return
        kept = self._answers.get(key)
        if kept is not None:
            await kept.done.wait()
            if kept.whole:
                for message in kept.messages:
                    await send(message)
                return
        await self._ask_and_keep(key, scope, receive, send)

    async def _ask_and_keep(self, key: PostKey, scope: Scope, receive: Receive, send: Send) -> None:
        self._make_room()
        answer = self._answers[key] = _KeptAnswer(self._clock())
        asked = cut = False  # whether the question is here whole; whether it was cut off before that

        async def hear() -> Message:
            nonlocal asked, cut
            message = await receive()
            cut = cut or (message["type"] == "http.disconnect" and not asked)
            asked = asked or not message.get("more_body", False)
            return message

        async def keep(message: Message) -> None:
            answer.size += len(message.get("body", b""))
            if answer.size <= LARGEST_KEPT:
                answer.messages.append(message)
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                answer.whole = not cut and answer.size <= LARGEST_KEPT
            await send(message)

        try:
            await self._app(scope, hear, keep)
        finally:
            answer.done.set()
            if not answer.whole and self._answers.get(key) is answer:
                del self._answers[key]

    def _make_room(self) -> None:
        """Forget what is old, and the oldest of what is too much; answers in progress are never too old."""
        too_old = self._clock() - KEPT
        size = sum(answer.size for answer in self._answers.values())
        for key, answer in list(self._answers.items()):
            too_much = len(self._answers) >= MOST_KEPT or size > LARGEST_IN_ALL
            if answer.done.is_set() and (answer.begun < too_old or too_much):
                size -= answer.size
                del self._answers[key]


def _key_of(scope: Scope) -> PostKey | None:
    if scope["type"] != "http" or scope["method"] != "POST":
        return None
    names = [value for name, value in scope["headers"] if name == POST_HEADER]
    return (scope["path"], names[0]) if len(names) == 1 and _NAME.fullmatch(names[0]) else None
