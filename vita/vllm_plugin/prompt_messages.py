"""The messages of a chat, found in the ids of its prompt. Pure; knows no vLLM."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise


def split_messages(prompt_ids: Sequence[int], start: int) -> list[Sequence[int]]:
    """The messages of a chat's prompt, each from its ``start`` on; that which is to be written is the last one."""
    starts = [place for place, token in enumerate(prompt_ids) if token == start]
    return [prompt_ids[begin:behind] for begin, behind in pairwise([*starts, len(prompt_ids)])]


def find_earlier_answers(prompt_ids: Sequence[int], start: int, end: int) -> list[Sequence[int]]:
    """The ids inside each message of the role whose next message the prompt asks for; none where it asks for none."""
    *messages, opening = split_messages(prompt_ids, start) or [()]
    return [
        message[len(opening) : message.index(end)]
        for message in messages
        if message[: len(opening)] == opening and end in message
    ]
