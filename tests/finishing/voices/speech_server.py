"""A speech service on this machine that takes and gives what OpenAI's ``POST /v1/audio/speech`` does.

Knows nothing of the adapter. Faults are ordered by name for the next requests.
"""

import json
import struct
import threading
import time
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO

import av
import numpy as np

KEY = "sk-test-0123456789"


def tone(seconds: float, rate: int, channels: int = 1, level: float = 0.3) -> np.ndarray:
    """(channels, num_samples) that swells as syllables do."""
    times = np.arange(round(seconds * rate)) / rate
    wave = level * np.sin(2 * np.pi * 180 * times) * (0.55 + 0.45 * np.sin(2 * np.pi * 4 * times))
    return np.repeat(wave[None, :], channels, axis=0).astype(np.float32)


def wav(samples: np.ndarray, rate: int, *, streamed: bool = False) -> bytes:
    """16-bit WAVE; a streamed one does not know its length, as OpenAI sends it."""
    channels, count = samples.shape
    data = (np.clip(samples.T, -1, 1) * 32767).astype("<i2").tobytes()
    size = 0xFFFFFFFF if streamed else len(data)
    head = struct.pack("<4sI4s4sIHHIIHH", b"RIFF", size if streamed else 36 + len(data), b"WAVE", b"fmt ", 16,
                       1, channels, rate, rate * channels * 2, channels * 2, 16)  # fmt: skip
    assert count
    return head + struct.pack("<4sI", b"data", size) + data


def mp3(samples: np.ndarray, rate: int) -> bytes:
    file = BytesIO()
    with av.open(file, "w", format="mp3") as container:
        stream = container.add_stream("mp3", rate=rate, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples[:1]), format="fltp", layout="mono")
        frame.sample_rate = rate
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()


class SpeechServer:
    """Counts what it is asked and charges nothing."""

    def __init__(self) -> None:
        self.faults: deque[str] = deque()
        self.sound = "wav"
        self.asked: list[dict[str, str]] = []
        self.keys: list[str] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                pass

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                server.answer(self, json.loads(body))

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}/v1"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> "SpeechServer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def answer(self, request: BaseHTTPRequestHandler, body: dict[str, str]) -> None:
        self.asked.append(body)
        key = request.headers.get("authorization", "")
        self.keys.append(key)
        fault = self.faults.popleft() if self.faults else ""
        if request.path != "/v1/audio/speech":
            return _send(request, 404, b'{"error": {"message": "no route"}}', "application/json")
        if key != f"Bearer {KEY}":
            words = json.dumps({"error": {"message": f"Incorrect API key provided: {key[7:]}."}}).encode()
            return _send(request, 401, words, "application/json")
        missing = [name for name in ("model", "voice", "input") if not body.get(name)]
        if missing or len(body["input"]) > 4096:
            return _send(request, 400, b'{"error": {"message": "bad request"}}', "application/json")
        match fault:
            case "429" | "429 for long":
                wait = "0" if fault == "429" else "3600"
                return _send(request, 429, b'{"error": {}}', "application/json", ("Retry-After", wait))
            case "500" | "503":
                return _send(request, int(fault), b"upstream", "text/plain")
            case "403 that repeats the key":
                return _send(request, 400, f"what is {key}?".encode(), "text/plain")
            case "html":
                return _send(request, 200, b"<html><body>Sign in</body></html>", "text/html; charset=utf-8")
            case "json":
                return _send(request, 200, b'{"audio": "aGk="}', "application/json")
            case "empty":
                return _send(request, 200, b"", "audio/wav")
            case "no sound file":
                return _send(request, 200, bytes(range(256)) * 20, "audio/wav")
            case "cut off":
                return _send(request, 200, self._sound()[:300], "audio/wav", length=100_000)
            case "slow":
                time.sleep(0.3)
        return _send(request, 200, self._sound(), "audio/wav")

    def _sound(self) -> bytes:
        match self.sound:
            case "streamed":
                return wav(tone(1.5, 24_000), 24_000, streamed=True)
            case "8 kHz":
                return wav(tone(1.5, 8_000), 8_000)
            case "stereo":
                return wav(tone(1.5, 44_100, 2), 44_100)
            case "mp3":
                return mp3(tone(1.5, 24_000), 24_000)
            case "silence":
                return wav(tone(1.5, 24_000, level=0.0), 24_000)
            case "faint":
                return wav(tone(1.5, 24_000, level=0.005), 24_000)
        return wav(tone(1.5, 24_000), 24_000)


def _send(
    request: BaseHTTPRequestHandler,
    status: int,
    body: bytes,
    kind: str,
    *headers: tuple[str, str],
    length: int | None = None,
) -> None:
    request.send_response(status)
    request.send_header("Content-Type", kind)
    request.send_header("Content-Length", str(len(body) if length is None else length))
    for name, value in headers:
        request.send_header(name, value)
    request.end_headers()
    request.wfile.write(body)
    if length is not None:
        request.close_connection = True
