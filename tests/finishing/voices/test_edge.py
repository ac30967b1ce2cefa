"""The package's own parsing over a socket of this machine; Microsoft's service itself is not asked."""

import asyncio
import json
import re
import threading
from collections import deque
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import WSMsgType, web
from edge_tts import communicate

from campaign.brief import Language
from campaign.errors import FinishError
from finishing.voice import LEVEL, SpeechOptions, load_voice
from media.loudness import measure_loudness
from media.sound import RATE, read_wav
from tests.finishing.voices.speech_server import mp3, tone

TICKS = 10_000_000


class ReadAloud:
    """Edge's service as its messages are documented by the packages that speak it."""

    def __init__(self) -> None:
        self.faults: deque[str] = deque()
        self.asked: list[str] = []
        self.words = [("New", 0.1, 0.3), ("glaze", 0.45, 0.5), ("today", 1.0, 0.4)]
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._ready = threading.Event()

    def __enter__(self) -> "ReadAloud":
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _run(self) -> None:
        app = web.Application()
        app.router.add_get("/edge/v1", self._socket)
        runner = web.AppRunner(app)
        self._loop.run_until_complete(runner.setup())
        site = web.TCPSite(runner, "127.0.0.1", 0)
        self._loop.run_until_complete(site.start())
        self.port = runner.addresses[0][1]
        self._ready.set()
        self._loop.run_forever()
        self._loop.run_until_complete(runner.cleanup())
        self._loop.close()

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        fault = self.faults.popleft() if self.faults else ""
        if fault == "503":
            return web.Response(status=503)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        config, ssml = [(await socket.receive()).data for _ in range(2)]
        assert '"wordBoundaryEnabled":"true"' in config
        self.asked.append(re.sub(r"^.*?<speak", "<speak", ssml, flags=re.DOTALL))
        if fault == "drop":
            await socket.close()
            return socket
        await socket.send_str("X-RequestId:1\r\nPath:turn.start\r\n\r\n{}")
        if fault != "no sound":
            await self._tell(socket)
        await socket.send_str("X-RequestId:1\r\nPath:turn.end\r\n\r\n{}")
        assert (await socket.receive()).type in (WSMsgType.CLOSE, WSMsgType.CLOSED, WSMsgType.CLOSING)
        return socket

    async def _tell(self, socket: web.WebSocketResponse) -> None:
        sound = mp3(tone(1.5, 24_000), 24_000)
        head = b"X-RequestId:1\r\nContent-Type:audio/mpeg\r\nPath:audio\r\n"
        for start in range(0, len(sound), 4000):
            await socket.send_bytes(len(head).to_bytes(2, "big") + head + sound[start : start + 4000])
        for word, start, length in self.words:
            data = {"Offset": int(start * TICKS), "Duration": int(length * TICKS), "text": {"Text": word}}
            body = json.dumps({"Metadata": [{"Type": "WordBoundary", "Data": data}]})
            await socket.send_str(f"X-RequestId:1\r\nPath:audio.metadata\r\n\r\n{body}")
        end = b"X-RequestId:1\r\nPath:audio\r\n"
        await socket.send_bytes(len(end).to_bytes(2, "big") + end)


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[ReadAloud]:
    with ReadAloud() as running:
        # The package asks one fixed address.
        address = f"ws://127.0.0.1:{running.port}/edge/v1?TrustedClientToken=x"
        monkeypatch.setattr(communicate, "WSS_URL", address)
        yield running


VOICE = load_voice("edge:en-GB-SoniaNeural", SpeechOptions(patience=0.01))


def test_a_line_is_level_and_its_words_have_the_services_own_times(
    service: ReadAloud, tmp_path: Path
) -> None:
    line = VOICE.speak("New <glaze> today & tomorrow 🫖", Language.EN, tmp_path / "v.wav")
    samples = read_wav(tmp_path / "v.wav")
    assert line.duration == pytest.approx(len(samples) / RATE)
    assert measure_loudness(samples).integrated == pytest.approx(LEVEL, abs=0.5)
    assert not line.estimated
    assert [word.text for word in line.words] == ["New", "glaze", "today"]
    # An MP3's own silence before the sound is cut off, and the words go with it.
    assert line.words[1].start - line.words[0].start == pytest.approx(0.35, abs=0.001)
    assert 0 <= line.words[0].start <= 0.11
    assert "en-GB, SoniaNeural" in service.asked[0]
    assert "New &lt;glaze&gt; today &amp; tomorrow" in service.asked[0]


def test_words_are_estimated_where_the_service_tells_none(service: ReadAloud, tmp_path: Path) -> None:
    service.words = []
    line = VOICE.speak("New glaze today.", Language.EN, tmp_path / "v.wav")
    assert line.estimated
    assert [word.text for word in line.words] == ["New", "glaze", "today"]


@pytest.mark.parametrize("fault", ["503", "drop", "no sound"])
def test_a_service_that_fails_once_is_asked_again(service: ReadAloud, tmp_path: Path, fault: str) -> None:
    service.faults.append(fault)
    assert VOICE.speak("New glaze.", Language.EN, tmp_path / "v.wav").duration > 1


@pytest.mark.parametrize("fault", ["503", "drop", "no sound"])
def test_a_service_that_does_not_answer_is_told(service: ReadAloud, tmp_path: Path, fault: str) -> None:
    service.faults.extend([fault] * 3)
    with pytest.raises(FinishError, match="not answered after 3 tries"):
        VOICE.speak("New glaze.", Language.EN, tmp_path / "v.wav")


def test_a_voice_of_another_language_and_a_name_that_is_none_are_refused(
    service: ReadAloud, tmp_path: Path
) -> None:
    with pytest.raises(FinishError, match="does not speak zh"):
        VOICE.speak("新茶。", Language.ZH, tmp_path / "v.wav")
    odd = load_voice("edge:en-nonsense!", SpeechOptions())
    with pytest.raises(FinishError, match="refused by edge-tts"):
        odd.speak("Hello.", Language.EN, tmp_path / "v.wav")
    assert service.asked == []
