"""The tab Talk's Python side: its addresses and its words."""

from __future__ import annotations

import re

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from demos.i18n.translation import TALK_WORDS
from demos.services import Services
from demos.talk.persona_files import load_personas
from demos.talk.talk_tab import SPOKEN_EXAMPLES, mount_talk
from demos.theme import STATIC
from vita.realtime.session_manager import SessionManager
from vita.speech.synthesis import SilentVoice

SCRIPTS = {path.name: path.read_text() for path in (STATIC / "talk").glob("*.js")}


@pytest.fixture
def client():
    app, services = FastAPI(), Services()
    manager = SessionManager(services.pool, voices={"auto": SilentVoice(), "none": SilentVoice()})
    mount_talk(app, services, manager, load_personas(""))
    return TestClient(app)


def test_the_page_is_told_the_voices_and_speaks_the_browsers_language(client):
    english = client.get("/talk/config.json", headers={"accept-language": "en-GB,en;q=0.9"}).json()
    chinese = client.get("/talk/config.json", headers={"accept-language": "zh-CN,zh;q=0.9"}).json()
    assert english["voices"] == ["auto", "none"]
    assert english["words"]["start"] == "Start talking"
    assert (chinese["language"], chinese["words"]["start"]) == ("zh", "开始对话")


def test_the_page_is_told_the_personas_and_the_spoken_examples_in_its_language(client):
    chinese = client.get("/talk/config.json", headers={"accept-language": "zh-CN,zh;q=0.9"}).json()
    assert "言简意赅" in [persona["name"] for persona in chinese["personas"]]
    assert chinese["examples"][0]["name"] == "提问并打断"
    addresses = [
        step[key] for one in chinese["examples"] for step in one["steps"] for key in ("url", "shows") if step[key]
    ]
    assert len(chinese["examples"]) == len(SPOKEN_EXAMPLES)
    assert {client.get(f"/{address}").status_code for address in addresses} == {200}


def test_a_browser_asks_for_the_scripts_again_each_time(client):
    answer = client.get("/talk/main.js")
    assert answer.headers["cache-control"] == "no-cache"
    assert "javascript" in answer.headers["content-type"]
    again = client.get("/talk/main.js", headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304


def test_nothing_but_the_tabs_own_files_is_served(client):
    assert client.get("/talk/../page.css").status_code == 404
    assert client.get("/talk/%2e%2e/page.css").status_code == 404


def test_whoever_talks_before_the_engines_are_there_is_told_so(client):
    with client.websocket_connect("/v1/realtime?vita_events=1") as line:
        error = line.receive_json()["error"]
    assert error["code"] == "engines_loading"
    assert "try again" in error["message"]


def test_every_word_that_a_script_says_is_in_the_table():
    said = {key for code in SCRIPTS.values() for key in re.findall(r'say\(\s*"([\w.]+)"', code)}
    assert len(said) > 40
    assert said <= set(TALK_WORDS["en"])


def test_every_module_that_a_script_imports_is_there():
    imports = {name for code in SCRIPTS.values() for name in re.findall(r'from "\./([\w.]+)"', code)}
    assert imports <= set(SCRIPTS)
    assert all(len(code.splitlines()) < 300 for code in SCRIPTS.values())
