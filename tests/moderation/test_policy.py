import re
from pathlib import Path

import pytest

from campaign.brief import Language
from campaign.content_key import content_key
from campaign.errors import PolicyError
from moderation.checks import weights
from moderation.finding import Category, Decision, Stage, Text
from moderation.policy import Policy, StageRules, Threshold, load_policy, policy_names
from moderation.registry import CHECKS
from moderation.screen import screen_texts

MARKETS = ("cn", "eu", "us")
BASE = """
about: A house's own.
market: default
stages:
  copy: {required: [lexicon]}
checks:
  lexicon:
    lists: [{file: words.txt, brand: acme}, {file: more.txt, platform: douyin}, {file: platform}]
"""


def write(folder: Path, text: str = BASE) -> Path:
    (folder / "words.txt").write_text("rivalco", "utf-8")
    (folder / "more.txt").write_text("othershop", "utf-8")
    (folder / "house.yaml").write_text(text, "utf-8")
    return folder / "house.yaml"


def said(text: str, policy: Policy) -> Decision:
    return screen_texts([Text(where="copy", text=text, language=Language.EN)], policy, Stage.COPY).decision


def test_the_shipped_policies_are_these() -> None:
    assert policy_names() == ["cn", "eu", "starter", "us"]
    for name in policy_names():
        assert load_policy(name).name == name


def test_the_market_policies_require_every_check() -> None:
    for name in MARKETS:
        policy = load_policy(name)
        asked = {required.check for rules in policy.stages.values() for required in rules.required}
        assert asked == set(CHECKS)
        assert set(policy.stages) == set(Stage)


def test_starter_requires_what_the_base_install_has() -> None:
    policy = load_policy("starter")
    asked = {required.check for rules in policy.stages.values() for required in rules.required}
    assert asked == {"lexicon", "ad_law", "labels"}


def test_the_advice_names_every_check_that_is_not_required_in_one_line() -> None:
    advice = load_policy("starter").advice()
    assert "\n" not in advice
    for name in set(CHECKS) - {"lexicon", "ad_law", "labels"}:
        assert name in advice
    assert "docs/moderation.md" in advice
    assert "requires every check" in load_policy("cn").advice()


def test_thresholds_make_severities_decisions() -> None:
    policy = Policy(
        name="p",
        about="x",
        market="default",
        stages={Stage.FINAL: StageRules(thresholds={Category.IP: Threshold(review=1, refuse=2)})},
        thresholds={Category.POLITICAL: Threshold(review=2, refuse=None)},
    )
    assert policy.decide(Stage.COPY, Category.IP, 2) is Decision.ALLOW
    assert policy.decide(Stage.COPY, Category.IP, 3) is Decision.REVIEW
    assert policy.decide(Stage.COPY, Category.IP, 5) is Decision.REFUSE
    assert policy.decide(Stage.FINAL, Category.IP, 2) is Decision.REFUSE
    assert policy.decide(Stage.COPY, Category.POLITICAL, 7) is Decision.REVIEW


def test_a_list_of_a_brand_or_platform_is_used_for_that_one(tmp_path: Path) -> None:
    policy = load_policy(write(tmp_path))
    assert said("rivalco", policy) is Decision.REFUSE
    assert said("rivalco", policy.narrowed(brand="acme")) is Decision.REFUSE
    assert said("rivalco", policy.narrowed(brand="other")) is Decision.ALLOW
    assert said("othershop", policy.narrowed(brand="acme", platform="douyin")) is Decision.REFUSE
    assert said("othershop", policy.narrowed(brand="acme", platform="folder")) is Decision.ALLOW
    assert said("加微信", policy.narrowed(brand="other")) is Decision.REFUSE


def test_another_brand_s_list_does_not_change_the_key(tmp_path: Path) -> None:
    policy = load_policy(write(tmp_path))
    other, acme = policy.narrowed(brand="other"), policy.narrowed(brand="acme")
    before = [content_key(p.recipe()) for p in (policy, other, acme)]
    (tmp_path / "words.txt").write_text("rivalco\nnewrival", "utf-8")
    after = [content_key(p.recipe()) for p in (policy, other, acme)]
    assert [a == b for a, b in zip(before, after, strict=True)] == [False, True, False]


