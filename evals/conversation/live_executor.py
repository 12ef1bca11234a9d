"""Conversations with a live server in place of questions to an engine: an executor that records one for each item."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from evals.conversation.live_recorder import RecordedConversation, Samples, record_conversation
from evals.item_runner import error_sentence, shown_prompt
from evals.run_journal import ItemRecord, recording_path
from evals.task_data import open_media, plain_row
from evals.task_runner import Work
from vita.errors import EngineDeadError, EngineNotReadyError, VitaError
from vita.media import await_decoding

log = logging.getLogger(__name__)
Hold = Callable[[str, Samples], Awaitable[RecordedConversation]]


@dataclass
class LiveExecutor:
    """An Executor over a server that speaks OpenAI's Realtime protocol; one conversation at a time, in real time.

    Attributes:
        address: such as ws://host:7860.
        recordings: folder that both sides of each conversation are kept in.
    """

    address: str
    recordings: Path
    hold: Hold = record_conversation

    async def run(self, work: Iterator[Work]) -> AsyncIterator[Sequence[ItemRecord]]:
        """See Executor.

        Raises:
            EngineDeadError, EngineNotReadyError: the server is gone or full; the item has not been done.
        """
        while (item := await asyncio.to_thread(next, work, None)) is not None:
            yield [await self._record_item(item)]

    async def _record_item(self, item: Work) -> ItemRecord:
        task, example = item.task, item.example
        record = ItemRecord(task.name, example.index, {}, "", "")
        try:
            record = replace(record, doc=await asyncio.to_thread(plain_row, example, task.source.media))
            row = await await_decoding(open_media, example.row, task.source.media)
            record = replace(record, prompt=shown_prompt(task.prompt(row, ())))
            begun = time.monotonic()
            held = await self.hold(self.address, row["audio"].samples)
            await asyncio.to_thread(held.save_stereo, recording_path(self.recordings, task.name, example.index))
        except (EngineDeadError, EngineNotReadyError):
            raise
        except Exception as error:  # an item's failure must not be the run's
            if not isinstance(error, VitaError):
                log.exception("%s, item %d failed", task.name, example.index)
            return replace(record, error=error_sentence(error, example))
        text = " ".join(word.text for word in held.words)
        doc = {**record.doc, "recording": held.as_row()}
        return replace(record, doc=doc, answer=text, seconds=time.monotonic() - begun)
