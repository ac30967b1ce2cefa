from pathlib import Path

import numpy as np
from PIL import Image

from campaign.brand_kit import BrandKit, read_kit
from campaign.kit_parts import Words
from finishing.kit_check import READABLE, check_kit
from media.sound import RATE, write_wav
from tests.finishing.conftest import KITS


def test_a_shipped_kit_has_nothing_wrong_and_is_shown_in_every_aspect(tmp_path: Path) -> None:
    checked = check_kit(read_kit(KITS / "harbor_ceramics"), tmp_path)
    assert checked.findings == ()
    assert [path.name for path in checked.sheets] == [
        f"harbor_ceramics-{part}.png" for part in ("zh", "zh-apps", "en", "en-apps")
    ]
    assert all(float(fact.split()[2]) >= READABLE for fact in checked.facts)
    with Image.open(checked.sheets[0]) as sheet:
        assert sheet.height > 5 * 540


def test_everything_that_is_wrong_is_named(kit: BrandKit, tmp_path: Path) -> None:
    Image.new("RGB", (60, 20)).save(tmp_path / "logo.png")
    (tmp_path / "empty.txt").write_text(" ")
    times = np.arange(3 * RATE) / RATE
    write_wav(tmp_path / "short.wav", (0.2 * np.sin(2000 * times)).astype(np.float32))
    track = kit.music["spring_mist"]
    broken = kit.model_copy(
        update={
            "colors": kit.colors.model_copy(update={"light": kit.colors.primary}),
            "end_card": kit.end_card.model_copy(update={"line": Words(zh="新茶🍵", en="")}),
            "logo": kit.logo.model_copy(
                update={"file": tmp_path / "logo.png", "licence": tmp_path / "empty.txt"}
            ),
            "music": {
                "short": track.model_copy(update={"file": tmp_path / "short.wav", "bpm": None}),
            },
        }
    )
    findings = "\n".join(check_kit(broken, tmp_path).findings)
    for part in (
        "light on colors.primary",
        "🍵",
        "20 pixels high",
        "no transparency",
        "empty.txt is empty",
        "3.0 s long",
    ):
        assert part in findings
