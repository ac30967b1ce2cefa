"""An .ods as LibreOffice and Gnumeric write it."""

import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from campaign.errors import SheetError
from campaign.sheet.campaign import Campaign
from campaign.sheet.container import Kind
from campaign.sheet.open_document import OpenTable, read_tables
from campaign.sheet.save import save_workbook, write_text
from campaign.sheet.workbook import read_workbook

Read = Callable[[Path], Campaign]
SPACES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" '
    'xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" '
    'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
)


def write_ods(path: Path, tables: str, styles: str = "") -> Path:
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {SPACES}>'
        f"<office:automatic-styles>{styles}</office:automatic-styles><office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", content)
    return path


def cell(paragraphs: str, attributes: str = 'office:value-type="string"') -> str:
    return f"<table:table-cell {attributes}>{paragraphs}</table:table-cell>"


def row(*cells: str) -> str:
    return f"<table:table-row>{''.join(cells)}</table:table-row>"


def table(*rows: str, name: str = "a") -> str:
    return f'<table:table table:name="{name}">{"".join(rows)}</table:table>'


def only(path: Path) -> OpenTable:
    (found,) = read_tables(path)
    return found


@pytest.mark.parametrize(
    ("paragraphs", "text"),
    [
        ("<text:p>Line one<text:line-break/>line two</text:p>", "Line one\nline two"),
        ("<text:p>Line one</text:p><text:p>line two</text:p>", "Line one\nline two"),
        ("<text:p>Tea<text:tab/>cup<text:s text:c='3'/>x</text:p>", "Tea\tcup   x"),
        ("<text:p>At <text:a>our shop</text:a>, <text:span>now</text:span>.</text:p>", "At our shop, now."),
        ("<text:p>Taste\n   spring.</text:p>", "Taste    spring."),
        ("<office:annotation><text:p>ask Li</text:p></office:annotation><text:p>Tea.</text:p>", "Tea."),
        ("<text:p>Tea.</text:p><draw:frame><text:p>a label</text:p></draw:frame>", "Tea."),
        ("", ""),
    ],
)
def test_text_is_what_the_person_sees(tmp_path: Path, paragraphs: str, text: str) -> None:
    found = only(write_ods(tmp_path / "a.ods", table(row(cell(paragraphs), cell("<text:p>end</text:p>")))))
    assert found.rows[1] == (text, "end")


@pytest.mark.parametrize(
    ("attributes", "value"),
    [
        ('office:value-type="float" office:value="15"', 15.0),
        ('office:value-type="percentage" office:value="0.6"', 0.6),
        ('office:value-type="currency" office:currency="CNY" office:value="68"', 68.0),
        ('office:value-type="boolean" office:boolean-value="true"', True),
        ('office:value-type="date" office:date-value="2026-03-08"', date(2026, 3, 8)),
        ('office:value-type="date" office:date-value="2026-03-08T20:00:00"', datetime(2026, 3, 8, 20)),
        ('office:value-type="time" office:time-value="PT09H16M00S"', time(9, 16)),
        ('office:value-type="time" office:time-value="PT30H00M00S"', timedelta(hours=30)),
        ('office:value-type="string" office:string-value="said"', "said"),
    ],
)
def test_a_value_is_the_one_that_is_stored_and_not_the_one_shown(
    tmp_path: Path, attributes: str, value: object
) -> None:
    shown = "" if "string" in attributes else "<text:p>as shown</text:p>"
    assert only(write_ods(tmp_path / "a.ods", table(row(cell(shown, attributes))))).rows[1] == (value,)


def test_a_file_laid_out_on_lines_is_read_as_gnumeric_writes_it(read: Read, tmp_path: Path) -> None:
    lines = table(
        row(*(cell(f"<text:p>{word}</text:p>") for word in ("编号", "文案", "品牌"))),
        row(*(cell(f"<text:p>{word}</text:p>") for word in ("t1", "春天的茶。", "leaf"))),
    ).replace("><table", ">\n    <table")
    assert [brief.copy for brief in read(write_ods(tmp_path / "a.ods", lines)).briefs] == ["春天的茶。"]


