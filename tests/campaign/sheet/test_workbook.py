import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest
from openpyxl import load_workbook

from campaign.brief import Severity
from campaign.errors import SheetError
from campaign.frames import Aspect
from campaign.sheet.campaign import Campaign

Read = Callable[[Path], Campaign]
OLD = Path(__file__).parent / "files" / "old.xls"
HEADER = ["编号", "文案", "品牌"]


def test_cells_of_every_type_are_taken_as_the_person_sees_them(read: Read, xlsx: Callable[..., Path]) -> None:
    header = [*HEADER, "时长", "画幅", "发布时间", "标题", "账号"]
    row = [
        7.0,
        "春天的茶。",
        "ｌｅａｆ ",
        "１５秒",
        time(9, 16),
        datetime(2026, 3, 8, 20, 0),
        361,
        date(2026, 3, 8),
    ]
    brief = read(xlsx(Sheet1=[header, row])).briefs[0]
    assert (brief.id, brief.brand, brief.duration, brief.aspects) == ("7", "leaf", 15.0, (Aspect.TALL,))
    assert brief.publish_at == datetime(2026, 3, 8, 20, 0, tzinfo=UTC)
    assert (brief.title, brief.account) == ("361", "2026-03-08")


def test_an_old_workbook_is_read_with_its_title_merges_dates_and_settings(read: Read) -> None:
    campaign = read(OLD)
    assert [(b.id, b.row, b.brand, b.duration, b.aspects) for b in campaign.briefs] == [
        ("101", 3, "leaf", 15.0, (Aspect.TALL,)),
        ("102", 4, "leaf", 15.0, (Aspect.SQUARE,)),
    ]
    assert campaign.briefs[0].publish_at == datetime(2026, 3, 8, 20, 0, tzinfo=UTC)
    said = [problem.expected for problem in campaign.problems]
    assert "it cannot be told which rows and columns are hidden" in said[0]
    assert said[1] == "A merged cell counts for every row that it spans."
    assert campaign.sources["101"]["backend"] == "campaign!B1"


def test_an_opendocument_sheet_is_read_with_what_is_hidden_and_merged(read: Read, tmp_path: Path) -> None:
    campaign = read(write_ods(tmp_path / "a.ods"))
    assert [(b.id, b.copy, b.brand) for b in campaign.briefs] == [
        ("t1", "春天的茶。", "leaf"),
        ("t2", "Taste spring.", "leaf"),
    ]
    said = " ".join(str(problem) for problem in campaign.problems)
    assert "Hidden rows are taken as well: 3" in said
    assert "Hidden columns are taken as well: D" in said
    assert "merged cell" in said


