import shutil
from dataclasses import fields
from pathlib import Path

import pytest

from campaign.errors import SheetError, StoreError
from campaign.sheet.campaign import Campaign
from campaign.store import Store
from tasks.content import keep, restore
from tasks.read import read, spots_of

ROOT = Path(__file__).parent.parent.parent
ROWS = """\
编号,文案,品牌,语言,时长,画幅,图片,发布时间
leaf,山里的晨雾。,qinghe_tea,中文,6,9:16;1:1,tin.png,2031-03-01 20:00
cup,A warm cup.,qinghe_tea,en,6,1:1,,
bad,A warm cup.,qinghe_te,en,6,1:1,,
"""


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """The folder where the campaign is written."""
    desk = tmp_path / "desk"
    desk.mkdir()
    (desk / "tea.csv").write_text(ROWS, encoding="utf-8")
    (desk / "tea.yaml").write_text(
        "size: 360\nbudget: 20 USD\npublish_window: 09:00-22:00\n", encoding="utf-8"
    )
    shutil.copy(ROOT / "examples/spring_tea/images/tea_tin.png", desk / "tin.png")
    shutil.copytree(ROOT / "brand_kits/qinghe_tea", desk / "brand_kits/qinghe_tea")
    return desk


def kept(desk: Path, store: Store) -> tuple[Campaign, str]:
    kits = (desk / "brand_kits",)
    campaign = read(desk / "tea.csv", kits)
    return keep(campaign, spots_of(campaign, kits)[0], store)


def test_a_campaign_is_whole_on_a_machine_that_has_neither_its_sheet_nor_its_kit(
    desk: Path, tmp_path: Path
) -> None:
    store = Store(tmp_path / "store")
    campaign, key = kept(desk, store)
    wanted = spots_of(campaign, (desk / "brand_kits",))[0]
    shutil.rmtree(desk)
    there, spots, broken = restore(store, key)
    for field in fields(Campaign):
        if field.name != "briefs":
            assert getattr(there, field.name) == getattr(campaign, field.name), field.name
    assert [spot.id for spot in spots] == [spot.id for spot in wanted] == ["leaf-1", "cup-1"]
    assert broken == {}
    assert there.original.read_text(encoding="utf-8") == ROWS
    leaf = spots[0]
    assert leaf.brief.publish_at == wanted[0].brief.publish_at
    assert leaf.brief.images[0].read_bytes() == (ROOT / "examples/spring_tea/images/tea_tin.png").read_bytes()
    assert leaf.kit.name == "qinghe_tea"
    assert leaf.kit.logo.file.is_file()
    assert keep(there, spots, store)[0].briefs == there.briefs


def test_a_policy_of_ones_own_goes_along(desk: Path, tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    shutil.copy(ROOT / "moderation/policies/starter.yaml", desk / "house.yaml")
    with (desk / "tea.yaml").open("a", encoding="utf-8") as file:
        file.write("policy: house.yaml\n")
    campaign, key = kept(desk, store)
    assert campaign.settings.policy == str(desk / "house.yaml")
    shutil.rmtree(desk)
    policy = Path(restore(store, key)[0].settings.policy)
    assert policy.name == "house.yaml"
    assert policy.is_file()


def test_a_sheet_that_somebody_saves_while_it_is_read_is_refused(desk: Path, tmp_path: Path) -> None:
    kits = (desk / "brand_kits",)
    campaign = read(desk / "tea.csv", kits)
    (desk / "tea.csv").write_text(ROWS.replace("warm", "cold"), encoding="utf-8")
    with pytest.raises(SheetError, match="has changed since it was read"):
        keep(campaign, spots_of(campaign, kits)[0], Store(tmp_path / "store"))


def test_content_that_is_not_in_this_machines_store_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="Let all machines use one store"):
        restore(Store(tmp_path / "store"), "0" * 64)
