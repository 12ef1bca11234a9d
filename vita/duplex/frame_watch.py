"""Carries out a conversation's watch: asks engines about frames, and tells the machine what they found and when.

Costs nothing while there is no watch: no task runs, and no request is made.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import aclosing

from vita.duplex.client_notices import RequestRefused
from vita.duplex.conversation_events import (
    ConversationEvent,
    LookFinished,
    LookRested,
    WatchRanOut,
    WatchRequested,
    WatchStopped,
)
from vita.duplex.driver_commands import AbortLook, DisarmWatch, StartLook, StartWatch, WatchCommand
from vita.duplex.watch_asking import UnwatchableError, WatchAsking, YesNoAsking, asking_for, checked_goal
from vita.duplex.watch_goal import (
    WatchGoal,
    ends_watch,
    find_watch_request,
    make_goal,
    promise_sentence,
    stopped_sentence,
)
from vita.duplex.watch_state import WatchPlan
from vita.engine.conversation_engines import ConversationEngines
from vita.errors import VitaError

log = logging.getLogger(__name__)

StartTask = Callable[[Coroutine[None, None, None], str], asyncio.Task[None]]
LOOK_INTERVAL = 1.0  # s between the beginnings of two looks, at least
WATCH_SECONDS = 600.0  # of a watch that names no length
LONGEST_WATCH = 3600.0


class FrameWatch:
    """The looks and timers of one conversation, at most one look at a time.

    Args:
        monitor: the slot of the engine that would look now.
        post_event: hears what the engines found.
        refuse: hears of watches that cannot be kept.
    """

    def __init__(
        self,
        engines: ConversationEngines,
        monitor: Callable[[], int],
        post_event: Callable[[ConversationEvent], None],
        refuse: Callable[[RequestRefused], None],
    ) -> None:
        self._engines, self._monitor, self._post_event, self._refuse = engines, monitor, post_event, refuse
        self._asking: WatchAsking = YesNoAsking()
        self._looks: dict[int, asyncio.Task[None]] = {}
        self._timers: dict[int, asyncio.Task[None]] = {}
        self._rests: set[asyncio.Task[None]] = set()

    def request_watch(self, wanted: str | WatchGoal, repeat: bool = False, seconds: float = WATCH_SECONDS) -> None:
        """Watch for what ``wanted`` says, in place of what was watched for before.

        Raises:
            UnwatchableError: the model could never tell; the message says what it can watch for.
        """
        asking = asking_for(self._engines.engine_at(self._monitor()).config)
        goal = checked_goal(asking, wanted if isinstance(wanted, WatchGoal) else make_goal(wanted))
        self._asking = asking
        plan = WatchPlan(goal, asking.rule, asking.telling_prompt(goal), repeat, min(seconds, LONGEST_WATCH))
        self._post_event(WatchRequested(plan))

    def follow_words(self, said: str, watching: bool) -> str:
        """Set or end a watch where a sentence of the conversation asks for that.

        Args:
            watching: whether there is one.

        Returns:
            what is answered to it; "" where the sentence is for the model to answer.
        """
        if watching and ends_watch(said):
            self._post_event(WatchStopped())
            return stopped_sentence(said)
        request = find_watch_request(said)
        if request is None:
            return ""
        try:
            self.request_watch(request.goal, request.repeat)
        except UnwatchableError as error:
            self._refuse(RequestRefused(error.code, str(error)))
            return str(error)
        return promise_sentence(request.goal)

    def carry_out(self, command: WatchCommand, start_task: StartTask) -> None:
        """Do what the machine orders, in tasks of the conversation's."""
        match command:
            case StartWatch(watch, seconds):
                self._timers[watch] = start_task(self._end_in(watch, seconds), f"watch {watch}")
            case DisarmWatch(watch):
                _cancel(self._timers.pop(watch, None))
                self._cancel_rests()
            case StartLook():
                self._looks[command.look] = start_task(self._look(command), f"look {command.look}")
                rest = start_task(self._rest(command.watch), f"rest {command.look}")
                self._rests.add(rest)
                rest.add_done_callback(self._rests.discard)
            case AbortLook(look):
                _cancel(self._looks.pop(look, None))

    def cancel_all(self) -> None:
        """End every look and timer."""
        for task in (*self._looks.values(), *self._timers.values()):
            task.cancel()
        self._cancel_rests()

    def _cancel_rests(self) -> None:
        for rest in tuple(self._rests):
            rest.cancel()

    async def _look(self, command: StartLook) -> None:
        asking, found = self._asking, LookFinished(command.look, None)
        try:
            request = asking.look_request(command.goal, command.picture)
            async with aclosing(self._engines.generate_at(command.engine, request)) as deltas:
                evidence = await asking.read_answer(command.goal, deltas)
            found = LookFinished(command.look, evidence.score, evidence.said)
        except VitaError as error:
            log.info("a frame could not be looked at: %s", error)
        except Exception:  # the frame is skipped: no fault of a look's ends a conversation here
            log.exception("a frame could not be looked at")
        self._looks.pop(command.look, None)
        self._post_event(found)

    async def _rest(self, watch: int) -> None:
        await asyncio.sleep(LOOK_INTERVAL)
        self._post_event(LookRested(watch))

    async def _end_in(self, watch: int, seconds: float) -> None:
        await asyncio.sleep(seconds)
        self._timers.pop(watch, None)
        self._post_event(WatchRanOut(watch))


def _cancel(task: asyncio.Task[None] | None) -> None:
    if task:
        task.cancel()
