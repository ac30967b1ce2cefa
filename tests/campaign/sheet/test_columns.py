import pytest

from campaign.sheet.columns import ALIASES, find_field, is_ours, near_field


def test_no_word_means_two_columns() -> None:
    words = [word for aliases in ALIASES.values() for word in aliases]
    assert len(words) == len(set(words))


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("文案", "copy"),
        (" Copy * ", "copy"),
        ("COPY（必填）", "copy"),
        ("时长（秒）", "duration"),
        ("Duration (s)", "duration"),
        ("copy 文案", "copy"),
        ("文案/Copy", "copy"),
        ("文案\nCopy", "copy"),
        ("publish_at", "publish_at"),
        ("Publish-At", "publish_at"),
        ("图片1", "image"),
        ("Image 2", "image"),
        ("ｉｄ", "id"),
        ("角色：", "subject"),
        ("【镜头】运镜", "camera"),
    ],
)
def test_a_header_is_found_in_the_ways_teams_write_it(header: str, field: str) -> None:
    assert find_field(header) == field


@pytest.mark.parametrize("header", ["", "备注", "price", "copy 产品", "我们的茶", "2026", "Variant Price"])
def test_a_foreign_header_is_not_ours(header: str) -> None:
    assert find_field(header) is None


@pytest.mark.parametrize(
    ("header", "meant"),
    [
        ("文安", ("copy", "文案")),
        ("Durration", ("duration", "duration")),
        ("hashtgas", ("hashtags", "hashtags")),
        ("时常", ("duration", "时长")),
    ],
)
def test_a_near_miss_suggests_the_column(header: str, meant: tuple[str, str]) -> None:
    assert near_field(header) == meant


@pytest.mark.parametrize("header", ["price", "备注", "库存数量", "x"])
def test_a_far_word_suggests_nothing(header: str) -> None:
    assert near_field(header) is None


def test_columns_that_we_added_are_not_read_back() -> None:
    assert is_ours("reelsheet: status")
    assert not is_ours("status")


@pytest.mark.parametrize("header", ["Variant SKU", "Variant Price", "Image Position", "Gift Card"])
def test_columns_of_a_shops_export_are_no_slips_of_ours(header: str) -> None:
    assert near_field(header) is None


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("编　号", "id"),
        ("文 案", "copy"),
        (" 品  牌 ", "brand"),
        ("时 长（秒）", "duration"),
        ("备 注", None),
    ],
)
def test_characters_spread_apart_are_one_word(header: str, field: str | None) -> None:
    assert find_field(header) == field


@pytest.mark.parametrize(
    ("header", "alias"), [("我们的品牌", "品牌"), ("产品详细文案", "文案"), ("产品卖点", None)]
)
def test_a_chinese_header_is_near_the_word_that_it_ends_with(header: str, alias: str | None) -> None:
    assert find_field(header) is None
    near = near_field(header)
    assert (near and near[1]) == alias
