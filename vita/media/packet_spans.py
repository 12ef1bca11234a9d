"""Which packets of a video have to be decoded to get some of its frames. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field

MARGIN = 1  # packets more than a frame's own: the second field of an interlaced one


@dataclass
class PacketTimes:
    """The picture track's packets in the order in which they are decoded.

    Attributes:
        times: presentation times in ticks; None where the file does not tell.
        keys: places of the packets that decoding can begin at.
        hidden: places of packets that are decoded but not shown, before an edit list's start.
        durations: ticks, 0 where unknown.
    """

    times: list[int | None] = field(default_factory=list)
    keys: list[int] = field(default_factory=list)
    hidden: set[int] = field(default_factory=set)
    durations: list[int] = field(default_factory=list)

    def add_packet(self, time: int | None, is_key: bool, is_hidden: bool, duration: int) -> None:
        """Note the next packet."""
        if is_key:
            self.keys.append(len(self.times))
        if is_hidden:
            self.hidden.add(len(self.times))
        self.times.append(time)
        self.durations.append(duration)

    def shown_times(self) -> list[int] | None:
        """The presentation times of all shown frames in order; None where packets do not tell one time each."""
        times = [time for place, time in enumerate(self.times) if place not in self.hidden]
        known = {time for time in times if time is not None}
        return sorted(known) if times and len(known) == len(times) else None

    @property
    def last_duration(self) -> int:
        """Ticks that the frame shown last is shown; 0 where unknown."""
        shown = (
            (time, place) for place, time in enumerate(self.times) if time is not None and place not in self.hidden
        )
        _, place = max(shown, default=(0, -1))
        return self.durations[place] if self.durations else 0


def needed_spans(packets: PacketTimes, ticks: Iterable[int]) -> list[range]:
    """Runs of packets to decode, in order and apart, that give the frames shown at ``ticks``.

    A run begins at the last key frame that is neither decoded nor shown behind the wanted frame: frames that are
    decoded behind a key frame but shown before it ("leading", open GOPs) need the group before.
    """
    places = {
        time: place for place, time in enumerate(packets.times) if time is not None and place not in packets.hidden
    }
    wanted = (places[tick] for tick in ticks)
    found = [range(_span_start(packets, place), min(place + 1 + MARGIN, len(packets.times))) for place in wanted]
    spans: list[range] = []
    for span in sorted(found, key=lambda span: span.start):
        if spans and span.start <= spans[-1].stop:
            spans[-1] = range(spans[-1].start, max(spans[-1].stop, span.stop))
        else:
            spans.append(span)
    return spans


def _span_start(packets: PacketTimes, place: int) -> int:
    time = packets.times[place] or 0
    for key in reversed(packets.keys[: bisect_right(packets.keys, place)]):
        shown = packets.times[key]
        if shown is not None and shown <= time:
            return key
    return 0
