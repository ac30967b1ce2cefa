"""What became of each row, written into a copy of the sheet, or into the sheet itself when asked."""

import os
import re
import stat
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from openpyxl import Workbook
from openpyxl.cell.cell import Cell as SheetCell
from openpyxl.comments import Comment
from openpyxl.styles import DEFAULT_FONT, Alignment, Font, PatternFill
from openpyxl.utils.cell import column_index_from_string, coordinate_from_string, quote_sheetname
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from campaign.brief import Problem, Severity
from campaign.content_key import file_digest
from campaign.errors import SheetError
from campaign.sheet.campaign import Campaign
from campaign.sheet.columns import MARK, is_ours
from campaign.sheet.container import Kind, file_kind
from campaign.sheet.layout import Aligning, fit_rows, last_drawn_column, set_width, sized, write_head
from campaign.sheet.original import changed, fresh_workbook, load_original, lost_parts
from campaign.sheet.problems import in_reading_order
from campaign.sheet.save import save_workbook, write_text
from campaign.sheet.texts import quoted

WORKSHEET = "reelsheet"
"""Where every problem is listed in a status copy."""
MOST_LINKS = 24
"""Columns of videos; further files of a row are counted in the last one."""
_COLORS = {Severity.ERROR: "00FFC7CE", Severity.NOTE: "00FFEB9C"}
"""ARGB, as openpyxl reads them back."""
_HEAD = PatternFill("solid", start_color="D9E8E3", end_color="D9E8E3")
_LINK = Font(name=DEFAULT_FONT.name, size=DEFAULT_FONT.size, color="0563C1", underline="single")
_WIDTH, _WIDTH_OF_FIGURES = 28, 13
_WIDTHS = {"status": 16, "reason": 60, "from elsewhere": 48}
_HEADS = (
    ("cell 单元格", 22),
    ("kind 类别", 12),
    ("value 内容", 30),
    ("what is right 应为", 70),
    ("what to do 处理", 70),
)
"""Of the list of problems, with widths."""
_LOCKS = ("~${name}", ".~lock.{name}#", ".~{name}")
"""Files that Excel, LibreOffice and WPS lay beside a sheet while it is open."""

_CELL = re.compile(r"[A-Z]+\d+")
_WRITABLE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


@dataclass(frozen=True, slots=True, kw_only=True)
class RowStatus:
    """What became of one row."""

    status: str
    reason: str = ""
    files: tuple[Path, ...] = ()
    """Videos; linked by their path relative to the status copy."""
    columns: Mapping[str, str | float] = field(default_factory=dict)
    """Further columns by header: decision, cost, seed …"""
    remarks: tuple[Problem, ...] = ()
    """What was found after the sheet was read, each at the cell that it is about."""


def write_status(campaign: Campaign, rows: Mapping[int, RowStatus], target: Path) -> None:
    """Write an annotated copy of the campaign's sheet to ``target`` (.xlsx), whole or not at all.

    A workbook keeps its formatting, widths, drop-downs and other worksheets; other files become a plain one.
    ``rows`` is by row number. Problem cells are coloured, with the message as a comment.

    Raises:
        SheetError: the sheet changed since it was read, or ``target`` is that sheet, is no .xlsx or cannot be
            written.
    """
    _refuse_target(campaign, target)
    _refuse_changed(campaign, campaign.original)
    remarks: list[str] = []
    kind = file_kind(campaign.original)
    workbook = load_original(campaign.original, remarks) if kind is Kind.XLSX else None
    if workbook is None:
        workbook = fresh_workbook(campaign, kind)
    _annotate(workbook, campaign, rows, target.parent, remarks)
    save_workbook(workbook, target)


def write_in_place(campaign: Campaign, rows: Mapping[int, RowStatus]) -> None:
    """Write the annotations into the campaign's own file.

    Raises:
        SheetError: it is open somewhere, read-only, changed since it was read, is no .xlsx or .xlsm, or holds
            something that would be lost.
    """
    # A link stays one: what it leads to is written.
    path = campaign.path.resolve()
    if file_kind(path) is not Kind.XLSX:
        raise SheetError(
            path,
            "cannot be written in place; only .xlsx and .xlsm can.",
            "Leave out --in-place to get a copy.",
        )
    lost = lost_parts(path)
    if lost:
        raise SheetError(
            path,
            f"holds {' and '.join(lost)}, which would be lost by writing in place.",
            "Leave out --in-place to get a copy.",
        )
    _refuse_read_only(path)
    _refuse_open(path)
    _refuse_changed(campaign, path)
    remarks: list[str] = []
    workbook = load_original(path, remarks, keep_macros=path.suffix.casefold() == ".xlsm")
    if workbook is None:
        raise SheetError(path, "cannot be rewritten without loss.", "Leave out --in-place to get a copy.")
    _annotate(workbook, campaign, rows, path.parent, remarks)
    # Loading and annotating takes seconds for a large sheet; somebody may have saved it meanwhile.
    _refuse_open(path)
    _refuse_changed(campaign, path)
    save_workbook(workbook, path)