def test_a_hidden_worksheet_is_passed_over_for_one_that_shows(read: Read, tmp_path: Path) -> None:
    rows = [
        row(*(cell(f"<text:p>{word}</text:p>") for word in ("编号", "文案", "品牌"))),
        row(*(cell(f"<text:p>{word}</text:p>") for word in ("t1", "春天的茶。", "leaf"))),
    ]
    hidden = table(*rows, name="old").replace("<table:table ", '<table:table table:style-name="ta2" ')
    styles = '<style:style style:name="ta2"><style:table-properties table:display="false"/></style:style>'
    path = write_ods(tmp_path / "a.ods", hidden + table(*rows, name="new"), styles)
    assert read(path).sheet == "new"


def test_a_formula_that_gives_an_error_is_a_problem_and_never_copy(read: Read, tmp_path: Path) -> None:
    head = row(*(cell(f"<text:p>{word}</text:p>") for word in ("编号", "文案", "品牌")))
    libreoffice = 'table:formula="of:=1/0" office:value-type="string" calcext:value-type="error"'
    gnumeric = 'table:formula="of:=1/0" office:value-type="string" office:string-value="#DIV/0!"'
    rows = [
        row(
            cell(f"<text:p>t{number}</text:p>"),
            cell("<text:p>#DIV/0!</text:p>", way),
            cell("<text:p>leaf</text:p>"),
        )
        for number, way in enumerate((libreoffice, gnumeric))
    ]
    campaign = read(write_ods(tmp_path / "a.ods", table(head, *rows)))
    assert campaign.briefs == ()
    assert [(p.cell, p.expected) for p in campaign.problems] == [
        ("B2", "The cell's formula gives an error."),
        ("B3", "The cell's formula gives an error."),
    ]


@pytest.mark.parametrize(
    "said",
    [
        'office:value-type="float" office:value="many"',
        'office:value-type="date" office:date-value="2026-13-40"',
        'office:value-type="time" office:time-value="noon"',
    ],
)
def test_values_that_are_none_are_damage(tmp_path: Path, said: str) -> None:
    with pytest.raises(SheetError, match="is damaged"):
        read_tables(write_ods(tmp_path / "a.ods", table(row(cell("", said)))))


def test_a_moment_in_an_ods_is_the_same_as_in_an_xlsx(read: Read, tmp_path: Path) -> None:
    when = cell("<text:p>8.3.26</text:p>", 'office:value-type="date" office:date-value="2026-03-08T20:00:00"')
    path = write_ods(
        tmp_path / "a.ods",
        table(
            row(*(cell(f"<text:p>{word}</text:p>") for word in ("编号", "文案", "品牌", "发布时间"))),
            row(*(cell(f"<text:p>{word}</text:p>") for word in ("t1", "春天的茶。", "leaf")), when),
        ),
    )
    assert read(path).briefs[0].publish_at == datetime(2026, 3, 8, 20, tzinfo=UTC)


words = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff")
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(words, min_size=1, max_size=4), min_size=1, max_size=4))
def test_any_text_is_the_same_out_of_an_ods_as_out_of_an_xlsx(tmp_path: Path, rows: list[list[str]]) -> None:
    open_rows = (row(*(cell(f"<text:p>{escape(text)}</text:p>") for text in line)) for line in rows)
    path = write_ods(tmp_path / "a.ods", table(*open_rows))
    workbook = Workbook()
    for number, line in enumerate(rows, start=1):
        for column, text in enumerate(line, start=1):
            write_text(workbook.worksheets[0].cell(row=number, column=column), text)
    save_workbook(workbook, tmp_path / "a.xlsx")

    def texts(file: Path, kind: Kind) -> dict[int, list[str]]:
        (grid,) = read_workbook(file, kind)
        return {n: [str(c) for c in cells if str(c).strip()] for n, cells in grid.rows.items() if any(cells)}

    assert texts(path, Kind.ODS) == texts(tmp_path / "a.xlsx", Kind.XLSX)
