"""The words on charts by the page's language."""

from __future__ import annotations

from demos.i18n.chinese.chart_chinese import CHART_CHINESE
from demos.i18n.english.chart_english import CHART_ENGLISH
from demos.i18n.translation import Language
from evals.report.chart_words import ChartWords

_BY_LANGUAGE: dict[Language, ChartWords] = {"en": CHART_ENGLISH, "zh": CHART_CHINESE}


def chart_words(language: Language) -> ChartWords:
    """What charts say in a language."""
    return _BY_LANGUAGE[language]
