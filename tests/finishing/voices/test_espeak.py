from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest

from campaign.brief import Language
from campaign.content_key import content_key
from campaign.errors import FinishError
from finishing.voice import LEVEL, NAMES, SpeechOptions, SpokenLine, load_voice
from media.loudness import measure_loudness
from media.sound import RATE, read_wav

LINES = {Language.ZH: "2025年的新茶，立减50%！", Language.EN: "It's 50% off, hand-thrown, from $19.99."}


def language_of(name: str) -> Language:
    return Language.ZH if name in ("espeak", "espeak:cmn") else Language.EN


@pytest.mark.parametrize("name", NAMES)
def test_a_line_is_level_trimmed_and_as_long_as_it_says(name: str, tmp_path: Path) -> None:
    language = language_of(name)
    line = load_voice(name, SpeechOptions()).speak(LINES[language], language, tmp_path / "v.wav")
    samples = read_wav(tmp_path / "v.wav")
    assert line.duration == pytest.approx(len(samples) / RATE)
    assert 1.0 < line.duration < 8.0
    measured = measure_loudness(samples)
    assert measured.integrated == pytest.approx(LEVEL, abs=0.5)
    assert measured.true_peak < 0
    loud = np.flatnonzero(np.abs(samples[:, 0]) > 0.01)
    assert loud[0] < 0.15 * RATE
    assert loud[-1] > len(samples) - 0.15 * RATE


@pytest.mark.parametrize("name", NAMES)
def test_words_come_in_order_and_together_are_the_line(name: str, tmp_path: Path) -> None:
    language = language_of(name)
    line = load_voice(name, SpeechOptions()).speak(LINES[language], language, tmp_path / "v.wav")
    assert all(0 <= word.start <= word.end <= line.duration for word in line.words)
    assert all(one.end <= other.start + 1e-6 for one, other in pairwise(line.words))
    heard = "".join(letter for word in line.words for letter in word.text if letter.isalnum())
    assert heard == "".join(letter for letter in LINES[language] if letter.isalnum())


def test_what_it_cannot_speak_is_refused(tmp_path: Path) -> None:
    voice = load_voice("espeak:cmn", SpeechOptions())
    with pytest.raises(FinishError, match="does not speak en"):
        voice.speak("hello", Language.EN, tmp_path / "v.wav")
    with pytest.raises(FinishError, match="said nothing"):
        voice.speak("……！", Language.ZH, tmp_path / "v.wav")
    for name in ("espeak:tlh", "parrot:polly", "espeak:", "openai:", "openai", ""):
        with pytest.raises(FinishError, match="espeak:cmn"):
            load_voice(name, SpeechOptions())


def test_the_recipe_changes_with_the_text() -> None:
    voice = load_voice("espeak:en-gb", SpeechOptions())
    first, second = (content_key(voice.recipe(text, Language.EN)) for text in ("a", "b"))
    assert first != second
    assert content_key(voice.recipe("a", Language.EN)) == first


def test_the_voice_without_an_accent_takes_the_usual_one_and_shares_its_lines(tmp_path: Path) -> None:
    plain = load_voice("espeak", SpeechOptions())
    for language, name in ((Language.ZH, "espeak:cmn"), (Language.EN, "espeak:en-gb")):
        named = load_voice(name, SpeechOptions())
        assert plain.recipe(LINES[language], language) == named.recipe(LINES[language], language)
        plain.speak(LINES[language], language, tmp_path / "plain.wav")
        named.speak(LINES[language], language, tmp_path / "named.wav")
        assert (tmp_path / "plain.wav").read_bytes() == (tmp_path / "named.wav").read_bytes()


def _speak(folder: Path) -> SpokenLine:
    return load_voice("espeak:cmn", SpeechOptions()).speak(LINES[Language.ZH], Language.ZH, folder / "v.wav")


def test_worker_processes_speak_at_once(tmp_path: Path) -> None:
    folders = [tmp_path / str(n) for n in range(2)]
    for folder in folders:
        folder.mkdir()
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        lines = list(pool.map(_speak, folders))
    assert abs(lines[0].duration - lines[1].duration) < 0.01


def test_a_line_has_the_same_bytes_whatever_was_spoken_before(tmp_path: Path) -> None:
    voice = load_voice("espeak:cmn", SpeechOptions())
    first, again = tmp_path / "first.wav", tmp_path / "again.wav"
    voice.speak("清明前的第一芽。", Language.ZH, first)
    voice.speak("手工采摘。", Language.ZH, tmp_path / "other.wav")
    voice.speak("清明前的第一芽。", Language.ZH, again)
    assert first.read_bytes() == again.read_bytes()
