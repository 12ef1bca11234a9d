"""The button below the box that asks by voice; all of it is done by ``static/asking/voice_question.js``."""

from __future__ import annotations

import gradio as gr

SHELL = '<div class="voice-question" style="min-height: 36px"></div>'
LOAD = """
import(new URL("asking/voice_question.js", document.baseURI).href)
  .then(({ offerVoice }) => offerVoice(element.querySelector(".voice-question")))
  .catch(console.error);
"""


def build_voice_button() -> gr.HTML:
    """The button, in the current row."""
    return gr.HTML(SHELL, js_on_load=LOAD, padding=False, apply_default_css=False, elem_classes="voice")
