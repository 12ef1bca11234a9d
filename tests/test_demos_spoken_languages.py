"""A checkpoint that English only says so: beside its name, and when Chinese is asked."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from demos.page_html import engine_strip_html
from demos.services import Services
from demos.spoken_languages import has_chinese, languages_of
from tests.desk import CHINESE, ChatVisitor
from tests.fakes import FakeEngine, pool_of
from vita.model.configuration import VITAConfig


def configured(*languages: str) -> SimpleNamespace:
    return SimpleNamespace(languages=list(languages), vision_config=SimpleNamespace(cuts_tiles=False))


def speaking(*languages: str) -> FakeEngine:
    engine = FakeEngine("Hello.")
    engine.config = configured(*languages)
    return engine


@pytest.mark.parametrize(
    ("text", "chinese"),
    [
        ("What is this?", False),
        ("", False),
        ("天空为什么是蓝色的？", True),
        ("What is 北京?", True),
        ("さくら", False),
        ("𠮷", True),
    ],
)
def test_chinese_is_told_by_its_script(text, chinese):
    assert has_chinese(text) is chinese


def test_published_checkpoints_understand_both_languages_and_unknown_ones_are_not_judged():
    assert tuple(VITAConfig().languages) == ("en", "zh")
    assert languages_of([FakeEngine()]) == ()
    assert not Services(pool_of(FakeEngine())).english_only()
    assert not Services(pool_of(speaking("en", "zh"))).english_only()
    assert Services(pool_of(speaking("en"))).english_only()


def test_the_strip_says_it_in_the_pages_language():
    assert "English only" in engine_strip_html((), "nano", "en", english_only=True)
    assert "只懂英语" in engine_strip_html((), "nano", "zh", english_only=True)
    assert "limit" not in engine_strip_html((), "nano", "zh")


async def test_a_chinese_question_is_answered_with_a_word_of_what_the_model_lacks():
    desk = ChatVisitor("Rayleigh.", "Rayleigh.", "Rayleigh.")
    desk.engine.config = configured("en")
    answered = (await desk.send("天空为什么是蓝色的？", visitor=CHINESE))[-1][1]
    assert answered[-1].answer.text == "Rayleigh."
    assert desk.toasts == ["此模型只学过英语，中文提问得不到正确回答；请用英语提问。"]
    await desk.send("Why is the sky blue?")
    desk.engine.config = configured("en", "zh")
    await desk.send("天空为什么是蓝色的？")
    assert len(desk.toasts) == 1
