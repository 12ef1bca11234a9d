"""The box below a chat as it is while an answer is written, and as it is otherwise."""

from __future__ import annotations

import gradio as gr

from demos.visitor_conversation import VisitorQuestion


def busy_box(empty: bool) -> gr.MultimodalTextbox:
    """With the stop button in place of the send button; emptied where its question was taken."""
    if not empty:
        return gr.MultimodalTextbox(submit_btn=False, stop_btn=True)
    return gr.MultimodalTextbox(value={"text": "", "files": []}, submit_btn=False, stop_btn=True)


def idle_box(question: VisitorQuestion | None = None) -> gr.MultimodalTextbox:
    """Ready to send; with a question put back into it where one is given."""
    if question is None:
        return gr.MultimodalTextbox(submit_btn=True, stop_btn=False)
    value = {"text": question.text, "files": list(question.files)}
    return gr.MultimodalTextbox(value=value, submit_btn=True, stop_btn=False)