def test_what_a_policy_is_for_is_not_in_its_key(tmp_path: Path) -> None:
    before = content_key(load_policy(write(tmp_path)).recipe())
    again = load_policy(write(tmp_path, BASE.replace("A house's own.", "Reworded.")))
    assert content_key(again.recipe()) == before


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("market: default\nstages: {}\n", "about"),
        (BASE.replace("market: default", "market: mars"), "market"),
        (BASE.replace("[lexicon]", "[lexicn]"), "'lexicn' is not a check"),
        (BASE.replace("  lexicon:\n", "  lexicn:\n"), "'lexicn' is not a check"),
        (BASE.replace("copy:", "script:"), "stages"),
        (BASE + "extra: 1\n", "extra"),
        (BASE.replace("brand: acme", "brnd: acme"), "brnd"),
        (BASE.replace("words.txt", "gone.txt"), "gone.txt"),
        (BASE + "thresholds: {ip: {review: 9}}\n", "review"),
        (BASE + "thresholds: {tea: {review: 1}}\n", "tea"),
        (BASE + "exceptions: [{text: 最佳}]\n", "reason"),
        (BASE.replace("[lexicon]", "[lexicon, ad_law]"), "checks.ad_law.rules"),
        ("- a\n", "no keys"),
        ("a: [", "not YAML"),
    ],
)
def test_a_wrong_policy_is_refused_with_its_place(tmp_path: Path, text: str, wrong: str) -> None:
    with pytest.raises(PolicyError) as caught:
        load_policy(write(tmp_path, text))
    assert wrong in str(caught.value)


def test_an_unknown_policy_names_the_shipped_ones() -> None:
    with pytest.raises(PolicyError, match="cn, eu, starter, us"):
        load_policy("mars")


def test_settings_give_a_check_its_paths() -> None:
    policy = load_policy("cn").with_options({"guard": {"endpoint": "http://guard:8000/v1"}})
    assert policy.checks["guard"].endpoint == "http://guard:8000/v1"
    with pytest.raises(PolicyError, match="end_point"):
        policy.with_options({"guard": {"end_point": ""}})
    with pytest.raises(PolicyError, match="not a check"):
        policy.with_options({"guards": {}})


def test_a_market_policy_says_which_models_are_not_here_and_how_to_get_them(tmp_path: Path) -> None:
    nowhere = {"toxicity": {"cache": str(tmp_path)}, "guard": {"model": str(tmp_path / "guard")}}
    absent = load_policy("cn").with_options(nowhere).absent()
    assert {"toxicity", "guard", "likeness"} <= set(absent)
    assert "checks.guard.model" in absent["guard"]
    assert load_policy("starter").absent() == {}


def test_a_verdict_without_a_package_is_not_taken_for_one_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    policy = load_policy("cn")
    before = policy.recipe()
    monkeypatch.setattr(weights, "find_spec", lambda _: None)
    after = policy.recipe()
    assert content_key(before) != content_key(after)
    assert "The package torch is not installed." in policy.absent()["frames"]


def test_a_key_of_an_endpoint_is_never_written_down() -> None:
    policy = load_policy("cn").with_options({"guard": {"endpoint": "http://g/v1", "key": "s3cret"}})
    assert "s3cret" not in repr(policy) + str(policy.recipe()) + policy.model_dump_json()


@pytest.mark.parametrize(
    ("check", "options", "words"),
    [
        ("lexicon", "{lists: [{file: words.csv}]}", "words.csv: line 2: severity is 9"),
        ("person_names", "{lists: [{file: words.csv}]}", "words.csv: line 2: severity is 9"),
        ("lexicon", "{list: []}", "lexicon.list is not a known key; did you mean lists"),
        ("guard", "{batch: 0}", "guard.batch is 0"),
    ],
)
def test_a_wrong_list_or_option_is_said_when_the_policy_is_loaded(
    tmp_path: Path, check: str, options: str, words: str
) -> None:
    (tmp_path / "words.csv").write_text("term,severity\n茶,9\n", encoding="utf-8")
    stages, checks = f"stages: {{copy: {{required: [{check}]}}}}", f"checks: {{{check}: {options}}}"
    text = f"about: A test.\nmarket: default\n{stages}\n{checks}\n"
    (tmp_path / "house.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(PolicyError, match=re.escape(words)):
        load_policy(tmp_path / "house.yaml")
