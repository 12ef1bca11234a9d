"""The tab Image."""

from __future__ import annotations

import gradio as gr

from demos.ability.chat_tab import Example, Tab, build_chat
from demos.services import Services

TAB = Tab(
    "image",
    (
        Example("example.cat", "What animal is this?", ("cat.jpg",), "cat.jpg"),
        Example("example.coffee", "What is on the table?", ("coffee.jpg",), "coffee.jpg"),
        Example("example.two", "What do these two pictures show?", ("cat.jpg", "rocket.jpg"), "icon_two.jpg"),
        Example("example.spoken_picture", "", ("rocket.jpg", "ask_picture.wav"), "rocket.jpg"),
    ),
    camera="photo",
)


def build_image_tab(services: Services, i18n: gr.I18n) -> None:
    """Lay out and wire the tab."""
    build_chat(services, TAB, i18n)
