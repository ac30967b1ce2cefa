"""From a draft that waits to an approved final, over the whole line."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import SecretStr

from campaign.ledger import Ledger
from campaign.report import BatchReport, RowState, SpotResult
from finishing.inspect import inspect
from model.wan.tiny import save_tiny_checkpoint
from tasks.plan import plan
from tasks.setup import Setup
from tests.contract.vendors.cases import CASES
from tests.flows.running import make

pytestmark = pytest.mark.slow

MakeSetup = Callable[[], Setup]
HEAD = "编号,文案,产品,品牌,语言,时长,画幅,音乐,镜头,阶段\n"
COPY = "山里的晨雾，是春天的第一口。慢下来，喝一杯。"
ROW = f"leaf,{COPY},春茶,qinghe_tea,中文,9,9:16；1:1,none,{{camera}},draft；final\n"


def write(campaign: Path, camera: str = "推近；环绕") -> None:
    campaign.write_text(HEAD + ROW.format(camera=camera), encoding="utf-8")
    # Larger than a draft, which the animatic would draw alike at the same size.
    campaign.with_suffix(".yaml").write_text("size: 540\n", encoding="utf-8")


def only(report: BatchReport) -> SpotResult:
    ((spot,),) = (row.spots for row in report.rows)
    return spot


def decide(setup: Setup, spot: SpotResult, answer: str, why: str = "looked at it") -> None:
    ledger = Ledger(setup.ledger)
    ledger.decide(spot.approval, answer, "editor", why)
    ledger.close()


def test_a_draft_waits_marked_and_unpublished_until_a_person_approves_it(
    campaign: Path, setup: MakeSetup
) -> None:
    write(campaign)
    local = setup()
    waiting = only(make(campaign, local))
    assert (waiting.state, waiting.rung) == (RowState.WAITING, "draft")
    assert waiting.made["take"] == 2
    (shown,) = waiting.renditions
    file = local.out / "tea" / shown.file
    assert shown.file == "drafts/leaf-1_9x16_draft.mp4"
    assert inspect(file).findings == ()
    assert Ledger(local.ledger).releases() == []
    assert not (local.out / "tea" / "leaf-1").exists()
    page = (local.out / "tea" / "report.html").read_text(encoding="utf-8")
    assert "drafts/leaf-1_9x16_draft.mp4" in page

    again = only(make(campaign, local))
    assert (again.state, again.made, again.approval) == (RowState.WAITING, {}, waiting.approval)
    assert [rung.state for rung in plan(campaign, local).spots[0].rungs] == [
        "waits for approval",
        "after approval",
    ]

    decide(local, again, "approve", "lovely")
    final = only(make(campaign, local))
    assert (final.state, final.rung) == (RowState.DONE, "final")
    assert {rendition.aspect for rendition in final.renditions} == {"9:16", "1:1"}
    assert "editor" in final.approved[0]
    assert "lovely" in final.approved[0]
    assert make(campaign, local).rows[0].spots[0].made == {}


def test_one_changed_shot_is_the_only_one_remade_in_draft_and_final(campaign: Path, setup: MakeSetup) -> None:
    write(campaign)
    local = setup()
    first = only(make(campaign, local))
    decide(local, first, "approve")
    assert only(make(campaign, local)).made["take"] == 4

    write(campaign, camera="推近；上摇")
    changed = only(make(campaign, local))
    assert (changed.state, changed.made["take"]) == (RowState.WAITING, 1)
    assert changed.approval != first.approval
    decide(local, changed, "approve")
    assert only(make(campaign, local)).made["take"] == 2


def test_a_refused_draft_costs_no_final(campaign: Path, setup: MakeSetup) -> None:
    write(campaign)
    local = setup()
    decide(local, only(make(campaign, local)), "refuse", "the cup is blue")
    refused = only(make(campaign, local))
    assert refused.state is RowState.REFUSED
    assert "the cup is blue" in refused.reason
    assert Counter(refused.made)["take"] == 0
    assert plan(campaign, local).rows[0].state is RowState.REFUSED


def test_a_wan_draft_is_approved_and_refined_into_its_final(
    campaign: Path, setup: MakeSetup, tmp_path: Path
) -> None:
    head = "编号,文案,产品,品牌,语言,时长,画幅,音乐,后端,精修\n"
    row = "leaf,山里的晨雾。,春茶,qinghe_tea,中文,4,9:16,none,样片：wan；成片：wan,60%\n"
    campaign.write_text(head + row, encoding="utf-8")
    options = {
        "checkpoint": str(save_tiny_checkpoint(tmp_path / "weights", "t2v-a14b")),
        "device": "cpu",
        "precision": "fp32",
        "steps": 4,
        "sizes": {"9:16": [64, 96]},
        "draft": {"steps": 2, "sizes": {"9:16": [32, 48]}},
    }
    local = setup().model_copy(update={"backends": {"wan": options}})
    foreseen = plan(campaign, local)
    assert [(rung.rung, rung.takes) for rung in foreseen.spots[0].rungs] == [("draft", 1), ("final", 1)]
    assert any("wan, draft: " in line and "32x48" in line for line in foreseen.outlook)

    waiting = only(make(campaign, local))
    assert (waiting.state, waiting.rung, waiting.made["take"]) == (RowState.WAITING, "draft", 1)
    (latents,) = (local.store / "take").rglob("latents.pt")
    decide(local, waiting, "approve")
    final = only(make(campaign, local))
    assert (final.state, final.made["take"]) == (RowState.DONE, 1)
    takes = {p.parent: json.loads(p.read_text()) for p in (local.store / "take").rglob("manifest.json")}
    refined = next(manifest for folder, manifest in takes.items() if folder != latents.parent)
    assert refined["recipe"]["refine"] == {"strength": 0.6, "draft": takes[latents.parent]["key"]}
    proof = next((local.out / "tea" / "leaf-1").glob("*_proof.json"))
    assert json.loads(proof.read_text(encoding="utf-8"))["approved"][0]["who"] == "editor"
    assert only(make(campaign, local)).made == {}


def test_a_substitute_is_used_only_where_nothing_may_have_been_paid_and_is_told(
    campaign: Path, setup: MakeSetup
) -> None:
    head = "编号,文案,产品,品牌,语言,时长,画幅,音乐,后端\n"
    row = "leaf,山里的晨雾。,春茶,qinghe_tea,中文,8,9:16,none,bailian，animatic\n"
    campaign.write_text(head + row, encoding="utf-8")
    with CASES["bailian"].server(balance=0.0) as server:
        keys = {"vendor_keys": {"bailian": SecretStr(server.key)}}
        local = setup().model_copy(update={**keys, "backends": {"bailian": {"base_url": server.url}}})
        foreseen = plan(campaign, local).totals
        assert foreseen["most"]["USD"] == pytest.approx(3 * foreseen["money"]["USD"])

        spot = only(make(campaign, local))
        assert (spot.state, spot.backend) == (RowState.DONE, "animatic")
        said = next(words for words in spot.degraded if "instead" in words)
        assert said.startswith("leaf-1-s1: made by animatic instead. bailian: ")
        folder = local.out / "tea"
        assert "made by animatic instead" in (folder / "report.html").read_text(encoding="utf-8")
        proof = json.loads((folder / "leaf-1" / "leaf-1_9x16_proof.json").read_text(encoding="utf-8"))
        assert proof["shots"][0]["backend"] == "animatic"
        assert "made by animatic instead" in proof["shots"][0]["degraded"]
        asked = server.counts["posts"]

        again = only(make(campaign, local))
        assert (again.made, again.degraded, server.counts["posts"]) == ({}, spot.degraded, asked)


def test_what_may_have_been_paid_is_not_asked_of_a_substitute(campaign: Path, setup: MakeSetup) -> None:
    head = "编号,文案,产品,品牌,语言,时长,画幅,音乐,后端\n"
    row = "leaf,Morning mist in the hills.,Spring tea,qinghe_tea,en,8,9:16,none,runway，animatic\n"
    campaign.write_text(head + row, encoding="utf-8")
    with CASES["runway"].server(render_seconds=0.2) as server:
        keys = {"vendor_keys": {"runway": SecretStr(server.key)}}
        local = setup().model_copy(update={**keys, "backends": {"runway": {"base_url": server.url}}})
        server.order("submit", "drop after body")
        spot = only(make(campaign, local))
        assert (spot.state, spot.degraded) == (RowState.FAILED, [])
        assert "reelsheet resolve" in spot.reason


def test_nobody_is_waited_for_where_the_policy_approves(campaign: Path, setup: MakeSetup) -> None:
    write(campaign)
    campaign.with_suffix(".yaml").write_text("size: 540\napproval: policy\n", encoding="utf-8")
    local = setup()
    final = only(make(campaign, local))
    assert (final.state, final.rung) == (RowState.DONE, "final")
    assert final.approved[0].startswith("draft: policy starter")
    assert not (local.out / "tea" / "drafts").exists()
