"""A logo that moves, on decoded frames: what it adds to the same rendition without it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from campaign.brand_kit import BrandKit, read_kit
from campaign.content_key import content_key
from campaign.errors import ReelsheetError
from campaign.frames import Aspect
from campaign.kit_parts import Asset, LogoPlace, MovingLogo
from campaign.timing import TimedShot, Timeline
from finishing.kit_check import check_kit
from finishing.overlay import Canvas
from finishing.picture import make_pictures
from finishing.rendition import PICTURE, RenditionJob, picture_recipe
from finishing.stack import Extras, plan_layers
from media import animation
from media.decode import decode
from media.planes import Bytes, rgb_of_frame
from tests.finishing.conftest import HEIGHT, WIDTH, rendition_job, write_take

FRAMES, FADING, PICTURES = 54, 6, 12
"""Frames at the end over which a mark fades. The logo's pictures come 12 a second: a second in all."""


def blink(path: Path) -> Path:
    """A disc of half transparent red at the left for half a second, then a solid one at the right."""
    pictures = []
    for number in range(PICTURES):
        picture, right = Image.new("RGBA", (240, 80), (0, 0, 0, 0)), number >= PICTURES // 2
        place = (160, 0, 239, 79) if right else (0, 0, 79, 79)
        ImageDraw.Draw(picture).ellipse(place, fill=(255, 0, 0, 255 if right else 128))
        # Two pictures that are alike would be written as one.
        picture.putpixel((120, number), (0, 0, 0, 255))
        pictures.append(picture)
    pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=1000 / 12, disposal=1)
    return path


@pytest.fixture(scope="module")
def moving(kit: BrandKit, tmp_path_factory: pytest.TempPathFactory) -> BrandKit:
    file = blink(tmp_path_factory.mktemp("logo") / "logo.png")
    own = MovingLogo(file=file, licence=kit.logo.licence, plays="loop")
    return kit.model_copy(update={"logo": kit.logo.model_copy(update={"moving": own, "height": 0.2})})


def plays(kit: BrandKit, how: str) -> BrandKit:
    assert kit.logo.moving
    own = kit.logo.moving.model_copy(update={"plays": how})
    return kit.model_copy(update={"logo": kit.logo.model_copy(update={"moving": own})})


def job(kit: BrandKit, folder: Path) -> RenditionJob:
    shot = TimedShot(shot_id="s1", first_frame=0, num_frames=FRAMES, voice_start=None, voice_duration=0.0)
    take = folder / "take.mp4"
    if not take.is_file():
        write_take(take, frames=FRAMES)
    made = rendition_job(kit, Timeline(fps=24, shots=(shot,), end_card_frames=0), (take,), take)
    return replace(made, label_words="")


def frames(asked: RenditionJob, folder: Path) -> list[Bytes]:
    folder.mkdir(exist_ok=True)
    (drawn,) = make_pictures([asked], [folder])
    assert not isinstance(drawn, ReelsheetError), drawn
    return [rgb_of_frame(frame) for frame in decode(folder / PICTURE)]


def box(kit: BrandKit) -> tuple[int, int, int, int]:
    canvas = Canvas(width=WIDTH, height=HEIGHT, margins=kit.safe_area)
    [placed] = plan_layers(kit, canvas, "", Extras(), (), ()).marks.values()
    return placed.pixels


def redder(kit: BrandKit, folder: Path) -> list[tuple[float, float, float]]:
    """Per frame, how much the logo adds to the red less green of its left and right third, and elsewhere."""
    never = kit.logo.model_copy(update={"moving": None, "seconds": 0.0, "starts": 60.0})
    with_it = frames(job(kit, folder), folder / "with")
    without = frames(job(kit.model_copy(update={"logo": never}), folder), folder / "without")
    left, top, right, bottom = box(kit)
    third, seen = (right - left) // 3, []
    for one, other in zip(with_it, without, strict=True):
        added = (one.astype(int) - other)[..., 0] - (one.astype(int) - other)[..., 1]
        outside = np.abs(one.astype(int) - other).max(axis=2)
        outside[top - 2 : bottom + 2, left - 2 : right + 2] = 0
        middle = slice((top + bottom) // 2 - 4, (top + bottom) // 2 + 4)
        halves = (
            added[middle, left + third // 2 - 4 : left + third // 2 + 4],
            added[middle, right - third // 2 - 4 : right - third // 2 + 4],
        )
        seen.append((*(float(half.mean()) for half in halves), float(np.percentile(outside, 99.5))))
    return seen


def test_a_looping_logo_is_where_its_picture_of_that_moment_is(moving: BrandKit, tmp_path: Path) -> None:
    seen = redder(moving, tmp_path)
    for number, (left, right, outside) in enumerate(seen[:-FADING]):
        first_half = number % 24 < 12
        assert (left > 60) == first_half, number
        assert (right > 120) == (not first_half), number
        assert abs(right if first_half else left) < 12, number
        assert outside < 14
    # Alpha is honoured: half of the disc's red, over the same ground.
    assert seen[4][0] / seen[16][1] == pytest.approx(0.5, abs=0.1)


def test_a_logo_that_plays_once_stays_as_it_ended(moving: BrandKit, tmp_path: Path) -> None:
    seen = redder(plays(moving, "once"), tmp_path)
    assert [right > 120 for _, right, _ in seen[:-FADING]] == [False] * 12 + [True] * 36


def test_an_aspect_has_its_own_times(moving: BrandKit, tmp_path: Path) -> None:
    late = LogoPlace(starts=1.0, seconds=0.5)
    timed = moving.model_copy(
        update={"logo": moving.logo.model_copy(update={"aspects": {Aspect.TALL: late}})}
    )
    seen = redder(timed, tmp_path)
    assert [left > 6 for left, _, _ in seen] == [24 <= number < 36 for number in range(FRAMES)]


def test_the_file_is_read_once_for_all_renditions_of_a_size(
    moving: BrandKit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    animation.read_animation.cache_clear()
    asked, folders = job(moving, tmp_path), [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
    make_pictures([asked, replace(asked, title="other")], folders)
    assert animation.read_animation.cache_info().misses == 1


def test_the_recipe_goes_by_the_files_bytes_and_how_it_plays(
    kit: BrandKit, moving: BrandKit, tmp_path: Path
) -> None:
    keys = {content_key(picture_recipe(job(one, tmp_path))) for one in (moving, plays(moving, "once"))}
    assert len(keys) == 2
    assert "moving" not in str(picture_recipe(job(kit, tmp_path))["layers"])


def test_the_kit_check_shows_its_phases_and_says_what_is_wrong(
    kit: BrandKit, moving: BrandKit, tmp_path: Path
) -> None:
    heights = {}
    for name, one in (("still", kit), ("moving", moving)):
        (tmp_path / name).mkdir()
        checked = check_kit(one, tmp_path / name)
        with Image.open(checked.sheets[0]) as sheet:
            heights[name] = sheet.height
    assert heights["moving"] > heights["still"] + 200
    assert "moving logo: 12 pictures in 1.00 s, played over and over" in checked.facts
    assert "logo.moving: 80 pixels high; 216 are shown at 1080p." in checked.findings


def test_a_kit_names_the_licence_of_its_moving_logo(kit: BrandKit, moving: BrandKit) -> None:
    assert isinstance(moving.assets()["logo.moving"], Asset)
    assert "logo.moving" not in read_kit(kit.folder).assets()
