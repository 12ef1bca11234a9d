"""The page's texts: each language has every key, with the same values to fill in."""

from __future__ import annotations

from itertools import combinations
from string import Formatter

import pytest

from demos.i18n.chinese.evaluation_chinese import EVALUATION_CHINESE
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
from demos.i18n.translation import language_of, say_in, talk_table, words_table

TABS = {
    "page": (PAGE_ENGLISH, PAGE_CHINESE),
    "keeping": (KEEPING_ENGLISH, KEEPING_CHINESE),
    "evaluation": (EVALUATION_ENGLISH, EVALUATION_CHINESE),
    "talk": (TALK_ENGLISH, TALK_CHINESE),
    "watch": (WATCH_ENGLISH, WATCH_CHINESE),
    "gradio": (GRADIO_ENGLISH, GRADIO_CHINESE),
}


def placeholders(text: str) -> set[tuple[str, str | None]]:
    """The names in braces, each with how its value is written."""
    return {(name, spec) for _, name, spec, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("tab", TABS)
def test_every_key_is_in_both_languages_in_the_same_order(tab):
    english, chinese = TABS[tab]
    assert list(english) == list(chinese)


@pytest.mark.parametrize("tab", TABS)
def test_both_languages_of_a_text_are_there_and_fill_in_the_same_values(tab):
    english, chinese = TABS[tab]
    for key in english:
        assert english[key].strip(), key
        assert chinese[key].strip(), key
        assert placeholders(english[key]) == placeholders(chinese[key]), key


def test_tables_that_are_looked_up_together_share_no_key():
    for one, other in combinations(("page", "keeping", "evaluation", "gradio"), 2):
        assert not set(TABS[one][0]) & set(TABS[other][0])
    assert not set(TABS["talk"][0]) & set(TABS["watch"][0])


def test_the_lookup_gives_each_language_its_own_table():
    for language, column in (("en", 0), ("zh", 1)):
        for tab in ("page", "keeping", "evaluation", "gradio"):
            assert TABS[tab][column].items() <= words_table(language).items()
        assert talk_table(language) == TABS["talk"][column] | TABS["watch"][column]


def test_a_sentence_is_said_with_its_values_and_a_missing_one_is_an_error():
    assert say_in("samples.count", "en", first=1, last=5, count=9) == "1–5 of 9"
    assert say_in("samples.count", "zh", first=1, last=5, count=9) == "1–5，共 9"
    with pytest.raises(KeyError):
        say_in("samples.count", "en", first=1)


@pytest.mark.parametrize(
    ("accepted", "language"),
    [("zh-CN,zh;q=0.9,en;q=0.8", "zh"), ("zh", "zh"), ("en-US,zh;q=0.5", "en"), ("de", "en"), ("", "en"), (None, "en")],
)
def test_the_browsers_first_language_decides(accepted, language):
    assert language_of(accepted) == language
