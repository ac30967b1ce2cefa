"""Who may ask what: the page is for the people whom it was opened for, and for pages of its own alone.

A browser that also shows other people's pages can be made to send requests here. So the name by which we are
asked must be ours (a page elsewhere cannot rebind a name of its own to this machine), whatever changes
something must come from our own pages, and where others on the network can reach us a key is asked for.
"""

import ipaddress
import secrets
import socket
from dataclasses import dataclass, field
from hmac import compare_digest
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reelsheet.review.trouble import TroubleError

LOOPBACK = ("127.0.0.1", "localhost", "::1")
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; media-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not no-referrer: browsers would then hide the origin of our own forms, too.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """What is asked of a request before anything is done for it."""

    host: str
    """That the page listens on."""
    port: int
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    """Stands in our own forms, which no other page can read."""
    key: str = field(default="", repr=False)
    """That a browser has to show; empty where only this machine can ask."""

    @property
    def cookie(self) -> str:
        """Where a browser keeps the key. Browsers do not tell ports apart, so it has the port in its name."""
        return f"reelsheet_review_{self.port}"

    def check(self, request: Request) -> None:
        """Let a request pass.

        Raises:
            TroubleError: it is not to be answered.
        """
        if not self._is_ours(request.headers.get("host", "")):
            raise TroubleError(400, "wrong_host")
        if request.method == "POST":
            self._check_origin(request.headers)
        elif request.method not in ("GET", "HEAD"):
            raise TroubleError(405, "not_here")
        if self._is_closed(request.url.path) and not self.opens(request.cookies.get(self.cookie, "")):
            raise TroubleError(403, "no_key")

    def opens(self, key: str) -> bool:
        return compare_digest(key.encode(), self.key.encode())

    def is_own_form(self, token: str) -> bool:
        return compare_digest(token.encode(), self.token.encode())

    def _is_closed(self, path: str) -> bool:
        """Whether a key is asked for. Styles are no secret, and the page that turns away has them, too."""
        return bool(self.key) and path != "/enter" and not path.startswith("/static/")

    def _is_ours(self, host: str) -> bool:
        try:
            parts = urlsplit(f"//{host}")
            name, port = (parts.hostname or "").rstrip("."), parts.port
        except ValueError:
            return False
        if (port or 80) != self.port or "@" in host:
            return False
        if self.host in LOOPBACK:
            return name in LOOPBACK
        return name in (*LOOPBACK, self.host.lower(), socket.gethostname().lower()) or _is_address(name)

    def _check_origin(self, headers: Headers) -> None:
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        if origin is not None and origin != f"http://{headers.get('host')}":
            raise TroubleError(403, "other_page")
        if site is not None and site != "same-origin":
            raise TroubleError(403, "other_page")


class WithHeaders:
    """Lets every answer tell the browser what a page of ours may do: load what is ours, and nothing else."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, told)


def _is_address(name: str) -> bool:
    """Whether it is an address in figures, which nobody can rebind."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
