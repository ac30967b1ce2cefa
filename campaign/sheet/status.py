"""What became of each row, written into a copy of the sheet, or into the sheet itself when asked."""

import os
import stat
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from openpyxl import Workbook
from openpyxl.cell.cell import Cell as SheetCell
from openpyxl.cell.cell import MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils.cell import column_index_from_string, coordinate_from_string, get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from campaign.brief import Problem, Severity
from campaign.content_key import file_digest
from campaign.errors import SheetError
from campaign.sheet.campaign import Campaign
from campaign.sheet.columns import MARK, is_ours
from campaign.sheet.container import Kind, file_kind
from campaign.sheet.original import changed, fresh_workbook, load_original, lost_parts
from campaign.sheet.save import save_workbook, write_text

WORKSHEET = "reelsheet"
"""Where every problem is listed in a status copy."""
MOST_LINKS = 24
"""Columns of videos; further files of a row are counted in the last one."""
_COLORS = {Severity.ERROR: "00FFC7CE", Severity.NOTE: "00FFEB9C"}
"""ARGB, as openpyxl reads them back."""
_HEAD = PatternFill("solid", start_color="D9E8E3", end_color="D9E8E3")
_LINK = Font(color="0563C1", underline="single")
_WIDTHS = {"status": 16, "reason": 60}
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


def write_status(campaign: Campaign, rows: Mapping[int, RowStatus], target: Path) -> None:
    """Write an annotated copy of the campaign's sheet to ``target`` (.xlsx), whole or not at all.

    A workbook keeps its formatting, widths, drop-downs and other worksheets; other files become a plain one.
    ``rows`` is by row number. Problem cells are coloured, with the message as a comment.

    Raises:
        SheetError: the sheet changed since it was read, or ``target`` cannot be written.
    """
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
    for number, status in rows.items():
        _write_row(sheet, number, status, columns, folder)
    anchors = _merge_anchors(sheet)
    for problem in campaign.problems:
        if problem.sheet in workbook.sheetnames or problem.sheet == campaign.sheet:
            beside = workbook[problem.sheet] if problem.sheet in workbook.sheetnames else sheet
            place = _cell_of(problem, campaign.header_row, columns["status"], on_rows=beside is sheet)
            if place:
                _mark(beside, anchors.get(place, place) if beside is sheet else place, problem)
    _list_problems(workbook, campaign, remarks)


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
    for column in there.values():
        for row in range(header_row + 1, sheet.max_row + 1):
            _clear(sheet.cell(row=row, column=column))
    last = max(
        (cell.column for row in sheet.iter_rows() for cell in row if cell.value is not None), default=0
    )
    columns: dict[str, int] = {}
    for name in names:
        if name not in there:
            last += 1
        columns[name] = there.get(name, last)
        head = sheet.cell(row=header_row, column=columns[name])
        write_text(head, f"{MARK}{name}")
        head.font, head.fill = Font(bold=True), _HEAD
        head.alignment = Alignment(vertical="center", wrap_text=True)
        sheet.column_dimensions[get_column_letter(columns[name])].width = _WIDTHS.get(name, 28)
    return columns


def _clear(cell: SheetCell | MergedCell) -> None:
    if isinstance(cell, SheetCell):
        cell.value = cell.hyperlink = cell.comment = None


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
        cell.alignment = Alignment(vertical="top", wrap_text=name == "reason")
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
    words = f"{MARK}{problem.expected} {problem.remedy}"
    text = f"{before.text}\n\n{words}" if before else words
    if cell.fill.start_color.rgb != _COLORS[Severity.ERROR]:
        color = _COLORS[problem.severity]
        cell.fill = PatternFill("solid", start_color=color, end_color=color)
    height = 40 + 18 * (len(text) // 40 + text.count("\n") + 1)
    cell.comment = Comment(text, before.author if before else WORKSHEET, width=360, height=height)


def _unmark(sheet: Worksheet) -> None:
    """Take off what an earlier run coloured and said; a person's own comment stays."""
    for row in sheet.iter_rows():
        for cell in row:
            if not isinstance(cell, SheetCell) or cell.comment is None or MARK not in cell.comment.text:
                continue
            own = cell.comment.text.split(MARK)[0].strip()
            cell.comment = Comment(own, cell.comment.author) if own else None
            if cell.fill.start_color.rgb in _COLORS.values():
                cell.fill = PatternFill()


def _list_problems(workbook: Workbook, campaign: Campaign, remarks: Sequence[str]) -> None:
    """All problems in one worksheet, in the order of the sheet."""
    if WORKSHEET in workbook.sheetnames and workbook[WORKSHEET]["A1"].value == _HEADS[0][0]:
        del workbook[WORKSHEET]
    if not campaign.problems and not remarks:
        return
    # openpyxl adds a figure where a worksheet of the user's bears the name.
    sheet = workbook.create_sheet(WORKSHEET)
    for column, (head, width) in enumerate(_HEADS, start=1):
        cell = sheet.cell(row=1, column=column, value=head)
        cell.font, cell.fill = Font(bold=True), _HEAD
        sheet.column_dimensions[cell.column_letter].width = width
    sheet.freeze_panes = "A2"
    lines = [("", "note", "", remark, "") for remark in remarks]
    lines += [(p.cell, p.severity.value, p.value, p.expected, p.remedy) for p in campaign.problems]
    for row, line in enumerate(lines, start=2):
        for column, text in enumerate(line, start=1):
            cell = sheet.cell(row=row, column=column)
            write_text(cell, text)
            cell.alignment = Alignment(vertical="top", wrap_text=True)
