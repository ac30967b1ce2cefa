"""Reads the worksheets of an .ods.

calamine is not asked: of text it takes neither line breaks nor tabs, and it refuses files that are laid out
on lines, as Gnumeric writes them.
"""

import re
import zipfile
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import IO
from xml.parsers import expat

from campaign.sheet.grid import MOST_CELLS, MOST_ROWS
from campaign.sheet.structure import AN_ERROR, NO_RESULT, Structure, damaged
from campaign.sheet.texts import Cell

_MOST_COLUMNS = 16_384
_CELLS = ("table:table-cell", "table:covered-table-cell")
_UNSEEN = ("office:annotation", "text:ruby-text", "draw:", "table:shapes")
"""Comments, and what is drawn over the cells."""
_DURATION = re.compile(r"(-?)P(?:(\d+)D)?T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:[.,]\d+)?S)?")


@dataclass(slots=True)
class OpenTable:
    """One worksheet."""

    name: str
    visible: bool
    rows: dict[int, tuple[Cell, ...]] = field(default_factory=dict)
    """By number from 1, those that hold anything; empty where there are too many."""
    structure: Structure = field(default_factory=Structure)


def read_tables(path: Path) -> list[OpenTable]:
    """All worksheets in order.

    Raises:
        SheetError: the content is not XML, or holds values that are none.
    """
    try:
        with zipfile.ZipFile(path) as archive, archive.open("content.xml") as stream:
            return _Content().read(stream)
    except (expat.ExpatError, KeyError, ValueError, OverflowError) as error:
        raise damaged(path) from error


class _Content:
    """Follows ``content.xml``, in which equal cells and rows are written once with a count."""

    def __init__(self) -> None:
        self._tables: list[OpenTable] = []
        self._table = OpenTable(name="", visible=True)
        self._style = ""
        self._hidden_styles: set[str] = set()
        self._row = self._next_row = 1
        self._rows = self._columns = 1
        self._defined_columns = 0
        self._cells: list[Cell] = []
        self._column = self._next_column = 0
        self._attributes: dict[str, str] = {}
        self._paragraphs: list[str] = []
        self._in_paragraph = 0
        self._unseen = 0
        self._held = 0

    def read(self, stream: IO[bytes]) -> list[OpenTable]:
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.ParseFile(stream)
        return self._tables

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if self._unseen or tag.startswith(_UNSEEN):
            self._unseen += 1
            return
        match tag:
            case "table:table-cell" | "table:covered-table-cell":
                self._begin_cell(attributes)
            case "text:p":
                self._in_paragraph += 1
                self._paragraphs.append("")
            case "text:s":
                self._text(" " * min(int(attributes.get("text:c", 1)), 100))
            case "text:tab":
                self._text("\t")
            case "text:line-break":
                if self._in_paragraph:
                    self._paragraphs.append("")
            case "table:table-row":
                self._begin_row(attributes)
            case "table:table-column":
                self._define_columns(attributes)
            case "table:table":
                self._begin_table(attributes)
            case "style:style":
                self._style = attributes.get("style:name", "")
            case "style:table-properties" if attributes.get("table:display") == "false":
                self._hidden_styles.add(self._style)

    def _end(self, tag: str) -> None:
        if self._unseen:
            self._unseen -= 1
        elif tag in _CELLS:
            self._end_cell()
        elif tag == "text:p":
            self._in_paragraph -= 1
        elif tag == "table:table-row":
            self._end_row()

    def _text(self, text: str) -> None:
        if self._in_paragraph and not self._unseen:
            # A line break in the file is only white space.
            self._paragraphs[-1] += text.replace("\n", " ")

    def _begin_table(self, attributes: dict[str, str]) -> None:
        visible = attributes.get("table:style-name") not in self._hidden_styles
        self._table = OpenTable(name=attributes.get("table:name", ""), visible=visible)
        self._tables.append(self._table)
        self._next_row, self._defined_columns = 1, 0

    def _define_columns(self, attributes: dict[str, str]) -> None:
        repeated = int(attributes.get("table:number-columns-repeated", 1))
        if attributes.get("table:visibility", "visible") != "visible":
            last = min(self._defined_columns + repeated, _MOST_COLUMNS)
            self._table.structure.hidden_columns.update(range(self._defined_columns, last))
        self._defined_columns += repeated

    def _begin_row(self, attributes: dict[str, str]) -> None:
        self._row = self._next_row
        self._rows = int(attributes.get("table:number-rows-repeated", 1))
        self._next_row, self._next_column, self._cells = self._row + self._rows, 0, []
        if attributes.get("table:visibility", "visible") != "visible":
            hidden = range(self._row, min(self._next_row, self._row + MOST_ROWS))
            self._table.structure.hidden_rows.update(hidden)

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        self._attributes, self._paragraphs = attributes, []
        self._column = self._next_column
        self._columns = int(attributes.get("table:number-columns-repeated", 1))
        self._next_column += self._columns
        down = int(attributes.get("table:number-rows-spanned", 1))
        across = int(attributes.get("table:number-columns-spanned", 1))
        if down > 1 or across > 1:
            self._table.structure.merges.append(
                (self._row, self._column, self._row + down - 1, self._column + across - 1)
            )

    def _end_cell(self) -> None:
        structure = self._table.structure
        value = self._value()
        if self._attributes.get("calcext:value-type") == "error":
            structure.fault(self._row, self._column, AN_ERROR)
        elif value != "":
            structure.add(self._row, self._column, self._rows, self._columns)
            self._cells += [""] * (min(self._column, _MOST_COLUMNS) - len(self._cells))
            self._cells += [value] * min(self._columns, _MOST_COLUMNS - len(self._cells))
        elif "table:formula" in self._attributes and "office:value-type" not in self._attributes:
            structure.fault(self._row, self._column, NO_RESULT)

    def _end_row(self) -> None:
        table = self._table
        if not self._cells:
            return
        self._held += len(self._cells) * self._rows
        if table.structure.filled_rows > MOST_ROWS or self._held > MOST_CELLS:
            # It is refused for its size; until that is said it takes no memory.
            table.rows.clear()
            return
        cells = tuple(self._cells)
        for number in range(self._row, self._next_row):
            table.rows[number] = cells

    def _value(self) -> Cell:
        of = self._attributes.get
        match of("office:value-type"):
            case "float" | "percentage" | "currency":
                return float(of("office:value", ""))
            case "boolean":
                return of("office:boolean-value") == "true"
            case "date":
                said = of("office:date-value", "")
                return datetime.fromisoformat(said) if "T" in said else date.fromisoformat(said)
            case "time":
                return _time(of("office:time-value", ""))
            case _:
                return "\n".join(self._paragraphs) if self._paragraphs else of("office:string-value", "")


def _time(said: str) -> time | timedelta:
    match = _DURATION.fullmatch(said)
    if match is None:
        raise ValueError(said)
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups()[1:])
    length = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    if match[1] or length >= timedelta(days=1):
        return -length if match[1] else length
    return (datetime.min + length).time()
