"""`reelsheet review` as a process of its own, and over a campaign that was really made."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode

import pytest

from campaign.report import BatchReport, RowState

ROOT = Path(__file__).parents[3]
ROWS = """\
编号,文案,产品,品牌,语言,时长,画幅,音乐,阶段
leaf,山里的晨雾。,春茶,qinghe_tea,中文,4,9:16,none,draft；final
cup,Slow mornings start with a warm cup.,Morning mug,harbor_ceramics,en,6,1:1,none,
doubt,获奖工艺，手工炒制。,春茶,qinghe_tea,中文,6,9:16,none,
"""


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "REELSHEET_DISPATCH": "here", "COLUMNS": "200"}


def door(folder: Path, *words: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "reelsheet", *words],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@contextmanager
def serving(folder: Path, *words: str) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    process = door(folder, "review", "--port", "0", *words)
    try:
        assert process.stdout
        link = next(line for line in process.stdout if line.startswith("Review page: "))
        yield link.split()[-1], process
    finally:
        process.kill()
        process.communicate()


def get(address: str) -> str:
    with urllib.request.urlopen(address, timeout=30) as answer:
        text: str = answer.read().decode()
        return text


def said(folder: Path, *words: str) -> tuple[int, str]:
    process = door(folder, "review", *words)
    _, errors = process.communicate(timeout=60)
    return process.returncode, errors


def test_it_says_where_it_is_answers_at_once_and_ends_cleanly_without_a_word(folder: Path) -> None:
    with serving(folder) as (link, process):
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", link)
        assert "Copy of a." in get(f"{link}c/tea")
        with pytest.raises(HTTPError):
            get(f"{link}c/nowhere")
        process.send_signal(signal.SIGINT)
        out, errors = process.communicate(timeout=30)
    assert process.returncode == 0
    # The second line may have been taken in with the first.
    assert (out.strip().removeprefix("Ctrl-C ends it."), errors) == ("", "")


def test_neither_prefect_nor_torch_nor_pandas_is_imported_to_look(folder: Path) -> None:
    asked = (
        "import sys, reelsheet.commands.review as review; from flows.settings import load_settings;"
        "from reelsheet.review.desk import Desk; from starlette.testclient import TestClient;"
        "from reelsheet.review.app import review_app; from reelsheet.review.guard import Guard;"
        "desk = Desk(load_settings(), ()); guard = Guard(host='127.0.0.1', port=80);"
        "page = TestClient(review_app(desk, guard), base_url='http://127.0.0.1');"
        "assert page.get('/c/tea').status_code == 200; desk.close();"
        "print(sorted({'prefect', 'torch', 'pandas', 'numpy', 'fastapi'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", asked]
    done = subprocess.run(command, cwd=folder, env=environment(), capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def test_a_port_in_use_is_a_sentence(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        code, errors = said(folder, "--port", port)
    assert code == 1
    assert errors == (
        f"reelsheet: 127.0.0.1:{port}: cannot be listened on (Address already in use). "
        "Name another with --port, or end what has it.\n"
    )


def test_a_host_that_is_not_here_is_a_sentence(folder: Path) -> None:
    code, errors = said(folder, "--host", "192.0.2.1")
    assert (code, "cannot be listened on" in errors, "Traceback" in errors) == (1, True, False)


def test_a_campaign_that_was_never_made_is_a_sentence(folder: Path) -> None:
    code, errors = said(folder, "coffee.xlsx")
    assert code == 2
    assert "coffee.xlsx: was not made yet" in errors
    assert "Run: reelsheet make coffee.xlsx" in errors


def test_only_the_campaigns_that_are_named_are_shown(folder: Path) -> None:
    shutil.copytree(folder / "out" / "tea", folder / "out" / "coffee")
    with serving(folder, "tea.csv") as (link, _):
        assert "coffee" not in get(link)
        with pytest.raises(HTTPError):
            get(f"{link}c/coffee")


def test_on_another_host_the_link_has_a_key_that_is_another_one_each_time(folder: Path) -> None:
    keys = []
    for _ in range(2):
        with serving(folder, "--host", "0.0.0.0") as (link, _process):
            key = re.search(r":(\d+)/enter\?key=([\w-]{32})$", link)
            assert key
            keys.append(key[2])
            with pytest.raises(HTTPError):
                get(f"http://127.0.0.1:{key[1]}/c/tea")
    assert keys[0] != keys[1]


@pytest.mark.slow
def test_a_campaign_is_made_looked_at_approved_on_the_page_and_finished(tmp_path: Path) -> None:
    (tmp_path / "tea.csv").write_text(ROWS, encoding="utf-8")
    (tmp_path / "tea.yaml").write_text("size: 360\n", encoding="utf-8")
    assert door_made(tmp_path) == {"leaf": RowState.WAITING, "cup": RowState.DONE, "doubt": RowState.REVIEW}
    with serving(tmp_path) as (link, _):
        shown = get(f"{link}c/tea")
        for words in ("leaf-1", "doubt-1", "获奖", "zh.authority.title", "山里的晨雾"):
            assert words in shown
        source = re.findall(r'<video[^>]* src="([^"]*)"', shown)[0].replace("&amp;", "&")
        part = urllib.request.Request(link[:-1] + source, headers={"Range": "bytes=4-7"})
        with urllib.request.urlopen(part, timeout=30) as answer:
            assert (answer.status, answer.read()) == (206, b"ftyp")
        fields = {
            "answer": "approve",
            "why": "seen",
            "spot": re.findall(r'name="spot" value="([^"]*)"', shown),
        }
        token = re.findall(r'name="token" value="([^"]*)"', shown)[0]
        body = urlencode({**fields, "token": token}, doseq=True).encode()
        with urllib.request.urlopen(f"{link}c/tea/decide", body, timeout=60) as answer:
            assert "All is decided." in answer.read().decode()
        began = time.monotonic()
        post = urllib.request.Request(f"{link}c/tea/foresee", urlencode({"token": token}).encode())
        urllib.request.urlopen(post, timeout=30).close()
        while "Still to be made" not in (told := get(f"{link}c/tea?state=decided")):
            assert time.monotonic() - began < 120, told
            time.sleep(1)
    assert set(door_made(tmp_path).values()) == {RowState.DONE}


POLICY = """\
about: A house that has no model for pictures.
market: default
stages: {copy: {required: [lexicon]}, final: {required: [frames]}}
checks: {lexicon: {lists: [{file: safety_zh}]}}
"""


@pytest.mark.slow
def test_a_finished_video_that_the_policy_doubts_is_there_to_look_at_until_somebody_decides(
    tmp_path: Path,
) -> None:
    (tmp_path / "tea.csv").write_text("".join(ROWS.splitlines(keepends=True)[::2][:2]), encoding="utf-8")
    (tmp_path / "tea.yaml").write_text("size: 360\npolicy: house.yaml\n", encoding="utf-8")
    (tmp_path / "house.yaml").write_text(POLICY, encoding="utf-8")
    assert door_made(tmp_path) == {"cup": RowState.REVIEW}
    review = tmp_path / "out" / "tea" / "review"
    with serving(tmp_path) as (link, _):
        shown = get(f"{link}c/tea")
        assert "could not be looked for" in shown
        assert "frames: " in shown
        source = re.findall(r'<video[^>]* src="([^"]*)"', shown)[0].replace("&amp;", "&")
        with urllib.request.urlopen(link[:-1] + source, timeout=30) as answer:
            assert answer.read() == (review / "cup-1_1x1.mp4").read_bytes()
        token = re.findall(r'name="token" value="([^"]*)"', shown)[0]
        spot = re.findall(r'name="spot" value="([^"]*)"', shown)
        fields = {"answer": "approve", "why": "seen", "spot": spot, "token": token}
        urllib.request.urlopen(
            f"{link}c/tea/decide", urlencode(fields, doseq=True).encode(), timeout=60
        ).close()
    assert door_made(tmp_path) == {"cup": RowState.DONE}
    assert list(review.iterdir()) == []


def door_made(folder: Path) -> dict[str, RowState]:
    process = door(folder, "make", "tea.csv")
    _, errors = process.communicate(timeout=300)
    # 2: nothing of it is usable yet, because a person is waited for.
    assert process.returncode in (0, 1, 2), errors
    report = BatchReport.read(folder / "out" / "tea" / "report.json")
    return {row.id: row.state for row in report.rows}
