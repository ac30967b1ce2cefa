import json
from dataclasses import replace
from pathlib import Path

import pytest

from moderation.check import LabelsSeen, Material
from moderation.checks.labels import AIGC_FIELDS
from moderation.finding import Decision, Stage, Verdict
from moderation.policy import load_policy
from moderation.screen import screen

FIELDS = dict.fromkeys(AIGC_FIELDS, "") | {"Label": "1", "ContentProducer": "001191", "ProduceID": "tea01-1"}
RIGHT = LabelsSeen(
    file=Path("spot.mp4"),
    visible=(0.0, 2.0),
    ink_height=0.055,
    aigc=(json.dumps(FIELDS),),
    c2pa="Valid",
    c2pa_problems=("signingCredential.untrusted",),
    c2pa_source="trainedAlgorithmicMedia",
)
WITHOUT = {
    "visible": replace(RIGHT, visible=None),
    "aigc": replace(RIGHT, aigc=()),
    "c2pa": replace(RIGHT, c2pa=None),
}


def verdict(seen: LabelsSeen, name: str) -> Verdict:
    policy = load_policy(name)
    only = [asked for asked, _ in policy.asked(Stage.FINAL) if asked.check == "labels"]
    stage = policy.stages[Stage.FINAL].model_copy(update={"required": tuple(only)})
    return screen(
        Material(labels=(seen,)), policy.model_copy(update={"stages": {Stage.FINAL: stage}}), Stage.FINAL
    )


@pytest.mark.parametrize("market", ["starter", "cn", "eu", "us"])
def test_a_labelled_file_passes_everywhere(market: str) -> None:
    assert verdict(RIGHT, market).decision is Decision.ALLOW


@pytest.mark.parametrize(
    ("market", "demanded"),
    [("starter", {"visible"}), ("cn", {"visible", "aigc"}), ("eu", {"visible", "c2pa"}), ("us", {"visible"})],
)
def test_a_market_refuses_a_file_without_a_label_it_demands(market: str, demanded: set[str]) -> None:
    refused = {name for name, seen in WITHOUT.items() if verdict(seen, market).decision is Decision.REFUSE}
    assert refused == demanded


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (replace(RIGHT, visible=(0.5, 3.0)), "from the first frame"),
        (replace(RIGHT, visible=(0.0, 1.5)), "until 1.50 s"),
        (replace(RIGHT, ink_height=0.046), "4.6%"),
        (replace(RIGHT, ink_height=None), "not measured"),
        (replace(RIGHT, visible_problem="At 0 s no legible letters."), "no legible letters"),
        (replace(RIGHT, aigc=RIGHT.aigc * 2), "2 AIGC labels"),
        (replace(RIGHT, aigc=("{",)), "not JSON"),
        (replace(RIGHT, aigc=('{"AIGC":{}}',)), "must have the fields"),
        (replace(RIGHT, aigc=(json.dumps(FIELDS | {"Label": "4"}),)), "not 1, 2 or 3"),
        (replace(RIGHT, aigc=(json.dumps(FIELDS | {"Label": 1}),)), "Label is 1"),
        (replace(RIGHT, aigc=(json.dumps(FIELDS | {"ContentProducer": ""}),)), "ContentProducer is empty"),
        (replace(RIGHT, aigc=(json.dumps(FIELDS | {"ContentProducer": "公司"}),)), "printable ASCII"),
        (replace(RIGHT, aigc=(json.dumps(FIELDS | {"ProduceID": "a b"}),)), "printable ASCII"),
        (replace(RIGHT, c2pa="Invalid", c2pa_problems=("assertion.bmffHash.mismatch",)), "bmffHash"),
        (replace(RIGHT, c2pa_source="digitalCapture"), "digitalCapture"),
    ],
)
def test_a_wrong_label_is_refused_even_where_none_is_demanded(wrong: LabelsSeen, said: str) -> None:
    result = verdict(wrong, "us")
    assert result.decision is Decision.REFUSE
    assert said in result.reasons[0]


@pytest.mark.parametrize(
    "source", ["trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia", "algorithmicMedia"]
)
def test_credentials_may_say_that_a_model_or_rules_made_it(source: str) -> None:
    assert verdict(replace(RIGHT, c2pa_source=source), "eu").decision is Decision.ALLOW


def test_a_file_whose_labels_were_not_read_does_not_pass() -> None:
    policy = load_policy("starter")
    assert screen(Material(), policy, Stage.FINAL).decision is Decision.REVIEW
