from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import combinations, product
from pathlib import Path
from random import Random

import numpy as np
import pytest
from PIL import Image, ImageDraw

from campaign.brand_kit import BrandKit, read_kit
from campaign.brief import Language
from campaign.camera import Angle, CameraMove, ShotSize
from campaign.errors import GenerationError, GlyphError, TextFitError
from campaign.frames import Aspect
from campaign.kit_parts import SafeArea
from finishing.safe_areas import read_safe_areas, safe_area
from media.cel import Cel
from media.color import Rgb, color_luminance, contrast, luminance
from media.draw import Box
from media.planes import Planes, blank_planes, rgb_from_planes
from media.warp import seen_box
from model.animatic import composition
from model.animatic.choice import choose
from model.animatic.composition import HORIZONS, Composition, compose
from model.animatic.layout import CAPTIONS_FROM
from model.animatic.legible import READABLE
from model.animatic.picture import read_picture
from model.animatic.stages import STAGES
from model.backend import TakeRequest

Ask = Callable[..., TakeRequest]
Staged = Callable[..., Composition]


@pytest.fixture
def staged(monkeypatch: pytest.MonkeyPatch) -> Staged:
    """Compose a request on a stage of the test's choosing."""

    def build(request: TakeRequest, stage: str, *, dark: bool) -> Composition:
        monkeypatch.setattr(
            composition, "choose", lambda r, picture: replace(choose(r, picture), stage=stage, dark=dark)
        )
        return compose(request)

    return build


@pytest.fixture
def cut_out(tmp_path: Path) -> Path:
    image = Image.new("RGBA", (200, 300), (0, 0, 0, 0))
    ImageDraw.Draw(image).rounded_rectangle((40, 30, 160, 290), 20, fill=(180, 60, 40, 255))
    image.save(tmp_path / "tin.png")
    return tmp_path / "tin.png"


def frames(made: Composition) -> list[Planes]:
    return [planes.copy() for planes in made.frames()]


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_type_is_readable_and_clear_of_captions_and_subject_on_every_stage(
    ask: Ask, staged: Staged, stage: str, dark: bool
) -> None:
    made = staged(ask(headline="云雾高山头采"), stage, dark=dark)
    headline = made.headline
    assert headline is not None
    assert headline.ratio >= READABLE
    assert headline.box.bottom < CAPTIONS_FROM * made.spec.height
    assert headline.box.top > 0.10 * made.spec.height
    assert headline.box.left > 0.05 * made.spec.width
    assert headline.box.right < 0.95 * made.spec.width
    assert not overlap(headline.box, made.product)


def test_readable_holds_in_the_frames_themselves(ask: Ask) -> None:
    for move in (CameraMove.ORBIT, CameraMove.TRUCK_LEFT):
        made = compose(ask(move=move, num_frames=48))
        assert made.headline is not None
        box = made.headline.box
        bare = replace(made, headline=replace(made.headline, settled=0.0, block=made.headline.rule))
        for planes in frames(bare)[14:36:7]:
            part = rgb_from_planes(planes)[int(box.top) : int(box.bottom), int(box.left) : int(box.right)]
            low, high = np.percentile(luminance(part), (3, 97))
            own = color_luminance(made.headline.color)
            assert min(contrast(own, float(low)), contrast(own, float(high))) > 4.2


@pytest.mark.parametrize("aspect", Aspect)
@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("move", [CameraMove.CRANE_UP, CameraMove.PUSH_IN])
def test_every_aspect_keeps_its_zones(
    ask: Ask, aspect: Aspect, language: Language, move: CameraMove, cut_out: Path
) -> None:
    words = {Language.ZH: "明前头采鲜爽", Language.EN: "Picked before the rain"}[language]
    for number in (1, 2):
        made = compose(
            ask(
                shot_id=f"tea-1-s{number}",
                aspect=aspect,
                language=language,
                headline=words,
                move=move,
                image=cut_out,
            )
        )
        assert made.headline is not None
        assert made.headline.box.bottom < CAPTIONS_FROM * made.spec.height
        assert made.product.bottom <= CAPTIONS_FROM * made.spec.height
        assert not overlap(made.headline.box, made.product)


