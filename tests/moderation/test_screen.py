from pathlib import Path

import pytest

from campaign.brief import Language
from campaign.content_key import content_key
from campaign.errors import CheckFailedError
from moderation.check import Material
from moderation.finding import Coverage, Decision, Span, Stage, Text, Verdict
from moderation.policy import Excepted, Policy, Required, StageRules, load_policy
from moderation.screen import Screening, screen, screen_recipe, screen_texts

STARTER = load_policy("starter")


def zh(text: str, where: str = "copy") -> Text:
    return Text(where=where, text=text, language=Language.ZH)


def en(text: str) -> Text:
    return Text(where="copy", text=text, language=Language.EN)


def verdict(text: str, **how) -> Verdict:
    return screen_texts([zh(text)], STARTER, Stage.COPY, **how)


def with_exception(**how) -> Policy:
    return STARTER.model_copy(update={"exceptions": (Excepted(**how),)})


def test_an_absolute_term_is_refused_with_its_place_its_law_and_a_rewrite() -> None:
    result = verdict("春茶，国家级品质")
    assert result.decision is Decision.REFUSE
    (finding,) = result.findings
    assert finding.evidence == Span(where="copy", start=3, end=6, matched="国家级")
    assert "第九条" in finding.legal_basis
    assert finding.suggestion
    assert result.reasons == (
        f"refuse: copy: '国家级': {finding.why} ({finding.legal_basis}) {finding.suggestion}",
    )


@pytest.mark.parametrize(
    "text",
    [
        "最佳食用时间三天",
        "国家级非物质文化遗产",
        "第一步，温杯",
        "第一次见面",
        "最后一公里",
        "特级绿茶，GB/T 14456",
        "一级大豆油",
    ],
)
def test_a_clean_lookalike_passes(text: str) -> None:
    assert verdict(text).decision is Decision.ALLOW


def test_a_claim_needs_proof_and_passes_with_it() -> None:
    assert verdict("全网销量第一").decision is Decision.REVIEW
    proven = verdict("全网销量第一", evidence=True)
    assert proven.decision is Decision.ALLOW
    assert proven.findings[0].exception
    assert verdict("国家级品质", evidence=True).decision is Decision.REFUSE


def test_letters_apart_ask_for_a_person_and_refuse_nothing() -> None:
    assert verdict("最.佳.口.感").decision is Decision.REVIEW


def test_a_name_is_no_claim_but_only_where_it_stands() -> None:
    assert verdict("最佳茶坊的新茶", exceptions=["最佳茶坊"]).decision is Decision.ALLOW
    both = verdict("最佳茶坊的最佳新茶", exceptions=["最佳茶坊"])
    assert [finding.decision for finding in both.findings] == [Decision.ALLOW, Decision.REFUSE]
    assert both.decision is Decision.REFUSE


def test_a_name_excuses_nothing_unsafe() -> None:
    assert verdict("冰毒茶坊", exceptions=["冰毒茶坊"]).decision is Decision.REFUSE


def test_an_exception_of_the_policy_holds_for_its_rules() -> None:
    policy = with_exception(text="最佳搭档茶", reason="Registered trademark.", rules=("zh.absolute.listed",))
    result = screen_texts([zh("最佳搭档茶")], policy, Stage.COPY)
    assert result.decision is Decision.ALLOW
    assert result.findings[0].exception == "Registered trademark."
    other = with_exception(text="最佳搭档茶", reason="Registered trademark.", rules=("zh.puffery",))
    assert screen_texts([zh("最佳搭档茶")], other, Stage.COPY).decision is Decision.REFUSE


def test_the_same_words_in_two_fields_are_two_findings() -> None:
    result = screen_texts([zh("最佳", "title"), zh("最佳", "copy")], STARTER, Stage.COPY)
    assert [f.evidence.where for f in result.findings if isinstance(f.evidence, Span)] == ["title", "copy"]


def test_words_in_a_writing_that_no_list_knows_ask_for_a_person() -> None:
    result = verdict("Лучший чай")
    assert result.decision is Decision.REVIEW
    assert {report.coverage for report in result.reports} == {Coverage.NOT_COVERED}


def test_a_language_that_the_rules_do_not_know_asks_for_a_person() -> None:
    policy = STARTER.with_options({"ad_law": {"rules": [str(STARTER.checks["ad_law"].rules[1])]}})
    assert screen_texts([en("A warm cup")], policy, Stage.COPY).decision is Decision.ALLOW
    result = screen_texts([zh("一杯热茶")], policy, Stage.COPY)
    assert result.decision is Decision.REVIEW
    assert result.reports[1].coverage is Coverage.NOT_COVERED


