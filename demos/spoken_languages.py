"""Which languages the loaded checkpoint understands, and whether a question is in another. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from vita.engine.engine_protocol import Engine

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f]")  # CJK ideographs, Unicode 17


def languages_of(engines: Iterable[Engine]) -> tuple[str, ...]:
    """ISO 639-1 codes of what the first loaded checkpoint understands; empty where no engine can tell."""
    configs = (engine.config for engine in engines)
    return next((tuple(config.languages) for config in configs if config is not None), ())


def understands_english_only(languages: tuple[str, ...]) -> bool:
    """Whether English is all that a checkpoint understands, as far as is known."""
    return languages == ("en",)


def has_chinese(text: str) -> bool:
    """Whether there are Chinese characters in a text."""
    return bool(_HAN.search(text))
