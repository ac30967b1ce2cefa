import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from campaign.content_key import content_key, file_digest
from campaign.ledger import Ledger
from campaign.report import BatchReport, RowState
from campaign.store import Artefact, Store
from finishing.provenance import Signing, Source, make_test_certificate, read_credentials, sign_video
from media.command import run_ffmpeg
from moderation.check import Material
from moderation.finding import Decision, Stage
from moderation.policy import load_policy
from moderation.screen import screen
from tasks.check import labels_seen
from tasks.plan import plan
from tasks.setup import Setup
from tests.flows.running import make

pytest.importorskip("c2pa")
pytestmark = pytest.mark.slow

MakeSetup = Callable[[], Setup]
ROWS = """\
编号,文案,产品,品牌,语言,时长,画幅,音乐,账号
leaf,山里的晨雾，是春天的第一口。,春茶,qinghe_tea,中文,6,9:16,,douyin:qinghe
"""
EVERY_LABEL = """\
about: A shop whose videos carry every label.
market: default
stages:
  copy: {required: [lexicon]}
  final: {required: [labels, licences]}
checks:
  lexicon: {lists: [{file: safety_zh}, {file: rivals.txt, brand: qinghe_tea, platform: douyin}]}
  labels: {demand: [visible, aigc, c2pa]}
"""
VIDEO = "leaf-1_9x16.mp4"


@pytest.fixture
def sheet(campaign: Path) -> Path:
    """The campaign with one row and a policy of its own beside it."""
    campaign.write_text(ROWS, encoding="utf-8")
    campaign.with_name("house.yaml").write_text(EVERY_LABEL, encoding="utf-8")
    campaign.with_name("rivals.txt").write_text("碧波茶庄\n", encoding="utf-8")
    campaign.with_name("tea.yaml").write_text("size: 360\npolicy: house.yaml\n", encoding="utf-8")
    return campaign


@pytest.fixture
def signing(tmp_path: Path) -> Signing:
    return make_test_certificate(tmp_path, "Qinghe")


@pytest.fixture
def labelling(setup: MakeSetup, signing: Signing) -> Setup:
    """The setup of a house with a producer code and a certificate."""
    given = {
        "content_producer": "001191310000MA1FL",
        "certificate": signing.certificate,
        "certificate_key": signing.key,
    }
    return setup().model_copy(update=given)


def only(report: BatchReport) -> tuple[RowState, str]:
    (row,) = report.rows
    return row.state, row.reason


def proof_beside(setup: Setup) -> dict[str, Any]:
    path = setup.out / "tea" / "leaf-1" / "leaf-1_9x16_proof.json"
    proof: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return proof


def rendition(setup: Setup, report: BatchReport) -> Artefact:
    made = Store(setup.store).find("rendition", report.rows[0].spots[0].renditions[0].key)
    assert made
    return made


def decided(made: Artefact, policy: Path) -> tuple[Decision, set[str]]:
    """What the policy says of the labels of a finished file, and by which rules."""
    house = load_policy(policy)
    final = {Stage.FINAL: house.stages[Stage.FINAL].model_copy(update={"required": asked_labels(policy)})}
    material = Material(labels=(labels_seen(made),))
    verdict = screen(material, house.model_copy(update={"stages": final}), Stage.FINAL)
    return verdict.decision, {finding.rule_id for finding in verdict.findings}


def asked_labels(policy: Path) -> tuple[object, ...]:
    return tuple(r for r in load_policy(policy).stages[Stage.FINAL].required if r.check == "labels")


def altered(made: Artefact, folder: Path, *command: str, signing: Signing | None) -> Artefact:
    """The rendition with another video in its place, made from it by ffmpeg and signed again."""
    folder.mkdir()
    plain = folder / ("plain.mp4" if signing else "video.mp4")
    kept = ("-movflags", "+faststart+use_metadata_tags")
    run_ffmpeg(("-v", "error", "-i", str(made.file("video.mp4")), *command, *kept, str(plain)))
    if signing:
        sign_video(plain, folder / "video.mp4", signing, Source.DRAWN, "t")
    return Artefact(kind=made.kind, key=made.key, folder=folder, facts=made.facts)


def test_a_file_with_every_label_passes_and_with_any_one_removed_does_not(
    sheet: Path, labelling: Setup, signing: Signing, tmp_path: Path
) -> None:
    report = make(sheet, labelling)
    assert only(report) == (RowState.DONE, "")
    video = labelling.out / "tea" / "leaf-1" / VIDEO
    read = read_credentials(video)
    assert (read.state, read.problems) == ("Valid", ("signingCredential.untrusted",))
    assert read.source == "algorithmicMedia"

    made, policy = rendition(labelling, report), sheet.with_name("house.yaml")
    assert decided(made, policy) == (Decision.ALLOW, set())
    without = {
        "c2pa.missing": altered(made, tmp_path / "a", "-c", "copy", signing=None),
        "aigc.missing": altered(made, tmp_path / "b", "-c", "copy", "-map_metadata", "-1", signing=signing),
        "visible.missing": altered(
            made,
            tmp_path / "c",
            "-vf",
            "crop=iw:ih*3/4:0:ih/4,scale=360:640",
            "-c:a",
            "copy",
            signing=signing,
        ),
    }
    for rule, file in without.items():
        assert decided(file, policy) == (Decision.REFUSE, {f"labels.{rule}"})


