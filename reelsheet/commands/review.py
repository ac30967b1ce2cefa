"""``reelsheet review``."""

import secrets
import socket
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import uvicorn
from rich.console import Console

from campaign.errors import SettingsError
from flows.settings import load_settings
from reelsheet.review.app import review_app
from reelsheet.review.desk import Desk
from reelsheet.review.guard import LOOPBACK, Guard

EVERYWHERE = ("0.0.0.0", "::")  # Only compared: nothing listens there unless asked to.
FAREWELL = 2
"""Seconds that videos under way are given at the end."""


def run(sheets: Sequence[Path], host: str, port: int) -> int:
    """Serve the page until Ctrl-C.

    Raises:
        SheetError: a campaign that was named was never made.
        SettingsError: the host or the port cannot be listened on.
    """
    settings = load_settings()
    desk = Desk(settings, sheets)
    try:
        desk.shelf.check()
        listening = _listen(host, port)
        key = "" if host in LOOPBACK else secrets.token_urlsafe(24)
        guard = Guard(host=host, port=listening.getsockname()[1], key=key)
        with suppress(KeyboardInterrupt):
            _greet(guard)
            _serve(desk, guard, listening)
    finally:
        desk.close()
    return 0


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    # So that it can be started again at once; who listens there already keeps the port all the same.
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen()
    except (OSError, UnicodeError) as error:
        listening.close()
        problem = f"cannot be listened on ({getattr(error, 'strerror', None) or error})."
        raise SettingsError(
            f"{host}:{port}", problem, "Name another with --port, or end what has it."
        ) from error
    return listening


def _greet(guard: Guard) -> None:
    console = Console()
    name = socket.gethostname() if guard.host in EVERYWHERE else guard.host
    where = f"http://{f'[{name}]' if ':' in name else name}:{guard.port}/"
    if guard.key:
        # The only time that the key is said; it is another one with every start.
        where += f"enter?key={guard.key}"
        console.print(
            "Whoever has this link can decide. It is not encrypted: keep it inside your own network.",
            style="yellow",
        )
    console.print(f"Review page: {where}", markup=False, highlight=False, soft_wrap=True)
    console.print("Ctrl-C ends it.", style="dim")


def _serve(desk: Desk, guard: Guard, listening: socket.socket) -> None:
    config = uvicorn.Config(
        review_app(desk, guard),
        # No line per request: addresses and forms are nobody's business in a log.
        access_log=False,
        log_level="error",
        lifespan="off",
        loop="asyncio",
        http="h11",
        ws="none",
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=FAREWELL,
    )
    uvicorn.Server(config).run(sockets=[listening])
