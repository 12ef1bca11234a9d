"""Personas of the tab Talk: files of a folder, and what is said where one is wrong."""

from __future__ import annotations

import pytest

from demos.talk.persona_files import BUNDLED, load_personas
from vita.errors import SettingsError

GOOD = "name: Pirate\ninstructions: Talk like a pirate.\n"


def folder_with(tmp_path, **files: str) -> str:
    for name, text in files.items():
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    return str(tmp_path)


def test_ours_are_there_in_both_languages():
    ours = load_personas("")
    assert len(ours) == len(list(BUNDLED.glob("*.yaml"))) >= 3
    for persona in ours:
        english, chinese = persona.shown_in("en"), persona.shown_in("zh")
        assert english["name"] != chinese["name"]
        assert english["instructions"] != chinese["instructions"]


def test_a_file_of_a_folder_comes_behind_ours_and_one_text_is_that_of_both_languages(tmp_path):
    *ours, pirate = load_personas(folder_with(tmp_path, pirate=GOOD + "temperature: 1"))
    assert len(ours) == len(load_personas(""))
    assert pirate.shown_in("en") == pirate.shown_in("zh")
    assert pirate.shown_in("en") == {
        "name": "Pirate", "instructions": "Talk like a pirate.", "temperature": 1.0, "longest": None, "voice": None,
    }  # fmt: skip


def test_one_of_the_same_name_takes_the_place_of_ours(tmp_path):
    given = load_personas(folder_with(tmp_path, other="name: Brief\ninstructions: Say yes or no.\n"))
    assert [persona.instructions["en"] for persona in given if persona.name["en"] == "Brief"] == ["Say yes or no."]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("instructions: Hello.", "name: Field required."),
        (GOOD + "temperature: 3", "temperature: Input should be less than or equal to 2."),
        (GOOD + "longest_answer: 2", "longest_answer: Input should be greater than or equal to 8."),
        (GOOD + "mood: good", "mood: Extra inputs are not permitted."),
        ("name: x\ninstructions: ''", "instructions.en: String should have at least 1 character."),
        ("name: {fr: x}\ninstructions: y", "name.fr.[key]: Input should be 'en' or 'zh'."),
        ("- a\n- b", "must have lines such as"),
        ("name: [", "cannot be read as YAML: while parsing"),
        ("# " + "x" * 70_000, "is larger than 64 KiB."),
    ],
)
def test_what_is_wrong_with_a_file_is_one_sentence_with_its_name(tmp_path, text, why):
    with pytest.raises(SettingsError) as caught:
        load_personas(folder_with(tmp_path, wrong=text))
    message = str(caught.value)
    assert message.startswith("personas: ")
    assert "wrong.yaml" in message
    assert why in message
    assert "\n" not in message


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(SettingsError, match="there is no folder"):
        load_personas(str(tmp_path / "nowhere"))