def overlap(one: Box, other: Box) -> bool:
    return (
        one.left < other.right
        and other.left < one.right
        and one.top < other.bottom
        and other.top < one.bottom
    )


def test_the_same_request_makes_the_same_frames(ask: Ask) -> None:
    first, second = (frames(compose(ask())) for _ in range(2))
    assert len(first) == 12
    assert all(
        np.array_equal(a, b)
        for one, two in zip(first, second, strict=True)
        for a, b in zip(one, two, strict=True)
    )


def test_another_seed_makes_another_picture(ask: Ask) -> None:
    first, second = (frames(compose(ask(seed=seed)))[6].y for seed in (1, 2))
    assert np.abs(first.astype(int) - second).mean() > 1


@pytest.mark.parametrize("move", CameraMove)
def test_backdrops_reach_beyond_the_frame_through_every_move(ask: Ask, move: CameraMove) -> None:
    made = compose(ask(move=move, aspect=Aspect.WIDE, num_frames=40))
    backdrop = made.behind[0]
    assert backdrop.plate.hides_from == 0
    views = [made.homography(backdrop, made.path(index / 39), index / 24) for index in range(40)]
    seen = seen_box(views, Box(0, 0, made.spec.width, made.spec.height))
    box = backdrop.plate.box
    assert box.left <= seen.left
    assert box.top <= seen.top
    assert box.right >= seen.right
    assert box.bottom >= seen.bottom


