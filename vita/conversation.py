"""Turns and how they become a prompt, for each checkpoint family. Pure: no tokenizer, no model, no I/O.

Where upstream's own programs disagree, the templates of its training code are followed. Its interactive demo tells
the model that still images are a video, moves all images to the first turn, drops the newline behind them and uses
``lstrip("user:")`` as if it removed a prefix; none of that is done here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from vita.errors import InputError, LimitError
from vita.media import Clip, Limits, Medium, Picture, Sound
from vita.tokens import CHAT_MARKERS, STATE_TOKENS, Family, State, disarm

Role = Literal["user", "assistant"]
Part = str | Medium
Sight = Literal["image", "video", "none"]


@dataclass(frozen=True)
class Turn:
    """One message. A user's parts are text and media in the order given; an assistant's are one text.

    Attributes:
        state: the assistant's state token; None for the user's turns.
    """

    role: Role
    parts: tuple[Part, ...]
    state: State | None = None

    @property
    def text(self) -> str:
        """The text parts, joined."""
        return "".join(part for part in self.parts if isinstance(part, str))

    @property
    def media(self) -> tuple[Medium, ...]:
        """The parts that are not text."""
        return tuple(part for part in self.parts if not isinstance(part, str))


_BASE = (
    "You are an AI robot and your name is VITA. \n"
    "- You are a multimodal large language model developed by the open source community. "
    "Your aim is to be helpful, honest and harmless. \n"
    "- You support the ability to communicate fluently and answer user questions in multiple languages of the user's "
    "choice. \n"
    "- If the user corrects the wrong answer you generated, you will apologize and discuss the correct answer with "
    "the user."
)
_STRICT = (
    " \n- You must answer the question strictly according to the content of the {seen} given by the user, "
    "and it is strictly forbidden to answer the question without the content of the {seen}. "
    "Please note that you are seeing the {seen}, not the {other}."
)
_UPSTREAM: dict[Sight, str] = {
    "none": _BASE,
    "image": _BASE + _STRICT.format(seen="image", other="video"),
    "video": _BASE + _STRICT.format(seen="video", other="image"),
}
_NANO = "You are a helpful AI assistant named VITA."  # a small model follows a short one better
SYSTEM_PROMPTS: dict[Family, dict[Sight, str]] = {
    Family.VITA_1_0: _UPSTREAM,
    Family.VITA_1_5: _UPSTREAM,
    Family.NANO: {"none": _NANO, "image": _NANO, "video": _NANO},
}


def system_prompt_kind(turns: Sequence[Turn]) -> Sight:
    """Which system prompt the conversation calls for: that of the last turn that shows anything.

    Upstream knows conversations with images or with video, not with both; where one turn has both, video wins.
    """
    for turn in reversed(turns):
        if any(isinstance(medium, Clip) for medium in turn.media):
            return "video"
        if any(isinstance(medium, Picture) for medium in turn.media):
            return "image"
    return "none"


def render_prompt(
    turns: Sequence[Turn],
    family: Family,
    system: str | None = None,
    generate: bool = True,
    shown: Sight | None = None,
    continued: bool = False,
) -> tuple[str | Medium, ...]:
    """Write ``turns`` as the pieces of a prompt: text to be tokenised piece by piece, and media in its place.

    What people typed is disarmed, the markers of the template are not: a tokenizer may read every marker that it
    finds in a piece as one. Exchanges that the model answered with the noise state are left out, see
    ``without_noise``.

    Args:
        system: replaces the family's own system prompt; None keeps it, "" leaves the whole message out.
        shown: what the family's own system prompt takes the conversation to show; None for what its turns show.
        generate: end with the opening of the assistant's next message.
        continued: end inside the last message, which is the assistant's and is to be written on.

    Returns:
        Pieces in which no text is empty and no two texts are neighbours. A video is one piece, however many frames.
    """
    turns = without_noise(turns)
    markers = CHAT_MARKERS[family]
    chosen = SYSTEM_PROMPTS[family][shown or system_prompt_kind(turns)] if system is None else disarm(system)
    messages: list[list[Part]] = []
    if chosen:
        messages.append([markers.opening(markers.system), chosen, markers.end])
    for turn in turns:
        role = markers.user if turn.role == "user" else markers.assistant
        messages.append([markers.opening(role), *_message_content(turn, family), markers.end])
    if continued:
        messages[-1].pop()
    elif generate:
        messages.append([markers.opening(markers.assistant)])
    return _join_texts(part for number, message in enumerate(messages) for part in (["\n"] * (number > 0) + message))


def _message_content(turn: Turn, family: Family) -> list[Part]:
    """A message's inside: pictures and clips, each with a newline behind it, the text, then sounds.

    Texts are joined before they are disarmed: two harmless halves could make a marker.
    """
    if turn.role == "assistant":
        token = "" if turn.state is None else STATE_TOKENS[family].text(turn.state)
        return [token + disarm(turn.text)]
    sounds = [medium for medium in turn.media if isinstance(medium, Sound)]
    seen: list[Part] = []
    for medium in turn.media:
        if not isinstance(medium, Sound):
            seen += [medium, "\n"]
    text, between = disarm(turn.text).strip(), CHAT_MARKERS[family].spoken
    said: list[Part] = [text, *sounds] if text else [*sounds]
    return [*seen, *said[:1], *(piece for part in said[1:] for piece in (between, part))]


def _join_texts(parts: Iterable[Part]) -> tuple[str | Medium, ...]:
    """Neighbouring texts as one, empty ones dropped."""
    pieces: list[Part] = []
    for part in parts:
        if isinstance(part, str) and pieces and isinstance(pieces[-1], str):
            pieces[-1] += part
        elif part != "":
            pieces.append(part)
    return tuple(pieces)


def without_noise(turns: Sequence[Turn]) -> tuple[Turn, ...]:
    """Leave out what was not addressed to the model: answers with the noise state and what they answered.

    What the model was shown with such speech stays: pictures and clips move to the user's next turn, as in upstream's
    demo of abilities, or are lost with it where there is none.
    """
    kept: list[Turn] = []
    carried: tuple[Medium, ...] = ()
    for number, turn in enumerate(turns):
        answer = turns[number + 1] if number + 1 < len(turns) else None
        if turn.state is State.NOISE:
            continue
        if turn.role == "user" and answer is not None and answer.state is State.NOISE:
            carried += tuple(medium for medium in turn.media if not isinstance(medium, Sound))
            continue
        if turn.role == "user":
            turn, carried = replace(turn, parts=(*carried, *turn.parts)), ()
        kept.append(turn)
    return tuple(kept)


def undo_turn(turns: Sequence[Turn]) -> tuple[Turn, ...]:
    """The conversation without its last user's turn and the answer to it."""
    starts = [number for number, turn in enumerate(turns) if turn.role == "user"]
    return tuple(turns[: starts[-1]]) if starts else ()


