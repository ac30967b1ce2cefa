import runpy
from collections import Counter
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import openpyxl
import pytest
from fontTools.ttLib import TTFont
from PIL import Image

from campaign.brand_kit import BrandKit, kit_names, read_kit
from campaign.brief import Brief, Language
from campaign.finish import VoiceOverrun
from campaign.frames import Aspect
from campaign.sheet.campaign import Campaign, Known
from campaign.sheet.columns import find_field
from campaign.sheet.read import read_campaign
from campaign.timing import line_speeds
from finishing.voice import SpeechOptions, load_voice, voice_names
from model.expansion.rules import RulesExpander
from model.registry import BACKENDS
from moderation.finding import Decision, Stage, Text
from moderation.policy import load_policy, policy_names
from moderation.screen import screen_texts

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples"
PICTURES = sorted(EXAMPLES.glob("*/images/*"))
MOST_BYTES = 400 * 1024


@cache
def kit(name: str) -> BrandKit:
    return read_kit(ROOT / "brand_kits" / name)


@cache
def read(sheet: str) -> Campaign:
    names = kit_names((ROOT / "brand_kits",))
    known = Known(
        kits=frozenset(names),
        backends=frozenset(BACKENDS),
        voices=frozenset(voice_names()),
        music={name: frozenset(kit(name).music) for name in names},
        today=datetime(2026, 3, 1, tzinfo=UTC),
        policies=frozenset(policy_names()),
    )
    return read_campaign(EXAMPLES / sheet, known=known)


@pytest.fixture(scope="module")
def spring_tea() -> Campaign:
    return read("spring_tea/spring_tea.xlsx")


@pytest.fixture(scope="module")
def harbor_ceramics() -> Campaign:
    return read("harbor_ceramics/campaign.csv")


def verdict(brief: Brief) -> Decision:
    words = {
        "copy": brief.copy,
        "product": brief.product,
        "title": brief.title,
        "subject": brief.subject,
        "action": brief.action,
        "environment": brief.environment,
        "hashtags": " ".join(brief.hashtags),
    }
    texts = [Text(where=w, text=text, language=brief.language) for w, text in words.items() if text]
    return screen_texts(texts, load_policy("starter"), Stage.COPY).decision


def test_one_cell_of_the_spring_sheet_is_wrong_and_it_is_the_length_of_x01(spring_tea: Campaign) -> None:
    (problem,) = spring_tea.problems
    assert (problem.cell, problem.value) == ("H12", "十秒左右")
    assert len(spring_tea.rows) == 12
    assert [row.id for row in spring_tea.rows_out] == ["X01"]


def test_the_starter_policy_refuses_x02_alone(spring_tea: Campaign, harbor_ceramics: Campaign) -> None:
    verdicts = {brief.id: verdict(brief) for brief in (*spring_tea.briefs, *harbor_ceramics.briefs)}
    assert verdicts.pop("X02") is Decision.REFUSE
    assert set(verdicts.values()) == {Decision.ALLOW}


def test_the_spring_sheet_shows_what_can_be_asked_for(spring_tea: Campaign) -> None:
    good = [brief for brief in spring_tea.briefs if brief.id != "X02"]
    assert len(good) >= 8
    assert {brief.language for brief in good} == set(Language)
    assert any(set(brief.aspects) == {Aspect.WIDE, Aspect.TALL, Aspect.SQUARE} for brief in good)
    assert sum(brief.variants == 2 for brief in good) == 2
    assert sum(bool(b.subject and b.action and b.environment and b.cameras) for b in good) == 2
    assert sum(len(brief.aspects) * brief.variants for brief in good) == 18
    assert all(brief.duration and 8 <= brief.duration <= 15 for brief in good)


def test_the_other_example_reads_without_a_word(harbor_ceramics: Campaign) -> None:
    assert harbor_ceramics.problems == ()
    assert [brief.id for brief in harbor_ceramics.briefs] == ["mug", "bowl", "vase"]
    assert {aspect for brief in harbor_ceramics.briefs for aspect in brief.aspects} >= {Aspect.PORTRAIT}


@pytest.mark.parametrize("sheet", ["spring_tea/spring_tea.xlsx", "harbor_ceramics/campaign.csv"])
def test_every_word_can_be_set_in_the_fonts_of_its_kit(sheet: str) -> None:
    for brief in read(sheet).briefs:
        fonts = kit(brief.brand).fonts
        for asset in (fonts.display, fonts.text):
            with TTFont(asset.file) as font:
                cmap = font.getBestCmap()
            words = brief.copy + brief.title + brief.product + "".join(brief.hashtags)
            assert [c for c in words if ord(c) not in cmap and not c.isspace()] == []


@pytest.mark.parametrize("sheet", ["spring_tea/spring_tea.xlsx", "harbor_ceramics/campaign.csv"])
def test_every_good_row_can_be_said_in_its_time_without_haste(sheet: str, tmp_path: Path) -> None:
    for brief in read(sheet).briefs:
        if brief.id == "X02":
            continue
        brand = kit(brief.brand)
        board = RulesExpander().expand(brief, brand, 1)
        voice = load_voice(brand.voices.of(brief.language), SpeechOptions())
        spoken = {
            shot.id: voice.speak(shot.line, brief.language, tmp_path / f"{shot.id}.wav").duration
            for shot in board.shots
            if shot.line
        }
        assert line_speeds(board, spoken, VoiceOverrun.EXTEND) == {}, brief.id


def test_every_header_of_the_spring_sheet_is_one_of_ours_and_used_once(spring_tea: Campaign) -> None:
    sheet = openpyxl.load_workbook(spring_tea.path).worksheets[0]
    fields = Counter(find_field(str(cell.value)) for cell in sheet[1])
    assert None not in fields
    assert set(fields.values()) == {1}


def test_the_spring_sheet_is_what_its_script_writes(spring_tea: Campaign) -> None:
    script = runpy.run_path(str(EXAMPLES / "spring_tea" / "make_sheet.py"))
    header, *rows = openpyxl.load_workbook(spring_tea.path).worksheets[0].iter_rows(values_only=True)
    assert list(header) == list(script["COLUMNS"])
    defaults = {"品牌": "qinghe_tea", "语言": "zh", "变体": 1}
    assert [dict(zip(header, row, strict=True)) for row in rows] == [
        dict.fromkeys(header) | defaults | row for row in script["ROWS"]
    ]


def test_all_pictures_are_used_by_a_row(spring_tea: Campaign, harbor_ceramics: Campaign) -> None:
    used = {image for c in (spring_tea, harbor_ceramics) for brief in c.briefs for image in brief.images}
    assert used == set(PICTURES)


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.name)
def test_picture_is_light_enough_to_clone_and_large_enough_to_show(path: Path) -> None:
    with Image.open(path) as picture:
        assert max(picture.size) >= 800
        assert path.stat().st_size <= MOST_BYTES
        if path.suffix == ".png":
            alpha = picture.convert("RGBA").getchannel("A")
            covered = sum(alpha.histogram()[128:]) / (alpha.width * alpha.height)
            assert alpha.getbbox() == (0, 0, *alpha.size)
            assert 0.4 < covered < 0.98
