"""Looks the page's texts up by key and language: words, sentences with values, errors and engines' notes.

The texts are in ``english/`` and ``chinese/``. Errors and notes carry their English with them.
"""

from __future__ import annotations

from typing import Literal

from demos.i18n.chinese.errors_chinese import ERRORS_CHINESE, KINDS_CHINESE, NOTES_CHINESE, UNITS_CHINESE
from demos.i18n.chinese.evaluation_chinese import EVALUATION_CHINESE
from demos.i18n.chinese.evaluation_errors_chinese import EVALUATION_ERRORS_CHINESE
from demos.i18n.chinese.gradio_chinese import GRADIO_CHINESE
from demos.i18n.chinese.keeping_chinese import KEEPING_CHINESE
from demos.i18n.chinese.page_chinese import PAGE_CHINESE
from demos.i18n.chinese.talk_chinese import TALK_CHINESE
from demos.i18n.chinese.watch_chinese import WATCH_CHINESE
from demos.i18n.english.evaluation_english import EVALUATION_ENGLISH
from demos.i18n.english.gradio_english import GRADIO_ENGLISH
from demos.i18n.english.keeping_english import KEEPING_ENGLISH
from demos.i18n.english.page_english import PAGE_ENGLISH
from demos.i18n.english.talk_english import TALK_ENGLISH
from demos.i18n.english.watch_english import WATCH_ENGLISH
from vita.errors import VitaError
from vita.media.files import Length

Language = Literal["en", "zh"]

WORDS: dict[Language, dict[str, str]] = {
    "en": PAGE_ENGLISH | KEEPING_ENGLISH | EVALUATION_ENGLISH | GRADIO_ENGLISH,
    "zh": PAGE_CHINESE | KEEPING_CHINESE | EVALUATION_CHINESE | GRADIO_CHINESE,
}
TALK_WORDS: dict[Language, dict[str, str]] = {
    "en": TALK_ENGLISH | WATCH_ENGLISH,
    "zh": TALK_CHINESE | WATCH_CHINESE,
}
ERRORS: dict[Language, dict[str, str]] = {"en": {}, "zh": ERRORS_CHINESE | EVALUATION_ERRORS_CHINESE}  # by template


def words_table(language: Language) -> dict[str, str]:
    """All the words in one language, as gr.I18n takes them; without those of the tab Talk."""
    return WORDS[language]


def talk_table(language: Language) -> dict[str, str]:
    """All the words of the tab Talk in one language, as its scripts take them."""
    return TALK_WORDS[language]


def say_in(key: str, language: Language, **values: object) -> str:
    """One sentence with its values filled in.

    Raises:
        KeyError: no text has this key, or it has a placeholder without a value.
    """
    return WORDS[language][key].format(**values)


def translated_error(error: VitaError, language: Language) -> str:
    """The error's message in the visitor's language; in English where it has no translation."""
    template = ERRORS[language].get(error.template)
    if template is None:
        return str(error)
    return template.format(**{name: _chinese_value(name, value) for name, value in error.values.items()})


def translated_note(note: str, language: Language) -> str:
    """An engine's status note without its full stop, and without its figures where the note is a known one."""
    short = note.rstrip(".")
    known = short.split(", ")[0]
    if known not in NOTES_CHINESE:
        return short
    return known if language == "en" else NOTES_CHINESE[known]


def language_of(accepted: str | None) -> Language:
    """The page's language for an Accept-Language header; English where Chinese is not the first choice."""
    first = (accepted or "").split(",")[0].strip().lower()
    return "zh" if first.startswith("zh") else "en"


def _chinese_value(name: str, value: object) -> object:
    """A value of an error as its Chinese template takes it: durations and media kinds have words of their own."""
    if isinstance(value, Length):
        return " ".join(f"{count} {UNITS_CHINESE[unit]}" for count, unit in value.parts())
    return KINDS_CHINESE[str(value)] if name == "kind" else value
