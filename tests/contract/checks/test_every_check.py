import json
from pathlib import Path

import pytest

from campaign.brief import Language
from campaign.content_key import content_key
from moderation.check import Ask, Material, Reads, Video
from moderation.finding import Coverage, Decision, Span, Text, Verdict
from moderation.policy import Policy, StageRules
from moderation.registry import CHECKS, check_type, load_check
from moderation.screen import screen

HOSTILE = {
    "empty": "",
    "blank": " \n\t ",
    "a megabyte": "好茶 tea. " * 80_000,
    "emoji": "🫖🍵👩‍👩‍👧‍👦🇨🇳❤️",
    "right to left": "شاي أخضر من الجبال שלום",
    "mixed scripts": "Чай tea 茶 τσάι चाय",
    "zero width": "t\u200be\u200ba\u2060 茶\ufeff叶",
    "overridden direction": "\u202eaet\u202c",
    "nul": "tea\x00 茶",
    "combining": "t" + "\u0301" * 500 + "ea",
}


def ask(case, folder: Path | None = None) -> Ask:
    return Ask(stage=case.stage, market="default", stills=folder)


def look(case, material: Material, folder: Path | None = None):
    return case.check.look(material, ask(case, folder))


def guilty(case, folder: Path | None = None):
    return (case.strict or case.check).look(case.guilty, ask(case, folder))


def test_clean_material_is_looked_at_and_nothing_is_found(case) -> None:
    outcome = look(case, case.clean)
    assert outcome.report.coverage is Coverage.RAN, outcome.report.reason
    assert outcome.findings == ()


def test_guilty_material_is_found_with_its_evidence(case, tmp_path: Path) -> None:
    outcome = guilty(case, tmp_path)
    assert outcome.report.coverage is Coverage.RAN, outcome.report.reason
    assert outcome.findings
    for finding in outcome.findings:
        assert finding.check == case.check.name
        assert finding.version == case.check.version
        assert finding.rule_id
        assert finding.why
        assert 1 <= finding.severity <= 7
        if isinstance(finding.evidence, Span):
            (text,) = case.guilty.texts
            assert text.text[finding.evidence.start : finding.evidence.end] == finding.evidence.matched
        elif case.check.reads is Reads.PICTURES:
            assert finding.evidence
            assert finding.evidence.file
            assert finding.evidence.file.stat().st_size > 0


def test_looking_twice_sees_the_same(case) -> None:
    assert guilty(case) == guilty(case)


def test_texts_are_looked_at_one_by_one(case) -> None:
    if case.check.reads is not Reads.TEXTS:
        return
    both = Material(texts=(*case.clean.texts, *case.guilty.texts))
    assert (case.strict or case.check).look(both, ask(case)).findings == guilty(case).findings


def test_findings_survive_being_stored(case, tmp_path: Path) -> None:
    outcome = guilty(case, tmp_path)
    verdict = Verdict(findings=outcome.findings, reports=(outcome.report,))
    assert Verdict.from_json(verdict.to_json()) == verdict


def test_a_required_check_without_material_asks_for_a_person(case) -> None:
    rules = StageRules.model_validate({"required": [case.check.name]})
    policy = Policy(name="p", about="One check.", market="default", stages={case.stage: rules})
    policy = policy.model_copy(update={"checks": {case.check.name: case.check.options}})
    verdict = screen(Material(), policy, case.stage)
    assert verdict.decision is Decision.REVIEW
    assert verdict.reports[0].coverage is Coverage.ERROR


def test_without_its_weights_it_is_unavailable_and_says_what_to_do(case) -> None:
    if case.blind is None:
        assert not check_type(case.check.name).how_to_get or case.check.name == "on_screen_text"
        return
    outcome = case.blind.look(case.clean, ask(case))
    assert outcome.report.coverage is Coverage.UNAVAILABLE
    assert outcome.findings == ()
    assert any(word in outcome.report.reason for word in ("Set", "Correct", "Install"))
    assert content_key(case.blind.recipe()) != content_key(case.check.recipe())


def test_weights_that_are_not_numbers_are_an_error(case, tmp_path: Path) -> None:
    if case.nan is None:
        return
    outcome = case.nan(tmp_path).look(case.clean, ask(case))
    assert outcome.report.coverage is Coverage.ERROR
    assert "not a finite number" in outcome.report.reason


def test_an_unreadable_picture_is_an_error(case, tmp_path: Path) -> None:
    if case.check.reads is not Reads.PICTURES:
        return
    for name, data in {
        "empty.png": b"",
        "words.png": b"not a picture",
        "cut.png": b"\x89PNG\r\n\x1a\n",
    }.items():
        (tmp_path / name).write_bytes(data)
        outcome = look(case, Material(images=(tmp_path / name,)))
        assert outcome.report.coverage is Coverage.ERROR, name
        assert name in outcome.report.reason


def test_an_unreadable_video_is_an_error(case, tmp_path: Path) -> None:
    if case.check.reads is not Reads.PICTURES or case.check.name == "likeness":
        return
    (tmp_path / "cut.mp4").write_bytes(b"\x00\x00\x00\x18ftypisom")
    outcome = look(case, Material(videos=(Video(path=tmp_path / "cut.mp4"),)))
    assert outcome.report.coverage is Coverage.ERROR
    assert "cut.mp4" in outcome.report.reason


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_text_has_an_outcome(case, kind: str) -> None:
    if case.check.reads is not Reads.TEXTS or (kind == "a megabyte" and case.blind is not None):
        return
    text = Text(where="copy", text=HOSTILE[kind], language=Language.EN)
    outcome = look(case, Material(texts=(text,)))
    assert outcome.report.coverage in (Coverage.RAN, Coverage.NOT_COVERED, Coverage.ERROR)
    assert outcome.report.coverage is Coverage.RAN or outcome.report.reason


def test_its_recipe_is_plain_data(case) -> None:
    recipe = json.loads(json.dumps(dict(case.check.recipe())))
    assert recipe["check"] == case.check.name
    assert recipe["version"] == case.check.version


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_its_name_and_options_are_the_registry_s(name: str) -> None:
    kind = check_type(name)
    assert kind.name == name
    assert kind.adds
    if name != "ad_law":
        assert load_check(name, kind.options_type()) is load_check(name, kind.options_type())


def test_a_failure_that_nobody_foresaw_is_an_error_and_no_pass(case, monkeypatch: pytest.MonkeyPatch) -> None:
    if case.blind is None:
        return

    def fail(*_: object) -> None:
        raise MemoryError("out of memory")

    monkeypatch.setattr(case.check, "_findings", fail)
    report = look(case, case.clean).report
    assert report.coverage is Coverage.ERROR
    assert "out of memory" in report.reason
