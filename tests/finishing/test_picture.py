from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from campaign.brand_kit import BrandKit
from campaign.content_key import as_json
from campaign.cue import Cue
from campaign.errors import FinishError, GlyphError
from campaign.finish import Fitting, Retiming
from campaign.frames import Aspect
from campaign.timing import TimedShot, Timeline
from finishing.picture import make_pictures
from finishing.rendition import COVER, PICTURE, STRIP, PictureFacts, RenditionJob
from media.decode import decode
from media.encode import EncodeSettings
from media.planes import planes_of_frame, rgb_of_frame
from tests.finishing.conftest import rendition_job, write_take
from tests.finishing.test_cut import flat_take
from tests.media.test_follow import FRAMES
from tests.media.test_follow import take as moving_ball

SIZES = {Aspect.TALL: (180, 320), Aspect.SQUARE: (180, 180), Aspect.WIDE: (320, 180)}


def timeline(*counts: int) -> Timeline:
    firsts = np.cumsum((0, *counts))
    shots = tuple(
        TimedShot(
            shot_id=f"s{n}", first_frame=int(first), num_frames=count, voice_start=None, voice_duration=0.0
        )
        for n, (first, count) in enumerate(zip(firsts, counts, strict=False))
    )
    return Timeline(fps=24, shots=shots, end_card_frames=0)


@pytest.fixture
def job(kit: BrandKit, tmp_path: Path) -> RenditionJob:
    takes = tuple(
        write_take(tmp_path / f"{n}.mp4", width=320, height=180, fps=fps, frames=40)
        for n, fps in enumerate((24, 16))
    )
    return replace(
        rendition_job(kit, timeline(20, 20), takes, takes[0]), crossfades=(0.25,), retiming=Retiming.BLEND
    )


def in_aspects(job: RenditionJob) -> list[RenditionJob]:
    return [
        replace(job, aspect=aspect, width=width, height=height) for aspect, (width, height) in SIZES.items()
    ]


def folders(tmp_path: Path, count: int) -> list[Path]:
    made = [tmp_path / f"out{n}" for n in range(count)]
    for folder in made:
        folder.mkdir(parents=True)
    return made


def test_aspects_made_together_are_to_the_byte_what_they_are_alone(job: RenditionJob, tmp_path: Path) -> None:
    jobs = in_aspects(job)
    together, alone = folders(tmp_path / "together", 3), folders(tmp_path / "alone", 3)
    facts = make_pictures(jobs, together)
    for one, folder, made, beside in zip(jobs, alone, facts, together, strict=True):
        assert make_pictures([one], [folder]) == [made]
        for name in (PICTURE, COVER, STRIP):
            assert (folder / name).read_bytes() == (beside / name).read_bytes()


def test_one_that_cannot_be_laid_out_does_not_stop_the_others(job: RenditionJob, tmp_path: Path) -> None:
    jobs = in_aspects(job)
    jobs[1] = replace(jobs[1], cues=(Cue(start=0.0, end=1.0, text="好茶🍵"),))
    made = make_pictures(jobs, folders(tmp_path, 3))
    assert isinstance(made[1], GlyphError)
    assert all(isinstance(made[n], PictureFacts) for n in (0, 2))
    assert not (tmp_path / "out1" / PICTURE).exists()


def test_a_take_that_is_too_short_stops_all_that_show_it(job: RenditionJob, tmp_path: Path) -> None:
    short = write_take(tmp_path / "short.mp4", width=320, height=180, frames=5)
    jobs = in_aspects(replace(job, clips=(job.clips[0], short)))
    assert all(isinstance(made, FinishError) for made in make_pictures(jobs, folders(tmp_path, 3)))


def test_a_crossfade_mixes_the_takes_as_both_go_on(kit: BrandKit, tmp_path: Path) -> None:
    takes = flat_take(tmp_path / "a.mp4", 50, 10), flat_take(tmp_path / "b.mp4", 150, 10)
    bare = kit.model_copy(update={"logo": kit.logo.model_copy(update={"opacity": 0.0})})
    job = replace(
        rendition_job(bare, timeline(4, 5), takes, takes[0]),
        width=320,
        height=320,
        label_words="",
        crossfades=(0.125,),
        settings=EncodeSettings(crf=4),
    )
    make_pictures([job], folders(tmp_path, 1))
    shown = [float(planes_of_frame(frame).y[100:200].mean()) for frame in decode(tmp_path / "out0" / PICTURE)]
    mixed = [54 * 0.75 + 150 * 0.25, 55 * 0.5 + 151 * 0.5, 56 * 0.25 + 152 * 0.75]
    assert shown == pytest.approx([50, 51, 52, 53, *mixed, 153, 154], abs=1.2)


def test_a_following_crop_keeps_a_ball_that_a_still_one_loses(kit: BrandKit, tmp_path: Path) -> None:
    def ball(second: float) -> float:
        return 0.18 + 0.64 * second / 4

    take = moving_ball(tmp_path / "take.mp4", ball)
    job = replace(
        rendition_job(kit, timeline(FRAMES), (take,), take),
        label_words="",
        kit=kit.model_copy(update={"logo": kit.logo.model_copy(update={"starts": 60.0})}),
    )
    seen, said = {}, {}
    for fitting in (Fitting.CROP, Fitting.FOLLOW):
        (tmp_path / fitting).mkdir()
        (drawn,) = make_pictures([replace(job, fitting=fitting)], [tmp_path / fitting])
        assert isinstance(drawn, PictureFacts)
        said[fitting] = drawn.reframed[0]
        places = []
        for frame in decode(tmp_path / fitting / PICTURE):
            picture = rgb_of_frame(frame).astype(int)
            yellow = np.flatnonzero(((picture[..., 0] - picture[..., 2]) > 110).any(axis=0))
            places.append(float(yellow.mean()) / job.width if yellow.size > 20 else np.nan)
        seen[fitting] = np.array(places)
    assert np.isnan(seen[Fitting.CROP]).any()
    assert not np.isnan(seen[Fitting.FOLLOW]).any()
    assert np.abs(seen[Fitting.FOLLOW] - 0.5).max() < 0.3
    # It neither jerks nor trembles on the way: what a frame adds to the last one's step is under a pixel.
    assert np.abs(np.diff(seen[Fitting.FOLLOW], 2)).max() * job.width < 4
    assert said[Fitting.FOLLOW].startswith("s0: cropped to 9:16 from ")
    assert "following what stands out and moves" in said[Fitting.FOLLOW]


def test_a_take_with_nothing_to_follow_is_named(kit: BrandKit, tmp_path: Path) -> None:
    take = flat_take(tmp_path / "flat.mp4", 90, 12)
    job = replace(
        rendition_job(kit, timeline(12), (take,), take), fitting=Fitting.FOLLOW, width=270, height=180
    )
    (tmp_path / "out").mkdir()
    (drawn,) = make_pictures([job], [tmp_path / "out"])
    assert isinstance(drawn, PictureFacts)
    assert drawn.lost == ("s0",)
    assert "in the middle: there is nothing to follow" in drawn.reframed[0]
    assert PictureFacts.from_json({**as_json(drawn)}).lost == ("s0",)
