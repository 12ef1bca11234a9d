"""What the protocol cannot do for a client, and how it is said."""

from __future__ import annotations

from pydantic import ValidationError

from vita.errors import InputError


class ProtocolError(InputError):
    """A client event that cannot be done; ``code`` is the protocol's name for why."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


def describe_error(error: ValidationError) -> str:
    """The first thing that is wrong, in one sentence."""
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(name) for name in first["loc"])
    return f"{place}: {first['msg']}." if place else f"{first['msg']}."
