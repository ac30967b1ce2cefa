import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from campaign.brand_kit import BrandKit
from campaign.errors import FinishError
from finishing.cut import clips_of
from finishing.reel import SharedClips
from finishing.rendition import RenditionJob
from media.planes import planes_of_frame
from tests.finishing.conftest import rendition_job
from tests.finishing.test_cut import flat_take
from tests.finishing.test_picture import timeline

Read = Callable[[], list[float]]


@pytest.fixture
def job(kit: BrandKit, tmp_path: Path) -> RenditionJob:
    take = flat_take(tmp_path / "take.mp4", 50, 8)
    return rendition_job(kit, timeline(6), (take,), take)


def lumas(shared: SharedClips, job: RenditionJob) -> list[float]:
    (clip,) = clips_of(job)
    return [float(planes_of_frame(frame).y.mean()) for frame in shared.frames(clip)]


def test_a_take_that_several_show_is_decoded_for_the_first(job: RenditionJob, tmp_path: Path) -> None:
    with SharedClips([job, job, job], tmp_path) as shared:
        first = lumas(shared, job)
        job.clips[0].unlink()
        assert len(first) == 6
        assert lumas(shared, job) == lumas(shared, job) == first
        with pytest.raises(FinishError):
            lumas(shared, job)


def test_one_that_stops_in_the_middle_leaves_the_whole_take_to_the_next(
    job: RenditionJob, tmp_path: Path
) -> None:
    with SharedClips([job, job], tmp_path) as shared:
        next(shared.frames(clips_of(job)[0]))
        assert len(lumas(shared, job)) == 6


def test_a_disk_without_room_has_each_decode_for_itself(
    job: RenditionJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=10_000))
    with SharedClips([job, job], tmp_path) as shared:
        assert len(lumas(shared, job)) == 6
        flat_take(job.clips[0], 90, 8)
        assert lumas(shared, job)[0] == pytest.approx(90, abs=2)


def test_a_job_that_is_wrong_in_itself_does_not_stop_the_others(job: RenditionJob, tmp_path: Path) -> None:
    with SharedClips([replace(job, clips=()), job], tmp_path) as shared:
        assert len(lumas(shared, job)) == 6
