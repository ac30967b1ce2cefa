import hashlib
import json
import multiprocessing
import os
import signal
from collections.abc import Mapping
from pathlib import Path

import pytest

from campaign.content_key import Json, file_digest
from campaign.errors import StoreError
from campaign.shared_store import SharedStore
from campaign.store import MANIFEST, Store


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "folder":
        return Store(tmp_path)
    return SharedStore(tmp_path, request.getfixturevalue("bucket").remote)


def write_hello(folder: Path) -> Mapping[str, Json]:
    (folder / "hello.txt").write_text("hello", encoding="utf-8")
    return {"words": 1}


def test_a_thing_is_made_once_and_found_after(store: Store) -> None:
    first = store.make("greeting", {"say": "hello"}, write_hello)
    second = store.make("greeting", {"say": "hello"}, lambda _: pytest.fail("built again"))
    assert not first.reused
    assert second.reused
    assert second.file("hello.txt").read_text(encoding="utf-8") == "hello"
    assert second.facts == {"words": 1}


def test_another_recipe_is_another_thing(store: Store) -> None:
    first = store.make("greeting", {"say": "hello"}, write_hello)
    assert store.make("greeting", {"say": "good day"}, write_hello).key != first.key


def test_a_failed_build_leaves_nothing_behind(store: Store, tmp_path: Path) -> None:
    def fail(folder: Path) -> Mapping[str, Json]:
        (folder / "half.txt").write_text("half", encoding="utf-8")
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        store.make("greeting", {"say": "hello"}, fail)
    assert not [p for p in tmp_path.rglob("*") if p.is_file()]


def test_a_thing_whose_file_is_gone_or_cut_is_made_again(tmp_path: Path) -> None:
    store = Store(tmp_path)
    made = store.make("greeting", {"say": "hello"}, write_hello)
    made.file("hello.txt").write_text("hel", encoding="utf-8")
    assert store.find("greeting", made.key) is None
    again = store.make("greeting", {"say": "hello"}, write_hello)
    assert again.file("hello.txt").read_text(encoding="utf-8") == "hello"
    again.file("hello.txt").unlink()
    assert store.find("greeting", made.key) is None


def test_changed_bytes_of_the_same_length_are_found_by_the_full_look(store: Store) -> None:
    made = store.make("greeting", {"say": "hello"}, write_hello)
    assert list(store.damaged()) == []
    made.file("hello.txt").write_text("jello", encoding="utf-8")
    assert list(store.damaged()) == [("greeting", made.key, "hello.txt")]


def test_a_cut_manifest_is_no_artefact(tmp_path: Path) -> None:
    store = Store(tmp_path)
    made = store.make("greeting", {"say": "hello"}, write_hello)
    manifest = made.folder / MANIFEST
    manifest.write_text(manifest.read_text(encoding="utf-8")[:40], encoding="utf-8")
    assert store.find("greeting", made.key) is None


def test_the_manifest_says_from_what_it_was_made(store: Store) -> None:
    made = store.make("greeting", {"say": "hello"}, write_hello)
    assert json.loads((made.folder / MANIFEST).read_text(encoding="utf-8"))["recipe"] == {"say": "hello"}


def _die_while_building(root: Path) -> None:
    def build(folder: Path) -> Mapping[str, Json]:
        (folder / "half.txt").write_text("half", encoding="utf-8")
        os.kill(os.getpid(), signal.SIGKILL)
        return {}

    Store(root).make("greeting", {"say": "hello"}, build)


def test_a_killed_build_leaves_scratch_that_the_next_start_sweeps(tmp_path: Path) -> None:
    process = multiprocessing.get_context("spawn").Process(target=_die_while_building, args=(tmp_path,))
    process.start()
    process.join()
    store = Store(tmp_path)
    assert process.exitcode == -signal.SIGKILL
    assert [p.name for p in tmp_path.rglob("half.txt")] == ["half.txt"]
    assert store.sweep() == 1
    assert not list(tmp_path.rglob("half.txt"))


def test_scratch_of_a_living_process_is_left_alone(store: Store) -> None:
    scratch = store.scratch()
    assert store.sweep() == 0
    assert scratch.is_dir()


def test_a_disk_that_refuses_is_said_in_words(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder", encoding="utf-8")
    with pytest.raises(StoreError, match="Free space or correct its rights"):
        Store(blocked).make("greeting", {"say": "hello"}, write_hello)


def test_a_file_is_read_again_only_where_it_changed_after_its_manifest_was_written(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = store.make("greeting", {"say": "hello"}, write_hello)
    file = made.file("hello.txt")
    honest = file_digest(file)
    monkeypatch.setattr("campaign.content_key._digests", {})
    monkeypatch.setattr(hashlib, "file_digest", _must_not_read)
    assert store.find("greeting", made.key)
    assert file_digest(file) == honest
    monkeypatch.undo()

    file.write_text("hullo", encoding="utf-8")
    assert store.find("greeting", made.key)
    assert file_digest(file) == hashlib.sha256(b"hullo").hexdigest()
    # As a copy of the store by a tool that keeps no times leaves it: read, and found to be what it was.
    file.write_text("hello", encoding="utf-8")
    assert store.find("greeting", made.key)
    assert file_digest(file) == honest


def _must_not_read(file: object, algorithm: str) -> None:
    raise AssertionError("read although nothing had changed")
