import multiprocessing
import os
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from campaign.content_key import Json, content_key, file_digest
from campaign.errors import StoreBusyError, StoreError
from campaign.remote import Remote
from campaign.shared_store import RECENT, SharedStore
from campaign.store import MANIFEST, Store

RECIPE = {"say": "hello"}
KEY = content_key(RECIPE)


def write_hello(folder: Path) -> Mapping[str, Json]:
    (folder / "words").mkdir()
    (folder / "words" / "hello.txt").write_text("hello", encoding="utf-8")
    return {"words": 1}


def never(folder: Path) -> Mapping[str, Json]:
    pytest.fail("built again")


def said(code: str, message: str, status: str = "403 Forbidden") -> tuple[str, bytes]:
    return status, f"<Error><Code>{code}</Code><Message>{message}</Message></Error>".encode()


@pytest.fixture(params=["s3", "folder"])
def remote(request: pytest.FixtureRequest, tmp_path: Path) -> Remote:
    """An S3 server, and a folder that two machines mount."""
    if request.param == "s3":
        return request.getfixturevalue("bucket").remote
    return Remote(url=f"file://{tmp_path / 'mounted'}")


def here(tmp_path: Path, remote: Remote, machine: str = "one") -> SharedStore:
    return SharedStore(tmp_path / machine, remote)


def test_what_one_machine_made_the_other_finds(tmp_path: Path, remote: Remote) -> None:
    made = here(tmp_path, remote).make("greeting", RECIPE, write_hello)
    other = here(tmp_path, remote, "two")
    found = other.make("greeting", RECIPE, never)
    assert not made.reused
    assert (found.reused, found.facts) == (True, {"words": 1})
    assert found.folder.is_relative_to(tmp_path / "two")
    assert found.file("words/hello.txt").read_text(encoding="utf-8") == "hello"
    assert other.kinds() >= {"greeting"}
    assert list(other.damaged()) == []


def test_what_nobody_made_is_not_found(tmp_path: Path, remote: Remote) -> None:
    store = here(tmp_path, remote)
    assert store.kinds() == frozenset()
    assert store.find("greeting", KEY) is None
    assert store.glance("greeting", KEY) is None


def test_a_thing_without_files_is_shared_too(tmp_path: Path, remote: Remote) -> None:
    here(tmp_path, remote).make("note", RECIPE, lambda _: {"said": "yes"})
    found = here(tmp_path, remote, "two").find("note", KEY)
    assert found
    assert found.facts == {"said": "yes"}


def test_what_was_made_before_there_was_a_shared_store_is_sent_when_it_is_found(
    tmp_path: Path, remote: Remote
) -> None:
    Store(tmp_path / "one").make("greeting", RECIPE, write_hello)
    assert here(tmp_path, remote, "two").find("greeting", KEY) is None
    assert here(tmp_path, remote).find("greeting", KEY)
    assert here(tmp_path, remote, "two").find("greeting", KEY)