def largest_cel(request: TakeRequest, build: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> float:
    """Of the frame's area, while ``build`` runs; none larger than 16 frames is ever made."""
    shares = [0.0]
    own = Cel.__init__

    def measured(cel: Cel, box: Box, color: Rgb | None = None) -> None:
        shares.append(box.width * box.height / (request.spec.width * request.spec.height))
        assert shares[-1] < 16
        own(cel, box, color)

    with monkeypatch.context() as patched:
        patched.setattr(Cel, "__init__", measured)
        build()
    return max(shares)


XIAOHONGSHU_AND_SHORTS = SafeArea(top=0.15, bottom=0.35, left=0.0556, right=0.1778)


def test_a_shot_whose_feet_come_near_the_horizon_asks_for_no_more_memory(
    ask: Ask, staged: Staged, cut_out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for angle in (Angle.EYE_LEVEL, Angle.LOW):
        for move in CameraMove:
            request = replace(
                ask(move=move, angle=angle, image=cut_out, num_frames=36), margins=XIAOHONGSHU_AND_SHORTS
            )
            build = partial(staged, request, "garden", dark=False)
            assert largest_cel(request, build, monkeypatch) < 5


@pytest.mark.parametrize("stage", STAGES)
def test_no_cel_is_many_times_larger_than_the_picture(
    ask: Ask, staged: Staged, cut_out: Path, stage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = Random(stage)
    kits = [read_kit(Path("brand_kits") / name) for name in ("qinghe_tea", "harbor_ceramics")]
    for order, (aspect, move) in enumerate(product(Aspect, random.sample(list(CameraMove), 2))):
        request = ask(
            move=move,
            aspect=aspect,
            angle=random.choice(list(Angle)),
            size=random.choice(list(ShotSize)),
            image=random.choice([cut_out, None]),
            seed=random.randrange(1000),
            kit=kits[order % 2],
        )
        apps = tuple(random.sample(sorted(read_safe_areas().platforms), 2))
        margins = safe_area(SafeArea(), aspect, apps) if order % 3 else own_margins(random)
        build = partial(staged, replace(request, margins=margins), stage, dark=bool(order % 2))
        assert largest_cel(request, build, monkeypatch) < 5


def own_margins(random: Random) -> SafeArea:
    """As a kit of one's own might leave free."""
    return SafeArea(top=random.uniform(0, 0.2), bottom=random.uniform(0, 0.45), left=0.1, right=0.1)


def test_a_studio_seen_from_above_stands_type_that_reaches_below_its_wall(ask: Ask, staged: Staged) -> None:
    request = ask(subject="层层梯田茶园", angle=Angle.HIGH, aspect=Aspect.SQUARE)
    for seed in range(6):
        assert staged(replace(request, seed=seed), "studio", dark=False).headline is not None


def test_feet_well_below_the_horizon_leave_it_where_it_was(ask: Ask) -> None:
    made = compose(ask())
    assert made.lens.y == HORIZONS[Angle.EYE_LEVEL] * made.spec.height


def test_a_static_camera_still_has_living_light(ask: Ask, staged: Staged) -> None:
    made = staged(ask(move=CameraMove.STATIC, headline="", num_frames=48), "window", dark=False)
    first, last = frames(made)[0].y.astype(int), frames(made)[-1].y.astype(int)
    changed = np.abs(first - last) > 2
    assert 0.001 < changed.mean() < 0.35


def test_the_product_picture_is_in_the_frame_as_it_is(ask: Ask, cut_out: Path) -> None:
    made = compose(ask(image=cut_out, headline="", move=CameraMove.STATIC))
    rgb = rgb_from_planes(frames(made)[0]).astype(int)
    x, y = (round(v) for v in made.product.center)
    assert np.abs(rgb[y, x] - (180, 60, 40)).max() <= 4


def test_shot_size_decides_how_large_the_subject_is(ask: Ask, cut_out: Path) -> None:
    heights = [
        compose(ask(image=cut_out, size=size, headline="")).product.height
        for size in (ShotSize.WIDE, ShotSize.MEDIUM, ShotSize.CLOSE_UP)
    ]
    assert heights == sorted(heights)
    assert heights[2] > 1.4 * heights[0]


def test_type_comes_in_stays_and_leaves(ask: Ask) -> None:
    made = compose(ask(num_frames=72, move=CameraMove.STATIC))
    headline = made.headline
    assert headline is not None
    ink = []
    for time in (0.0, headline.settled / 2, headline.settled + 0.1, 2.9):
        planes = blank_planes(made.spec.width, made.spec.height, (128, 128, 128))
        headline.lay(planes, time)
        box = headline.box
        part = planes.y[int(box.top) : int(box.bottom), int(box.left) : int(box.right)].astype(int)
        ink.append(float(np.abs(part - int(planes.y[0, 0])).mean()))
    assert ink[0] < 0.2 * ink[2]
    assert ink[0] < ink[1] < ink[2]
    assert ink[3] < 0.5 * ink[2]


def test_colours_come_from_the_brand_alone(ask: Ask, kit: BrandKit) -> None:
    blue = kit.colors.model_copy(
        update={"background": "#EAF0F8", "primary": "#123C7A", "ink": "#0B1F3F", "accent": "#7FB2FF"}
    )
    made = compose(ask(kit=kit.model_copy(update={"colors": blue})))
    red, _, azure = rgb_from_planes(frames(made)[6]).reshape(-1, 3).mean(axis=0)
    assert azure > red


def test_a_picture_that_cannot_be_read_is_refused_by_name(ask: Ask, tmp_path: Path) -> None:
    broken = tmp_path / "tin.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\nrest")
    with pytest.raises(GenerationError, match=r"tin\.png is not a picture that can be read"):
        compose(ask(image=broken))


def test_a_clear_picture_is_refused(tmp_path: Path) -> None:
    Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(tmp_path / "none.png")
    with pytest.raises(GenerationError, match="wholly transparent"):
        read_picture(tmp_path / "none.png")


def test_a_character_that_the_display_font_lacks_is_refused(ask: Ask) -> None:
    with pytest.raises(GlyphError, match="🍵"):
        compose(ask(headline="喝茶🍵"))


def test_a_headline_that_fits_in_no_size_is_refused_with_the_numbers(ask: Ask) -> None:
    with pytest.raises(TextFitError, match="there is room for"):
        compose(ask(headline="明前头采一芽一叶手工炒制鲜爽回甘" * 6))


def test_tea_gardens_of_different_rows_lie_differently(ask: Ask) -> None:
    looks = []
    for seed in range(4):
        composition = compose(ask(environment="清晨的云雾茶园", headline="", seed=seed))
        planes = next(composition.frames())
        looks.append(planes.y.astype(float))
    apart = [np.abs(one - other).mean() for one, other in combinations(looks, 2)]
    assert max(apart) > 9
