"""What calamine does not tell about a worksheet: hidden rows, formulas without a result, and its true extent.

One streaming pass over the XML, before calamine is asked to hold the cells.
"""

import posixpath
import re
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from xml.etree import ElementTree
from xml.parsers import expat

from campaign.errors import SheetError
from campaign.sheet.grid import MOST_ROWS

NO_RESULT = "The cell holds a formula whose result is not stored in the file."
AN_ERROR = "The cell's formula gives an error."
_MOST_FAULTS = 100_000
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT_RELATION = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"
_LETTERS = re.compile(r"([A-Za-z]{1,3})(\d{1,7})")


@dataclass(slots=True)
class Structure:
    """Of one worksheet; rows from 1, columns from 0. Grows while it is read."""

    filled_rows: int = 0
    """Rows that hold anything, counted until there are too many."""
    first_row: int = 0
    last_row: int = 0
    first_column: int = 0
    last_column: int = -1
    last_cell: tuple[int, int] = (0, 0)
    """Of the last row: row and column of the last cell that holds anything."""
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    """Only for .ods; calamine tells them for .xlsx."""
    faults: dict[tuple[int, int], str] = field(default_factory=dict)

    @property
    def area(self) -> int:
        """Cells of the rectangle that holds everything."""
        if not self.last_row:
            return 0
        return (self.last_row - self.first_row + 1) * (self.last_column - self.first_column + 1)

    def add(self, row: int, column: int, rows: int = 1, columns: int = 1) -> None:
        """Count a cell that holds something, repeated over ``rows`` and ``columns``."""
        if not self.last_row:
            self.first_row, self.first_column = row, column
        last_row, last_column = row + rows - 1, column + columns - 1
        # Called for every cell; comparisons cost a third of min and max.
        if row < self.first_row:
            self.first_row = row
        if column < self.first_column:
            self.first_column = column
        if last_column > self.last_column:
            self.last_column = last_column
        if last_row > self.last_row:
            self.filled_rows += rows
        if last_row >= self.last_row:
            self.last_row = last_row
            self.last_cell = (row, column)

    def fault(self, row: int, column: int, words: str) -> None:
        if len(self.faults) < _MOST_FAULTS:
            self.faults[row, column] = words


def xlsx_structures(path: Path) -> dict[str, Structure]:
    """By worksheet name.

    Raises:
        SheetError: a part that the workbook names is missing or is not XML.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            found = {}
            for name, part in worksheet_parts(archive):
                with archive.open(part) as stream:
                    found[name] = _Worksheet().read(stream)
            return found
    except (expat.ExpatError, ElementTree.ParseError, KeyError, ValueError, OverflowError) as error:
        raise damaged(path) from error


def damaged(path: Path) -> SheetError:
    return SheetError(
        path, "is damaged: a part of the workbook is missing or broken.", "Save or download it again."
    )


def worksheet_parts(archive: zipfile.ZipFile) -> list[tuple[str, str]]:
    """Worksheet names with the archive members that hold them, in order; chart sheets are left out."""
    workbook = next(n for n in sorted(archive.namelist(), key=len) if n.endswith("workbook.xml"))
    folder, base = posixpath.split(workbook)
    relations = ElementTree.fromstring(archive.read(f"{folder}/_rels/{base}.rels"))
    targets = {
        relation.attrib["Id"]: posixpath.normpath(posixpath.join("/", folder, relation.attrib["Target"]))[1:]
        for relation in relations
        if relation.attrib.get("Type", "").endswith("/worksheet")
    }
    sheets = [e for e in ElementTree.fromstring(archive.read(workbook)).iter() if e.tag.endswith("}sheet")]
    ids = [(e.attrib["name"], e.attrib.get(_RELATION) or e.attrib.get(_STRICT_RELATION, "")) for e in sheets]
    return [(name, targets[key]) for name, key in ids if key in targets]


class _Enough(Exception):  # noqa: N818  # A signal out of the parser, not an error.
    """There are more rows than are ever read; the rest of the worksheet is not looked at."""


class _Worksheet:
    """Reads one ``xl/worksheets/*.xml``."""

    def __init__(self) -> None:
        self.structure = Structure()
        self._row = 0
        self._column = -1
        self._columns: dict[str, int] = {}
        self._kind = ""
        self._formula = self._in_value = self._value = False

    def read(self, stream: IO[bytes]) -> Structure:
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        parser.CharacterDataHandler = self._text
        try:
            parser.ParseFile(stream)
        except _Enough:
            return self.structure
        self._finish_cell()
        return self.structure

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if ":" in tag:
            tag = tag.rpartition(":")[2]
        if tag == "c":
            self._finish_cell()
            self._begin_cell(attributes)
        elif tag == "v":
            self._in_value = True
            # A formula may well give no words; then its kind is told and its value is there but empty.
            self._formula = self._formula and self._kind != "str"
        elif tag == "is":
            self._value = True
        elif tag == "f":
            self._in_value, self._formula = False, True
        elif tag == "row":
            self._finish_cell()
            self._row = int(attributes.get("r") or self._row + 1)
            self._column = -1
            if self.structure.filled_rows > MOST_ROWS:
                raise _Enough
            if attributes.get("hidden") in ("1", "true"):
                self.structure.hidden_rows.add(self._row)
        elif tag == "col" and attributes.get("hidden") in ("1", "true"):
            last = min(int(attributes["max"]), 16_384)
            self.structure.hidden_columns.update(range(int(attributes["min"]) - 1, last))

    def _text(self, _: str) -> None:
        if self._in_value:
            self._value = True

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        reference = _LETTERS.match(attributes.get("r", ""))
        if reference:
            self._row = int(reference[2])
            self._column = self._index(reference[1])
        else:
            self._column += 1
        self._kind = attributes.get("t", "")

    def _finish_cell(self) -> None:
        if self._column < 0:
            return
        if self._value:
            self.structure.add(self._row, self._column)
            if self._kind == "e":
                self.structure.fault(self._row, self._column, AN_ERROR)
        elif self._formula:
            self.structure.fault(self._row, self._column, NO_RESULT)
        self._value = self._formula = self._in_value = False

    def _index(self, letters: str) -> int:
        """0 for ``A``."""
        if letters not in self._columns:
            index = 0
            for letter in letters.upper():
                index = index * 26 + ord(letter) - ord("A") + 1
            self._columns[letters] = index - 1
        return self._columns[letters]
