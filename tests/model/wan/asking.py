"""A take as a spot asks for it, made without torch."""

from pathlib import Path

from campaign.brand_kit import read_kit
from campaign.brief import Brief, Language
from campaign.frames import FrameSpec
from model.backend import TakeRequest
from model.expansion.rules import RulesExpander

KITS = Path(__file__).parents[3] / "brand_kits"


def ask() -> TakeRequest:
    brief = Brief(id="tea", row=2, copy="山里的晨雾。", brand="qinghe_tea", language=Language.ZH, seed=1)
    kit = read_kit(KITS / "qinghe_tea")
    shot = RulesExpander().expand(brief, kit, 1).shots[0]
    spec = FrameSpec(width=32, height=48, num_frames=9, fps=16)
    return TakeRequest(shot=shot, language=Language.ZH, spec=spec, seed=1, kit=kit)
