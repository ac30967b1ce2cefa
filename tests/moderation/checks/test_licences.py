from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from moderation.check import Ask, AssetUsed, Material, Outcome
from moderation.checks.licences import LicencesCheck, LicencesOptions
from moderation.finding import Coverage, Stage

DAY = date(2026, 11, 20)


@pytest.fixture
def asset(tmp_path: Path) -> AssetUsed:
    (tmp_path / "mist.ogg").write_bytes(b"sound")
    (tmp_path / "mist.txt").write_text("CC0", "utf-8")
    return AssetUsed(where="music.mist", file=tmp_path / "mist.ogg", licence=tmp_path / "mist.txt")


def look(asset: AssetUsed, day: date | None = DAY) -> Outcome:
    ask = Ask(stage=Stage.FINAL, market="cn")
    return LicencesCheck(LicencesOptions()).look(Material(assets=(asset,), day=day), ask)


def test_a_licence_without_an_end_holds(asset: AssetUsed) -> None:
    assert look(asset, day=None).findings == ()


@pytest.mark.parametrize(
    ("expires", "rule", "severity"),
    [
        (date(2026, 11, 19), "licences.expired", 5),
        (date(2026, 11, 20), "licences.ends_soon", 2),
        (date(2026, 12, 20), "licences.ends_soon", 2),
    ],
)
def test_the_end_of_a_licence_is_held_against_the_day(
    asset: AssetUsed, expires: date, rule: str, severity: int
) -> None:
    (finding,) = look(replace(asset, expires=expires)).findings
    assert (finding.rule_id, finding.severity) == (rule, severity)
    assert str(expires) in finding.why


def test_a_licence_that_ends_later_holds(asset: AssetUsed) -> None:
    assert look(replace(asset, expires=date(2026, 12, 21))).findings == ()


def test_an_asset_without_a_licence_is_found(asset: AssetUsed) -> None:
    assert look(replace(asset, licence=None)).findings[0].rule_id == "licences.missing"


@pytest.mark.parametrize("text", [None, " \n"])
def test_a_licence_that_says_nothing_is_missing(asset: AssetUsed, text: str | None) -> None:
    assert asset.licence
    asset.licence.unlink() if text is None else asset.licence.write_text(text, "utf-8")
    assert look(asset).findings[0].rule_id == "licences.missing"


def test_an_end_cannot_be_judged_without_a_day(asset: AssetUsed) -> None:
    assert look(replace(asset, expires=DAY), day=None).report.coverage is Coverage.ERROR
