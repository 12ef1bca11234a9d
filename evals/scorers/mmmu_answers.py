"""MMMU's own rules: options by letter or by text, open questions by any key phrase or number of the answer."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

_KEYS = ("could be ", "so ", "is ", "thus ", "therefore ", "final ", "answer ", "result ")
_NUMBERS = (
    r"-?\b\d{1,3}(?:,\d{3})+\b",
    r"-?\d+(?:\.\d+)?[eE][+-]?\d+",
    r"-?(?:\d+\.\d+|\.\d+|\d+\b)(?![eE][+-]?\d+)(?![,\d])",
)
Reading = str | float


def choice_letter(answer: str, options: Mapping[str, str]) -> str | None:
    """The letter that is said last in the most trusted form; None where the peer would draw one at random."""
    for mark in ",.!?;:'":
        answer = answer.strip(mark)
    text = f" {answer} "
    for form, place in (("({})", "({})"), ("{} ", " {} "), ("{}.", " {} ")):
        if found := [letter for letter in options if form.format(letter) in text]:
            return _last_place(found, [text.rfind(place.format(letter)) for letter in found])
    if len(text.split()) > 5:
        found = [letter for letter, option in options.items() if option.lower() in text.lower()]
        if found:
            return _last_place(found, [text.lower().rfind(options[letter].lower()) for letter in found])
    return None


def _last_place(found: Sequence[str], places: Sequence[int]) -> str:
    return found[places.index(max(places))]


def answer_readings(answer: str) -> set[Reading]:
    """Everything that an answer to an open question may mean: its key phrases and the numbers in them."""
    phrases = _key_phrases(answer)
    numbers = [number for phrase in phrases for pattern in _NUMBERS for number in re.findall(pattern, phrase)]
    return {form for text in (*phrases, *numbers) for form in comparable_forms(text)}


def comparable_forms(text: str) -> list[Reading]:
    """How a short text is compared: a number to two decimals, else lower case, one letter with a space beside it."""
    text = text.strip()
    try:
        return [round(float(text.replace(",", "")), 2)]
    except ValueError:
        lowered = text.lower()
        return [f" {lowered}", f"{lowered} "] if len(lowered) == 1 else [lowered]


def open_is_right(answer: str, targets: Sequence[str]) -> bool:
    """Whether a reading holds a target as text, or is its number."""
    wanted = [form for target in targets for form in comparable_forms(target)]
    texts = [form for form in wanted if isinstance(form, str)]
    return any(
        any(text in reading for text in texts) if isinstance(reading, str) else reading in wanted
        for reading in answer_readings(answer)
    )


def _key_phrases(answer: str) -> list[str]:
    """The end of each sentence behind a word like "is", the shortest; the whole where there is none."""
    answer = answer.strip().strip(".").lower()
    sentences = re.split(r"\.\s(?=[A-Z])|\n", answer)
    phrases = []
    for index, sentence in enumerate(sentences):
        keys = (*_KEYS, "=") if index == len(sentences) - 1 else _KEYS
        shortest = ""
        for end in (sentence.split(key)[-1].strip() for key in keys if key in sentence):
            shortest = end if not shortest or len(end) < len(shortest) else shortest
        if shortest and shortest not in tuple(":,.!?;'"):
            phrases.append(shortest)
    return phrases or [answer]
