"""Puts the page's own scripts and their words before Gradio's, and keeps it from loading things of other hosts."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping

from fastapi import FastAPI
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from demos.i18n.translation import Language, say_in, words_table
from demos.services import Services
from demos.theme import STATIC
from demos.uncached_files import UncachedFiles

GRADIO_SCRIPT = '<script type="module"'  # the first one in the page; modules run in the page's order
FOLDERS = ("relay", "asking")  # in ``static/``; each has a script ``start_<folder>.js``
WORDS = ("connection.", "asking.")  # beginnings of the keys that the scripts get

# Answers and questions may name pictures elsewhere: they are not loaded, or their hosts would learn of the visitor.
POLICY = "; ".join(
    f"{what} {whence}"
    for what, whence in (
        ("img-src", "'self' data: blob:"),
        ("media-src", "'self' data: blob:"),
        ("font-src", "'self' data:"),
        ("object-src", "'none'"),
    )
)

ScriptWords = Mapping[str, Mapping[str, str]]


def mount_early_scripts(app: FastAPI, services: Services) -> None:
    """Serve the scripts, and put them into the page; call before the page itself is mounted."""
    for folder in FOLDERS:
        app.mount(f"/{folder}", UncachedFiles(directory=STATIC / folder), name=folder)
    told = f"?language={services.language}" if services.language else ""  # for who has chosen none
    tag = f'<script type="module" src="page/early_choices.js{told}"></script>'  # before all others: they follow it
    app.add_middleware(
        EarlyScripts, words_for=lambda accepted: script_words(services.language_of(accepted)), choices=tag
    )


def script_words(language: Language) -> ScriptWords:
    """What the scripts say, by the beginning of each key and its rest."""
    table = words_table(language)
    return {
        start.rstrip("."): {key.removeprefix(start): say_in(key, language) for key in table if key.startswith(start)}
        for start in WORDS
    }


class EarlyScripts:
    """ASGI middleware for the page itself; other paths pass.

    Args:
        words_for: what the scripts say, for an Accept-Language header.
        choices: tag of the script that reads the visitor's choices.
    """

    def __init__(self, app: ASGIApp, words_for: Callable[[str | None], ScriptWords], choices: str = "") -> None:
        self._app, self._words_for, self._choices = app, words_for, choices

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add the scripts to a page."""
        if scope["type"] != "http" or scope["method"] != "GET" or scope["path"] != scope.get("root_path", "") + "/":
            await self._app(scope, receive, send)
            return
        asked = Headers(scope=scope)
        plain = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        words = self._words_for(asked.get("accept-language"))
        writer = _PageWriter(
            send, lambda page: page_with_scripts(page, words, self._choices), asked.get("accept-encoding", "")
        )
        await self._app({**scope, "headers": plain}, receive, writer.take_message)


class _PageWriter:
    """Collects a response, and sends it on with the scripts in it where it is a page."""

    def __init__(self, send: Send, complete: Callable[[str], str], accepted: str) -> None:
        self._send, self._complete, self._accepted = send, complete, accepted
        self._start: Message = {}
        self._body = bytearray()

    async def take_message(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        self._body += message.get("body", b"")
        if message.get("more_body", False):
            return
        headers = MutableHeaders(raw=list(self._start["headers"]))
        body = bytes(self._body)
        if headers.get("content-type", "").startswith("text/html"):
            body = self._complete(body.decode()).encode()
            headers["content-security-policy"] = POLICY
            headers.add_vary_header("Accept-Encoding")
            if "gzip" in self._accepted:
                body = gzip.compress(body, compresslevel=5)
                headers["content-encoding"] = "gzip"
        headers["content-length"] = str(len(body))
        await self._send({**self._start, "headers": headers.raw})
        await self._send({"type": "http.response.body", "body": body, "more_body": False})


def page_with_scripts(page: str, words: ScriptWords, choices: str = "") -> str:
    """The page's HTML with the scripts and their words before the first module."""
    told = json.dumps(words, ensure_ascii=False).replace("<", "\\u003c")
    tags = [choices, f'<script type="application/json" id="script-words">{told}</script>']
    tags += [f'<script type="module" src="{folder}/start_{folder}.js"></script>' for folder in FOLDERS]
    return page.replace(GRADIO_SCRIPT, "\n\t\t".join([*tags, GRADIO_SCRIPT]), 1)
