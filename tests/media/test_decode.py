from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import pytest

from campaign.errors import FinishError
from campaign.finish import Retiming
from media.command import run_ffmpeg
from media.decode import check_plain, decode, glance, take_frames
from media.encode import EncodeSettings, VideoEncoder
from media.fit import Fitter
from media.planes import blank_planes, new_frame, planes_of_frame

MakeTake = Callable[..., Path]


def numbers(path: Path, fps: int, count: int, retiming: Retiming = Retiming.DUPLICATE) -> list[float]:
    """Which of the take's frames each frame shows, read from its luma."""
    frames = take_frames(path, fps, count, retiming)
    return [(float(planes_of_frame(frame).y.mean()) - 16) / 4 for frame in frames]


def test_the_takes_own_rate_gives_every_frame_once(make_take: MakeTake) -> None:
    assert numbers(make_take(), 24, 12) == pytest.approx(range(12), abs=0.3)


def test_a_cut_takes_frames_from_the_start(make_take: MakeTake) -> None:
    assert numbers(make_take(), 24, 5) == pytest.approx(range(5), abs=0.3)


def test_sixteen_frames_a_second_are_repeated_to_twenty_four(make_take: MakeTake) -> None:
    shown = numbers(make_take(fps=16, frames=8), 24, 12)
    assert shown == pytest.approx([0, 0, 1, 2, 2, 3, 4, 4, 5, 6, 6, 7], abs=0.3)


def test_blending_mixes_neighbours_by_their_nearness(make_take: MakeTake) -> None:
    shown = numbers(make_take(fps=16, frames=9), 24, 12, Retiming.BLEND)
    assert shown == pytest.approx([n * 16 / 24 for n in range(12)], abs=0.3)


def test_a_faster_take_is_thinned_out(make_take: MakeTake) -> None:
    assert numbers(make_take(fps=48, frames=12), 24, 6) == pytest.approx([0, 2, 4, 6, 8, 10], abs=0.3)


def test_a_take_that_is_too_short_is_refused_with_both_lengths(make_take: MakeTake) -> None:
    with pytest.raises(FinishError, match=r"ends after 0\.50 s.*needs 0\.54 s"):
        numbers(make_take(), 24, 13)


def test_a_single_frame_lasts_as_long_as_its_file_says(make_take: MakeTake) -> None:
    assert numbers(make_take(frames=1), 24, 1) == pytest.approx([0], abs=0.3)


def test_a_variable_rate_keeps_its_motion(tmp_path: Path) -> None:
    path, shown_at = tmp_path / "vfr.mp4", [0, 1, 2, 5, 6, 7]
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=24, options={"crf": "4"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 24)
        for number in shown_at:
            frame = new_frame(64, 48)
            for target, source in zip(planes_of_frame(frame), blank_planes(64, 48), strict=True):
                target[...] = source
            planes_of_frame(frame).y[...] = 16 + 4 * number
            frame.pts, frame.time_base = number, Fraction(1, 24)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    assert numbers(path, 24, 8) == pytest.approx([0, 1, 2, 2, 2, 5, 6, 7], abs=0.3)


def test_a_missing_file_and_one_without_pictures_say_so(tmp_path: Path) -> None:
    with pytest.raises(FinishError, match=r"gone\.mp4"):
        list(decode(tmp_path / "gone.mp4"))
    (tmp_path / "noise.mp4").write_bytes(b"not a film" * 100)
    with pytest.raises(FinishError, match=r"noise\.mp4"):
        list(decode(tmp_path / "noise.mp4"))


@pytest.mark.parametrize("retiming", list(Retiming))
def test_frames_between_two_keep_their_colours_when_they_are_fitted(
    retiming: Retiming, tmp_path: Path
) -> None:
    # Less than 720 lines: what is not tagged is taken for BT.601 there.
    red = blank_planes(128, 96, rgb=(200, 40, 30))
    with VideoEncoder(tmp_path / "red.mp4", 128, 96, 16, EncodeSettings(crf=4)) as encoder:
        for _ in range(6):
            encoder.write(red)
    fit = Fitter(64, 96)
    for frame in take_frames(tmp_path / "red.mp4", 24, 8, retiming):
        assert float(planes_of_frame(fit(frame)).y.mean()) == pytest.approx(float(red.y[0, 0]), abs=1)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (("-display_rotation", "90"), ("-c", "copy"), "turned by 90 degrees. Write it upright"),
        ((), ("-vf", "setsar=4/3"), "pixels of 4/3. Make them square"),
        ((), ("-vf", "tinterlace=4", "-flags", "+ilme+ildct"), "interlaced. Make whole pictures"),
        ((), ("-vf", "setparams=color_trc=smpte2084"), r"HDR \(PQ\). Export it in BT.709"),
        ((), ("-vf", "setparams=color_trc=arib-std-b67"), r"HDR \(HLG\). Export it in BT.709"),
    ],
)
def test_a_film_that_is_shown_otherwise_than_decoded_is_refused_with_the_remedy(
    before: tuple[str, ...], after: tuple[str, ...], words: str, make_take: MakeTake, tmp_path: Path
) -> None:
    odd = tmp_path / "odd.mp4"
    run_ffmpeg((*before, "-i", str(make_take()), *after, str(odd)))
    with pytest.raises(FinishError, match=words) as refused:
        list(take_frames(odd, 24, 2, Retiming.DUPLICATE))
    assert "odd.mp4" in str(refused.value)
    with pytest.raises(FinishError, match=words):
        check_plain(odd)


def test_a_glance_sees_some_frames_at_their_own_times(make_take: MakeTake) -> None:
    take = make_take(frames=60)
    seen = {frame.pts: planes_of_frame(frame).y.mean() for frame in glance(take)}
    every = {frame.pts: planes_of_frame(frame).y.mean() for frame in decode(take)}
    assert 2 <= len(seen) <= 30
    assert seen.items() <= every.items()