def _refuse_target(campaign: Campaign, target: Path) -> None:
    if target.exists() and any(
        file.exists() and target.samefile(file) for file in (campaign.path, campaign.original)
    ):
        raise SheetError(
            target,
            "is the sheet itself, and only a copy is written.",
            f"Name one, like {target.stem}.plan.xlsx.",
        )
    if target.suffix.casefold() != ".xlsx":
        raise SheetError(
            target, "does not end with .xlsx, which the copy is.", f"Name it {target.stem}.xlsx."
        )


def _refuse_changed(campaign: Campaign, file: Path) -> None:
    if not file.is_file() or file_digest(file) != campaign.digest:
        raise changed(campaign.path)


def _refuse_read_only(path: Path) -> None:
    """Another file could take its place all the same, which is not what somebody meant who locked it."""
    if path.is_file() and not (path.stat().st_mode & _WRITABLE and os.access(path, os.W_OK)):
        raise SheetError(path, "is read-only.", "Allow writing to it, or leave out --in-place to get a copy.")


def _refuse_open(path: Path) -> None:
    for lock in _LOCKS:
        beside = path.with_name(lock.format(name=path.name))
        if beside.exists():
            raise SheetError(
                path,
                f"is open in a spreadsheet program ({beside.name} lies beside it).",
                "Close it there, or leave out --in-place to get a copy.",
            )


def _annotate(
    workbook: Workbook,
    campaign: Campaign,
    rows: Mapping[int, RowStatus],
    folder: Path,
    remarks: Sequence[str],
) -> None:
    sheet = workbook[campaign.sheet] if campaign.sheet in workbook.sheetnames else workbook.worksheets[0]
    _unmark(sheet)
    columns = _our_columns(sheet, campaign.header_row, rows.values())
    align = Aligning()
    for number, status in rows.items():
        _write_row(sheet, number, status, columns, folder)
        for name in ("status", "reason", *status.columns):
            cell = sheet.cell(row=number, column=columns[name])
            align(cell, wrap=isinstance(cell.value, str) and name != "status")
    fit_rows(sheet, (campaign.header_row, *rows))
    anchors = _merge_anchors(sheet)
    found = [remark for status in rows.values() for remark in status.remarks]
    problems = sorted((*campaign.problems, *found), key=in_reading_order)
    for problem in problems:
        if problem.sheet in workbook.sheetnames or problem.sheet == campaign.sheet:
            beside = workbook[problem.sheet] if problem.sheet in workbook.sheetnames else sheet
            place = _cell_of(problem, campaign.header_row, columns["status"], on_rows=beside is sheet)
            if place:
                _mark(beside, anchors.get(place, place) if beside is sheet else place, problem)
    _list_problems(workbook, sheet, problems, remarks)


def _our_columns(sheet: Worksheet, header_row: int, statuses: Iterable[RowStatus]) -> dict[str, int]:
    """Column number, from 1, of each of our columns; those of an earlier run are taken again."""
    statuses = list(statuses)
    links = min(max((len(status.files) for status in statuses), default=0), MOST_LINKS)
    further = dict.fromkeys(name for status in statuses for name in status.columns)
    names = ["status", "reason", *(f"video {n}" for n in range(1, links + 1)), *further]
    there = {
        str(cell.value).removeprefix(MARK): cell.column
        for cell in sheet[header_row]
        if isinstance(cell.value, str) and is_ours(cell.value)
    }
    ours = frozenset(there.values())
    last = last_drawn_column(sheet, header_row)
    for cell in _cells(sheet):
        if cell.column in ours and cell.row > header_row:
            cell.value = cell.hyperlink = cell.comment = None
        elif cell.value is not None:
            last = max(last, cell.column)
    figures = {name for status in statuses for name, value in status.columns.items() if not _is_text(value)}
    columns: dict[str, int] = {}
    for name in names:
        if name not in there:
            last += 1
        columns[name] = there.get(name, last)
        head = sheet.cell(row=header_row, column=columns[name])
        write_text(head, f"{MARK}{name}")
        if isinstance(head, SheetCell):
            write_head(head)
        head.fill = _HEAD
        head.alignment = Alignment(vertical="center", wrap_text=True)
        width = _WIDTH_OF_FIGURES if name in figures else _WIDTHS.get(name, _WIDTH)
        set_width(sheet, columns[name], width)
    return columns


def _cells(sheet: Worksheet) -> list[SheetCell]:
    """Every cell that the file tells of; asking for rows would make those that are not there."""
    return [cell for cell in sheet._cells.values() if isinstance(cell, SheetCell)]


def _is_text(value: str | float) -> bool:
    return isinstance(value, str)


