import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pydantic import SecretStr

from campaign.brand_kit import BrandKit, read_kit
from campaign.brief import Brief, Language
from campaign.finish import CutPace, VoiceOverrun
from campaign.frames import Aspect
from campaign.kit_parts import Asset, Intro, Track
from campaign.storyboard import Storyboard
from campaign.timing import FASTEST_VOICE
from media.encode import EncodeSettings, VideoEncoder
from media.mux import join
from media.planes import blank_planes
from media.sound import RATE, read_wav, write_aac, write_wav
from tasks.lay_out import films_of
from tasks.plan import plan
from tasks.setup import Setup
from tasks.speak import speak
from tasks.spot import Chunk, Spot
from tasks.workshop import Workshop
from tests.finishing.conftest import KITS, storyboard
from tests.finishing.voices.speech_server import KEY, SpeechServer

KIT = read_kit(KITS / "qinghe_tea")
LINES = ("新茶上市。", "一年一次。")


@pytest.fixture(scope="module")
def server() -> Iterator[SpeechServer]:
    with SpeechServer() as running:
        yield running


@pytest.fixture(scope="module")
def shared(server: SpeechServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    home = tmp_path_factory.mktemp("home")
    setup = Setup(
        store=home / "store",
        ledger=f"sqlite:///{home / 'ledger.db'}",
        out=home / "out",
        kit_folders=(KITS,),
        workers=1,
        chunk=4,
        speech_url=server.url,
        speech_model="tts-1",
        speech_key=SecretStr(KEY),
    )
    workshop = Workshop(setup, "c", "starter")
    yield workshop
    workshop.close()


@pytest.fixture
def workshop(shared: Workshop, server: SpeechServer) -> Workshop:
    """With an empty store, over workers that are warm."""
    shutil.rmtree(shared.store.root, ignore_errors=True)
    shared.store.root.mkdir(parents=True)
    server.faults.clear()
    server.asked.clear()
    return shared


def spot(
    voice: str,
    lines: tuple[str, ...] = LINES,
    *,
    kit: BrandKit = KIT,
    board: Storyboard | None = None,
    **row: object,
) -> Spot:
    board = board or replace(storyboard(lines), voice=voice, music="spring_mist")
    brief = Brief(
        id="t", row=2, copy="".join(lines), brand=kit.name, language=Language.ZH, seed=1, voice=voice, **row
    )
    return Spot(brief=brief, variant=1, kit=kit, size=360, fps=24, storyboard=board)


def spoken(one: Spot, workshop: Workshop) -> Spot:
    return speak.fn(Chunk(1, (one,)), workshop).spots[0]


def voices(one: Spot) -> set[str]:
    return {line.voice for line in one.spoken.values()}


def test_the_first_voice_speaks_and_nothing_is_degraded(workshop: Workshop) -> None:
    made = spoken(spot("openai:alloy, espeak"), workshop)
    assert (made.failure, made.degraded, voices(made)) == (None, (), {"openai:alloy"})
    assert made.timeline is not None
    assert all(line.line.estimated for line in made.spoken.values())


def test_a_second_run_asks_nobody_again(workshop: Workshop, server: SpeechServer) -> None:
    first = spoken(spot("openai:alloy"), workshop)
    asked = len(server.asked)
    again = spoken(spot("openai:alloy"), workshop)
    assert asked == len(server.asked) == 2
    assert again.spoken == first.spoken
    assert again.made == {}


def test_a_voice_that_fails_at_one_line_gives_the_whole_spot_to_the_next(
    workshop: Workshop, server: SpeechServer
) -> None:
    server.faults.extend(["", "html"])
    made = spoken(spot("openai:alloy, espeak"), workshop)
    assert voices(made) == {"espeak"}
    assert len(made.degraded) == 1
    assert made.degraded[0].startswith(
        "Spoken by espeak instead: voice 'openai:alloy': was answered with text/html"
    )
    better = spoken(spot("openai:alloy, espeak"), workshop)
    assert (voices(better), better.degraded) == ({"openai:alloy"}, ())


def test_a_plan_says_who_would_speak_and_that_speech_is_charged_for(
    workshop: Workshop, server: SpeechServer, tmp_path: Path
) -> None:
    sheet = tmp_path / "c.csv"
    sheet.write_text(
        "id,copy,brand,voice\n"
        'a,"新茶上市，一年一次。",qinghe_tea,openai:alloy\n'
        'b,"新茶上市，一年一次。",qinghe_tea,"local:anna, espeak"\n'
        'c,"新茶上市，一年一次。",qinghe_tea,local:anna\n',
        encoding="utf-8",
    )
    planned = plan(sheet, workshop.setup)
    assert server.asked == []
    alloy, second, none = planned.spots
    assert (alloy.reason, alloy.degraded) == ("", [])
    assert any("openai:alloy costs what its service charges" in basis for basis in planned.basis)
    assert second.reason == ""
    assert second.degraded[0].startswith("Spoken by espeak instead: local:anna has no model")
    assert "local:anna has no model" in none.reason


def test_a_voice_that_lacks_its_model_is_passed_over_and_named(workshop: Workshop) -> None:
    made = spoken(spot("local:anna, espeak"), workshop)
    assert voices(made) == {"espeak"}
    assert "local:anna has no model" in made.degraded[0]


def test_a_spot_that_no_voice_speaks_fails_with_every_reason(
    workshop: Workshop, server: SpeechServer
) -> None:
    server.faults.extend(["html", "html"])
    made = spoken(spot("openai:alloy, espeak:en-gb"), workshop)
    assert made.failure is not None
    assert "was answered with text/html" in made.failure.reason
    assert "does not speak zh" in made.failure.reason


def test_a_line_too_long_for_its_shot_is_heard_faster_at_the_same_pitch(workshop: Workshop) -> None:
    plain = spoken(spot("openai:alloy"), workshop)
    length = plain.spoken["t-1-s1"].line.duration
    board = plain.storyboard
    assert board
    tight = replace(board.shots[0], duration=0.4 + length / 1.1)
    hurried = spot(
        "openai:alloy",
        board=replace(board, shots=(tight, replace(board.shots[1], duration=4.0))),
        voice_overrun=VoiceOverrun.FASTER,
    )
    made = spoken(hurried, workshop)
    assert made.failure is None
    line = made.spoken["t-1-s1"]
    assert line.line.duration == pytest.approx(length / 1.1, rel=0.01)
    assert line.line.words[-1].end <= line.line.duration + 1e-6
    assert made.spoken["t-1-s2"] == plain.spoken["t-1-s2"]
    pitches = []
    for path in (plain.spoken["t-1-s1"].path, line.path):
        middle = read_wav(path)[RATE // 4 : RATE, 0]
        spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle)), 1 << 18))
        pitches.append(float(np.argmax(spectrum)) * RATE / (1 << 18))
    assert pitches[1] == pytest.approx(pitches[0], rel=0.01)


