from collections.abc import Iterator
from pathlib import Path

import pytest

from campaign.brand_kit import BrandKit
from campaign.brief import Brief, Language
from campaign.camera import CameraMove, parse_cameras
from campaign.kit_parts import EndCard, Voices, Words
from campaign.storyboard import Storyboard
from model.dialect import DIALECTS, render
from model.expansion.pictures import categories
from model.expansion.rules import RulesExpander

DOC = Path(__file__).parents[2] / "docs" / "prompts.md"

TEA = Brief(
    id="tea-01",
    row=2,
    copy="清晨五点，茶农上山采摘第一批嫩芽。手工炒制，三炒三揉，留住一整个春天的鲜。送给家人，也送给自己！",
    product="雨前龙井",
    brand="green",
    language=Language.ZH,
    duration=15.0,
    seed=7,
)
DRESS = Brief(
    id="dress-01",
    row=3,
    copy="Cut from one piece of washed linen. It moves when you move, and softens every summer.",
    product="Isla linen dress",
    brand="green",
    language=Language.EN,
    duration=15.0,
    subject="a woman of about thirty in a loose linen dress",
    environment="a dusty village square at noon",
    style="1970s film photography, faded greens",
    cameras=parse_cameras("aerial, wide; push in, close-up; orbit"),
    seed=7,
)


@pytest.fixture
def kit() -> BrandKit:
    return BrandKit.model_construct(
        name="green",
        title=Words(zh="青岭", en="Greenridge"),
        end_card=EndCard(call_to_action=Words(zh="立即选购", en="Shop now")),
        voices=Voices(),
        music={},
    )


def table(board: Storyboard) -> Iterator[str]:
    dialect = DIALECTS[f"wan-{board.language}"]
    for number, shot in enumerate(board.shots, start=1):
        prompt = render(shot.prompt, dialect).prompt
        yield f"| {number} | {shot.duration:.1f} s | {shot.line or '–'} | {shot.headline or '–'} | {prompt} |"


@pytest.mark.parametrize("brief", [TEA, DRESS], ids=lambda brief: brief.id)
def test_the_worked_examples_are_what_the_code_makes(brief: Brief, kit: BrandKit) -> None:
    written = DOC.read_text(encoding="utf-8")
    for row in table(RulesExpander().expand(brief, kit, 1)):
        assert row in written, row


def test_every_category_dialect_and_move_is_listed() -> None:
    written = DOC.read_text(encoding="utf-8")
    for name in (*categories(), *DIALECTS, *(move.value for move in CameraMove)):
        assert name in written, name
