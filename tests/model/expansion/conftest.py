from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from campaign.brand_kit import BrandKit, read_kit
from campaign.brief import Brief, Language

KIT = """
title: {zh: 青岭, en: Greenridge}
colors: {background: "#F6F1E4", ink: "#1E3B2C", primary: "#2A5740", accent: "#BFD96A"}
fonts:
  display: {file: font.otf, licence: licence.txt}
  text: {file: font.otf, licence: licence.txt}
logo: {file: logo.png, licence: licence.txt}
end_card: {seconds: 2.0, call_to_action: {zh: 立即选购, en: Shop now}}
voices: {zh: "espeak:cmn", en: "espeak:en-gb"}
music:
  calm: {file: calm.ogg, licence: licence.txt}
  lively: {file: calm.ogg, licence: licence.txt}
"""


@pytest.fixture(scope="session")
def kit(tmp_path_factory: pytest.TempPathFactory) -> BrandKit:
    folder = tmp_path_factory.mktemp("kits") / "green"
    folder.mkdir()
    for name in ("font.otf", "licence.txt", "logo.png", "calm.ogg"):
        (folder / name).write_bytes(b"-")
    (folder / "kit.yaml").write_text(KIT, encoding="utf-8")
    return read_kit(folder)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "product.png"
    Image.new("RGB", (8, 8), "red").save(path)
    return path


@pytest.fixture
def make_brief() -> Callable[..., Brief]:
    def make(copy: str, language: Language = Language.ZH, **fields: object) -> Brief:
        defaults: dict[str, object] = {"id": "r1", "row": 2, "brand": "green", "seed": 7}
        return Brief(copy=copy, language=language, **{**defaults, **fields})  # type: ignore[arg-type]

    return make
