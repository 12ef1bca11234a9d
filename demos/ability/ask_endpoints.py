"""Named endpoints for programs: /ask_image, /ask_video, /ask_audio, streamed by gradio_client's ``submit``."""

from __future__ import annotations

import uuid
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import asdict, replace
from typing import Any

import gradio as gr

from demos.ability.answer_settings import DEFAULTS
from demos.ability.told_errors import error_for_visitor
from demos.ability.uploaded_files import TabName, read_prompt, read_question
from demos.services import Services
from demos.visitor_conversation import AnswerPhase, VisitorAnswer, VisitorQuestion
from vita.engine.engine_protocol import Usage
from vita.media import await_decoding

ABILITIES: dict[TabName, str] = {"image": "images", "video": "videos", "audio": "sounds"}


def build_endpoints(services: Services) -> None:
    """Add the endpoints to the current Blocks, out of sight."""
    for name, files in ABILITIES.items():
        inputs = [
            gr.Textbox("", label="question", visible=False),
            gr.File(label=files, file_count="multiple", type="filepath", visible=False),
            gr.Number(DEFAULTS.temperature, label="temperature", visible=False),
            gr.Number(DEFAULTS.top_p, label="top_p", visible=False),
            gr.Number(DEFAULTS.max_tokens, label="max_tokens", precision=0, visible=False),
            gr.Number(None, label="seed", precision=0, visible=False),
            gr.Number(DEFAULTS.frames, label="frames", precision=0, visible=False),
            gr.Number(DEFAULTS.tiles, label="tiles", precision=0, visible=False),
            gr.Textbox(DEFAULTS.system, label="system", visible=False),
            gr.Checkbox(DEFAULTS.clip_sound, label="clip_sound", visible=False),
        ]
        answer = gr.JSON(label="answer", visible=False)
        gr.Button(visible=False).click(
            AskEndpoint(services, name).stream_answer,
            inputs,
            answer,
            api_name=f"ask_{name}",
            concurrency_limit=None,
            show_progress="hidden",
        )


class AskEndpoint:
    """One question of a program, without a conversation."""

    def __init__(self, services: Services, tab: TabName) -> None:
        self._services, self._tab = services, tab

    async def stream_answer(  # its parameters are the endpoint's
        self,
        request: gr.Request,
        question: str = "",
        files: list[str] | None = None,
        temperature: float = DEFAULTS.temperature,
        top_p: float = DEFAULTS.top_p,
        max_tokens: int = DEFAULTS.max_tokens,
        seed: int | None = None,
        frames: int = DEFAULTS.frames,
        tiles: int = DEFAULTS.tiles,
        system: str = DEFAULTS.system,
        clip_sound: bool = DEFAULTS.clip_sound,
    ) -> AsyncGenerator[dict[str, Any], None]:
        """Ask about files, by text, by a sound among the files, or both; yields the answer so far, then the whole.

        Returns:
            answer, state ("voice", "noise", "text" or null), finish (null while it is written), engine,
            usage (tokens; null while it is written) and timing (seconds, tokens a second).
        """
        given: dict[str, Any] = {
            "temperature": temperature, "top_p": top_p, "max_tokens": max_tokens, "seed": seed,
            "frames": frames, "tiles": tiles, "system": system, "clip_sound": clip_sound,
        }  # fmt: skip
        options = replace(DEFAULTS, **{name: value for name, value in given.items() if value is not None})
        language = self._services.language_of(request.headers.get("accept-language"))
        try:
            asked = VisitorQuestion(question or "", tuple(files or ()))
            exchange = await await_decoding(read_question, asked, (), options, self._services.limits, self._tab)
            turns = await await_decoding(read_prompt, exchange, (), self._services.media)
            key = f"{request.session_hash}:api:{uuid.uuid4().hex}"
            async with aclosing(self._services.ask(turns, options, key)) as answers:
                async for answer in answers:
                    yield answer_record(answer)
        except Exception as error:
            raise gr.Error(error_for_visitor(error, language), print_exception=False) from error


def answer_record(answer: VisitorAnswer) -> dict[str, Any]:
    """An answer as JSON."""
    names = {1: "voice", 2: "noise", 3: "text"}
    return {
        "answer": answer.text,
        "state": names[answer.state.value] if answer.state else None,
        "finish": (answer.finish or "stop") if answer.phase is AnswerPhase.DONE else None,
        "engine": answer.engine,
        "usage": usage_record(answer.usage) if answer.usage else None,
        "timing": {
            "first_token_s": answer.first_token,
            "tokens_per_s": answer.rate,
            "total_s": answer.waited,
        },
    }


def usage_record(usage: Usage) -> dict[str, int]:
    """Token counts by name, the prompt's text among them."""
    return {**asdict(usage), "text_tokens": usage.text_tokens}
