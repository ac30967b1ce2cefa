import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

from PIL import Image

from campaign.report import BatchReport
from publishing.page.render import MOST_INSIDE, write_page


class Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self.found += [value for name, value in attrs if name in ("src", "href", "poster") and value]


def test_the_page_holds_its_pictures_and_names_videos_by_relative_path(
    report: BatchReport, tmp_path: Path
) -> None:
    (tmp_path / "tea01-1").mkdir()
    Image.new("RGB", (720, 1280), "#316547").save(tmp_path / "tea01-1" / "tea01-1_9x16.jpg")
    page = write_page(report, tmp_path).read_text(encoding="utf-8")
    links = Links()
    links.feed(page)
    assert any(link.startswith("data:image/jpeg;base64,") for link in links.found)
    assert "tea01-1/tea01-1_9x16.mp4" in links.found
    assert not [link for link in links.found if re.match(r"(https?:)?//", link)]


def test_a_page_of_very_many_videos_names_their_pictures_instead_of_holding_them(
    report: BatchReport, tmp_path: Path
) -> None:
    (tmp_path / "tea01-1").mkdir()
    Image.new("RGB", (720, 1280), "#316547").save(tmp_path / "tea01-1" / "tea01-1_9x16.jpg")
    many = replace(report, rows=[report.rows[0]] * (MOST_INSIDE + 1))
    page = write_page(many, tmp_path).read_text(encoding="utf-8")
    assert "data:image" not in page
    assert page.count('poster="tea01-1/tea01-1_9x16.jpg"') == MOST_INSIDE + 1


def test_words_of_the_sheet_are_shown_and_never_run(report: BatchReport, tmp_path: Path) -> None:
    page = write_page(report, tmp_path).read_text(encoding="utf-8")
    assert "春茶 &amp; &lt;b&gt;" in page
    assert "&lt;国家级&gt;" in page
    assert "A loud note." in page
    assert "Sheet1!B3: …" in page
