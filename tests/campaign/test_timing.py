from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.brief import Language
from campaign.camera import Camera
from campaign.errors import TimingError
from campaign.finish import VoiceOverrun
from campaign.storyboard import Shot, ShotPrompt, Storyboard
from campaign.timing import (
    FASTEST_VOICE,
    LEAD_IN,
    READING_RATE,
    SHORTEST_SHOT,
    TAIL,
    OverrunError,
    fit,
    line_speeds,
    shot_need,
)

PROMPT = ShotPrompt(subject="茶", action="", environment="", camera=Camera(), style="", negative="")


def board(
    planned: list[float], asked: float | None = None, end_card: float = 2.0, line: str = "茶"
) -> Storyboard:
    shots = tuple(
        Shot(id=f"s{i}", prompt=PROMPT, duration=seconds, line=line, headline="")
        for i, seconds in enumerate(planned)
    )
    return Storyboard(
        spot_id="a-1",
        row_id="a",
        variant=1,
        language=Language.ZH,
        brand="k",
        title="",
        call_to_action="",
        end_card=end_card,
        duration=asked,
        voice="espeak:cmn",
        music="none",
        seed=1,
        shots=shots,
    )


def voices(*seconds: float) -> dict[str, float]:
    return {f"s{i}": value for i, value in enumerate(seconds)}


def test_a_shot_needs_its_voice_with_air_around_it() -> None:
    shot = board([1.0]).shots[0]
    assert shot_need(shot, Language.ZH, 3.0) == pytest.approx(LEAD_IN + 3.0 + TAIL)


def test_a_silent_shot_needs_its_caption_read() -> None:
    shot = replace(board([1.0]).shots[0], line="字" * 27)
    assert shot_need(shot, Language.ZH, 0.0) == pytest.approx(27 / READING_RATE[Language.ZH])
    assert shot_need(replace(shot, line=""), Language.ZH, 0.0) == SHORTEST_SHOT


def test_without_an_asked_duration_shots_keep_their_plan_where_the_voice_allows() -> None:
    cut = fit(board([2.0, 3.0]), voices(1.0, 4.0), fps=25)
    assert [shot.num_frames for shot in cut.shots] == [50, 110]
    assert cut.num_frames == 50 + 110 + 50
    assert cut.duration == pytest.approx(8.4)


@given(
    planned=st.lists(st.floats(0.5, 8.0), min_size=1, max_size=12),
    spoken=st.lists(st.floats(0.0, 6.0), min_size=12, max_size=12),
    spare=st.floats(0.0, 20.0),
    end_card=st.floats(0.0, 5.0),
    fps=st.sampled_from([16, 24, 25, 30]),
)
def test_whatever_voice_speed_lets_pass_is_laid_out_to_the_frame(
    planned: list[float], spoken: list[float], spare: float, end_card: float, fps: int
) -> None:
    heard = voices(*spoken)
    needs = sum(shot_need(s, Language.ZH, heard[s.id]) for s in board(planned).shots)
    story = board(planned, asked=needs + spare + end_card, end_card=end_card)
    assert line_speeds(story, heard, VoiceOverrun.EXTEND) == {}
    cut = fit(story, heard, fps)
    assert cut.num_frames == round((needs + spare + end_card) * fps)
    assert [s.first_frame for s in cut.shots] == [
        sum(s.num_frames for s in cut.shots[:i]) for i in range(len(planned))
    ]
    for shot in cut.shots:
        if shot.voice_start is not None:
            end = (shot.first_frame + shot.num_frames) / fps
            assert shot.voice_start + shot.voice_duration <= end - TAIL + 3 / fps


def test_spare_time_goes_where_the_plan_wanted_it() -> None:
    cut = fit(board([2.0, 6.0], asked=12.0), voices(1.0, 1.0), fps=25)
    short, long = (shot.num_frames for shot in cut.shots)
    assert short + long == 250
    assert long > 2 * short


