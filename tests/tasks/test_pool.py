import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from campaign.content_key import Json
from campaign.errors import FinishError, ReelsheetError
from campaign.store import Artefact, Store
from tasks.pool import Pool, UnexpectedError, Wanted, WorkerLostError, bundles, obtain

ROOT = Path(__file__).parent.parent.parent


def write(words: str, folder: Path) -> Mapping[str, Json]:
    (folder / "words.txt").write_text(words, encoding="utf-8")
    (folder / "pid.txt").write_text(str(os.getpid()), encoding="utf-8")
    return {}


def refuse(words: str, folder: Path) -> Mapping[str, Json]:
    raise FinishError("words", words)


def stumble(words: str, folder: Path) -> Mapping[str, Json]:
    raise ZeroDivisionError(words)


def end_the_worker(words: str, folder: Path) -> Mapping[str, Json]:
    os.kill(os.getpid(), signal.SIGKILL)
    return {}


def wanted(words: str, build: object = write) -> Wanted:
    return Wanted(kind="words", recipe={"words": words}, build=build, job=words)  # type: ignore[arg-type]


@pytest.fixture
def pool(tmp_path: Path) -> Iterator[Pool]:
    pool = Pool(Store(tmp_path), 2)
    yield pool
    pool.close()


def test_what_is_missing_is_built_in_another_process_and_then_found(pool: Pool) -> None:
    made = dict(obtain(pool.store, {"a": wanted("one"), "b": wanted("two")}, pool.build_all))
    again = dict(obtain(pool.store, {"a": wanted("one"), "b": wanted("two")}, pool.build_all))
    first = made["a"]
    assert isinstance(first, Artefact)
    assert not first.reused
    assert first.file("pid.txt").read_text(encoding="utf-8") != str(os.getpid())
    assert all(isinstance(m, Artefact) and m.reused for m in again.values())


def test_the_same_content_under_two_names_is_built_once(pool: Pool) -> None:
    asked: list[str] = []

    def build_all(missing: Mapping[str, Wanted]) -> Iterator[tuple[str, Artefact]]:
        asked.extend(missing)
        for key, want in missing.items():
            yield (
                key,
                pool.store.make(want.kind, want.recipe, lambda folder, job=want.job: write(job, folder)),
            )

    made = dict(obtain(pool.store, {"a": wanted("one"), "b": wanted("one")}, build_all))
    assert sorted(made) == ["a", "b"]
    assert len(asked) == 1


def test_a_failure_is_told_beside_its_name_and_the_rest_is_built(pool: Pool) -> None:
    made = dict(obtain(pool.store, {"bad": wanted("no", refuse), "good": wanted("yes")}, pool.build_all))
    assert isinstance(made["bad"], FinishError)
    assert isinstance(made["good"], Artefact)


def test_a_fault_of_ours_is_told_in_words_and_logged(pool: Pool, caplog: pytest.LogCaptureFixture) -> None:
    (made,) = dict(obtain(pool.store, {"bad": wanted("zero", stumble)}, pool.build_all)).values()
    assert isinstance(made, UnexpectedError)
    assert "ZeroDivisionError" in str(made)
    assert "Traceback" in caplog.text


def test_work_that_ends_its_worker_is_named_and_the_rest_is_built(pool: Pool) -> None:
    everything = {"deadly": wanted("deadly", end_the_worker), **{str(n): wanted(str(n)) for n in range(6)}}
    made = dict(obtain(pool.store, everything, pool.build_all))
    assert isinstance(made.pop("deadly"), WorkerLostError)
    assert len(made) == 6
    assert all(isinstance(m, Artefact) for m in made.values())


def write_all(words: Sequence[str], folders: Sequence[Path]) -> list[Mapping[str, Json] | ReelsheetError]:
    for word, folder in zip(words, folders, strict=True):
        if word == "deadly":
            os.kill(os.getpid(), signal.SIGKILL)
        (folder / "words.txt").write_text(f"{word} of {len(words)}", encoding="utf-8")
    return [FinishError("words", word) if word == "bad" else {"word": word} for word in words]


def sharing(words: str, with_whom: str = "all") -> Wanted:
    return Wanted(kind="words", recipe={"words": words}, build=write_all, job=words, shares=with_whom)


def test_what_shares_is_built_in_one_go_and_one_failure_is_one_failure(tmp_path: Path) -> None:
    pool = Pool(Store(tmp_path), 1)
    dict(obtain(pool.store, {"there": sharing("there")}, pool.build_all))
    made = dict(obtain(pool.store, {w: sharing(w) for w in ("there", "bad", "a", "b")}, pool.build_all))
    pool.close()
    assert isinstance(made["bad"], FinishError)
    told = {w: made[w].file("words.txt").read_text(encoding="utf-8") for w in ("there", "a", "b")}  # type: ignore[union-attr]
    assert told == {"there": "there of 1", "a": "a of 3", "b": "b of 3"}
    assert list((tmp_path / "scratch").iterdir()) == []


def test_only_what_ends_a_worker_is_blamed_among_those_that_share(tmp_path: Path) -> None:
    pool = Pool(Store(tmp_path), 1)
    made = dict(obtain(pool.store, {w: sharing(w) for w in ("a", "deadly", "b")}, pool.build_all))
    pool.close()
    assert isinstance(made["deadly"], WorkerLostError)
    assert all(isinstance(made[word], Artefact) for word in ("a", "b"))


@pytest.mark.parametrize(
    ("spots", "workers", "sizes"),
    [
        (1, 2, [2, 1]),
        (1, 4, [1, 1, 1]),
        (2, 2, [3, 3]),
        (3, 2, [3, 3, 2, 1]),
        (12, 2, [3] * 12),
        (3, 8, [1] * 9),
    ],
)
def test_sharing_leaves_no_worker_without_work_at_the_end(spots: int, workers: int, sizes: list[int]) -> None:
    missing = {f"{s}{a}": sharing(f"{s}{a}", str(s)) for s in range(spots) for a in "abc"}
    made = bundles(missing, workers)
    assert [len(bundle) for bundle in made] == sizes
    assert sorted(key for bundle in made for key in bundle) == sorted(missing)


PARENT = """
import sys, time
from pathlib import Path
from campaign.store import Store
from tasks.pool import Pool, Wanted, obtain
from tests_pool_child import write

if __name__ == "__main__":
    pool = Pool(Store(Path(sys.argv[1])), 1)
    want = Wanted(kind="words", recipe={"words": "one"}, build=write, job="one")
    (made,) = dict(obtain(pool.store, {"a": want}, pool.build_all)).values()
    print(made.file("pid.txt").read_text(), flush=True)
    time.sleep(60)
"""


def test_workers_leave_when_their_parent_is_killed(tmp_path: Path) -> None:
    (tmp_path / "tests_pool_child.py").write_text(
        "import os\n\ndef write(words, folder):\n"
        "    (folder / 'pid.txt').write_text(str(os.getpid()))\n    return {}\n",
        encoding="utf-8",
    )
    (tmp_path / "parent.py").write_text(PARENT, encoding="utf-8")
    parent = subprocess.Popen(
        [sys.executable, str(tmp_path / "parent.py"), str(tmp_path / "store")],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{tmp_path}"},
    )
    assert parent.stdout
    worker = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert _gone(worker)


def _gone(pid: int) -> bool:
    for _ in range(100):
        try:
            state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.1)
    return False
