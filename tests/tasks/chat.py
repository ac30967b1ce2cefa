"""Chat groups on 127.0.0.1 that hold messages against the vendors' documented formats."""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "t0ken-that-nobody-may-log"
SECRET = "SEC000"


@dataclass
class Chat:
    """What arrived, by path, and the faults that are ordered."""

    root: str = ""
    got: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    asked: int = 0
    faults: deque[int] = field(default_factory=deque)
    """Statuses of the next answers; 0 cuts the connection after the message has been read."""

    def url(self, kind: str) -> str:
        query = {"dingtalk": f"?access_token={TOKEN}", "wecom": f"?key={TOKEN}"}.get(kind, "")
        return f"{self.root}/{kind}{query or f'/{TOKEN}'}"


@contextmanager
def chat_server() -> Iterator[Chat]:
    chat = Chat()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            chat.asked += 1
            if chat.faults:
                status = chat.faults.popleft()
                if status:
                    self.send_response(status)
                    if status == 302:
                        self.send_header("Location", f"{chat.root}/elsewhere")
                    self.end_headers()
                return
            path = urlsplit(self.path)
            kind = path.path.split("/")[1]
            answer = JUDGES[kind](raw, {k: v[0] for k, v in parse_qs(path.query).items()}, self.headers)
            if answer in (b'{"code": 0}', b'{"errcode": 0, "errmsg": "ok"}', b"ok"):
                chat.got.append((kind, json.loads(raw)))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(answer)

        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    chat.root = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield chat
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _mac(key: str, message: str) -> str:
    return base64.b64encode(hmac.new(key.encode(), message.encode(), hashlib.sha256).digest()).decode()


def _feishu(raw: bytes, query: dict[str, str], headers: Any) -> bytes:
    body = json.loads(raw)
    if len(raw) > 20 * 1024 or set(body) - {"timestamp", "sign", "msg_type", "content"}:
        return b'{"code": 9499, "msg": "Bad Request", "data": {}}'
    if not isinstance(body.get("timestamp"), str) or abs(time.time() - int(body["timestamp"])) > 3600:
        return b'{"code": 19021, "msg": "sign match fail or timestamp is not within one hour"}'
    if body["sign"] != _mac(f"{body['timestamp']}\n{SECRET}", ""):
        return b'{"code": 19021, "msg": "sign match fail or timestamp is not within one hour"}'
    post = body["content"]["post"]["zh_cn"]
    elements = [element for line in post["content"] for element in line]
    fine = body["msg_type"] == "post" and isinstance(post["title"], str) and elements
    for element in elements:
        wanted = {"text": {"tag", "text"}, "a": {"tag", "text", "href"}}[element["tag"]]
        fine = fine and set(element) == wanted
    return b'{"code": 0}' if fine else b'{"code": 9499, "msg": "Bad Request", "data": {}}'


def _dingtalk(raw: bytes, query: dict[str, str], headers: Any) -> bytes:
    body = json.loads(raw)
    if set(query) != {"access_token", "timestamp", "sign"} or query["access_token"] != TOKEN:
        return b'{"errcode": 300005, "errmsg": "token is not exist"}'
    stamp = query["timestamp"]
    if abs(time.time() * 1000 - int(stamp)) > 3_600_000 or query["sign"] != _mac(
        SECRET, f"{stamp}\n{SECRET}"
    ):
        return b'{"errcode": 310000, "errmsg": "sign not match"}'
    if "charset=utf-8" not in headers["Content-Type"] or len(raw) > 20_000:
        return b'{"errcode": 460101, "errmsg": "message too long"}'
    fine = body["msgtype"] == "text" and set(body) == {"msgtype", "text"} and body["text"]["content"]
    return b'{"errcode": 0, "errmsg": "ok"}' if fine else b'{"errcode": 40035, "errmsg": "bad request"}'


def _wecom(raw: bytes, query: dict[str, str], headers: Any) -> bytes:
    body = json.loads(raw)
    fine = query == {"key": TOKEN} and body["msgtype"] == "text" and set(body) == {"msgtype", "text"}
    if not fine or not body["text"]["content"]:
        return b'{"errcode": 44004, "errmsg": "text content is empty"}'
    if len(body["text"]["content"].encode()) > 2048:
        return b'{"errcode": 40058, "errmsg": "text.content exceed max length 2048"}'
    return b'{"errcode": 0, "errmsg": "ok"}'


def _slack(raw: bytes, query: dict[str, str], headers: Any) -> bytes:
    body = json.loads(raw)
    text = body["text"]
    left = text.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "")
    return b"ok" if set(body) == {"text"} and text and not set("&<>") & set(left) else b"invalid_payload"


def _webhook(raw: bytes, query: dict[str, str], headers: Any) -> bytes:
    mac = hmac.new(SECRET.encode(), raw, hashlib.sha256).hexdigest()
    return b"ok" if headers["X-Hub-Signature-256"] == f"sha256={mac}" else b"no"


JUDGES = {"feishu": _feishu, "dingtalk": _dingtalk, "wecom": _wecom, "slack": _slack, "webhook": _webhook}
