from pathlib import Path

from campaign.brand_kit import read_kit
from campaign.brief import Brief, Language
from campaign.frames import Aspect
from model.expansion.rules import RulesExpander
from tasks.spot import Spot
from tasks.watch import takes_of

ROOT = Path(__file__).parents[2]


def test_takes_are_called_by_shot_and_aspect_as_all_of_them_have_one_file_name() -> None:
    brief = Brief(
        id="tea", row=2, copy="山里的晨雾。春天的第一口。", brand="qinghe_tea", language=Language.ZH, seed=1
    )
    kit = read_kit(ROOT / "brand_kits" / "qinghe_tea")
    board = RulesExpander().expand(brief, kit, 1)
    takes = {
        (aspect, shot.id): Path("store") / shot.id / aspect.name / "take.mp4"
        for aspect in (Aspect.TALL, Aspect.SQUARE)
        for shot in board.shots
    }
    spot = Spot(brief=brief, variant=1, kit=kit, size=360, fps=24, storyboard=board, takes=takes)
    named = {video.path: video.where for video in takes_of(spot).videos}
    assert named == {
        path: f"shot {number}, {aspect.value}"
        for number, shot in enumerate(board.shots, 1)
        for (aspect, name), path in takes.items()
        if name == shot.id
    }
    assert len(set(named.values())) == 2 * len(board.shots) > 2