def test_a_certificate_is_part_of_what_is_made_and_the_proof_is_delivered_once(
    sheet: Path, labelling: Setup
) -> None:
    report = make(sheet, labelling)
    made = rendition(labelling, report)
    folder = labelling.out / "tea" / "leaf-1"
    proof = proof_beside(labelling)
    assert proof["video"]["rendition"] == made.key
    assert proof["video"]["sha256"] == file_digest(folder / VIDEO)
    assert proof["inputs"]["copy"] == "山里的晨雾，是春天的第一口。"
    assert proof["policy"] == {"name": "house", "market": "default"}
    assert proof["labels"]["c2pa"] == "Valid"
    assert proof["labels"]["visible"] == [0.0, 2.0]
    assert "001191310000MA1FL" in proof["labels"]["aigc"][0]
    assert [verdict["stage"] for verdict in proof["verdicts"]] == ["copy", "final"]
    assert {r["coverage"] for verdict in proof["verdicts"] for r in verdict["reports"]} == {"ran"}
    assert set(proof["brand"]["assets"]) == {"logo", "fonts.display", "fonts.text", "music.spring_mist"}
    assert proof["brand"]["assets"]["fonts.text"]["licence"]["file"] == "OFL.txt"
    assert proof["voices"] == ["espeak:cmn"]
    for shot in proof["shots"]:
        take = Store(labelling.store).find("take", shot["take"]["key"])
        assert take
        assert shot["take"]["recipe"]["backend"] == "animatic"
        assert content_key(shot["take"]["recipe"]) == take.key

    before = {file.name: file.stat().st_mtime_ns for file in folder.iterdir()}
    again = make(sheet, labelling)
    assert again.rows[0].spots[0].made == {}
    assert {file.name: file.stat().st_mtime_ns for file in folder.iterdir()} == before
    assert plan(sheet, labelling).totals["new"] == {}
    unsigned = labelling.model_copy(update={"certificate": None, "certificate_key": None})
    assert plan(sheet, unsigned).totals["new"] == {"rendition": 1}


def test_a_market_that_demands_credentials_gets_nothing_without_a_certificate(
    sheet: Path, setup: MakeSetup
) -> None:
    house = setup().model_copy(update={"content_producer": "001191310000MA1FL"})
    state, reason = only(make(sheet, house))
    assert state is RowState.REFUSED
    assert "The file has no C2PA credentials. Set a signing certificate in the settings" in reason
    assert not (house.out / "tea" / "leaf-1").exists()
    assert Ledger(house.ledger).releases() == []


def test_a_label_struck_out_of_a_stored_video_is_seen_before_it_is_delivered(
    sheet: Path, labelling: Setup
) -> None:
    report = make(sheet, labelling)
    video = rendition(labelling, report).file("video.mp4")
    # The same size, so that the store takes it for the one it keeps.
    video.write_bytes(video.read_bytes().replace(b"mdtaAIGC", b"mdtaXXXX"))
    delivered = labelling.out / "tea" / "leaf-1" / VIDEO
    delivered.unlink()
    state, reason = only(make(sheet, labelling))
    assert state is RowState.REFUSED
    assert "The AIGC metadata is not there." in reason
    assert "The C2PA credentials are invalid" in reason
    assert not delivered.exists()


def test_a_brand_and_platforms_own_words_hold_for_its_spots_alone_and_the_plan_says_so(
    sheet: Path, labelling: Setup
) -> None:
    head, row = ROWS.splitlines()
    named = row.replace("山里的晨雾", "碧波茶庄的晨雾")
    rows = [named, named.replace("leaf", "shop").replace("douyin:", ""), named.replace("leaf", "cup")]
    rows[2] = rows[2].replace("qinghe_tea", "harbor_ceramics")
    sheet.write_text("\n".join([head, *rows]), encoding="utf-8")
    expected = {"leaf": RowState.REFUSED, "shop": RowState.DONE, "cup": RowState.DONE}
    assert {row.id: row.state for row in plan(sheet, labelling).rows} == expected
    assert {row.id: row.state for row in make(sheet, labelling).rows} == expected
    again = plan(sheet, labelling)
    assert {row.id: row.state for row in again.rows} == expected
    assert again.totals["new"] == {}


def test_a_person_who_approved_stands_in_the_proof(sheet: Path, labelling: Setup) -> None:
    policy = sheet.with_name("house.yaml")
    words = EVERY_LABEL.replace("[lexicon]", "[lexicon, ad_law]")
    policy.write_text(f"{words}  ad_law: {{rules: [ad_law_zh]}}\n", encoding="utf-8")
    sheet.write_text(ROWS.replace("山里的晨雾，是春天的第一口。", "获奖工艺，手工炒制。"), encoding="utf-8")
    first = make(sheet, labelling)
    assert only(first)[0] is RowState.REVIEW
    subject = first.rows[0].spots[0].verdict
    Ledger(labelling.ledger).decide(subject, "approve", "editor", "the certificate is on file")
    assert only(make(sheet, labelling))[0] is RowState.DONE
    copy = proof_beside(labelling)["verdicts"][0]
    assert copy["decision"] == "review"
    assert copy["findings"][0]["evidence"]["matched"].startswith("获奖")
    assert (copy["person"]["who"], copy["person"]["why"]) == ("editor", "the certificate is on file")
