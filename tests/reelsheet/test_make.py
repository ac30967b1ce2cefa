from pathlib import Path

import pytest

from campaign.errors import SheetError
from reelsheet.commands.make import run


@pytest.mark.parametrize("words", [None, b"", b"%PDF-1.7"], ids=["missing", "empty", "a PDF"])
def test_what_is_no_spreadsheet_is_said_before_anything_is_started_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: bytes | None
) -> None:
    monkeypatch.chdir(tmp_path)
    sheet = tmp_path / "tea.xlsx"
    if words is not None:
        sheet.write_bytes(words)
    with pytest.raises(SheetError):
        run(sheet)
    assert list(tmp_path.iterdir()) == ([sheet] if words is not None else [])
