"""What a visitor is told of an error: one sentence in the page's language."""

from __future__ import annotations

import logging

from demos.i18n.translation import Language, say_in, translated_error
from demos.visitor_conversation import OptionRangeError
from vita.errors import EngineError, InputError

logger = logging.getLogger(__name__)


def error_for_visitor(error: Exception, language: Language) -> str:
    """One sentence for a visitor; what is our fault is logged with its trace."""
    if isinstance(error, InputError):
        return translated_error(error, language)
    logger.error("A question failed", exc_info=error)
    if isinstance(error, EngineError):
        return say_in("error.engine", language, reason=translated_error(error, language).rstrip(".。"))
    return say_in("error.inside", language)


def setting_error(error: Exception, language: Language) -> str | None:
    """Which of the accordion's fields is out of its range, by its label; None where the error is another one."""
    if not isinstance(error, OptionRangeError):
        return None
    name = say_in(str(error.values["name"]), language)
    return say_in("settings.range", language, **{**error.values, "name": name})
