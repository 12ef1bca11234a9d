"""A conversation as gr.Chatbot shows it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from demos.i18n.translation import Language
from demos.page_html import LOST, badge_html, footer_html, heard_html, lost_html, typed_html
from demos.seen_media import seen_html
from demos.visitor_conversation import (
    AnswerPhase,
    ChatExchange,
    Conversation,
    VisitorAnswer,
    for_each_part,
    own_usage,
)

Message = dict[str, Any]  # of gr.Chatbot


def chatbot_messages(conversation: Conversation, language: Language) -> list[Message]:
    """The conversation as gr.Chatbot shows it."""
    messages: list[Message] = []
    for number, exchange in enumerate(conversation):
        messages += _user_messages(exchange, number, language)
        messages += _answer_messages(exchange, conversation[:number], language, number == len(conversation) - 1)
    return messages


def _user_messages(exchange: ChatExchange, number: int, language: Language) -> list[Message]:
    question = exchange.question
    contents: list[Any] = [
        {"path": path} if Path(path).is_file() else gr.HTML(lost_html(path, language), padding=False)
        for path in question.files
    ]
    if exchange.heard:
        contents.append(gr.HTML(heard_html(exchange.heard, language), padding=False))
    if question.text.strip():
        contents.append(gr.HTML(typed_html(question.text, number, language), padding=False))
    return [{"role": "user", "content": content} for content in contents]


def _answer_messages(
    exchange: ChatExchange, past: Sequence[ChatExchange], language: Language, last: bool
) -> list[Message]:
    """Badge, text, and facts as messages of their own, so that copying takes the text alone."""
    answer: VisitorAnswer = exchange.answer
    contents: list[Any] = []
    if head := badge_html(answer, language):
        contents.append(gr.HTML(head, padding=False))
    if answer.text:
        contents.append(answer.text)
    if answer.phase is AnswerPhase.DONE:
        own = own_usage(past, answer.usage) if answer.usage else None
        paths = for_each_part(exchange.question.files, exchange.kinds)
        files = ["" if path.startswith(LOST) else path for path in paths]
        shown = seen_html(exchange.seen, language, files)
        footer = footer_html(answer, shown, own, language, can_go_on=last)
        contents.append(gr.HTML(footer, padding=False))
    return [{"role": "assistant", "content": content} for content in contents]
