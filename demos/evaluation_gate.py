"""Who may start and stop evaluations. A run takes the engines, asks any address and reads any folder of the server."""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Literal, Protocol
from urllib.parse import urlsplit

Who = Literal["everyone", "local", "off"]
Why = Literal["", "off", "local", "password"]
FORWARDED = ("x-forwarded-for", "x-forwarded-host", "x-real-ip", "forwarded", "via", "cf-connecting-ip")
PAUSE = 1.0  # seconds after a wrong password in which none is right, so that guessing takes for ever


class RequestOrigin(Protocol):
    """What is known of who asks, as gr.Request has it."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Of the HTTP request."""

    @property
    def client(self) -> object:
        """With ``host``, the address that the connection comes from."""


@dataclass(eq=False)
class EvaluationGate:
    """The switch ``--evaluate`` and the maintainer's password.

    Attributes:
        who: "local" lets those in whose browser runs on this machine, and who know the password if there is one.
    """

    who: Who = "local"
    password: str = ""
    clock: Callable[[], float] = time.monotonic
    _shut_until: float = float("-inf")

    def reason_closed(self, visitor: RequestOrigin, unlocked: bool = False) -> Why:
        """Why this visitor may not; "" where they may.

        Args:
            unlocked: whether they gave the password before.
        """
        if self.who == "everyone" or (self.who == "local" and (unlocked or is_local(visitor))):
            return ""
        return "password" if self.who == "local" and self.password else self.who

    def check_password(self, password: str) -> bool:
        """Whether this is the password. For a while after a wrong one nothing is, so that guessing takes for ever."""
        if not self.password or self.clock() < self._shut_until:
            return False
        is_right = hmac.compare_digest(password.encode(), self.password.encode())
        self._shut_until = self._shut_until if is_right else self.clock() + PAUSE
        return is_right


def is_local(visitor: RequestOrigin) -> bool:
    """Whether a browser on this very machine asks, and no proxy or tunnel speaks for somebody farther away."""
    headers = visitor.headers
    if any(headers.get(name) for name in FORWARDED):
        return False
    pages = [headers[name] for name in ("origin", "referer") if headers.get(name)]  # a proxy may say nothing of itself
    named = [urlsplit(page).hostname for page in (f"//{headers.get('host') or ''}", *pages)]
    return _loopback(getattr(visitor.client, "host", None)) and all(map(_loopback, named))


def _loopback(host: str | None) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return False
