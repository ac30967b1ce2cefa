from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import av
import pytest

from campaign.brand_kit import BrandKit, read_kit
from campaign.brief import Language
from campaign.camera import Camera
from campaign.errors import FrameSizeError, GenerationError, GlyphError
from campaign.frames import Aspect, FrameSpec
from campaign.storyboard import Shot, ShotPrompt
from model.backend import TakeRequest
from model.backends.animatic import AnimaticBackend

Ask = Callable[..., TakeRequest]
SILENT = lambda *_: None  # noqa: E731  # A progress callback that nobody listens to.


@pytest.fixture(scope="module")
def kit() -> BrandKit:
    return read_kit(Path("brand_kits/qinghe_tea"))


@pytest.fixture
def request_of(kit: BrandKit) -> Ask:
    def build(
        *, number: int = 1, headline: str = "头采", image: Path | None = None, frames: int = 13
    ) -> TakeRequest:
        prompt = ShotPrompt(
            subject="盖碗", action="", environment="茶园", camera=Camera(), style="", negative=""
        )
        shot = Shot(
            id=f"tea-1-s{number}", prompt=prompt, duration=0.5, line="", headline=headline, image=image
        )
        spec = FrameSpec(width=360, height=640, num_frames=frames, fps=24)
        return TakeRequest(shot=shot, language=Language.ZH, spec=spec, seed=3, kit=kit)

    return build


@pytest.mark.parametrize("aspect", Aspect)
def test_any_aspect_is_drawn_at_even_sides(aspect: Aspect) -> None:
    spec = AnimaticBackend().frame_spec(aspect, 540, 2.01)
    across, down = aspect.ratio
    assert spec.short_side == 540
    assert spec.width / spec.height == pytest.approx(across / down, rel=0.01)
    assert spec.width % 2 == spec.height % 2 == 0
    assert (spec.num_frames, spec.fps) == (49, 24)


def test_a_duration_of_whole_frames_is_not_rounded_up() -> None:
    assert AnimaticBackend().frame_spec(Aspect.TALL, 720, 73 / 24).num_frames == 73


@pytest.mark.parametrize(("side", "seconds"), [(200, 2), (2000, 2), (720, 0), (720, -1), (720, 10_000)])
def test_what_it_cannot_draw_is_refused(side: int, seconds: float) -> None:
    with pytest.raises(GenerationError, match="but the animatic draws"):
        AnimaticBackend().frame_spec(Aspect.TALL, side, seconds)


def test_an_odd_side_is_refused() -> None:
    with pytest.raises(FrameSizeError):
        AnimaticBackend().frame_spec(Aspect.TALL, 721, 2)


def test_a_take_has_the_asked_frames_and_no_sound(request_of: Ask, tmp_path: Path) -> None:
    (outcome,) = AnimaticBackend().make([request_of()], tmp_path, SILENT)
    assert outcome.path is not None
    with av.open(str(outcome.path)) as container:
        stream = container.streams.video[0]
        assert [s.type for s in container.streams] == ["video"]
        assert (stream.width, stream.height, stream.average_rate, stream.pix_fmt) == (360, 640, 24, "yuv420p")
        assert stream.codec_context.colorspace == 1
        assert sum(1 for _ in container.decode(stream)) == 13
    assert list(tmp_path.iterdir()) == [outcome.path]


def test_progress_is_told_and_ends_at_the_end(request_of: Ask, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    list(AnimaticBackend().make([request_of(frames=30)], tmp_path, lambda *step: told.append(step)))
    assert told == [("tea-1-s1", 12, 30), ("tea-1-s1", 24, 30), ("tea-1-s1", 30, 30)]


def test_a_request_that_fails_does_not_stop_the_others(request_of: Ask, tmp_path: Path) -> None:
    broken = tmp_path / "tin.jpg"
    broken.write_text("no picture")
    wave = [request_of(image=broken), request_of(number=2, headline="喝茶🍵"), request_of(number=3)]
    unreadable, missing, good = AnimaticBackend().make(wave, tmp_path, SILENT)
    assert unreadable.path is None
    assert isinstance(unreadable.error, GenerationError)
    assert "tin.jpg" in str(unreadable.error)
    assert isinstance(missing.error, GlyphError)
    assert good.path is not None


def test_the_recipe_knows_what_is_seen_and_nothing_else(request_of: Ask, tmp_path: Path) -> None:
    backend, request = AnimaticBackend(), request_of()
    recipe = backend.recipe(request)
    for other in (
        request_of(headline="新茶"),
        request_of(number=2),
        request_of(frames=14),
        replace(request, seed=4),
        replace(request, language=Language.EN),
        replace(
            request,
            kit=request.kit.model_copy(
                update={"colors": request.kit.colors.model_copy(update={"accent": "#FF0000"})}
            ),
        ),
    ):
        assert backend.recipe(other) != recipe
    logo = request.kit.logo.model_copy(update={"opacity": 0.5})
    assert backend.recipe(replace(request, kit=request.kit.model_copy(update={"logo": logo}))) == recipe
    assert backend.recipe(replace(request, shot=replace(request.shot, line="旁白", duration=9.0))) == recipe


def test_the_recipe_knows_a_picture_by_its_bytes(request_of: Ask, tmp_path: Path) -> None:
    one, same, other = (tmp_path / name for name in ("a.png", "b.png", "c.png"))
    for path, data in ((one, b"x"), (same, b"x"), (other, b"y")):
        path.write_bytes(data)
    recipes = [AnimaticBackend().recipe(request_of(image=path)) for path in (one, same, other)]
    assert recipes[0] == recipes[1] != recipes[2]


def test_the_estimate_grows_with_frames_and_says_where_it_comes_from(request_of: Ask) -> None:
    short, long = (AnimaticBackend().estimate(request_of(frames=count)) for count in (24, 240))
    assert 0 < short.cpu_seconds < long.cpu_seconds
    assert (short.money, short.gpu_seconds) == (0, 0)
    assert "measured" in short.basis