def write_ods(path: Path) -> Path:
    """As LibreOffice writes one: a million empty rows as one element, a merged and a hidden part."""
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    merged = cell.replace("<table:table-cell", '<table:table-cell table:number-rows-spanned="2"', 1)
    empty = '<table:table-cell table:number-columns-repeated="16380"/>'
    rows = (
        f"<table:table-row>{''.join(cell.format(h) for h in (*HEADER, '备注'))}{empty}</table:table-row>",
        f"<table:table-row>{cell.format('t1')}{cell.format('春天的茶。')}{merged.format('leaf')}"
        f"{cell.format('x')}</table:table-row>",
        f'<table:table-row table:visibility="collapse">{cell.format("t2")}{cell.format("Taste spring.")}'
        "<table:covered-table-cell/></table:table-row>",
        f'<table:table-row table:number-rows-repeated="1048573">{empty}</table:table-row>',
    )
    content = (
        '<?xml version="1.0" encoding="UTF-8"?><office:document-content '
        'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
        '<table:table table:name="文案表"><table:table-column table:number-columns-repeated="3"/>'
        f'<table:table-column table:visibility="collapse"/>{"".join(rows)}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", content)
    return path


def test_hidden_rows_and_columns_are_taken_and_said(read: Read, xlsx: Callable[..., Path]) -> None:
    path = xlsx(rows=[[*HEADER, "风格"], ["t1", "茶。", "leaf", "晨光"], ["t2", "茶来了。", "leaf", "夜色"]])
    workbook = load_workbook(path)
    workbook["rows"].row_dimensions[3].hidden = True
    workbook["rows"].column_dimensions["D"].hidden = True
    workbook.save(path)
    campaign = read(path)
    assert [brief.style for brief in campaign.briefs] == ["晨光", "夜色"]
    assert [(p.cell, p.severity) for p in campaign.problems] == [("3", Severity.NOTE), ("D", Severity.NOTE)]


def test_a_title_blank_rows_and_a_merged_banner_above_the_header_do_not_matter(
    read: Read, xlsx: Callable[..., Path]
) -> None:
    path = xlsx(
        rows=[[], ["春茶活动 2026"], [], HEADER, ["t1", "茶。", "leaf"], [], [], ["t2", "来了。", "leaf"]]
    )
    workbook = load_workbook(path)
    workbook["rows"].merge_cells("A2:F3")
    workbook.save(path)
    campaign = read(path)
    assert campaign.header_row == 4
    assert [brief.row for brief in campaign.briefs] == [5, 8]
    assert campaign.problems == ()


def test_a_formula_without_a_stored_result_is_said_at_its_cell(read: Read, xlsx: Callable[..., Path]) -> None:
    campaign = read(xlsx(rows=[HEADER, ["t1", '="春"&"茶"', "leaf"], ["t2", "茶。", "leaf"]]))
    assert [brief.id for brief in campaign.briefs] == ["t2"]
    (problem,) = campaign.errors
    assert problem.cell == "B2"
    assert "formula whose result is not stored" in problem.expected
    assert "calculate" in problem.remedy


def test_a_formula_with_an_error_is_said_at_its_cell(read: Read, xlsx: Callable[..., Path]) -> None:
    path = xlsx(rows=[[*HEADER, "标题"], ["t1", "茶。", "leaf", "#REF!"]])
    assert [p.expected for p in read(path).errors] == ["The cell's formula gives an error."]


def test_stray_formatting_in_the_last_row_of_the_sheet_costs_nothing(
    read: Read, xlsx: Callable[..., Path]
) -> None:
    path = xlsx(rows=[HEADER, ["t1", "茶。", "leaf"]])
    workbook = load_workbook(path)
    workbook["rows"].cell(row=1_048_576, column=16_384).number_format = "0.00"
    workbook.save(path)
    assert len(read(path).briefs) == 1


def test_a_value_in_the_last_row_and_column_is_refused_by_its_cell(
    read: Read, xlsx: Callable[..., Path]
) -> None:
    path = xlsx(rows=[HEADER, ["t1", "茶。", "leaf"]])
    workbook = load_workbook(path)
    workbook["rows"].cell(row=1_048_576, column=16_384).value = "x"
    workbook.save(path)
    with pytest.raises(SheetError, match="XFD1048576"):
        read(path)


def test_a_stray_value_in_the_last_row_alone_is_a_row_with_a_problem(
    read: Read, xlsx: Callable[..., Path]
) -> None:
    path = xlsx(rows=[HEADER, ["t1", "茶。", "leaf"]])
    workbook = load_workbook(path)
    workbook["rows"].cell(row=1_048_576, column=1).value = "x"
    workbook.save(path)
    campaign = read(path)
    assert [brief.id for brief in campaign.briefs] == ["t1"]
    assert ("1048576", "The copy (文案) is missing.") in [(p.cell, p.expected) for p in campaign.errors]


def test_the_worksheet_with_our_headers_is_found_among_others(read: Read, xlsx: Callable[..., Path]) -> None:
    campaign = read(
        xlsx(
            封面=[["春茶"], ["市场部"]],
            价格=[["产品", "价格"], ["茶", 3]],
            文案表=[HEADER, ["t1", "茶。", "leaf"]],
        )
    )
    assert campaign.sheet == "文案表"
    assert campaign.problems == ()


def test_a_second_worksheet_with_our_headers_is_said(read: Read, xlsx: Callable[..., Path]) -> None:
    rows = [HEADER, ["t1", "茶。", "leaf"]]
    campaign = read(xlsx(三月=rows, 四月=rows))
    assert campaign.sheet == "三月"
    assert "四月" in campaign.problems[0].expected
    chosen = read(xlsx(三月=rows, 四月=rows, campaign=[["worksheet", "四月"]]))
    assert chosen.sheet == "四月"
    assert chosen.problems == ()


def test_macros_are_ignored(read: Read, xlsx: Callable[..., Path], tmp_path: Path) -> None:
    path = xlsx("m.xlsm", rows=[HEADER, ["t1", "茶。", "leaf"]])
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"\x00macros")
    assert len(read(path).briefs) == 1


def test_a_workbook_under_another_name_is_read_and_said(read: Read, xlsx: Callable[..., Path]) -> None:
    campaign = read(xlsx("export.csv", rows=[HEADER, ["t1", "茶。", "leaf"]]))
    assert len(campaign.briefs) == 1
    assert "Rename it to export.xlsx." in campaign.problems[0].remedy


def test_a_huge_worksheet_beside_the_rows_does_not_matter(read: Read, xlsx: Callable[..., Path]) -> None:
    path = xlsx(rows=[HEADER, ["t1", "茶。", "leaf"]], dump=[["x"]])
    workbook = load_workbook(path)
    workbook["dump"].cell(row=1_048_576, column=16_384).value = "x"
    workbook.save(path)
    campaign = read(path)
    assert len(campaign.briefs) == 1
    assert [p.expected for p in campaign.problems] == ["The worksheet dump is too large to be looked at."]