def test_the_voice_is_sped_up_only_as_much_as_is_needed() -> None:
    story = board([4.0, 4.0], asked=2.0 + 2 * (4.0 + LEAD_IN + TAIL) - 0.4)
    speeds = line_speeds(story, voices(4.0, 4.0), VoiceOverrun.EXTEND)
    speed = speeds["s0"]
    assert speeds == {"s0": speed, "s1": speed}
    assert speed == pytest.approx(1.06)
    assert fit(story, voices(4.0 / speed, 4.0 / speed), fps=25).duration == pytest.approx(10.4)
    with pytest.raises(TimingError):
        fit(story, voices(4.0, 4.0), fps=25)


@given(st.floats(5.0, 40.0), st.lists(st.floats(0.5, 6.0), min_size=1, max_size=8))
def test_a_speed_that_is_given_is_enough_and_never_too_fast(asked: float, spoken: list[float]) -> None:
    story = board([1.0] * len(spoken), asked=asked)
    try:
        speeds = line_speeds(story, voices(*spoken), VoiceOverrun.EXTEND)
    except TimingError as error:
        assert error.asked == asked
        return
    assert all(1.0 < speed <= FASTEST_VOICE for speed in speeds.values())
    heard = {shot: seconds / speeds.get(shot, 1.0) for shot, seconds in voices(*spoken).items()}
    assert fit(story, heard, fps=24).num_frames == round(asked * 24)


def test_copy_that_cannot_fit_says_how_long_it_takes_and_how_much_to_keep() -> None:
    story = board([4.0] * 3, asked=8.0, line="字" * 20)
    with pytest.raises(TimingError) as caught:
        line_speeds(story, voices(5.0, 5.0, 5.0), VoiceOverrun.EXTEND)
    words = str(caught.value)
    assert "8 s" in words
    assert "it has 60" in words


def test_an_end_card_longer_than_the_asked_duration_is_refused() -> None:
    with pytest.raises(TimingError):
        line_speeds(board([1.0], asked=2.0, end_card=3.0), {}, VoiceOverrun.EXTEND)


def test_voice_starts_after_the_cut_and_only_where_something_is_said() -> None:
    first, second = fit(board([2.0, 2.0]), voices(1.0, 0.0), fps=25).shots
    assert first.voice_start == LEAD_IN
    assert second.voice_start is None


def test_a_line_longer_than_its_shot_is_sped_up_alone_and_the_cut_stays() -> None:
    story = board([2.0, 3.0])
    heard = voices(1.7, 1.0)
    speeds = line_speeds(story, heard, VoiceOverrun.FASTER)
    assert speeds == {"s0": 1.07}
    cut = fit(story, {shot: seconds / speeds.get(shot, 1.0) for shot, seconds in heard.items()}, fps=24)
    assert [shot.num_frames for shot in cut.shots] == [48, 72]


def test_a_line_that_the_fastest_voice_does_not_bring_into_its_shot_is_refused_with_numbers() -> None:
    story = board([2.0, 3.0], line="字" * 10)
    with pytest.raises(OverrunError) as caught:
        line_speeds(story, voices(1.9, 1.0), VoiceOverrun.FASTER)
    words = str(caught.value)
    assert "takes 1.90 s" in words
    assert "has 1.60 s" in words
    assert "1.15 times" in words
    assert "about 9 characters (it has 10)" in words


def test_where_lines_may_neither_move_the_cut_nor_hurry_any_overrun_is_refused() -> None:
    story = board([2.0, 3.0])
    assert line_speeds(story, voices(1.6, 1.0), VoiceOverrun.REFUSE) == {}
    with pytest.raises(OverrunError, match=r"takes 1\.70 s .* has 1\.60 s for it\. Shorten"):
        line_speeds(story, voices(1.7, 1.0), VoiceOverrun.REFUSE)


@given(st.lists(st.tuples(st.floats(1.0, 6.0), st.floats(0.0, 6.0)), min_size=1, max_size=8))
def test_no_line_is_ever_sped_up_more_than_is_bearable(lines: list[tuple[float, float]]) -> None:
    story = board([planned for planned, _ in lines])
    heard = voices(*(spoken for _, spoken in lines))
    try:
        speeds = line_speeds(story, heard, VoiceOverrun.FASTER)
    except OverrunError:
        return
    assert all(1.0 < speed <= FASTEST_VOICE for speed in speeds.values())
    for shot in story.shots:
        spoken = heard[shot.id] / speeds.get(shot.id, 1.0)
        assert LEAD_IN + spoken + TAIL <= shot.duration + 0.021
