"""The queue of notices to one client, in order. Stopping an answer takes back what of it has not been sent yet."""

from __future__ import annotations

import asyncio
from collections import deque

from vita.duplex.client_notices import AnswerAudio, AnswerText, ClientNotice


class ClientOutbox:
    """A queue from which an answer can be taken back."""

    def __init__(self) -> None:
        self._notices: deque[ClientNotice] = deque()
        self._filled = asyncio.Event()

    def put_notice(self, notice: ClientNotice) -> None:
        """Add at the end."""
        self._notices.append(notice)
        self._filled.set()

    def drop_answer(self, answer: int) -> None:
        """Take back the audio and the text of an answer that have not been fetched."""
        self._notices = deque(
            notice
            for notice in self._notices
            if not (isinstance(notice, AnswerAudio | AnswerText) and notice.answer == answer)
        )

    def drop_audio(self) -> None:
        """Take back all audio: no client is connected to play it."""
        self._notices = deque(notice for notice in self._notices if not isinstance(notice, AnswerAudio))

    async def next_notice(self) -> ClientNotice:
        """The oldest; waits for one."""
        while not self._notices:
            self._filled.clear()
            await self._filled.wait()
        return self._notices.popleft()
