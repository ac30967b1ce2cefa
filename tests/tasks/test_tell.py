from pathlib import Path
from types import SimpleNamespace
from typing import cast

from moderation.finding import Category, Decision, Finding, Stage, Still, Verdict
from tasks.spot import Judged, Spot
from tasks.tell import findings_on


def test_a_finding_tells_the_moment_the_frame_and_the_saved_picture_from_the_output_folder() -> None:
    still = Still(where="take.mp4", frame=60, time=2.5, file=Path("/srv/out/tea/evidence/leaf-1/ab12.jpg"))
    seen = Finding(
        rule_id="frames.weapon",
        category=Category.VIOLENCE,
        severity=4,
        decision=Decision.REVIEW,
        check="frames",
        version="1",
        evidence=still,
        why="A knife may be seen.",
    )
    judged = Judged(stage=Stage.TAKE, subject="k", verdict=Verdict(findings=(seen,), reports=()))
    (told,) = findings_on(cast(Spot, SimpleNamespace(judged=(judged,))))
    assert (told.where, told.time, told.frame) == ("take.mp4", 2.5, 60)
    assert told.picture == "evidence/leaf-1/ab12.jpg"
