"""Gradio's own words: the table names what the installed Gradio really says."""

from __future__ import annotations

from pathlib import Path

import gradio
import pytest

from demos.i18n.chinese.gradio_chinese import NAMES_CHINESE
from demos.i18n.english.gradio_english import GRADIO_ENGLISH
from demos.theme import page_script

CODE = "\n".join(path.read_text() for path in Path(gradio.__file__).parent.glob("templates/frontend/assets/*.js"))


@pytest.mark.parametrize("key", GRADIO_ENGLISH)
def test_every_label_is_one_of_gradios_in_its_own_english(key):
    assert f"{key.split('.')[1]}:`{GRADIO_ENGLISH[key]}`" in CODE


@pytest.mark.parametrize("name", NAMES_CHINESE)
def test_every_name_is_one_that_gradio_gives(name):
    assert f'"{name}"' in CODE or f"`{name}`" in CODE or f" {name}`" in CODE


def test_the_pages_script_knows_the_names():
    assert '"Record audio": "录音"' in page_script()
