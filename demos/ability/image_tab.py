"""The tab Image."""

from __future__ import annotations

import gradio as gr

from demos.ability.chat_tab import AbilityTab, ExampleQuestion, build_chat
from demos.ability.conversation_keeper import ChatFields
from demos.services import Services

TAB = AbilityTab(
    "image",
    (
        ExampleQuestion("example.cat", "What animal is this?", ("cat.jpg",), "cat.jpg"),
        ExampleQuestion("example.coffee", "What is on the table?", ("coffee.jpg",), "coffee.jpg"),
        ExampleQuestion("example.spoken_picture", "", ("cat.jpg", "ask_picture.wav"), "cat.jpg"),
    ),
    camera="photo",
)


def build_image_tab(services: Services, i18n: gr.I18n) -> ChatFields:
    """Lay out and wire the tab."""
    return build_chat(services, TAB, i18n)