def check_conversation(turns: Sequence[Turn], limits: Limits) -> None:
    """Refuse a conversation that no engine should be asked about.

    Raises:
        InputError: the last turn is not the user's, or asks nothing: neither text nor sound.
        LimitError: more media in all the conversation than allowed.
    """
    last = turns[-1] if turns else Turn("user", ())
    check_asked(last.text if last.role == "user" else "", any(isinstance(medium, Sound) for medium in last.media))
    check_counts(media_counts(turns), limits)


def check_asked(text: str, speaks: bool) -> None:
    """Refuse a message that asks nothing.

    Args:
        speaks: whether a sound is part of it.
    """
    if not (text.strip() or speaks):
        raise InputError("There is no question yet: type one or record one, then send it.")


def media_counts(turns: Sequence[Turn]) -> Counter[type[Medium]]:
    """How many media of each kind the prompt of ``turns`` has."""
    return Counter(type(medium) for turn in without_noise(turns) for medium in turn.media)


def check_counts(counts: Mapping[type[Medium], int], limits: Limits) -> None:
    """Refuse more media in all the conversation than allowed; LimitError with both counts in it."""
    allowed = ((Picture, limits.images, "images"), (Clip, limits.clips, "videos"), (Sound, limits.sounds, "sounds"))
    for kind, most, word in allowed:
        if counts.get(kind, 0) > most:
            raise LimitError(
                "The conversation has {count} {kind} and at most {most} are allowed; "
                "clear the chat or send fewer {kind}.",
                count=counts[kind],
                kind=word,
                most=most,
            )
