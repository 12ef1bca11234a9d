"""IFEval: does an answer follow instructions that a program can check? VoiceBench has them spoken.

Checks as google-research's instruction_following_eval. Sentences are counted by end marks, not by NLTK's model.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from langdetect import DetectorFactory, LangDetectException, detect

DetectorFactory.seed = 0  # langdetect draws at random otherwise
Arguments = Mapping[str, Any]
Check = Callable[[str, Arguments], bool]
_DECIDED = ("My answer is yes.", "My answer is no.", "My answer is maybe.")


def followed_instructions(
    answer: str, instructions: Sequence[str], arguments: Sequence[Arguments], prompt: str
) -> list[bool]:
    """Whether each instruction is followed to the letter. An empty answer follows none.

    Raises:
        KeyError: an instruction that is not known.
    """
    given = [{name: value for name, value in (each or {}).items() if value is not None} for each in arguments]
    return [
        bool(answer.strip()) and CHECKS[name](answer, {"prompt_to_repeat": prompt} | each)
        for name, each in zip(instructions, given, strict=True)
    ]


def followed_loosely(
    answer: str, instructions: Sequence[str], arguments: Sequence[Arguments], prompt: str
) -> list[bool]:
    """As ``followed_instructions``, or so without the first line, the last, both, or the asterisks."""
    lines = answer.split("\n")
    cuts = [answer, *("\n".join(cut).strip() for cut in (lines[1:], lines[:-1], lines[1:-1]))]
    results = [
        followed_instructions(form, instructions, arguments, prompt)
        for cut in cuts
        for form in (cut, cut.replace("*", ""))
    ]
    return [any(column) for column in zip(*results, strict=True)]


def _compare_count(count: int, relation: str, threshold: int) -> bool:
    return bool(count < threshold if relation == "less than" else count >= threshold)


def _is_language(text: str, language: str) -> bool:
    try:
        return bool(detect(text) == language)
    except LangDetectException:  # no letters at all; the peer lets it pass
        return True


def _count_sentences(text: str) -> int:
    return len([piece for piece in re.split(r"(?<=[.!?。！？])\s+", text.strip()) if piece])


def _check_paragraphs(text: str, given: Arguments) -> bool:
    pieces = [piece.strip() for piece in re.split(r"\s?\*\*\*\s?", text)]
    return bool(all(pieces[1:-1]) and sum(map(bool, pieces)) == given["num_paragraphs"])


def _nth_paragraph(text: str, given: Arguments) -> bool:
    pieces = text.split("\n\n")
    count, place = sum(bool(piece.strip()) for piece in pieces), given["nth_paragraph"]
    if place > count or not pieces[place - 1].strip():
        return False
    word = pieces[place - 1].split()[0].lstrip("'").lstrip('"')
    said = re.split(r"[.,?!'\"]", word)[0].lower()
    return bool(count == given["num_paragraphs"] and said == given["first_word"].lower())


def _check_highlights(text: str, given: Arguments) -> bool:
    marked = re.findall(r"\*[^\n*]*\*", text) + re.findall(r"\*\*[^\n*]*\*\*", text)
    return bool(sum(bool(piece.strip("*").strip()) for piece in marked) >= given["num_highlights"])


def _check_postscript(text: str, given: Arguments) -> bool:
    marker = given["postscript_marker"]
    patterns = {"P.P.S": r"\s*p\.\s?p\.\s?s.*$", "P.S.": r"\s*p\.\s?s\..*$"}
    return bool(re.search(patterns.get(marker, rf"\s*{marker.lower()}.*$"), text.lower(), re.MULTILINE))


def _check_bullets(text: str, given: Arguments) -> bool:
    marks = re.findall(r"^\s*\*[^*].*$", text, re.MULTILINE) + re.findall(r"^\s*-.*$", text, re.MULTILINE)
    return bool(len(marks) == given["num_bullets"])


def _check_json(text: str, given: Arguments) -> bool:
    try:
        json.loads(re.sub(r"^```(?:json|Json|JSON)?|```$", "", text.strip()).strip())
    except ValueError:
        return False
    return True


def _two_responses(text: str, given: Arguments) -> bool:
    pieces = [piece.strip() for piece in text.split("******")]
    told = [piece for piece in pieces if piece]
    return all(pieces[1:-1]) and len(told) == 2 and told[0] != told[1]


def _capital_words(text: str, given: Arguments) -> bool:
    count = sum(word.isupper() for word in re.findall(r"[\w'-]+", text))
    return _compare_count(count, given["capital_relation"], given["capital_frequency"])


def _check_sections(text: str, given: Arguments) -> bool:
    return bool(len(re.split(rf"\s?{given['section_spliter']}\s?\d+\s?", text)) - 1 >= given["num_sections"])


def _check_frequency(text: str, given: Arguments) -> bool:
    return _compare_count(len(re.findall(given["keyword"], text, re.IGNORECASE)), given["relation"], given["frequency"])


def _check_letters(text: str, given: Arguments) -> bool:
    return _compare_count(text.lower().count(given["letter"].lower()), given["let_relation"], given["let_frequency"])


CHECKS: dict[str, Check] = {
    "keywords:existence": lambda text, given: all(re.search(word, text, re.IGNORECASE) for word in given["keywords"]),
    "keywords:frequency": _check_frequency,
    "keywords:forbidden_words": lambda text, given: (
        not any(re.search(rf"\b{word}\b", text, re.IGNORECASE) for word in given["forbidden_words"])
    ),
    "keywords:letter_frequency": _check_letters,
    "language:response_language": lambda text, given: _is_language(text, given["language"]),
    "length_constraints:number_sentences": lambda text, given: _compare_count(
        _count_sentences(text), given["relation"], given["num_sentences"]
    ),
    "length_constraints:number_paragraphs": _check_paragraphs,
    "length_constraints:number_words": lambda text, given: _compare_count(
        len(re.findall(r"\w+", text)), given["relation"], given["num_words"]
    ),
    "length_constraints:nth_paragraph_first_word": _nth_paragraph,
    "detectable_content:number_placeholders": lambda text, given: (
        len(re.findall(r"\[.*?\]", text)) >= given["num_placeholders"]
    ),
    "detectable_content:postscript": _check_postscript,
    "detectable_format:number_bullet_lists": _check_bullets,
    "detectable_format:constrained_response": lambda text, given: any(choice in text for choice in _DECIDED),
    "detectable_format:number_highlighted_sections": _check_highlights,
    "detectable_format:multiple_sections": _check_sections,
    "detectable_format:json_format": _check_json,
    "detectable_format:title": lambda text, given: any(
        title.strip("<>").strip() for title in re.findall(r"<<[^\n]+>>", text)
    ),
    "combination:two_responses": _two_responses,
    "combination:repeat_prompt": lambda text, given: (
        text.strip().lower().startswith(str(given["prompt_to_repeat"]).strip().lower())
    ),
    "startend:end_checker": lambda text, given: (
        text.strip().strip('"').lower().endswith(given["end_phrase"].strip().lower())
    ),
    "startend:quotation": lambda text, given: len(text.strip()) > 1 and text.strip()[0] == text.strip()[-1] == '"',
    "change_case:capital_word_frequency": _capital_words,
    "change_case:english_capital": lambda text, given: text.isupper() and _is_language(text, "en"),
    "change_case:english_lowercase": lambda text, given: text.islower() and _is_language(text, "en"),
    "punctuation:no_comma": lambda text, given: "," not in text,
}
