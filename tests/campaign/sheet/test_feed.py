from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from campaign.errors import SheetError
from campaign.sheet.campaign import Campaign

Read = Callable[[Path | str], Campaign]
EXPORT = (
    "Handle,Title,Body (HTML),Vendor,Image Src,Image Position,Variant Price\n"
    'green-tea,Green tea,"<p>Picked at <em>dawn</em>.</p><ul><li>Fresh</li><li>Mild</li></ul>",Leaf & Co,'
    "https://cdn.example/files/green-1.jpg?v=17,1,12.00\n"
    "green-tea,,,,https://cdn.example/files/green-2.jpg?v=17,2,\n"
    'black-tea,Black tea,"<p>Strong &amp; warm.</p>",Leaf & Co,,1,9.00\n'
)
SETTINGS = """
brand: leaf
group by: Handle
images: downloads
columns:
  Title: product
  Body (HTML): copy
  Image Src: image
  Vendor: extra
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "campaign.yaml").write_text(SETTINGS)
    (tmp_path / "downloads").mkdir()
    for name in ("green-1.jpg", "green-2.jpg"):
        Image.new("RGB", (20, 20)).save(tmp_path / "downloads" / name)
    return tmp_path


def test_a_shops_export_becomes_a_campaign_as_it_is(read: Read, shop: Path) -> None:
    campaign = read(EXPORT)
    assert campaign.errors == ()
    assert [problem.value for problem in campaign.problems] == ["Image Position", "Variant Price"]
    green, black = campaign.briefs
    assert (green.id, green.product, green.copy) == ("green-tea", "Green tea", "Picked at dawn.\nFresh\nMild")
    assert [path.name for path in green.images] == ["green-1.jpg", "green-2.jpg"]
    assert campaign.sources["green-tea"]["images"] == "E2, E3"
    assert green.extra == {"Vendor": "Leaf & Co", "Image Position": "1", "Variant Price": "12.00"}
    assert (black.id, black.copy, black.images) == ("black-tea", "Strong & warm.", ())
    assert [(row.number, row.id) for row in campaign.rows] == [
        (2, "green-tea"),
        (3, "green-tea"),
        (4, "black-tea"),
    ]


def test_rows_of_one_product_need_not_stand_together(read: Read, shop: Path) -> None:
    header, first, second, third = EXPORT.splitlines(keepends=True)
    campaign = read(header + first + third + second)
    assert [len(brief.images) for brief in campaign.briefs] == [2, 0]


def test_rows_of_one_product_that_disagree_are_noted(read: Read, shop: Path) -> None:
    campaign = read(EXPORT.replace("green-tea,,,,", "green-tea,Other tea,,,"))
    assert campaign.briefs[0].product == "Green tea"
    assert "Rows 2 and 3 are one product but differ in product." in [p.expected for p in campaign.problems]


def test_a_picture_that_was_not_downloaded_is_named(read: Read, shop: Path) -> None:
    (shop / "downloads" / "green-2.jpg").unlink()
    campaign = read(EXPORT)
    assert [brief.id for brief in campaign.briefs] == ["black-tea"]
    assert campaign.errors[0].cell == "E3"
    assert "There is no green-2.jpg in downloads/" in campaign.errors[0].expected


def test_a_web_address_cannot_lead_out_of_the_folder(read: Read, shop: Path) -> None:
    campaign = read(EXPORT.replace("files/green-2.jpg", "files/..%2F..%2Fcampaign.yaml"))
    assert "There is no campaign.yaml in downloads/" in campaign.errors[0].expected


def test_without_grouping_the_repeated_id_says_how_to_group(read: Read, shop: Path) -> None:
    (shop / "campaign.yaml").write_text(SETTINGS.replace("group by: Handle\n", ""))
    problems = [p for p in read(EXPORT).errors if p.cell in ("A2", "A3")]
    assert len(problems) == 2
    assert all("group_by" in problem.remedy for problem in problems)


def test_grouping_by_a_column_that_is_not_there_is_refused(read: Read, shop: Path) -> None:
    (shop / "campaign.yaml").write_text(SETTINGS.replace("group by: Handle", "group by: Handel"))
    with pytest.raises(SheetError, match="Did you mean Handle"):
        read(EXPORT)


def test_a_mapped_header_that_is_not_there_is_noted(read: Read, shop: Path) -> None:
    (shop / "campaign.yaml").write_text(SETTINGS.replace("Title: product", "Titel: product"))
    assert "Did you mean Title?" in [p.remedy for p in read(EXPORT).problems]


def test_a_mapping_in_a_worksheet_stands_in_rows_or_in_one_cell(
    read: Read, xlsx: Callable[..., Path]
) -> None:
    rows = [["Handle", "Title", "Text body"], ["a", "Tea", "Taste the spring."]]
    in_rows = [["brand", "leaf"], ["columns", "Title", "product"], ["columns", "Text body", "copy"]]
    in_a_cell = [["brand", "leaf"], ["columns", "Title = product\nText body → 文案"]]
    for settings in (in_rows, in_a_cell):
        brief = read(xlsx(feed=rows, campaign=settings)).briefs[0]
        assert (brief.product, brief.copy) == ("Tea", "Taste the spring.")


def test_a_sheet_of_foreign_headers_says_how_to_map_them(read: Read, tmp_path: Path) -> None:
    with pytest.raises(SheetError, match=r"columns: \{Body \(HTML\): copy\}"):
        read(EXPORT)


def test_a_header_that_names_none_of_the_likely_ones_still_gets_an_example_of_its_own(read: Read) -> None:
    with pytest.raises(SheetError, match=r"columns: \{Slogan: copy\}"):
        read("id,brand,Slogan\nt1,leaf,Taste the spring.\n")


def test_the_settings_in_the_docs_make_a_campaign_of_a_shops_export(read: Read, tmp_path: Path) -> None:
    docs = (Path(__file__).parents[3] / "docs" / "sheets.md").read_text(encoding="utf-8")
    example = docs.split("```yaml\n")[1].split("```")[0]
    (tmp_path / "campaign.yaml").write_text(example.replace("harbor_ceramics", "harbor"), encoding="utf-8")
    (tmp_path / "pictures").mkdir()
    for name in ("tea-1.jpg", "tea-2.jpg"):
        Image.new("RGB", (8, 8)).save(tmp_path / "pictures" / name)
    address = "https://cdn.example/files/1/"
    campaign = read(
        "Handle,Title,Body (HTML),Vendor,Tags,Image Src\n"
        f'tea,Spring Tea,<p>Picked at <b>dawn</b>.</p>,Qinghe,"tea, spring",{address}tea-1.jpg?v=16\n'
        f"tea,,,,,{address}tea-2.jpg?v=16\n"
    )
    (brief,) = campaign.briefs
    assert campaign.problems == ()
    assert (brief.id, brief.product, brief.copy, brief.brand) == (
        "tea", "Spring Tea", "Picked at dawn.", "harbor"
    )  # fmt: skip
    assert (brief.hashtags, len(brief.images), brief.extra) == (("tea", "spring"), 2, {"Vendor": "Qinghe"})
