"""What is written into a status copy can be read in any spreadsheet program, not only in Excel."""

import re
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.styles import Alignment

from campaign.sheet import original
from campaign.sheet.campaign import Campaign
from campaign.sheet.layout import LINE
from campaign.sheet.status import RowStatus, write_status

Read = Callable[[Path | str], Campaign]
SHEET = "xl/worksheets/sheet1.xml"
LONG = "The day is there but not the time of day. Write it like 2026-03-09 20:00.\n" * 3


def sheet_with(tmp_path: Path, change: Callable[[Workbook], None] = lambda _: None) -> Path:
    workbook = Workbook()
    rows = workbook.worksheets[0]
    for row in (["编号", "文案", "品牌"], ["t1", "春天的茶。", "leaf"], ["t2", "来了。", "leaf"]):
        rows.append(row)
    change(workbook)
    workbook.save(tmp_path / "spring.xlsx")
    return tmp_path / "spring.xlsx"


def with_xml(path: Path, old: str, new: str) -> Path:
    """Another program's way of writing the worksheet."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert old in parts[SHEET].decode()
    parts[SHEET] = parts[SHEET].decode().replace(old, new).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def copy_of(read: Read, path: Path, reason: str = LONG) -> Path:
    campaign = read(path)
    rows = {row.number: RowStatus(status="problem", reason=reason) for row in campaign.rows}
    write_status(campaign, rows, path.with_name("s.xlsx"))
    return path.with_name("s.xlsx")


def row_tag(path: Path, number: int) -> str:
    with zipfile.ZipFile(path) as archive:
        found = re.search(rf'<row r="{number}"[^>]*>', archive.read(SHEET).decode())
    assert found
    return found[0]


def test_a_row_is_as_high_as_what_is_said_of_it(read: Read, tmp_path: Path) -> None:
    copy = copy_of(read, sheet_with(tmp_path))
    assert load_workbook(copy).worksheets[0].row_dimensions[2].height >= 6 * LINE
    assert "customHeight" not in row_tag(copy, 2)


def test_a_row_whose_copy_is_longer_than_its_reason_shows_all_of_the_copy(read: Read, tmp_path: Path) -> None:
    def lengthen(workbook: Workbook) -> None:
        cell = workbook.worksheets[0]["B2"]
        cell.value = "春天的茶。" * 30
        cell.alignment = Alignment(wrap_text=True)

    copy = copy_of(read, sheet_with(tmp_path, lengthen))
    assert load_workbook(copy).worksheets[0].row_dimensions[2].height > 20 * LINE


def test_a_height_that_a_person_gave_a_row_stays(read: Read, tmp_path: Path) -> None:
    def set_height(workbook: Workbook) -> None:
        workbook.worksheets[0].row_dimensions[2].height = 20

    copy = copy_of(read, sheet_with(tmp_path, set_height))
    assert 'ht="20" customHeight="1"' in row_tag(copy, 2)


def test_a_row_that_its_program_fitted_grows_with_the_reason(read: Read, tmp_path: Path) -> None:
    path = with_xml(sheet_with(tmp_path), '<row r="2"', '<row r="2" ht="18.5" spans="1:3"')
    copy = copy_of(read, path)
    assert load_workbook(copy).worksheets[0].row_dimensions[2].height >= 6 * LINE
    short = copy_of(read, path, reason="")
    assert 'ht="18.5"' in row_tag(short, 2)
    assert "customHeight" not in row_tag(short, 2)


def test_our_columns_are_seen_where_all_columns_beside_the_table_are_hidden(
    read: Read, tmp_path: Path
) -> None:
    hidden = '<cols><col min="1" max="3" width="20"/><col min="4" max="16384" width="9" hidden="1"/></cols>'
    copy = copy_of(read, with_xml(sheet_with(tmp_path), "<sheetData>", f"{hidden}<sheetData>"))
    with zipfile.ZipFile(copy) as archive:
        columns = re.findall(r"<col [^>]*>", archive.read(SHEET).decode())
    spans = [
        (int(first[1]), int(last[1]), "hidden" in column)
        for column in columns
        if (first := re.search(r'min="(\d+)"', column)) and (last := re.search(r'max="(\d+)"', column))
    ]
    assert sorted(spans) == [(1, 3, False), (4, 4, False), (5, 5, False), (6, 16384, True)]


def test_our_columns_stand_beside_a_chart_and_not_under_it(read: Read, tmp_path: Path) -> None:
    def draw(workbook: Workbook) -> None:
        rows = workbook.worksheets[0]
        chart = BarChart()
        chart.add_data(Reference(rows, min_col=1, min_row=1, max_row=3))
        rows.add_chart(chart, "E2")

    copy = load_workbook(copy_of(read, sheet_with(tmp_path, draw)))
    heads = {cell.value: cell.column for cell in copy.worksheets[0][1] if cell.value}
    # The usual chart is 15 cm wide: nine columns and a bit.
    assert heads["reelsheet: status"] > 5 + 8


def test_a_stray_cell_far_down_costs_no_memory(read: Read, tmp_path: Path) -> None:
    def stray(workbook: Workbook) -> None:
        workbook.worksheets[0].cell(row=20_000, column=200).value = "x"

    campaign = read(sheet_with(tmp_path, stray))
    tracemalloc.start()
    write_status(campaign, {n: RowStatus(status="done") for n in range(2, 3000)}, tmp_path / "s.xlsx")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 30e6


def test_a_workbook_of_countless_empty_cells_is_copied_as_values_and_that_is_said(
    read: Read, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(original, "MOST_CELLS", 8)
    copy = load_workbook(copy_of(read, sheet_with(tmp_path)))
    assert copy.worksheets[0]["B2"].value == "春天的茶。"
    assert "The workbook has 9 cells" in copy["reelsheet"]["D2"].value


def test_a_persons_own_comment_is_shown_whole(read: Read, tmp_path: Path) -> None:
    def remark(workbook: Workbook) -> None:
        workbook.worksheets[0]["B2"].comment = Comment("请法务再看一遍。" * 20, "李")

    copy_of(read, sheet_with(tmp_path, remark))
    with zipfile.ZipFile(tmp_path / "s.xlsx") as archive:
        drawing = next(name for name in archive.namelist() if name.endswith(".vml"))
        height = re.search(r"height:([\d.]+)px", archive.read(drawing).decode())
    assert height
    assert float(height[1]) > 100


def test_every_font_of_ours_has_a_name(read: Read, tmp_path: Path) -> None:
    copy = load_workbook(copy_of(read, sheet_with(tmp_path)))
    fonts = [
        cell.font for sheet in copy.worksheets for row in sheet.iter_rows() for cell in row if cell.value
    ]
    assert {(font.name, font.size) for font in fonts} == {("Calibri", 11)}


def test_a_problem_in_the_list_leads_to_its_cell(read: Read, tmp_path: Path) -> None:
    def spoil(workbook: Workbook) -> None:
        workbook.worksheets[0].title = "文案 表"
        workbook.worksheets[0]["C3"].value = "laef"
        workbook.create_sheet("campaign").append(["policy", "stater"])

    copy = load_workbook(copy_of(read, sheet_with(tmp_path, spoil)))
    places = {cell.value: cell.hyperlink.location for cell in copy["reelsheet"]["A"] if cell.hyperlink}
    assert places["C3"] == "'文案 表'!C3"
    assert places["campaign!B1"] == "'campaign'!B1"


def test_a_hidden_worksheet_stays_hidden_in_a_copy_of_values(
    read: Read, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hide(workbook: Workbook) -> None:
        workbook.create_sheet("lists").append(["leaf"])
        workbook["lists"].sheet_state = "hidden"

    monkeypatch.setattr(original, "MOST_CELLS", 1)
    copy = load_workbook(copy_of(read, sheet_with(tmp_path, hide)))
    assert [sheet.sheet_state for sheet in copy.worksheets] == ["visible", "hidden", "visible"]


def test_a_title_above_the_table_makes_no_column_wide(read: Read, tmp_path: Path) -> None:
    campaign = read("清和茶 2027 春季短视频投放计划表\n编号,文案,品牌\nt1,春天的茶。,leaf\n")
    write_status(campaign, {3: RowStatus(status="done")}, tmp_path / "s.xlsx")
    assert load_workbook(tmp_path / "s.xlsx").worksheets[0].column_dimensions["A"].width < 12
