import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from campaign.errors import PublishError
from campaign.ledger import Ledger, ReleaseState
from publishing.folder import FolderPublisher
from publishing.publisher import Delivery, already_out, load_publisher, release


@pytest.fixture
def ledger(ledger_url: str) -> Iterator[Ledger]:
    opened = Ledger(ledger_url)
    yield opened
    opened.close()


def delivery(tmp_path: Path, key: str = "k1", words: str = "video") -> Delivery:
    source = tmp_path / f"{key}.mp4"
    source.write_text(words, encoding="utf-8")
    return Delivery(
        rendition=key,
        place="tea01-1_9x16",
        folder="tea01-1",
        files={".mp4": source},
        account="",
        about={"title": "春茶"},
    )


def test_a_delivery_lies_in_its_spots_folder_and_is_confirmed(tmp_path: Path, ledger: Ledger) -> None:
    batch = ledger.begin_batch("tea", Path("tea.xlsx"), "a" * 64)
    entry = release(delivery(tmp_path), FolderPublisher(tmp_path / "out"), ledger, batch)
    assert entry.state is ReleaseState.CONFIRMED
    assert (tmp_path / "out/tea01-1/tea01-1_9x16.mp4").read_text(encoding="utf-8") == "video"
    manifest = json.loads((tmp_path / "out/tea01-1/manifest.json").read_text(encoding="utf-8"))
    assert manifest["tea01-1_9x16"]["about"] == {"title": "春茶"}


def test_the_same_delivery_is_not_written_again(tmp_path: Path, ledger: Ledger) -> None:
    batch = ledger.begin_batch("tea", Path("tea.xlsx"), "a" * 64)
    publisher = FolderPublisher(tmp_path / "out")
    release(delivery(tmp_path), publisher, ledger, batch)
    before = (tmp_path / "out/tea01-1/tea01-1_9x16.mp4").stat().st_mtime_ns
    release(delivery(tmp_path), publisher, ledger, batch)
    assert (tmp_path / "out/tea01-1/tea01-1_9x16.mp4").stat().st_mtime_ns == before


def test_what_went_out_is_known_by_its_release_only_while_it_lies_there_as_it_was_sent(
    tmp_path: Path, ledger: Ledger
) -> None:
    batch = ledger.begin_batch("tea", Path("tea.xlsx"), "a" * 64)
    publisher, mine = FolderPublisher(tmp_path / "out"), delivery(tmp_path)
    assert already_out(mine, publisher, ledger.releases_of(["k1"])) is None
    ledger.intend_release(batch, "k1", "folder", "", "tea01-1_9x16")
    assert already_out(mine, publisher, ledger.releases_of(["k1"])) is None
    entry = release(mine, publisher, ledger, batch)
    known = ledger.releases_of(["k0", "k1"])
    assert already_out(mine, publisher, known) == entry
    assert already_out(replace(mine, account="shop"), publisher, known) is None
    (tmp_path / "out/tea01-1/tea01-1_9x16.mp4").write_text("vide0!", encoding="utf-8")
    assert already_out(mine, publisher, known) is None


def test_a_proof_that_says_something_else_in_as_many_words_is_delivered_anew(
    tmp_path: Path, ledger: Ledger
) -> None:
    batch = ledger.begin_batch("tea", Path("tea.xlsx"), "a" * 64)
    publisher = FolderPublisher(tmp_path / "out")
    for number, said in enumerate(("approved by A", "approved by B")):
        proof = tmp_path / f"{number}.json"
        proof.write_text(said, encoding="utf-8")
        plain = delivery(tmp_path)
        release(replace(plain, files={**plain.files, "_proof.json": proof}), publisher, ledger, batch)
    assert (tmp_path / "out/tea01-1/tea01-1_9x16_proof.json").read_text(encoding="utf-8") == "approved by B"
    assert len(ledger.releases()) == 1


def test_a_deleted_file_is_delivered_again(tmp_path: Path, ledger: Ledger) -> None:
    batch = ledger.begin_batch("tea", Path("tea.xlsx"), "a" * 64)
    publisher = FolderPublisher(tmp_path / "out")
    release(delivery(tmp_path), publisher, ledger, batch)
    (tmp_path / "out/tea01-1/tea01-1_9x16.mp4").unlink()
    release(delivery(tmp_path), publisher, ledger, batch)
    assert (tmp_path / "out/tea01-1/tea01-1_9x16.mp4").is_file()


def test_a_newer_rendition_takes_the_place_of_the_older(tmp_path: Path, ledger: Ledger) -> None:
    batch = ledger.begin_batch("tea", Path("tea.xlsx"), "a" * 64)
    publisher = FolderPublisher(tmp_path / "out")
    release(delivery(tmp_path), publisher, ledger, batch)
    release(delivery(tmp_path, "k2", "newer"), publisher, ledger, batch)
    assert (tmp_path / "out/tea01-1/tea01-1_9x16.mp4").read_text(encoding="utf-8") == "newer"


def test_an_intent_left_by_a_crash_is_taken_up(tmp_path: Path, ledger: Ledger) -> None:
    batch = ledger.begin_batch("tea", Path("tea.xlsx"), "a" * 64)
    ledger.intend_release(batch, "k1", "folder", "", "tea01-1_9x16")
    entry = release(delivery(tmp_path), FolderPublisher(tmp_path / "out"), ledger, batch)
    assert entry.state is ReleaseState.CONFIRMED
    assert len(ledger.releases()) == 1


def test_a_folder_that_refuses_leaves_a_failed_release_with_the_reason(
    tmp_path: Path, ledger: Ledger
) -> None:
    batch = ledger.begin_batch("tea", Path("tea.xlsx"), "a" * 64)
    (tmp_path / "out").write_text("a file where the folder should be", encoding="utf-8")
    with pytest.raises(PublishError, match="refused a write"):
        release(delivery(tmp_path), FolderPublisher(tmp_path / "out"), ledger, batch)
    assert [r.state for r in ledger.releases()] == [ReleaseState.FAILED]


def test_an_unknown_publisher_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(PublishError, match="Known: folder"):
        load_publisher("tiktok", tmp_path)
