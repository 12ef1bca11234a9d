"""What the modules in ``static/page`` ask the server for: their words, and the examples' files."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request

from demos.example_files import EXAMPLES
from demos.i18n.translation import words_table
from demos.services import Services
from demos.uncached_files import UncachedFiles

WORDS = ("kept.", "choice.", "tab.")  # how the keys begin that the modules look up


def mount_keeping(app: FastAPI, services: Services) -> None:
    """Serve both; before ``/page`` as a whole is mounted."""

    @app.get("/page/words.json")
    def page_words(request: Request) -> dict[str, Any]:
        language = services.language_of(request.headers.get("accept-language"))
        words = {key: text for key, text in words_table(language).items() if key.startswith(WORDS)}
        return {"language": language, "words": words}

    app.mount("/examples", UncachedFiles(directory=EXAMPLES), name="examples")
