"""The tab Talk: an element for the scripts in ``static/talk``, and the addresses that these scripts ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr
from fastapi import FastAPI, Request
from starlette.staticfiles import StaticFiles

from demos.example_files import EXAMPLES
from demos.i18n.translation import Language, say_in, talk_table
from demos.services import Services
from demos.talk.persona_files import PersonaFile
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


@dataclass(frozen=True)
class SpokenFile:
    """A file that speaks in a visitor's place.

    Attributes:
        interrupts: it waits until an answer is being heard.
        shows: a clip that the camera sees meanwhile.
    """

    name: str
    interrupts: bool = False
    shows: str | None = None

    def as_step(self) -> dict[str, Any]:
        """As the tab's scripts take it: with addresses."""
        shows = f"talk/examples/{self.shows}" if self.shows else None
        return {"url": f"talk/examples/{self.name}", "interrupts": self.interrupts, "shows": shows}


SPOKEN_EXAMPLES: dict[str, tuple[SpokenFile, ...]] = {
    "try.interrupt": (SpokenFile("ask_sky.wav"), SpokenFile("ask_capital.wav", interrupts=True)),
    "try.noise": (SpokenFile("ask_sky.wav"), SpokenFile("knocking.wav", interrupts=True)),
    "try.clip": (SpokenFile("ask_video.wav", shows="cat_then_coffee.mp4"),),
}


def build_talk_tab(services: Services, i18n: gr.I18n) -> None:
    """Lay out the tab; everything in it is done by its own scripts."""
    language: Language = services.language or "en"
    gr.HTML(SHELL, js_on_load=LOAD, sorry=say_in("talk.sorry", language), padding=False, apply_default_css=False)


def mount_talk(app: FastAPI, services: Services, talk: SessionManager, personas: Sequence[PersonaFile] = ()) -> None:
    """Serve the realtime protocol at ``/v1/realtime`` and the tab's scripts, words and examples at ``/talk``."""
    app.include_router(realtime_router(talk))

    @app.get("/talk/config.json")
    def talk_config(request: Request) -> dict[str, Any]:
        language = services.language_of(request.headers.get("accept-language"))
        words = talk_table(language)
        examples = [
            {"name": words[key], "steps": [file.as_step() for file in files]} for key, files in SPOKEN_EXAMPLES.items()
        ]
        return {
            "language": language,
            "words": words,
            "voices": list(talk.voices),
            "personas": [persona.shown_in(language) for persona in personas],
            "examples": examples,
        }

    app.mount("/talk/examples", StaticFiles(directory=EXAMPLES), name="talk examples")
    app.mount("/talk", UncachedFiles(directory=STATIC / "talk"), name="talk")
