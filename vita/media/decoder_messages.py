"""What server and decoder process say to each other: a JSON object with its length before it, then raw arrays.

The answer names the shape of every array beforehand, and the server reads no more bytes than it allowed: a decoder that
a file has taken over can send wrong pixels, but not more of them.
"""

from __future__ import annotations

import json
import math
import socket
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vita import errors
from vita.errors import InputError
from vita.media.files import Length

MOST_HEADER = 256 * 2**10  # bytes of JSON
_RAISED = {"MediaError": errors.MediaError, "LimitError": errors.LimitError, "InputError": errors.InputError}


class BrokenAnswerError(Exception):
    """The decoder process ended, or broke the protocol, before its answer was complete."""


@dataclass(frozen=True)
class DecodedArrays:
    """An answer on its way: what is known at once, and arrays that are read one by one."""

    facts: Mapping[str, Any]
    arrays: Iterator[NDArray[Any]]


def send_message(channel: socket.socket, message: Mapping[str, Any], arrays: Sequence[NDArray[Any]] = ()) -> None:
    """Write a message and the arrays that it announces."""
    shapes = [[array.dtype.str, *array.shape] for array in arrays]
    text = json.dumps({**message, "arrays": shapes}).encode()
    channel.sendall(len(text).to_bytes(4, "big") + text)
    for array in arrays:
        channel.sendall(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)


def receive_message(channel: socket.socket) -> dict[str, Any]:
    """The next message without its arrays. Raises BrokenAnswerError."""
    size = int.from_bytes(_receive_exactly(channel, 4), "big")
    if size > MOST_HEADER:
        raise BrokenAnswerError(f"a message of {size} bytes")
    try:
        message = json.loads(_receive_exactly(channel, size))
    except ValueError as e:
        raise BrokenAnswerError("a message that is no JSON") from e
    if not isinstance(message, dict):
        raise BrokenAnswerError("a message that is no object")
    return message


def receive_arrays(channel: socket.socket, shapes: object, most_bytes: int) -> Iterator[NDArray[Any]]:
    """The arrays that a message announced, each read when asked for.

    Args:
        shapes: of the message: type and lengths of each array.
        most_bytes: of all together.

    Raises:
        BrokenAnswerError: other than announced, or more than allowed.
    """
    try:
        known = [(np.dtype(kind), tuple(int(length) for length in shape)) for kind, *shape in shapes]  # type: ignore[attr-defined]
        total = sum(kind.itemsize * math.prod(shape) for kind, shape in known)
    except (TypeError, ValueError) as e:
        raise BrokenAnswerError("arrays of no shape") from e
    allowed = all(kind.kind in "uf" and min(shape, default=0) >= 0 for kind, shape in known)
    if not allowed or total > most_bytes:
        raise BrokenAnswerError(f"arrays of {total} bytes where {most_bytes} are allowed")
    return (_receive_array(channel, kind, shape) for kind, shape in known)


def _receive_array(channel: socket.socket, kind: np.dtype[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    array = np.empty(shape, kind)
    _fill_room(channel, memoryview(array.reshape(-1).view(np.uint8)))  # type: ignore[arg-type]
    return array


def _receive_exactly(channel: socket.socket, size: int) -> bytes:
    data = bytearray(size)
    _fill_room(channel, memoryview(data))
    return bytes(data)


def _fill_room(channel: socket.socket, room: memoryview) -> None:
    while room:
        count = channel.recv_into(room)
        if not count:
            raise BrokenAnswerError("the answer ended early")
        room = room[count:]


def error_message(error: InputError) -> dict[str, Any]:
    """A sentence for the visitor as a message; Lengths keep their type, for the page translates them."""
    values = {
        name: {"seconds": value.seconds} if isinstance(value, Length) else value
        if isinstance(value, str | int | float) else str(value)
        for name, value in error.values.items()
    }  # fmt: skip
    return {"error": type(error).__name__, "template": error.template, "values": values}


def error_of(message: Mapping[str, Any]) -> InputError:
    """The error that a message tells of. Raises BrokenAnswerError for none that is known."""
    raised, template, values = (message.get(name) for name in ("error", "template", "values"))
    if raised not in _RAISED or not isinstance(template, str) or not isinstance(values, dict):
        raise BrokenAnswerError("an error of no known kind")
    given = {name: Length(value["seconds"]) if isinstance(value, dict) else value for name, value in values.items()}
    try:
        return _RAISED[raised](template, **given)
    except (KeyError, IndexError, ValueError) as e:
        raise BrokenAnswerError("a sentence whose values are missing") from e
