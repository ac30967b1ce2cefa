from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import ImageColor

from campaign.brand_kit import BrandKit, read_kit
from campaign.brief import Language
from campaign.errors import FinishError, KitError
from campaign.frames import Aspect, frame_size
from campaign.kit_parts import Asset, Intro, Words
from campaign.timing import TimedShot, Timeline, fit
from finishing.captions import make_cues
from finishing.intro import IntroJob, check_films, film_for, intro_recipe, make_intro
from media.decode import decode
from media.encode import EncodeSettings, VideoEncoder
from media.planes import blank_planes, rgb_of_frame
from tests.finishing.conftest import Made, render, storyboard

LINE = Words(zh="山里的茶", en="Tea of the hills")


@pytest.fixture
def opening(kit: BrandKit) -> BrandKit:
    return kit.model_copy(update={"intro": Intro(seconds=0.5, line=LINE)})


def job(kit: BrandKit, aspect: Aspect = Aspect.WIDE, frames: int = 30) -> IntroJob:
    width, height = frame_size(aspect, 180)
    return IntroJob(kit=kit, language=Language.EN, width=width, height=height, fps=24, num_frames=frames)


@pytest.mark.parametrize("aspect", [Aspect.WIDE, Aspect.TALL])
def test_a_composed_intro_shows_logo_and_line_on_the_kits_paper(
    aspect: Aspect, opening: BrandKit, tmp_path: Path
) -> None:
    asked = job(opening, aspect)
    frames = [rgb_of_frame(frame) for frame in decode(make_intro(asked, tmp_path))]
    assert len(frames) == 30
    assert frames[0].shape == (asked.height, asked.width, 3)
    paper = np.array(ImageColor.getrgb(opening.colors.background))
    drawn = np.abs(frames[-1].astype(int) - paper).max(axis=2) > 40
    rows, columns = np.flatnonzero(drawn.any(axis=1)), np.flatnonzero(drawn.any(axis=0))
    assert abs(columns[0] + columns[-1] - asked.width) <= 4
    assert 0.25 < rows.mean() / asked.height < 0.7
    assert not (np.abs(frames[0].astype(int) - paper).max(axis=2) > 40).any()


def test_what_is_not_seen_of_a_kit_does_not_make_its_intro_anew(opening: BrandKit) -> None:
    louder = opening.model_copy(update={"music_level": -10.0})
    other = opening.model_copy(update={"intro": Intro(seconds=0.5, line=Words(zh="", en="Tea"))})
    assert intro_recipe(job(louder)) == intro_recipe(job(opening)) != intro_recipe(job(other))


def test_a_kits_own_film_is_taken_for_its_aspect_or_the_nearest(kit: BrandKit, tmp_path: Path) -> None:
    tall, wide = (Asset(file=tmp_path / name, licence=kit.logo.licence) for name in ("tall.mp4", "wide.mp4"))
    films = Intro(seconds=1.0, clips={Aspect.TALL: tall, Aspect.WIDE: wide})
    assert film_for(films, Aspect.WIDE) == tmp_path / "wide.mp4"
    assert film_for(films, Aspect.CLASSIC) == tmp_path / "tall.mp4"
    assert film_for(Intro(seconds=1.0), Aspect.TALL) is None
    assert film_for(None, Aspect.TALL) is None


def test_a_film_shorter_than_asked_is_refused_before_anything_is_made(kit: BrandKit, tmp_path: Path) -> None:
    _plain(tmp_path / "open.mp4", 200)
    film = Asset(file=tmp_path / "open.mp4", licence=kit.logo.licence)
    for seconds in (0.5, 2.0):
        asked = kit.model_copy(update={"intro": Intro(seconds=seconds, clips={Aspect.TALL: film})})
        if seconds == 0.5:
            check_films(asked, Aspect.WIDE)
            continue
        with pytest.raises(FinishError, match=r"intro open.mp4: it lasts 0.50 s, but intro.seconds is 2"):
            check_films(asked, Aspect.WIDE)


def test_an_outro_without_films_is_refused(tmp_path: Path, kit: BrandKit) -> None:
    source = (kit.folder / "kit.yaml").read_text(encoding="utf-8") + "\noutro: {seconds: 1}\n"
    for path in kit.folder.rglob("*"):
        if path.is_file() and path.name != "kit.yaml":
            target = tmp_path / path.relative_to(kit.folder)
            target.parent.mkdir(exist_ok=True, parents=True)
            target.symlink_to(path)
    (tmp_path / "kit.yaml").write_text(source, encoding="utf-8")
    with pytest.raises(KitError, match="an outro needs clips"):
        read_kit(tmp_path)


def test_intro_and_outro_count_into_the_asked_duration_and_move_what_comes_between() -> None:
    board = replace(storyboard(("新茶上市。", "一年一次。")), duration=9.0, intro=1.0, outro=0.5)
    spoken = {shot.id: 1.5 for shot in board.shots}
    timeline = fit(board, spoken, 24)
    assert timeline.duration == 9.0
    assert (timeline.intro_frames, timeline.end_card_frames, timeline.outro_frames) == (24, 24, 12)
    assert timeline.shots[0].first_frame == 24
    assert timeline.shots[0].voice_start == pytest.approx(1.15)
    assert timeline.pictures_end == 9 * 24 - 36
    cues = make_cues(board, timeline, {})
    assert cues[0].start >= 1.0
    assert cues[-1].end <= timeline.pictures_end / 24


def test_a_rendition_opens_and_closes_with_the_kits_films(made: Made, tmp_path: Path) -> None:
    shot = TimedShot(shot_id="s1", first_frame=12, num_frames=24, voice_start=None, voice_duration=0.0)
    timeline = Timeline(fps=24, shots=(shot,), end_card_frames=0, intro_frames=12, outro_frames=12)
    white, black = tmp_path / "white.mp4", tmp_path / "black.mp4"
    for path, level in ((white, 255), (black, 0)):
        _plain(path, level)
    asked = replace(
        made.job,
        timeline=timeline,
        clips=made.job.clips[:1],
        cues=(),
        end_card=None,
        intro=white,
        outro=black,
    )
    render(asked, tmp_path)
    lights = [rgb_of_frame(frame)[240:300].mean() for frame in decode(tmp_path / "video.mp4")]
    assert len(lights) == 48
    assert min(lights[:12]) > 250
    assert max(lights[-12:]) < 5
    with pytest.raises(FinishError, match="the timeline has an intro, but none was given"):
        render(replace(asked, intro=None), tmp_path)


def _plain(path: Path, level: int) -> None:
    with VideoEncoder(path, 270, 480, 24, EncodeSettings(crf=12)) as encoder:
        for _ in range(12):
            encoder.write(blank_planes(270, 480, (level, level, level)))
