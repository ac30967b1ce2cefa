import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.frames import Aspect, FrameSpec, frame_size


@pytest.mark.parametrize(
    ("aspect", "size"),
    [
        (Aspect.WIDE, (1280, 720)),
        (Aspect.TALL, (720, 1280)),
        (Aspect.SQUARE, (720, 720)),
        (Aspect.PORTRAIT, (720, 900)),
        (Aspect.CLASSIC, (720, 960)),
    ],
)
def test_sizes_at_720_are_the_platforms_own(aspect: Aspect, size: tuple[int, int]) -> None:
    assert frame_size(aspect, 720) == size


@given(st.sampled_from(Aspect), st.integers(60, 2200))
def test_sides_are_even_and_near_the_asked_ratio(aspect: Aspect, short_side: int) -> None:
    width, height = frame_size(aspect, short_side)
    across, down = aspect.ratio
    assert width % 2 == height % 2 == 0
    assert abs(min(width, height) - short_side) <= 1
    assert width / height == pytest.approx(across / down, rel=3 / short_side)


def test_a_spec_knows_its_seconds_and_short_side() -> None:
    spec = FrameSpec(width=720, height=1280, num_frames=81, fps=16)
    assert spec.duration == pytest.approx(5.0625)
    assert spec.short_side == 720
