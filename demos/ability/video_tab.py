"""The tab Video."""

from __future__ import annotations

import gradio as gr

from demos.ability.chat_tab import AbilityTab, ExampleQuestion, build_chat
from demos.ability.conversation_keeper import ChatFields
from demos.services import Services

TAB = AbilityTab(
    "video",
    (
        ExampleQuestion("example.clip", "What does this video show?", ("cat_then_coffee.mp4",), "icon_clip.jpg"),
        ExampleQuestion("example.light", "What happens in this video?", ("traffic_light.mp4",), "icon_light.jpg"),
        ExampleQuestion("example.spoken_clip", "", ("cat_then_coffee.mp4", "ask_video.wav"), "icon_clip.jpg"),
    ),
    camera="clip",
)


def build_video_tab(services: Services, i18n: gr.I18n) -> ChatFields:
    """Lay out and wire the tab."""
    return build_chat(services, TAB, i18n)
