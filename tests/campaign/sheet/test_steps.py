from collections.abc import Callable
from pathlib import Path

import pytest

from campaign.ladder import STRAIGHT, Approval, Ladder, Rung, Step
from campaign.sheet.campaign import Campaign
from campaign.sheet.steps import DRAWN, approval, backends, ladder, refine, rungs
from campaign.sheet.values import CellError

Read = Callable[[Path | str], Campaign]
KNOWN = ("animatic", "wan", "bailian", "runway", "runway:gen4_turbo", "runway:veo3.1")


def steps(**named: str) -> Ladder:
    return tuple(Step(rung=Rung(rung), backends=tuple(names.split())) for rung, names in named.items())


@pytest.mark.parametrize(
    ("cell", "climbed"),
    [
        ("wan", steps(final="wan")),
        ("runway:veo3.1, bailian，animatic", steps(final="runway:veo3.1 bailian animatic")),
        ("Draft: Bailian; final: wan, bailian", steps(draft="bailian", final="wan bailian")),
        ("样片：runway:gen4_turbo，wan；成片：wan", steps(draft="runway:gen4_turbo wan", final="wan")),
        ("wan; draft = bailian", steps(draft="bailian", final="wan")),
        ("draft:\nbailian\nfinal:\nwan", steps(draft="bailian", final="wan")),
    ],
)
def test_a_backend_cell_names_substitutes_and_rungs(cell: str, climbed: Ladder) -> None:
    assert ladder((), backends(cell, KNOWN), together=True) == climbed


def test_rungs_share_a_backend_and_the_lowest_is_drawn() -> None:
    asked = rungs("成片、分镜、draft")
    assert asked == (Rung.ANIMATIC, Rung.DRAFT, Rung.FINAL)
    climbed = ladder(asked, backends("wan, bailian", KNOWN), together=True)
    assert climbed == steps(animatic="animatic", draft="wan bailian", final="wan bailian")
    assert ladder((), DRAWN, together=True) == STRAIGHT


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("wna", "Did you mean wan?"),
        ("wan, wan", "named twice"),
        ("draft: wan; draft: bailian", "draft is written twice"),
        ("draft:; final: wan", "No backend is named for draft"),
        ("animatic: wan; final: wan", "write what others make under draft"),
        ("runway:sora", "known:"),
        (", ;", "No backend is named"),
    ],
)
def test_each_wrong_backend_cell_says_what_is_right(cell: str, words: str) -> None:
    with pytest.raises(CellError) as error:
        backends(cell, KNOWN)
    assert words.casefold() in str(error.value).casefold()


@pytest.mark.parametrize(
    ("cell", "value"), [("0.6", 0.6), (0.25, 0.25), ("60%", 0.6), ("６０％", 0.6), (1, 1.0)]
)
def test_a_strength_is_read_as_people_write_it(cell: str | float, value: float) -> None:
    assert refine(cell) == value


@pytest.mark.parametrize("cell", ["0", "1.5", "150%", "much", "-0.2"])
def test_a_strength_out_of_range_is_refused(cell: str) -> None:
    with pytest.raises(CellError, match=r"more than 0 and at most 1"):
        refine(cell)


def test_a_ladder_without_a_final_is_refused() -> None:
    with pytest.raises(CellError, match="Add final"):
        rungs("animatic, draft")


def test_approval_is_a_persons_or_the_policys() -> None:
    assert [approval(cell) for cell in ("人工", "Auto", "policy")] == [
        Approval.PERSON, Approval.POLICY, Approval.POLICY,
    ]  # fmt: skip
    with pytest.raises(CellError, match="approver"):
        approval("nobody")


def test_a_row_overrides_rungs_and_backends_of_the_campaign(read: Read, tmp_path: Path) -> None:
    (tmp_path / "campaign.yaml").write_text(
        "brand: leaf\nbackend:\n  draft: animatic\n  final: [wan, animatic]\nrefine: 0.5\napproval: 自动\n"
    )
    campaign = read(
        "编号,文案,后端,阶段,精修\na,春天的茶。,,,\nb,春天的茶。,animatic,final,\nc,春天的茶。,,成片,\n"
        "d,春天的茶。,样片：wan；成片：wan,,60%\n"
    )
    assert campaign.settings.approval is Approval.POLICY
    by_id = {brief.id: brief for brief in campaign.briefs}
    assert by_id["a"].ladder == steps(draft="animatic", final="wan animatic")
    assert (by_id["a"].backend, by_id["a"].refine, by_id["d"].refine) == ("wan, animatic", 0.5, 0.6)
    assert by_id["d"].ladder == steps(draft="wan", final="wan")
    # Without a draft there is nothing to refine.
    assert {problem.row for problem in campaign.errors} == {3, 4}
    assert all("has none" in problem.expected for problem in campaign.errors)


def test_a_backend_for_a_rung_that_is_not_climbed_is_a_slip_in_one_row_but_not_over_the_campaign(
    read: Read, tmp_path: Path
) -> None:
    (tmp_path / "campaign.yaml").write_text("brand: leaf\nbackend: 'draft: animatic; final: wan'\n")
    campaign = read("编号,文案,后端,阶段\na,春天的茶。,,final\nb,春天的茶。,draft: wan; final: wan,final\n")
    assert [brief.ladder for brief in campaign.briefs] == [steps(final="wan")]
    assert "but the rungs are final" in campaign.errors[0].expected
