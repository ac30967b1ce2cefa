from pathlib import Path

import numpy as np
import pytest

from campaign.brand_kit import BrandKit
from finishing.labels import SECONDS
from finishing.overlay import Canvas
from finishing.stack import Extras, plan_layers
from finishing.visible import LabelSight, frames_at, likeness, see_label
from media.blend import laid_over
from media.decode import decode
from media.encode import EncodeSettings, VideoEncoder
from media.planes import Planes, blank_planes, planes_of_frame

WIDTH, HEIGHT = 540, 960


def grounds(rng: np.random.Generator) -> dict[str, Planes]:
    busy = blank_planes(WIDTH, HEIGHT)
    cells = rng.integers(16, 236, (HEIGHT // 12, WIDTH // 12), dtype=np.uint8)
    busy.y[...] = cells.repeat(12, axis=0).repeat(12, axis=1)
    return {
        "white": blank_planes(WIDTH, HEIGHT, (255, 255, 255)),
        "black": blank_planes(WIDTH, HEIGHT, (0, 0, 0)),
        "busy": busy,
    }


def seen(kit: BrandKit, ground: Planes, folder: Path, *, labelled: bool) -> tuple[LabelSight, ...]:
    canvas = Canvas(width=WIDTH, height=HEIGHT, margins=kit.safe_area)
    label = plan_layers(kit, canvas, "AI生成", Extras(), (), ()).marks["AI label"]
    with VideoEncoder(folder / "v.mp4", WIDTH, HEIGHT, 24, EncodeSettings(preset="ultrafast")) as encoder:
        for _ in range(round(SECONDS * 24)):
            with laid_over(ground, [(label.layer, 1.0)] if labelled else []):
                encoder.write(ground)
    return see_label(folder / "v.mp4", label.pixels, (0.0, 2.0))


@pytest.mark.parametrize("name", ["white", "black", "busy"])
def test_the_label_is_measured_alike_on_every_ground(name: str, kit: BrandKit, tmp_path: Path) -> None:
    sights = seen(kit, grounds(np.random.default_rng(2))[name], tmp_path, labelled=True)
    assert [sight.time for sight in sights] == [0.0, 2.0]
    for sight in sights:
        assert sight.plausible
        assert sight.contrast > 60
        assert 0.05 <= sight.ink_share <= 0.08
    assert likeness(*sights) > 0.9


@pytest.mark.parametrize("name", ["white", "black", "busy"])
def test_no_ground_passes_for_a_label(name: str, kit: BrandKit, tmp_path: Path) -> None:
    for sight in seen(kit, grounds(np.random.default_rng(2))[name], tmp_path, labelled=False):
        assert not (sight.plausible and sight.contrast > 60)


def test_a_label_is_looked_at_on_the_very_frame_of_its_second(tmp_path: Path) -> None:
    # Each frame is a little brighter than the one before; groups begin at frames 0 and 20.
    box, path = (0, 0, 64, 64), tmp_path / "v.mp4"
    with VideoEncoder(path, 64, 64, 24, EncodeSettings(crf=1)) as encoder:
        for number in range(60):
            planes = blank_planes(64, 64, (40 + 3 * number,) * 3)
            planes.y[:32] -= 20
            encoder.write(planes, begins_group=number == 20)
    times = (0.0, 0.5, 20 / 24, 2.0)
    wanted = [planes_of_frame(frame).y[5, 5] for frame in decode(path)]
    seen = [planes_of_frame(frame).y[5, 5] for _, frame in frames_at(path, times)]
    assert seen == [wanted[round(time * 24)] for time in times]
    assert see_label(path, box, (3.0,)) == ()
