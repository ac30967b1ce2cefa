from pathlib import Path

import numpy as np
from PIL import Image

from campaign.brand_kit import BrandKit, read_kit
from campaign.brief import Language
from campaign.frames import Aspect
from campaign.kit_parts import Asset, Intro, Outro, Words
from finishing.kit_check import READABLE, check_kit
from finishing.kit_sheet import aspect_row
from media.mux import join
from media.sound import RATE, write_aac, write_wav
from tests.finishing.conftest import KITS, write_take


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


def test_opening_and_ending_are_shown_and_it_is_told_whether_they_are_heard(
    kit: BrandKit, tmp_path: Path
) -> None:
    tone = (0.1 * np.sin(np.arange(RATE) / 20)).astype(np.float32)
    write_aac(tmp_path / "jingle.m4a", np.stack([tone, tone], axis=1))
    take = write_take(tmp_path / "silent.mp4", frames=24)
    join(take, tmp_path / "jingle.m4a", tmp_path / "heard.mp4", {})
    films = [Asset(file=tmp_path / name, licence=kit.logo.licence) for name in ("heard.mp4", "silent.mp4")]
    filmed = kit.model_copy(
        update={
            "intro": Intro(seconds=1.0, clips={Aspect.TALL: films[0]}, sound="over music"),
            "outro": Outro(seconds=1.0, clips={Aspect.TALL: films[1]}),
        }
    )
    composed = kit.model_copy(update={"intro": Intro(seconds=1.0)})
    widths = []
    for one in (kit, composed, filmed):
        row = aspect_row(one, Language.ZH, Aspect.TALL)
        widths.append(row.shape[1])
        # What is added is a picture and no empty ground.
        assert row[:, -500:].std() > 10
    assert np.diff(widths).tolist() == [540 + 24, 540 + 24]
    facts = check_kit(filmed, tmp_path).facts
    assert "intro 9:16: heard.mp4 is heard over music" in facts
    assert "outro 9:16: silent.mp4 has no sound" in facts


def test_a_wrong_tempo_is_told_with_the_right_one_beside_a_font_that_is_none(
    kit: BrandKit, tmp_path: Path
) -> None:
    (tmp_path / "text.otf").write_text("no font")
    track = kit.music["spring_mist"]
    broken = kit.model_copy(
        update={
            "fonts": kit.fonts.model_copy(
                update={"text": kit.fonts.text.model_copy(update={"file": tmp_path / "text.otf"})}
            ),
            "music": {"spring_mist": track.model_copy(update={"bpm": 97})},
        }
    )
    findings = check_kit(broken, tmp_path).findings
    assert "music.spring_mist.bpm is 97, but 90.0 is heard." in findings
    assert any(f"fonts.text: {tmp_path / 'text.otf'}: is not a font" in finding for finding in findings)
