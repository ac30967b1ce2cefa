from pathlib import Path
from types import ModuleType

import pytest

from campaign.brief import Language
from moderation.check import Ask, Material, Outcome
from moderation.checks.toxicity import ToxicityCheck, ToxicityOptions
from moderation.finding import Category, Coverage, Decision, Span, Stage, Text
from moderation.policy import Policy, Required, StageRules
from moderation.screen import screen_texts

ASK = Ask(stage=Stage.COPY, market="us")


def look(checkpoint: Path, *texts: str, **how) -> Outcome:
    check = ToxicityCheck(ToxicityOptions(checkpoint=checkpoint, **how))
    material = Material(
        texts=tuple(Text(where=f"t{n}", text=t, language=Language.EN) for n, t in enumerate(texts))
    )
    return check.look(material, ASK)


def changed(source: Path, folder: Path, change) -> Path:
    import torch  # noqa: PLC0415  # Seconds; a run of other tests need not wait for it.

    data = torch.load(source, weights_only=True)
    change(data)
    torch.save(data, folder / "changed.ckpt")
    return folder / "changed.ckpt"


def test_groups_of_people_are_no_fault(toxic: Path) -> None:
    outcome = look(toxic, "you")
    assert {finding.rule_id for finding in outcome.findings} == {
        f"toxicity.{name}"
        for name in (
            "toxicity",
            "severe_toxicity",
            "obscene",
            "identity_attack",
            "insult",
            "threat",
            "sexual_explicit",
        )
    }
    assert {f.category for f in outcome.findings} == {
        Category.HATE_TOXICITY,
        Category.VIOLENCE,
        Category.SEXUAL,
    }


def test_a_text_longer_than_the_model_reads_is_read_in_parts(toxic: Path) -> None:
    text = "".join(f"word{n} " for n in range(100))
    outcome = look(toxic, text)
    assert outcome.report.coverage is Coverage.RAN, outcome.report.reason
    for finding in outcome.findings:
        assert isinstance(finding.evidence, Span)
        assert 0 < len(finding.evidence.matched) <= 64
        assert text[finding.evidence.start : finding.evidence.end] == finding.evidence.matched


def test_one_text_and_many_get_the_same_scores(toxic: Path) -> None:
    alone = look(toxic, "warm tea").findings
    among = look(toxic, "a", "warm tea", "c" * 50, batch=2).findings
    mine = {f.rule_id: f.score for f in among if isinstance(f.evidence, Span) and f.evidence.where == "t1"}
    assert mine == pytest.approx({f.rule_id: f.score for f in alone}, abs=1e-3)


def test_no_text_in_its_language_is_no_error(mild: Path) -> None:
    assert look(mild).report.coverage is Coverage.RAN


def test_chinese_is_not_covered_and_never_passed(mild: Path) -> None:
    check = ToxicityCheck(ToxicityOptions(checkpoint=mild))
    policy = Policy(
        name="p",
        about="x",
        market="default",
        stages={Stage.COPY: StageRules(required=(Required(check="toxicity"),))},
        checks={"toxicity": check.options},
    )
    result = screen_texts([Text(where="copy", text="好茶", language=Language.ZH)], policy, Stage.COPY)
    assert result.reports[0].coverage is Coverage.NOT_COVERED
    assert result.decision is Decision.REVIEW


@pytest.mark.parametrize("keys", ["lacks", "has more"])
def test_tensors_that_are_not_the_model_s_are_an_error(mild: Path, tmp_path: Path, keys: str) -> None:
    def change(data: dict) -> None:
        state = data["state_dict"]
        if keys == "lacks":
            del state["classifier.out_proj.weight"]
        else:
            state["classifier.other"] = state["classifier.out_proj.weight"]

    outcome = look(changed(mild, tmp_path, change), "tea")
    assert outcome.report.coverage is Coverage.ERROR
    assert "are not those of its model" in outcome.report.reason


def test_a_checkpoint_that_names_another_class_is_an_error(mild: Path, tmp_path: Path) -> None:
    def change(data: dict) -> None:
        data["config"]["arch"]["args"]["model_name"] = "GPT2LMHeadModel"

    outcome = look(changed(mild, tmp_path, change), "tea")
    assert outcome.report.coverage is Coverage.ERROR
    assert "GPT2LMHeadModel" in outcome.report.reason


def test_a_checkpoint_that_runs_code_is_not_opened(tmp_path: Path) -> None:
    import pickle  # noqa: PLC0415  # Only here: a hostile file is written on purpose.

    class Runs:
        def __reduce__(self):
            return (Path.touch, (tmp_path / "ran",))

    (tmp_path / "evil.ckpt").write_bytes(pickle.dumps({"state_dict": Runs(), "config": {}}, protocol=2))
    assert look(tmp_path / "evil.ckpt", "tea").report.coverage is Coverage.ERROR
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("data", [b"", b"not a checkpoint", b"PK\x03\x04 cut"])
def test_a_corrupt_checkpoint_is_an_error(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "bad.ckpt").write_bytes(data)
    outcome = look(tmp_path / "bad.ckpt", "tea")
    assert outcome.report.coverage is Coverage.ERROR
    assert "bad.ckpt" in outcome.report.reason


def test_an_architecture_that_is_not_here_is_unavailable(mild: Path, tmp_path: Path) -> None:
    outcome = look(mild, "tea", architecture=str(tmp_path / "none"))
    assert outcome.report.coverage is Coverage.UNAVAILABLE
    assert "architecture" in outcome.report.reason


@pytest.mark.parametrize("kind", ["Bert", "Roberta", "Albert"])
def test_the_models_of_the_other_architectures_are_read(tiny: ModuleType, tmp_path: Path, kind: str) -> None:
    six = ("toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate")
    outcome = look(tiny.make_detoxify(tmp_path, bias=6.0, classes=six, kind=kind), "tea " * 40)
    assert outcome.report.coverage is Coverage.RAN, outcome.report.reason
    assert len(outcome.findings) == 6


def test_a_model_that_was_never_fetched_says_how_to_get_it(tmp_path: Path) -> None:
    check = ToxicityCheck(ToxicityOptions(cache=tmp_path))
    outcome = check.look(Material(texts=(Text(where="c", text="tea", language=Language.EN),)), ASK)
    assert outcome.report.coverage is Coverage.UNAVAILABLE
    assert "download: true" in outcome.report.reason