@pytest.mark.parametrize(
    ("overrun", "reason"),
    [
        (VoiceOverrun.FASTER, f"{FASTEST_VOICE:g} times as fast is the most"),
        (VoiceOverrun.REFUSE, "Shorten the line"),
    ],
)
def test_a_line_that_stays_too_long_is_the_rows_problem(
    workshop: Workshop, overrun: VoiceOverrun, reason: str
) -> None:
    board = replace(storyboard(LINES), voice="openai:alloy", music="none")
    short = tuple(replace(shot, duration=1.0) for shot in board.shots)
    made = spoken(spot("", board=replace(board, shots=short), voice_overrun=overrun), workshop)
    assert made.failure is not None
    assert reason in made.failure.reason


def test_the_kit_says_what_is_done_where_the_row_does_not(workshop: Workshop) -> None:
    strict = KIT.model_copy(update={"voices": KIT.voices.model_copy(update={"overrun": VoiceOverrun.REFUSE})})
    board = replace(storyboard(LINES), voice="openai:alloy", music="none")
    short = replace(board, shots=tuple(replace(shot, duration=1.0) for shot in board.shots))
    assert spoken(spot("", kit=strict, board=short), workshop).failure is not None
    assert (
        spoken(spot("", kit=strict, board=short, voice_overrun=VoiceOverrun.EXTEND), workshop).failure is None
    )