def test_of_two_makers_with_different_results_one_is_believed_by_both(tmp_path: Path, remote: Remote) -> None:
    meet = threading.Barrier(2)
    made: dict[str, str] = {}

    def work(machine: str) -> None:
        def build(folder: Path) -> Mapping[str, Json]:
            (folder / "name.txt").write_text(machine, encoding="utf-8")
            meet.wait(30)
            return {"by": machine}

        artefact = here(tmp_path, remote, machine).make("greeting", RECIPE, build)
        assert artefact.file("name.txt").read_text(encoding="utf-8") == artefact.facts["by"]
        made[machine] = artefact.facts["by"]

    threads = [threading.Thread(target=work, args=(machine,)) for machine in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    third = here(tmp_path, remote, "three").find("greeting", KEY)
    assert third
    assert set(made.values()) == {third.facts["by"]}


def _make(root: Path, remote: Remote) -> None:
    SharedStore(root, remote).make("greeting", RECIPE, write_hello)


def test_several_processes_that_make_the_same_leave_one_whole_artefact(tmp_path: Path, bucket: Any) -> None:
    context = multiprocessing.get_context("spawn")
    makers = [
        context.Process(target=_make, args=(tmp_path / root, bucket.remote)) for root in ("one", "one", "two")
    ]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join()
    assert [maker.exitcode for maker in makers] == [0, 0, 0]
    assert [name.rpartition("/")[2] for name in bucket.names()] == ["hello.txt", MANIFEST]
    assert here(tmp_path, bucket.remote, "three").find("greeting", KEY)


def test_a_glance_brings_no_file_and_knows_its_digest(tmp_path: Path, remote: Remote) -> None:
    made = here(tmp_path, remote).make("greeting", RECIPE, write_hello)
    seen = here(tmp_path, remote, "two").glance("greeting", KEY)
    assert seen
    file = seen.file("words/hello.txt")
    assert not file.exists()
    assert content_key([file]) == content_key([made.file("words/hello.txt")])
    assert file_digest(file) == file_digest(made.file("words/hello.txt"))


def test_many_are_asked_for_at_once(tmp_path: Path, bucket: Any) -> None:
    here(tmp_path, bucket.remote).make("greeting", RECIPE, write_hello)
    other = here(tmp_path, bucket.remote, "two")
    meet, asked = threading.Barrier(8), []

    def count(environ: dict[str, Any]) -> None:
        asked.append(environ["PATH_INFO"])
        if environ["PATH_INFO"].endswith(MANIFEST):
            meet.wait(30)

    bucket.faults.append(count)
    keys = [KEY, *(f"{n:064}" for n in range(7))]
    other.prefetch(("greeting", key) for key in keys)
    bucket.faults.clear()
    bucket.faults.append(lambda _: asked.append("late"))
    assert [key for key in keys if other.find("greeting", key)] == [KEY]
    assert "late" not in asked
    assert other.find("greeting", keys[1]) is None
    assert "late" in asked


def test_a_refused_write_is_said_and_what_was_made_is_sent_later(tmp_path: Path, bucket: Any) -> None:
    expired = said("ExpiredToken", "The provided token has expired.")
    bucket.faults.append(lambda environ: expired if environ["REQUEST_METHOD"] == "PUT" else None)
    store = here(tmp_path, bucket.remote)
    with pytest.raises(StoreError, match=r"writing was refused .*token has expired.*renew them") as caught:
        store.make("greeting", RECIPE, write_hello)
    assert "secret" not in f"{caught.value!r} {bucket.remote!r}"
    assert bucket.names() == []
    bucket.faults.clear()
    assert store.make("greeting", RECIPE, never).reused
    assert here(tmp_path, bucket.remote, "two").find("greeting", KEY)


def test_an_upload_that_ends_before_the_manifest_shows_nothing(tmp_path: Path, bucket: Any) -> None:
    full = said("QuotaExceeded", "The bucket is full.", "507 Insufficient Storage")
    bucket.faults.append(
        lambda environ: (
            full if environ["REQUEST_METHOD"] == "PUT" and environ["PATH_INFO"].endswith(MANIFEST) else None
        )
    )
    with pytest.raises(StoreBusyError, match="The bucket is full"):
        here(tmp_path, bucket.remote).make("greeting", RECIPE, write_hello)
    bucket.faults.clear()
    assert len(bucket.names()) == 1
    assert here(tmp_path, bucket.remote, "two").find("greeting", KEY) is None


def test_bytes_that_arrived_otherwise_than_they_were_sent_get_no_manifest(
    tmp_path: Path, bucket: Any
) -> None:
    def mangle(environ: dict[str, Any]) -> tuple[str, bytes] | None:
        if environ["REQUEST_METHOD"] == "GET" and environ["PATH_INFO"].endswith("hello.txt"):
            return "200 OK", b"hallo"
        return None

    bucket.faults.append(mangle)
    with pytest.raises(StoreError, match=r"hello\.txt is not what its manifest says"):
        here(tmp_path, bucket.remote).make("greeting", RECIPE, write_hello)
    bucket.faults.clear()
    assert not [name for name in bucket.names() if name.endswith(MANIFEST)]


def test_a_file_that_was_changed_in_the_store_is_not_taken(tmp_path: Path, bucket: Any) -> None:
    here(tmp_path, bucket.remote).make("greeting", RECIPE, write_hello)
    (file,) = (name for name in bucket.names() if name.endswith("hello.txt"))
    bucket.files.pipe_file(file, b"jello")
    with pytest.raises(StoreError, match="Delete that folder in the store"):
        here(tmp_path, bucket.remote, "two").find("greeting", KEY)
    assert not list((tmp_path / "two").rglob("hello.txt"))


def test_an_artefact_that_lost_a_file_is_made_again(tmp_path: Path, bucket: Any) -> None:
    here(tmp_path, bucket.remote).make("greeting", RECIPE, write_hello)
    (file,) = (name for name in bucket.names() if name.endswith("hello.txt"))
    bucket.files.rm(file)
    other = here(tmp_path, bucket.remote, "two")
    assert other.find("greeting", KEY) is None
    assert not other.make("greeting", RECIPE, write_hello).reused
    assert here(tmp_path, bucket.remote, "three").find("greeting", KEY)


def test_a_store_that_is_not_there_is_said_when_a_batch_begins(tmp_path: Path, bucket: Any) -> None:
    missing = Remote(url="s3://no-such-bucket/store", options=bucket.remote.options)
    with pytest.raises(StoreError, match="there is no such bucket"):
        here(tmp_path, missing).sweep()
    with pytest.raises(StoreError, match="there is no such bucket"):
        here(tmp_path, missing).find("greeting", KEY)
    unknown = Remote(url="s4://bucket/store")
    with pytest.raises(StoreError, match="s4"):
        here(tmp_path, unknown).sweep()


def test_a_machine_without_credentials_is_told_where_they_go(
    tmp_path: Path, bucket: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    nobody = Remote(url=bucket.url, options=(("endpoint_url", bucket.options["endpoint_url"]),))
    with pytest.raises(StoreError, match=r"listing it needs credentials.*AWS_ACCESS_KEY_ID"):
        here(tmp_path, nobody).sweep()


def test_a_large_file_goes_in_parts(tmp_path: Path, bucket: Any) -> None:
    size = 101 * 1024**2
    parts = []

    def count(environ: dict[str, Any]) -> None:
        if "partNumber" in environ["QUERY_STRING"]:
            parts.append(environ["QUERY_STRING"])

    def build(folder: Path) -> Mapping[str, Json]:
        with (folder / "long.mp4").open("wb") as file:
            file.truncate(size)
            file.write(b"start")
        return {}

    bucket.faults.append(count)
    made = here(tmp_path, bucket.remote).make("take", RECIPE, build)
    assert len(parts) > 1
    found = here(tmp_path, bucket.remote, "two").find("take", KEY)
    assert found
    assert file_digest(found.file("long.mp4")) == file_digest(made.file("long.mp4"))


def test_a_full_cache_lets_go_of_what_was_used_longest_ago_and_was_sent(tmp_path: Path, bucket: Any) -> None:
    def weigh(folder: Path) -> Mapping[str, Json]:
        (folder / "weight").write_bytes(bytes(1000))
        return {}

    store = here(tmp_path, bucket.remote)
    made = [store.make("weight", {"number": n}, weigh) for n in range(4)]
    unsent = Store(tmp_path / "one").make("weight", {"number": 5}, weigh)
    for age, artefact in enumerate(made[:3]):
        (mark,) = artefact.folder.glob("sent-*")
        os.utime(mark, (0, time.time() - 2 * RECENT - age))
    assert store.trim(10_000) == 0
    assert store.trim(4000) == 1000
    assert [artefact.folder.exists() for artefact in made] == [True, True, False, True]
    assert store.trim(0) == 2000
    assert made[3].folder.exists()
    assert unsent.folder.exists()
    assert store.make("weight", {"number": 0}, never).file("weight").stat().st_size == 1000


def test_what_the_store_lost_is_not_let_go_of(tmp_path: Path, bucket: Any) -> None:
    store = here(tmp_path, bucket.remote)
    made = store.make("greeting", RECIPE, write_hello)
    (mark,) = made.folder.glob("sent-*")
    os.utime(mark, (0, 0))
    bucket.files.rm(bucket.url, recursive=True)
    assert store.trim(0) == 0
    assert made.file("words/hello.txt").is_file()


def test_what_is_damaged_here_is_brought_again(tmp_path: Path, remote: Remote) -> None:
    store = here(tmp_path, remote)
    made = store.make("greeting", RECIPE, write_hello)
    made.file("words/hello.txt").write_text("hel", encoding="utf-8")
    again = store.find("greeting", KEY)
    assert again
    assert again.file("words/hello.txt").read_text(encoding="utf-8") == "hello"
