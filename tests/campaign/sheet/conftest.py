from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from campaign.sheet.campaign import Campaign, Known
from campaign.sheet.read import read_campaign

Rows = Sequence[Sequence[object]]


@pytest.fixture(scope="session")
def known() -> Known:
    return Known(
        kits=frozenset({"leaf", "harbor"}),
        backends=frozenset({"animatic", "wan"}),
        voices=frozenset({"espeak:cmn", "espeak:en-gb"}),
        music={"leaf": frozenset({"dawn", "steam"}), "harbor": frozenset({"tide"})},
        today=datetime(2026, 3, 1, 9, 0, tzinfo=UTC),
        platforms={"douyin": "douyin", "抖音": "douyin", "reels": "instagram-reels"},
        policies=frozenset({"starter", "cn"}),
    )


@pytest.fixture
def read(tmp_path: Path, known: Known) -> Callable[[Path | str | bytes], Campaign]:
    """Reads a file, or text or bytes as a CSV."""

    def reading(sheet: Path | str | bytes) -> Campaign:
        if not isinstance(sheet, Path):
            content = sheet.encode() if isinstance(sheet, str) else sheet
            sheet = tmp_path / "sheet.csv"
            sheet.write_bytes(content)
        return read_campaign(sheet, known=known)

    return reading


@pytest.fixture
def xlsx(tmp_path: Path) -> Callable[..., Path]:
    """Writes worksheets of rows, by name, into a workbook."""

    def writing(name: str = "campaign.xlsx", /, **worksheets: Rows) -> Path:
        workbook = Workbook()
        workbook.remove(workbook.worksheets[0])
        for title, rows in worksheets.items():
            sheet = workbook.create_sheet(title)
            for row in rows:
                sheet.append(list(row))
        workbook.save(tmp_path / name)
        return tmp_path / name

    return writing
