import logging
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from campaign.brief import Language
from campaign.content_key import content_key
from campaign.errors import FinishError
from finishing.voice import LEVEL, SpeechOptions, Voice, load_voice
from media.loudness import measure_loudness
from media.sound import RATE, read_wav
from tests.finishing.voices.speech_server import KEY, SpeechServer

LINE = "Salt glaze, fired twice: 50% off 港窑!"


@pytest.fixture
def server() -> Iterator[SpeechServer]:
    with SpeechServer() as running:
        yield running


def options(server: SpeechServer, key: str = KEY) -> SpeechOptions:
    return SpeechOptions(url=server.url, model="tts-1", key=key, patience=0.01)


@pytest.fixture
def voice(server: SpeechServer) -> Voice:
    return load_voice("openai:alloy", options(server))


def speak(voice: Voice, folder: Path, text: str = LINE) -> tuple[float, float]:
    """Seconds of sound and its loudness."""
    line = voice.speak(text, Language.EN, folder / "v.wav")
    samples = read_wav(folder / "v.wav")
    assert line.duration == pytest.approx(len(samples) / RATE)
    assert line.estimated
    assert all(0 <= word.start <= word.end <= line.duration + 1e-6 for word in line.words)
    assert all(one.end <= other.start + 1e-6 for one, other in pairwise(line.words))
    return line.duration, measure_loudness(samples).integrated


@pytest.mark.parametrize("sound", ["wav", "streamed", "8 kHz", "stereo", "mp3", "faint"])
def test_a_line_is_the_same_whatever_file_the_service_gives(
    server: SpeechServer, voice: Voice, tmp_path: Path, sound: str
) -> None:
    server.sound = sound
    seconds, loudness = speak(voice, tmp_path)
    assert seconds == pytest.approx(1.5, abs=0.1)
    assert loudness == pytest.approx(LEVEL, abs=0.5)


def test_the_service_is_asked_as_its_documentation_says(
    server: SpeechServer, voice: Voice, tmp_path: Path
) -> None:
    speak(voice, tmp_path, "New glaze 🫖✨\nat noon.")
    assert server.asked == [
        {"model": "tts-1", "voice": "alloy", "input": "New glaze at noon.", "response_format": "wav"}
    ]
    assert server.keys == [f"Bearer {KEY}"]


@pytest.mark.parametrize("faults", [["429"], ["500", "503"], ["429", "500", "429"]])
def test_a_busy_service_is_asked_again(
    server: SpeechServer, voice: Voice, tmp_path: Path, faults: list[str]
) -> None:
    server.faults.extend(faults)
    speak(voice, tmp_path)
    assert len(server.asked) == len(faults) + 1


@pytest.mark.parametrize(
    ("fault", "words", "times"),
    [
        ("429 for long", "was answered 429", 1),
        ("500", "was answered 500 .* after 4 tries", 4),
        ("html", "text/html instead of sound: .*Sign in", 1),
        ("json", "application/json instead of sound", 1),
        ("empty", "no sound at all", 1),
        ("no sound file", "5,120 bytes that are no sound file", 1),
        ("cut off", "lost the answer .* not asked again", 1),
    ],
)
def test_what_is_no_sound_is_told_and_never_asked_for_twice(
    server: SpeechServer, voice: Voice, tmp_path: Path, fault: str, words: str, times: int
) -> None:
    server.faults.extend([fault] * times)
    with pytest.raises(FinishError, match=words):
        speak(voice, tmp_path)
    assert len(server.asked) == times
    assert not (tmp_path / "v.wav").exists()


def test_silence_is_refused_with_its_length(server: SpeechServer, voice: Voice, tmp_path: Path) -> None:
    server.sound = "silence"
    with pytest.raises(FinishError, match=r"gave 1\.5 s of silence"):
        speak(voice, tmp_path)


def test_a_slow_answer_is_waited_for(server: SpeechServer, voice: Voice, tmp_path: Path) -> None:
    server.faults.append("slow")
    assert speak(voice, tmp_path)[0] == pytest.approx(1.5, abs=0.1)


def test_nobody_at_the_address_is_told(tmp_path: Path) -> None:
    with SpeechServer() as gone:
        address = gone.url
    lost = load_voice("openai:alloy", SpeechOptions(url=address, model="tts-1", patience=0.01))
    with pytest.raises(FinishError, match=f"cannot reach {address}/audio/speech"):
        lost.speak(LINE, Language.EN, tmp_path / "v.wav")


@pytest.mark.parametrize("text", ["", "🫖✨", "……！", "   \n"])
def test_a_line_without_words_is_refused_before_the_service_is_asked(
    server: SpeechServer, voice: Voice, tmp_path: Path, text: str
) -> None:
    with pytest.raises(FinishError, match="Are there words in it"):
        voice.speak(text, Language.ZH, tmp_path / "v.wav")
    assert server.asked == []


def test_a_line_longer_than_the_service_takes_is_refused_with_numbers(
    server: SpeechServer, voice: Voice, tmp_path: Path
) -> None:
    with pytest.raises(FinishError, match="takes 4096 characters, but the line has 5000"):
        voice.speak("茶" * 5000, Language.ZH, tmp_path / "v.wav")
    assert server.asked == []


def test_the_key_stands_in_no_message_log_or_recipe(
    server: SpeechServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    wrong = load_voice("openai:alloy", options(server, key="sk-wrong-42"))
    with pytest.raises(FinishError, match="401: the key is not accepted") as refused:
        speak(wrong, tmp_path)
    server.faults.append("403 that repeats the key")
    with pytest.raises(FinishError, match="what is Bearer …") as repeated:
        speak(load_voice("openai:alloy", options(server)), tmp_path)
    said = f"{refused.value} {repeated.value} {caplog.text} {wrong.recipe(LINE, Language.EN)}"
    assert "sk-" not in said
    assert "sk-" not in repr(options(server))


def test_voice_model_service_and_words_decide_the_key_and_the_secret_does_not(server: SpeechServer) -> None:
    base = options(server)
    voices = [
        load_voice("openai:alloy", base),
        load_voice("openai:nova", base),
        load_voice("openai:alloy", SpeechOptions(url=base.url, model="other")),
        load_voice("openai:alloy", SpeechOptions(url="http://elsewhere/v1", model="tts-1")),
    ]
    keys = {content_key(voice.recipe(text, Language.EN)) for voice in voices for text in ("a", "b")}
    assert len(keys) == 8
    other = load_voice("openai:alloy", options(server, key="another"))
    assert content_key(other.recipe("a", Language.EN)) in keys


def test_what_is_missing_is_known_without_asking() -> None:
    assert "speech_url" in load_voice("openai:alloy", SpeechOptions()).missing()
    assert "speech_model" in load_voice("openai:alloy", SpeechOptions(url="http://x/v1")).missing()
    assert load_voice("openai:alloy", SpeechOptions(url="http://x/v1", model="m")).missing() == ""
