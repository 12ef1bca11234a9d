"""The tab Audio."""

from __future__ import annotations

import gradio as gr

from demos.ability.chat_tab import AbilityTab, ExampleQuestion, build_chat
from demos.ability.conversation_keeper import ChatFields
from demos.services import Services

TAB = AbilityTab(
    "audio",
    (
        ExampleQuestion("example.capital", "", ("ask_capital.wav",), "icon_voice.png"),
        ExampleQuestion("example.sky", "", ("ask_sky.wav",), "icon_voice.png"),
        ExampleQuestion("example.knocking", "", ("knocking.wav",), "icon_noise.png"),
    ),
)


def build_audio_tab(services: Services, i18n: gr.I18n) -> ChatFields:
    """Lay out and wire the tab."""
    return build_chat(services, TAB, i18n)
