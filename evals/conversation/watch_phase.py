"""The part ``watch`` of the benchmark of conversations: things come into the picture, and the server tells of them."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Any

from evals.conversation.caller_script import Rest, Script, Show, Step, Watch
from evals.conversation.talk_server import TalkBench
from evals.conversation.watch_clips import WatchedClip, make_watched_clips, still_frame
from evals.conversation.watch_outcomes import WatchOutcome, read_watch, watch_figures
from evals.conversation.watch_pictures import LabelledPicture, own_pictures, photos_of
from vita.duplex.watch_asking import UnwatchableError, WatchAsking, asking_for, checked_goal
from vita.duplex.watch_goal import make_goal
from vita.media import Picture

LAST_WORDS = 2.0  # s behind the last frame in which an answer may still begin
SHARE = 3  # clips of each sort: this part of the others', for each takes ten seconds


async def measure_watching(bench: TalkBench) -> dict[str, Any]:
    """Clips in which the watched thing comes, and clips in which another one does, one conversation each."""
    asking = asking_for(bench.engine.config)
    pictures = await asyncio.to_thread(_watchable_pictures, bench, asking)
    count = max(2, bench.size // SHARE)
    outcomes: list[WatchOutcome] = []
    for clip in await asyncio.to_thread(make_watched_clips, pictures, count, count):
        steps: tuple[Step, ...] = (Rest(0.5), Watch(clip.watched), _show_step(bench, clip), Rest(LAST_WORDS))
        (lines,) = await bench.hold_calls(Script(steps))
        known = await _recognises(bench, asking, clip) if clip.is_wanted else None
        outcomes.append(read_watch(lines, clip.is_wanted, clip.comes, known))
        bench.tell(f"watch {len(outcomes)}/{2 * count}: {clip.watched}, {_told(clip, outcomes[-1])}")
    return watch_figures(outcomes)


def _watchable_pictures(bench: TalkBench, asking: WatchAsking) -> list[LabelledPicture]:
    """Those of things that the checkpoint can be asked to watch for, and those of anything."""
    found = photos_of(bench.pictures) if bench.pictures else own_pictures()
    return [picture for picture in found if not picture.words or _is_watchable(asking, picture.words)]


def _is_watchable(asking: WatchAsking, words: str) -> bool:
    try:
        checked_goal(asking, make_goal(words))
    except UnwatchableError:
        return False
    return True


def _show_step(bench: TalkBench, clip: WatchedClip) -> Show:
    paths: list[str] = []
    for frame in clip.frames:
        path = bench.folder / f"frame-{bench.calls:04d}-{len(paths):02d}.jpg"
        path.write_bytes(frame)
        paths.append(str(path))
    return Show(tuple(paths))


async def _recognises(bench: TalkBench, asking: WatchAsking, clip: WatchedClip) -> bool:
    """Whether the model tells the thing in the clip's last frame, asked as a look asks."""
    goal = make_goal(clip.watched)
    async with aclosing(bench.engine.generate(asking.look_request(goal, Picture(still_frame(clip))))) as deltas:
        evidence = await asking.read_answer(goal, deltas)
    return evidence.score >= asking.rule.floor


def _told(clip: WatchedClip, outcome: WatchOutcome) -> str:
    if outcome.refused:
        return "refused"
    if outcome.early:
        return f"false alarm ({clip.shown})"
    if not clip.is_wanted:
        return f"rightly silent ({clip.shown})"
    known = "" if outcome.recognised else ", which the model does not recognise"
    return f"missed{known}" if outcome.began is None else f"told after {outcome.began:.2f} s{known}"