def _write_row(
    sheet: Worksheet, number: int, status: RowStatus, columns: Mapping[str, int], folder: Path
) -> None:
    values = {"status": status.status, "reason": status.reason, **status.columns}
    for name, value in values.items():
        cell = sheet.cell(row=number, column=columns[name])
        if isinstance(value, str):
            write_text(cell, value)
        elif isinstance(cell, SheetCell):
            cell.value = value
    for index, file in enumerate(status.files[:MOST_LINKS], start=1):
        cell = sheet.cell(row=number, column=columns[f"video {index}"])
        more = len(status.files) - MOST_LINKS
        write_text(cell, file.name if index < MOST_LINKS or more <= 0 else f"{file.name} (and {more} more)")
        if isinstance(cell, SheetCell):
            cell.hyperlink = _address(file, folder)
            cell.font = _LINK


def _address(file: Path, folder: Path) -> str:
    """Relative, with forward slashes and escapes, as links in workbooks are written."""
    return quote(Path(os.path.relpath(file, folder)).as_posix(), safe="/.-_~()")


def _cell_of(
    problem: Problem, header_row: int, status_column: int, *, on_rows: bool
) -> tuple[int, int] | None:
    """Row and column, from 1, at which a problem is shown; None for one that no cell stands for."""
    text = problem.cell
    if text.isdigit():
        return (int(text), status_column) if on_rows else None
    if text.isalpha() and text.isascii() and len(text) <= 3:
        return (header_row, column_index_from_string(text)) if on_rows else None
    try:
        letters, row = coordinate_from_string(text)
    except ValueError:
        return None
    return row, column_index_from_string(letters)


def _merge_anchors(sheet: Worksheet) -> dict[tuple[int, int], tuple[int, int]]:
    """Every covered cell to the one that shows."""
    return {
        (row, column): (merge.min_row, merge.min_col)
        for merge in sheet.merged_cells.ranges
        if merge.size["rows"] * merge.size["columns"] < 10_000
        for row in range(merge.min_row, merge.max_row + 1)
        for column in range(merge.min_col, merge.max_col + 1)
    }


def _mark(sheet: Worksheet, place: tuple[int, int], problem: Problem) -> None:
    cell = sheet.cell(*place)
    if not isinstance(cell, SheetCell):
        return
    before = cell.comment
    part = f"“{problem.value}”: " if problem.value and problem.value != quoted(str(cell.value or "")) else ""
    words = f"{MARK}{part}{problem.expected} {problem.remedy}"
    if before and words in before.text:
        return
    text = f"{before.text}\n\n{words}" if before else words
    if cell.fill.start_color.rgb != _COLORS[Severity.ERROR]:
        color = _COLORS[problem.severity]
        cell.fill = PatternFill("solid", start_color=color, end_color=color)
    cell.comment = sized(Comment(text, before.author if before else WORKSHEET))


def _unmark(sheet: Worksheet) -> None:
    """Take off what an earlier run coloured and said; a person's own comment stays."""
    for cell in _cells(sheet):
        if cell.comment is None:
            continue
        own, ours, _ = cell.comment.text.partition(MARK)
        cell.comment = sized(Comment(own.strip(), cell.comment.author)) if own.strip() else None
        if ours and cell.fill.start_color.rgb in _COLORS.values():
            cell.fill = PatternFill()


def _list_problems(
    workbook: Workbook, rows: Worksheet, problems: Sequence[Problem], remarks: Sequence[str]
) -> None:
    """All problems in one worksheet, in the order of the sheet."""
    if WORKSHEET in workbook.sheetnames and workbook[WORKSHEET]["A1"].value == _HEADS[0][0]:
        del workbook[WORKSHEET]
    if not problems and not remarks:
        return
    # openpyxl adds a figure where a worksheet of the user's bears the name.
    sheet = workbook.create_sheet(WORKSHEET)
    for column, (head, width) in enumerate(_HEADS, start=1):
        cell = sheet.cell(row=1, column=column, value=head)
        write_head(cell)
        cell.fill = _HEAD
        sheet.column_dimensions[cell.column_letter].width = width
    sheet.freeze_panes = "A2"
    for remark in remarks:
        _list(sheet, ("", Severity.NOTE.value, "", remark, ""))
    for problem in problems:
        elsewhere = problem.sheet in workbook.sheetnames and problem.sheet != rows.title
        place = f"{problem.sheet}!{problem.cell}" if elsewhere else problem.cell
        _list(sheet, (place, problem.severity.value, problem.value, problem.expected, problem.remedy))
        if _CELL.fullmatch(problem.cell):
            title = quote_sheetname(problem.sheet if elsewhere else rows.title)
            cell = sheet.cell(row=sheet.max_row, column=1)
            cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"{title}!{problem.cell}")
            cell.font = _LINK
    fit_rows(sheet, range(2, sheet.max_row + 1))


def _list(sheet: Worksheet, line: tuple[str, ...]) -> None:
    row = sheet.max_row + 1
    for column, text in enumerate(line, start=1):
        cell = sheet.cell(row=row, column=column)
        write_text(cell, text)
        cell.alignment = Alignment(vertical="top", wrap_text=True)
