from pathlib import Path

import pytest

from campaign.errors import PolicyError
from tasks.read import read

KITS = (Path(__file__).parents[2] / "brand_kits",)
POLICY = "about: A house's own.\nmarket: default\nstages: {final: {required: [labels]}}\n"


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    (tmp_path / "tea.csv").write_text("编号,文案,品牌\nleaf,春天的茶。,qinghe_tea\n", encoding="utf-8")
    (tmp_path / "tea.yaml").write_text("policy: rules/house.yaml\n", encoding="utf-8")
    return tmp_path / "tea.csv"


def test_a_policy_file_is_found_from_the_sheet(
    sheet: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "house.yaml").write_text(POLICY, encoding="utf-8")
    monkeypatch.chdir(tmp_path / "rules")
    assert read(sheet, KITS).settings.policy == str(tmp_path / "rules" / "house.yaml")


def test_a_policy_file_that_is_not_there_stops_the_sheet_with_its_place(sheet: Path) -> None:
    with pytest.raises(PolicyError, match=r"rules/house\.yaml: is not a policy"):
        read(sheet, KITS)


def test_a_name_of_a_policy_stays_a_name(sheet: Path) -> None:
    sheet.with_name("tea.yaml").write_text("policy: cn\n", encoding="utf-8")
    assert read(sheet, KITS).settings.policy == "cn"
