import threading
from pathlib import Path

import fsspec
import pytest

from campaign.errors import SheetError, StoreError
from tasks.folders import brought, digest_of, settled, sheets_in


def test_only_sheets_of_people_are_seen(tmp_path: Path) -> None:
    for name in (
        "tea.xlsx",
        "MUGS.CSV",
        "~$tea.xlsx",
        ".tea.xlsx",
        "tea.status.xlsx",
        "tea.xlsx.part",
        "notes.txt",
    ):
        (tmp_path / name).touch()
    (tmp_path / "old.xlsx").mkdir()
    assert [Path(found.address).name for found in sheets_in(str(tmp_path))] == ["MUGS.CSV", "tea.xlsx"]


def test_a_sheet_that_is_still_being_copied_is_left(tmp_path: Path) -> None:
    (tmp_path / "whole.csv").write_text("id,copy\n", encoding="utf-8")
    growing = tmp_path / "growing.csv"
    growing.write_text("id", encoding="utf-8")
    ended = threading.Event()

    def grow() -> None:
        while not ended.wait(0.01):
            with growing.open("a", encoding="utf-8") as file:
                file.write(",more")

    copying = threading.Thread(target=grow)
    copying.start()
    found = settled(str(tmp_path), pause=1.0)
    ended.set()
    copying.join()
    assert [Path(one.address).name for one in found] == ["whole.csv"]


def test_a_sheet_behind_a_url_comes_with_its_folder(tmp_path: Path) -> None:
    files = fsspec.filesystem("memory")
    files.pipe({"/inbox/tea/tea.csv": b"id,copy\n", "/inbox/tea/brand_kits/leaf/kit.yaml": b"name: leaf\n"})
    (found,) = sheets_in("memory://inbox/tea")
    sheet = brought(found.address, tmp_path)
    assert sheet.read_bytes() == b"id,copy\n"
    assert (sheet.parent / "brand_kits" / "leaf" / "kit.yaml").is_file()
    before = digest_of(found.address)
    files.pipe({"/inbox/tea/tea.csv": b"id,copy,brand\n"})
    assert sheets_in("memory://inbox/tea") != [found]
    assert digest_of(found.address) != before
    assert brought(found.address, tmp_path).read_bytes() == b"id,copy,brand\n"
    with pytest.raises(SheetError, match="is not there"):
        brought("memory://inbox/tea/gone.csv", tmp_path)


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="Correct the address"):
        sheets_in(str(tmp_path / "gone"))
    with pytest.raises(StoreError, match="Correct the address"):
        sheets_in("nosuch://bucket/inbox")
