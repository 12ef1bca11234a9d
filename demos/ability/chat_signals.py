"""How the page's scripts tell a chat's handlers what was pressed: by an event of the window that names the chat."""

from __future__ import annotations

import gradio as gr

HEAR_CHAT = """
const heard = ({ detail }) => detail.chat === props.chat && trigger(props.listener, detail);
window.addEventListener(props.heard, heard);
"""


def build_chat_listener(chat: str, heard: str, listener: str) -> gr.HTML:
    """An element that nobody sees, whose event comes with what a script told of one chat.

    Args:
        chat: id of the chat's element.
        heard: the window's event; its ``detail`` has ``chat``, and is the data of the element's event.
        listener: the element's event, one that Gradio gives to gr.HTML.
    """
    return gr.HTML("", js_on_load=HEAR_CHAT, chat=chat, heard=heard, listener=listener, visible="hidden", padding=False)
