"""The language that a visitor has chosen on the page, in place of the one that the browser asks for."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Receive, Scope, Send

from demos.i18n.translation import WORDS, Language

LANGUAGE_COOKIE = "vita-language"  # set by static/page/visitor_choices.js
_ACCEPTED = b"accept-language"


class VisitorLanguage:
    """ASGI middleware: whatever is behind it finds the chosen language in Accept-Language.

    Args:
        default: for who has chosen none; None leaves that to the browser.
    """

    def __init__(self, app: ASGIApp, default: Language | None = None) -> None:
        self._app, self._default = app, default

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, in the visitor's language."""
        if scope["type"] in ("http", "websocket"):
            chosen = cookie_parser(Headers(scope=scope).get("cookie", "")).get(LANGUAGE_COOKIE)
            language = chosen if chosen in WORDS else self._default
            if language:
                others = [(name, value) for name, value in scope["headers"] if name != _ACCEPTED]
                scope = {**scope, "headers": [*others, (_ACCEPTED, language.encode())]}
        await self._app(scope, receive, send)