def test_a_check_is_not_asked_about_languages_it_is_not_required_for() -> None:
    asked = (Required(check="lexicon"), Required(check="toxicity", languages=(Language.EN,)))
    policy = STARTER.model_copy(update={"stages": {Stage.COPY: StageRules(required=asked)}})
    assert [r.check for r in screen_texts([zh("茶")], policy, Stage.COPY).reports] == ["lexicon"]
    assert screen_texts([en("tea")], policy, Stage.COPY).decision is Decision.REVIEW


def test_an_optional_check_that_cannot_run_changes_nothing() -> None:
    asked = StageRules(required=(Required(check="lexicon"),), optional=(Required(check="guard"),))
    result = screen_texts([zh("茶")], STARTER.model_copy(update={"stages": {Stage.COPY: asked}}), Stage.COPY)
    assert result.decision is Decision.ALLOW
    assert [report.coverage for report in result.reports] == [Coverage.RAN, Coverage.UNAVAILABLE]
    assert not result.complete


def test_a_market_policy_without_models_passes_nothing() -> None:
    for name in ("cn", "eu", "us"):
        policy = load_policy(name).with_options({"toxicity": {"checkpoint": "/nowhere.ckpt"}})
        for text in (zh("春天的第一杯茶"), en("A warm cup of tea")):
            result = screen_texts([text], policy, Stage.COPY)
            assert result.decision is Decision.REVIEW
            assert result.gaps
            assert not result.complete


def test_nothing_to_look_at_is_no_pass() -> None:
    result = screen_texts([], STARTER, Stage.COPY)
    assert result.decision is Decision.REVIEW
    assert screen(Material(), load_policy("cn"), Stage.FINAL).decision is Decision.REVIEW


def test_empty_words_are_looked_at_and_pass() -> None:
    assert verdict("").decision is Decision.ALLOW


def test_a_verdict_survives_being_stored() -> None:
    result = verdict("最佳, Лучший")
    assert Verdict.from_json(result.to_json().encode()) == result
    with pytest.raises(ValueError, match="findings"):
        Verdict.from_json("{}")


def test_many_findings_of_one_rule_are_cut_short_and_counted() -> None:
    result = verdict("国家级，" * 1000)
    assert len(result.findings) == 20
    assert "980 more" in result.findings[0].why


def test_half_a_character_is_refused_by_name() -> None:
    with pytest.raises(CheckFailedError, match=r"copy has half a character \(U\+D83D\) at 5"):
        zh("tea \ud83d")


def test_the_key_follows_what_decides_the_verdict(tmp_path: Path) -> None:
    def key(text: str = "茶", policy: Policy = STARTER, **how) -> str:
        return content_key(screen_recipe([zh(text)], policy, Stage.COPY, **how))

    changed = STARTER.model_copy(update={"thresholds": {}})
    keys = {
        key(),
        key("茶叶"),
        key(evidence=True),
        key(exceptions=["茶坊"]),
        key(policy=changed),
        key(policy=with_exception(text="茶坊", reason="A name.")),
        content_key(screen_recipe([zh("茶")], STARTER, Stage.PROMPT)),
    }
    assert len(keys) == 7
    assert key() == key()


def test_in_a_row_of_materials_each_text_gets_the_verdict_that_it_gets_alone() -> None:
    rows = [
        (zh("山里的晨雾"), zh("国家级品质", "title"), zh("茶", "product")),
        (zh("山里的晨雾"), zh("茶", "product")),
        (zh("山里的晨雾"), zh("国家级品质"), zh("最佳的茶", "title")),
        (en("A quiet morning"), zh("茶", "product")),
        (en("A quiet morning"),),
        (en("A quiet morning чай"),),
    ]
    screening = Screening(STARTER, Stage.COPY)
    for texts in (*rows, *rows):
        alone = screen_texts(texts, STARTER, Stage.COPY, exceptions=("茶",))
        in_a_row = screening.verdict(Material(texts=texts), evidence=False, exceptions=("茶",))
        assert (in_a_row.findings, in_a_row.reports) == (alone.findings, alone.reports)


def test_in_a_row_of_materials_nothing_is_let_pass_that_was_not_looked_at() -> None:
    screening = Screening(STARTER, Stage.COPY)
    for _ in range(2):
        assert screening.verdict(Material(), evidence=False, exceptions=()).decision is Decision.REVIEW