def test_cuts_fall_on_the_beats_of_the_track_which_is_listened_to_once(workshop: Workshop) -> None:
    made = spoken(spot("espeak", pace=CutPace.BEAT), workshop)
    assert made.degraded == ()
    assert made.timeline
    beat = 60 / 90
    for shot in made.timeline.shots:
        cut = (shot.first_frame + shot.num_frames) / 24
        assert abs((cut + beat / 2) % beat - beat / 2) <= 1 / 24
    assert made.made["beats"] == 1
    assert spoken(spot("espeak", pace=CutPace.BEAT), workshop).reused["beats"] == 1


def test_beats_are_counted_from_where_the_music_begins(workshop: Workshop, tmp_path: Path) -> None:
    with VideoEncoder(tmp_path / "silent.mp4", 90, 160, 24, EncodeSettings()) as encoder:
        for _ in range(24):
            encoder.write(blank_planes(90, 160, (80, 120, 90)))
    write_wav(tmp_path / "jingle.wav", (0.2 * np.sin(np.arange(RATE) / 20)).astype(np.float32))
    write_aac(tmp_path / "jingle.m4a", read_wav(tmp_path / "jingle.wav"))
    join(tmp_path / "silent.mp4", tmp_path / "jingle.m4a", tmp_path / "heard.mp4", {})
    for name, begins in (("silent.mp4", 0.0), ("heard.mp4", 1.0)):
        film = Asset(file=tmp_path / name, licence=KIT.logo.licence)
        kit = KIT.model_copy(update={"intro": Intro(seconds=1.0, clips={Aspect.TALL: film})})
        board = replace(storyboard(LINES), voice="espeak", music="spring_mist", intro=1.0)
        made = spoken(spot("espeak", kit=kit, board=board, pace=CutPace.BEAT), workshop)
        assert made.degraded == ()
        assert made.timeline
        assert [film.path.name for film in films_of(made)] == [name]
        beat, shot = 60 / 90, made.timeline.shots[0]
        cut = (shot.first_frame + shot.num_frames) / 24 - begins
        assert abs((cut + beat / 2) % beat - beat / 2) <= 1 / 24


def test_a_spot_that_cannot_be_cut_on_the_beat_says_so(workshop: Workshop, tmp_path: Path) -> None:
    board = replace(storyboard(LINES), voice="espeak", music="none")
    silent = spoken(spot("espeak", board=board, music="none", pace=CutPace.BEAT), workshop)
    assert silent.degraded == ("Cuts are not on the beat: the spot has no music.",)
    write_wav(tmp_path / "quiet.wav", np.zeros(8 * RATE, dtype=np.float32))
    quiet = Track(file=tmp_path / "quiet.wav", licence=KIT.logo.licence)
    kit = KIT.model_copy(update={"music": {"quiet": quiet}})
    board = replace(board, music="quiet")
    made = spoken(spot("espeak", kit=kit, board=board, pace=CutPace.BEAT), workshop)
    assert made.degraded == (
        "Cuts are not on the beat: no beat was found in quiet. State its bpm in the brand kit.",
    )


def test_a_track_without_a_stated_tempo_is_listened_to_for_its_bars(workshop: Workshop) -> None:
    unstated = KIT.music["spring_mist"].model_copy(update={"bpm": None})
    made = spoken(spot("espeak", kit=KIT.model_copy(update={"music": {"spring_mist": unstated}})), workshop)
    assert made.bpm == pytest.approx(90, rel=0.002)
