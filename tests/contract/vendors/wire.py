"""What the three vendors' servers share: sockets, faults to order, counters, films. Knows no adapter."""

import contextlib
import json
import re
import secrets
import socket
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import av
import numpy as np


@dataclass
class Fault:
    """Something that goes wrong with the next requests of one kind."""

    kind: str
    name: str
    times: int
    skip: int = 0
    """Requests of the kind that go well before it."""
    retry_after: float | None = None


@dataclass
class Task:
    """One task that somebody pays for."""

    id: str
    model: str
    prompt: str
    width: int
    height: int
    seconds: float
    fps: int
    cost: float
    """In the vendor's own unit; charged at once, given back where the vendor would."""
    created: float = field(default_factory=time.time)
    end: str = ""
    """How it ends other than well; empty for well."""
    charged: float = 0.0
    asked: dict[str, Any] = field(default_factory=dict)
    """Everything that was sent for it."""


@dataclass
class Request:
    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        found = json.loads(self.body or b"{}")
        assert isinstance(found, dict)
        return found


@dataclass
class Reply:
    status: int
    body: bytes
    kind: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = None
    """Said instead of the true one."""


def reply(status: int, data: Any, **headers: str) -> Reply:
    return Reply(status, json.dumps(data, ensure_ascii=False).encode(), headers=headers)


class Dropped(Exception):  # noqa: N818  # Not an error: the connection is cut on purpose.
    """Cut the connection without an answer."""


HTML = Reply(200, b"<html><body>We'll be right back.</body></html>", "text/html")


