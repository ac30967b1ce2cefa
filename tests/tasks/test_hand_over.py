from dataclasses import replace
from pathlib import Path

from campaign.finish import Handover
from campaign.frames import Aspect
from campaign.timing import TimedShot, Timeline
from finishing.rendition import RenditionJob
from tasks.hand_over import hand_over
from tasks.setup import Setup
from tasks.spot import Spot
from tasks.workshop import Workshop
from tests.finishing.conftest import KITS, write_take
from tests.tasks.test_finish import KIT, spot

TIMELINE = Timeline(
    fps=24,
    shots=(
        TimedShot(shot_id="t-1-s1", first_frame=0, num_frames=24, voice_start=None, voice_duration=0.0),
        TimedShot(shot_id="t-1-s2", first_frame=24, num_frames=24, voice_start=None, voice_duration=0.0),
    ),
    end_card_frames=0,
)


def handed(asked: tuple[Handover, ...], folder: Path) -> Spot:
    one = replace(spot("animatic", None), timeline=TIMELINE)
    one = replace(one, brief=replace(one.brief, handover=asked))
    take = write_take(folder / "take.mp4", width=64, height=112, frames=30)
    job = RenditionJob(
        kit=KIT,
        language=one.brief.language,
        timeline=TIMELINE,
        clips=(take, take),
        aspect=Aspect.TALL,
        width=64,
        height=112,
        cues=(),
        sound=take,
        end_card=None,
        label_words="AI生成",
    )
    setup = Setup(
        store=folder / "store",
        ledger=f"sqlite:///{folder / 'ledger.db'}",
        out=folder / "out",
        kit_folders=(KITS,),
        workers=1,
        chunk=1,
    )
    workshop = Workshop(setup, "c", "starter")
    try:
        (done,) = hand_over({one.id: one}, {(one.id, Aspect.TALL): job}, workshop)
    finally:
        workshop.close()
    return done


def test_a_row_that_asks_for_a_project_gets_it_with_its_media_beside_the_video(tmp_path: Path) -> None:
    done = handed((Handover.OTIO,), tmp_path)
    assert (done.failure, done.made) == (None, {"project": 1})
    files = done.handed[Aspect.TALL]
    assert set(files) == {".otio", "_sound.mp4", "_take1.mp4", "_take2.mp4"}
    assert all(path.is_file() for path in files.values())


def test_a_row_that_does_not_ask_gets_the_video_alone(tmp_path: Path) -> None:
    done = handed((), tmp_path)
    assert (done.handed, done.made) == ({}, {})
