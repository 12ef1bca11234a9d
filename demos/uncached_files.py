"""Static files that a browser may keep but must ask about again each time."""

from __future__ import annotations

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope


class UncachedFiles(StaticFiles):
    """Files that a browser asks about again each time: modules of two versions must not meet."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, with leave to keep it but not to trust it."""
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "no-cache"
        return response
