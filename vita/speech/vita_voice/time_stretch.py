"""Speak faster or slower at the same pitch, as the sound arrives: FFmpeg's filter ``atempo`` (WSOLA) through PyAV."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from av.filter import Graph
    from av.filter.context import FilterContext

SLOWEST = 0.5  # of one filter; slower speech passes through two


def stretch_time(segments: Iterable[NDArray[np.float32]], speed: float, rate: int) -> Iterator[NDArray[np.float32]]:
    """``segments`` of one sound, float32 [n] at ``rate`` Hz, ``speed`` times as fast; 1 leaves them as they are.

    Args:
        speed: 0.25 to 100.
    """
    if speed == 1.0:
        yield from segments
        return
    import av  # here, for the page opens before sound is needed

    _graph, source, sink = _tempo_graph(speed, rate)  # a graph that nobody holds is freed under its filters
    begin = 0
    for segment in segments:
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(segment)[None], format="fltp", layout="mono")
        frame.sample_rate, frame.pts = rate, begin
        begin += len(segment)
        source.push(frame)
        yield from _ready_frames(sink)
    source.push(None)
    yield from _ready_frames(sink)


def _tempo_graph(speed: float, rate: int) -> tuple[Graph, FilterContext, FilterContext]:
    from av.filter import Graph

    graph = Graph()
    source = graph.add_abuffer(format="fltp", sample_rate=rate, layout="mono", time_base=Fraction(1, rate))
    steps = [speed] if speed >= SLOWEST else [SLOWEST, speed / SLOWEST]
    filters = [source, *(graph.add("atempo", f"{step:.6f}") for step in steps), graph.add("abuffersink")]
    for before, after in pairwise(filters):
        before.link_to(after)
    graph.configure()
    return graph, source, filters[-1]


def _ready_frames(sink: FilterContext) -> Iterator[NDArray[np.float32]]:
    import av

    while True:
        try:
            frame = sink.pull()
        except (av.BlockingIOError, av.EOFError):
            return
        assert isinstance(frame, av.AudioFrame)
        yield frame.to_ndarray()[0]
