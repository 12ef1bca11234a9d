"""The tab Talk: an element for the scripts in ``static/talk``, and the addresses that these scripts ask."""

from __future__ import annotations

from typing import Any

import gradio as gr
from fastapi import FastAPI, Request

from demos.i18n.translation import Language, say_in, talk_table
from demos.services import Services
from demos.theme import STATIC
from demos.uncached_files import UncachedFiles
from vita.realtime.realtime_router import realtime_router
from vita.realtime.session_manager import SessionManager

SHELL = '<div class="talk-tab" style="min-height: 420px"></div>'
LOAD = """
import(new URL("talk/main.js", document.baseURI).href)
  .then(({ start }) => start(element.querySelector(".talk-tab")))
  .catch((error) => { element.querySelector(".talk-tab").textContent = props.sorry; console.error(error); });
"""


def build_talk_tab(services: Services, i18n: gr.I18n) -> None:
    """Lay out the tab; everything in it is done by its own scripts."""
    language: Language = services.language or "en"
    gr.HTML(SHELL, js_on_load=LOAD, sorry=say_in("talk.sorry", language), padding=False, apply_default_css=False)


def mount_talk(app: FastAPI, services: Services, talk: SessionManager) -> None:
    """Serve the realtime protocol at ``/v1/realtime`` and the tab's scripts and words at ``/talk``."""
    app.include_router(realtime_router(talk))

    @app.get("/talk/config.json")
    def talk_config(request: Request) -> dict[str, Any]:
        language = services.language_of(request.headers.get("accept-language"))
        return {"language": language, "words": talk_table(language), "voices": list(talk.voices)}

    app.mount("/talk", UncachedFiles(directory=STATIC / "talk"), name="talk")