class VendorServer:
    """A vendor on 127.0.0.1. Subclasses give ``routes`` and speak the wire format."""

    submit_routes: frozenset[str] = frozenset()
    shrink = 10
    """Films are that much smaller than asked: most tests want containers, not beauty."""

    def __init__(
        self,
        *,
        key: str = "key_" + "0" * 128,
        render_seconds: float = 0.0,
        balance: float = 1e9,
        port: int = 0,
    ) -> None:
        self.key = key
        self.render_seconds = render_seconds
        self.balance = balance
        self.tasks: dict[str, Task] = {}
        self.counts: Counter[str] = Counter()
        self.times: deque[float] = deque(maxlen=200_000)
        """When each request about a task came."""
        self.lock = threading.RLock()
        self._faults: list[Fault] = []
        self._urls: dict[str, tuple[str, float]] = {}
        server = self

        class Handler(_Handler):
            owner = server

        self._http = _Server(("127.0.0.1", port), Handler)
        self.port: int = self._http.server_address[1]
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def order(
        self, kind: str, name: str, times: int = 1, *, skip: int = 0, retry_after: float | None = None
    ) -> None:
        """Order a fault for the next requests: ``submit``, ``poll``, ``download``, or a task's ``end``."""
        with self.lock:
            self._faults.append(Fault(kind, name, times, skip, retry_after))

    def next_fault(self, kind: str) -> Fault | None:
        with self.lock:
            for fault in self._faults:
                if fault.kind == kind and fault.times:
                    if fault.skip:
                        fault.skip -= 1
                        return None
                    fault.times -= 1
                    return fault
        return None

    @property
    def charged(self) -> float:
        """All that was taken from the account."""
        return sum(task.charged for task in self.tasks.values())

    def begin(self, task: Task) -> Task:
        """Take the money and begin."""
        with self.lock:
            end = self.next_fault("end")
            task.end = end.name if end else ""
            task.charged = task.cost
            self.balance -= task.cost
            self.tasks[task.id] = task
            self.counts["tasks"] += 1
        return task

    def age(self, task: Task) -> float:
        """0 to 1, how far it is."""
        return (
            1.0 if not self.render_seconds else min((time.time() - task.created) / self.render_seconds, 1.0)
        )

    def refund(self, task: Task) -> None:
        with self.lock:
            self.balance += task.charged
            task.charged = 0.0

    def signed(self, task: Task, seconds: float = 3600.0) -> str:
        """A URL of the result that is good for a while; ``expired`` faults give one that is not."""
        word = secrets.token_urlsafe(24)
        expired = (fault := self.next_fault("url")) is not None and fault.name == "expired"
        with self.lock:
            self._urls[word] = (task.id, 0.0 if expired else time.time() + seconds)
        return f"{self.root}/results/{task.id}.mp4?signature={word}"

    def result(self, request: Request) -> Reply:
        """Serves `signed` URLs."""
        self.counts["downloads"] += 1
        task_id, until = self._urls.get(request.query.get("signature", ""), ("", 0.0))
        if not task_id or time.time() > until:
            return Reply(403, b"<Error><Code>AccessDenied</Code></Error>", "application/xml")
        return self.film_of(self.tasks[task_id])

    def film_of(self, task: Task) -> Reply:
        film = film_bytes(task, self.shrink)
        match fault.name if (fault := self.next_fault("download")) else "":
            case "wrong length":
                return Reply(200, film[: len(film) // 2], "video/mp4", length=len(film))
            case "html":
                return HTML
            case "drop":
                raise Dropped
            case "redirect to private":
                return Reply(302, b"", headers={"Location": "http://10.0.0.1/film.mp4"})
            case "redirect to itself":
                return Reply(302, b"", headers={"Location": self.signed(task)})
            case "too large":
                return Reply(200, film[:10], "video/mp4", length=1 << 40)
            case "short film":
                return Reply(200, film_bytes(replace(task, seconds=1.0), self.shrink), "video/mp4")
        return Reply(200, film, "video/mp4")

    def routes(self) -> dict[tuple[str, str], Callable[[Request, re.Match[str]], Reply]]:
        raise NotImplementedError

    def refused(self, request: Request) -> Reply | None:
        """The answer to a request without the right key."""
        raise NotImplementedError

    def error(self, name: str, fault: Fault) -> Reply:
        """The vendor's own form of a fault."""
        raise NotImplementedError

    def answer(self, request: Request) -> Reply:
        if request.path.startswith("/results/"):
            return self.result(request)
        if no := self.refused(request):
            return no
        for (method, pattern), handler in self.routes().items():
            found = re.fullmatch(pattern, request.path)
            if found and method == request.method:
                return self._with_faults(request, pattern, lambda found=found, h=handler: h(request, found))
        return reply(404, {"error": f"no route {request.method} {request.path}"})

    def _with_faults(self, request: Request, pattern: str, answer: Callable[[], Reply]) -> Reply:
        paid = request.method == "POST" and pattern in self.submit_routes
        kind = "submit" if paid else "poll" if request.method == "GET" and pattern in self.poll_routes else ""
        if kind == "submit":
            self.counts["posts"] += 1
        if kind == "poll":
            self.counts["polls"] += 1
            self.times.append(time.monotonic())
        fault = self.next_fault(kind) if kind else None
        match fault.name if fault else "":
            case "":
                return answer()
            case "drop":
                raise Dropped
            case "drop after body":
                answer()
                raise Dropped
            case "html":
                if paid:
                    answer()
                return HTML
            case "slow":
                time.sleep(0.4)
                return answer()
            case name:
                assert fault
                return self.error(name, fault)

    poll_routes: frozenset[str] = frozenset()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that is killed leaves broken connections; they are what is tested."""


class _Handler(BaseHTTPRequestHandler):
    owner: VendorServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass

    def handle_one(self) -> None:
        parts = urlsplit(self.path)
        length = int(self.headers.get("content-length") or 0)
        body = (
            self._chunked() if self.headers.get("transfer-encoding") == "chunked" else self.rfile.read(length)
        )
        request = Request(self.command, parts.path, dict(parse_qsl(parts.query)), self.headers, body)
        try:
            said = self.owner.answer(request)
        except Dropped:
            self.close_connection = True
            with contextlib.suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send_response(said.status)
        self.send_header("Content-Type", said.kind)
        self.send_header("Content-Length", str(len(said.body) if said.length is None else said.length))
        for name, value in said.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(said.body)
        self.wfile.flush()
        if said.length is not None:
            self.close_connection = True

    do_GET = do_POST = do_DELETE = handle_one  # noqa: N815

    def _chunked(self) -> bytes:
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body


def film_bytes(task: Task, shrink: int) -> bytes:
    """A film of the task's length, a part of its size, whose bytes are the task's alone."""
    mark = task.id.encode()
    free = (8 + len(mark)).to_bytes(4, "big") + b"free" + mark
    sides = (max(side // shrink // 2 * 2, 16) for side in (task.width, task.height))
    return _film(*sides, round(task.seconds * task.fps), task.fps) + free


@cache
def _film(width: int, height: int, num_frames: int, fps: int) -> bytes:
    """A slow pan over a soft gradient."""
    across, down = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    film = BytesIO()
    with av.open(film, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=fps, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for number in range(num_frames):
            light = 0.5 + 0.5 * np.sin(2 * np.pi * (across + number / (4 * fps)))
            picture = np.stack([90 + 120 * light, 130 + 60 * down, 150 - 70 * light], axis=-1)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture.astype(np.uint8), format="rgb24")))
        container.mux(stream.encode())
    return film.getvalue()
