import shutil
from pathlib import Path

import pytest

from campaign.errors import StoreError
from campaign.parcel import INPUT, pack, unpack
from campaign.store import Store


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """Where the campaign was written: a sheet, a picture of one row, a kit."""
    desk = tmp_path / "desk"
    (desk / "kits" / "tea" / "fonts").mkdir(parents=True)
    (desk / "tea.csv").write_text("id,copy\n1,spring\n", encoding="utf-8")
    (desk / "cup.png").write_bytes(b"cup")
    (desk / "kits" / "tea" / "kit.yaml").write_text("title: tea\n", encoding="utf-8")
    (desk / "kits" / "tea" / "fonts" / "text.otf").write_bytes(b"font")
    return desk


def test_what_was_packed_is_unpacked_where_its_first_place_is_gone(tmp_path: Path, desk: Path) -> None:
    store = Store(tmp_path / "store")
    key = pack(store, [desk / "tea.csv", desk / "cup.png", desk / "kits" / "tea"])
    shutil.rmtree(desk)
    places = unpack(Store(tmp_path / "store"), key)
    assert places[desk / "tea.csv"].read_text(encoding="utf-8") == "id,copy\n1,spring\n"
    assert places[desk / "cup.png"].name == "cup.png"
    kit = places[desk / "kits" / "tea"]
    assert kit.name == "tea"
    assert (kit / "kit.yaml").read_text(encoding="utf-8") == "title: tea\n"
    assert (kit / "fonts" / "text.otf").read_bytes() == b"font"


def test_the_same_files_are_kept_once_and_a_changed_one_anew(tmp_path: Path, desk: Path) -> None:
    store = Store(tmp_path / "store")
    both = [desk / "tea.csv", desk / "cup.png"]
    first = pack(store, both)
    assert pack(store, both) == first
    (desk / "cup.png").write_bytes(b"another cup")
    assert pack(store, both) != first
    assert len(list((store.root / INPUT).glob("??/*"))) == 3
    assert unpack(store, first)[desk / "cup.png"].read_bytes() == b"cup"


def test_a_parcel_that_is_not_whole_is_refused(tmp_path: Path, desk: Path) -> None:
    store = Store(tmp_path / "store")
    key = pack(store, [desk / "cup.png"])
    next(store.root.rglob("cup.png")).unlink()
    with pytest.raises(StoreError, match="is not there, or not whole"):
        unpack(store, key)
    with pytest.raises(StoreError, match="Start the batch again"):
        unpack(store, "0" * 64)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, desk: Path) -> None:
    with pytest.raises(StoreError, match=r"cap\.png: cannot be read"):
        pack(Store(tmp_path / "store"), [desk / "cap.png"])
