"""Deciding on the page is what `reelsheet decide` does: the same rows, the same words, nothing twice."""

import getpass
import html
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import pytest
from httpx import Response
from starlette.testclient import TestClient

from campaign.fleet_errors import ServerError
from campaign.ledger import Ledger, PersonDecision
from campaign.report import BatchReport
from flows.settings import load_settings
from reelsheet.commands.decide import run as decide_in_terminal
from reelsheet.review.desk import Desk
from reelsheet.review.guard import Guard
from tasks.setup import Dispatch
from tests.reelsheet.review.conftest import PORT, TOKEN, browser

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def tokens(page: TestClient, address: str = "/c/tea") -> dict[str, str]:
    """What stands in the page's boxes, by spot."""
    found = re.findall(r'name="spot" value="([^"]*)" data-name="([^"]*)"', page.get(address).text)
    return {html.unescape(name): html.unescape(value) for value, name in found}


def send(page: TestClient, spots: list[str], answer: str = "approve", **fields: str) -> Response:
    form = {"token": TOKEN, "answer": answer, "why": "seen", **fields, "spot": spots}
    return page.post("/c/tea/decide", content=urlencode(form, doseq=True), headers=FORM)


def decided(subject: str) -> PersonDecision | None:
    ledger = Ledger(load_settings().ledger_url)
    try:
        return ledger.decision(subject)
    finally:
        ledger.close()


def test_the_page_writes_what_the_terminal_writes(
    page: TestClient, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = send(page, [tokens(page)["a-1"]], why="  lovely <b>  ")
    assert answer.status_code == 303
    decide_in_terminal(Path("tea.csv"), ["a-2"], "approve", "lovely <b>")
    assert "Run: reelsheet make tea.csv" in capsys.readouterr().out
    mine, theirs = decided("1" * 64), decided("2" * 64)
    assert mine
    assert theirs
    assert replace(mine, id=theirs.id, subject=theirs.subject, at=theirs.at) == theirs
    assert mine.who == getpass.getuser()


def test_what_was_decided_is_said_with_the_command_that_goes_on(page: TestClient) -> None:
    known = tokens(page)
    answer = send(page, [known["a-1"], known["a-2"]], answer="refuse", why="the cup is <blue>", state="open")
    text = page.get(answer.headers["location"]).text
    assert "Refused: a-1, a-2." in text
    assert "the cup is &lt;blue&gt;" in text
    assert "<code>reelsheet make tea.csv</code>" in text
    assert set(tokens(page)) & {"a-1", "a-2"} == set()
    again = page.get("/c/tea?state=decided").text
    assert f"Refused by {getpass.getuser()}" in again
    assert "Approve after all" in again


def test_a_decision_that_somebody_took_meanwhile_stands_and_is_shown(page: TestClient) -> None:
    before = tokens(page)
    decide_in_terminal(Path("tea.csv"), ["a-1"], "refuse", "the cup is blue")
    answer = send(page, [before["a-1"], before["a-2"]])
    text = page.get(answer.headers["location"]).text
    assert f"a-1 was not decided: {getpass.getuser()} has refused it meanwhile (the cup is blue)." in text
    assert "Approved: a-2." in text
    standing = decided("1" * 64)
    assert standing
    assert standing.decision == "refuse"
    assert "刚刚已拒绝" in page.get(answer.headers["location"], headers={"Accept-Language": "zh"}).text


def test_whoever_has_seen_a_decision_may_change_it_before_a_run_acts_on_it(page: TestClient) -> None:
    send(page, [tokens(page)["a-1"]])
    send(page, [tokens(page, "/c/tea?state=decided")["a-1"]], answer="refuse")
    last = decided("1" * 64)
    assert last
    assert (last.id, last.decision) == (2, "refuse")


def test_a_form_sent_twice_decides_once(page: TestClient) -> None:
    token = tokens(page)["b-1"]
    send(page, [token])
    assert "has approved it meanwhile" in page.get(send(page, [token]).headers["location"]).text
    last = decided("3" * 64)
    assert last
    assert last.id == 1


def test_takes_that_changed_since_the_page_was_loaded_are_not_decided(
    page: TestClient, folder: Path, made: BatchReport
) -> None:
    before = tokens(page)["a-1"]
    (first, second) = made.rows[0].spots
    other = replace(made.rows[0], spots=[replace(first, approval="9" * 64), second])
    replace(made, rows=[other, *made.rows[1:]]).write(folder / "out" / "tea" / "report.json")
    text = page.get(send(page, [before]).headers["location"]).text
    assert "a-1 was not decided: it is no longer what you looked at." in text
    assert decided("1" * 64) is None
    assert decided("9" * 64) is None


def test_of_many_who_decide_at_once_each_spot_has_one(desk: Desk, page: TestClient) -> None:
    known = list(tokens(page).values())
    people = [browser(desk, Guard(host="127.0.0.1", port=PORT, token=TOKEN)) for _ in range(6)]
    at_once = threading.Barrier(len(people))

    def decide(person: TestClient) -> int:
        at_once.wait()
        return send(person, known).status_code

    with ThreadPoolExecutor(len(people)) as hall:
        assert set(hall.map(decide, people)) == {303}
    assert sum(1 for number in range(1, 30) if desk.ledger.decisions([str(number) * 64])) == len(known)
    last = desk.ledger.decisions(f"{digit}" * 64 for digit in "1234")
    assert max(one.id for one in last.values()) == len(known)


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"token": "another"}, 403, "started again"),
        ({"token": ""}, 403, "started again"),
        ({"answer": "delete"}, 400, "no decision that can be read"),
        ({"why": "   "}, 400, "needs a reason"),
        ({"spot": []}, 400, "No spot was selected"),
        ({"spot": ["1:2"]}, 400, "no decision that can be read"),
        ({"spot": ["::a-1"]}, 400, "no decision that can be read"),
        ({"spot": [f"{'1' * 64}:-1:a-1"]}, 400, "no decision that can be read"),
        ({"spot": ["x"] * 500}, 400, "no decision that can be read"),
        ({"why": "x" * 300_000}, 413, "no decision that can be read"),
    ],
)
def test_a_form_that_says_something_else_decides_nothing(
    page: TestClient, change: dict[str, object], status: int, words: str
) -> None:
    fields = {"token": TOKEN, "answer": "approve", "why": "seen", "spot": [tokens(page)["a-1"]], **change}
    answer = page.post("/c/tea/decide", content=urlencode(fields, doseq=True), headers=FORM)
    assert answer.status_code == status
    assert words in answer.text
    assert decided("1" * 64) is None


@pytest.mark.parametrize("spot", ["c-1", "f-1", "nobody-1", "d-1"])
def test_what_waits_for_nobody_is_not_decided(page: TestClient, spot: str) -> None:
    text = page.get(send(page, [f"{'7' * 64}:0:{spot}"]).headers["location"]).text
    assert 'class="bad"' in text
    assert decided("7" * 64) is None


def test_a_form_of_another_kind_is_not_read(page: TestClient) -> None:
    for kind in ("text/plain", "multipart/form-data; boundary=x", "application/json"):
        answer = page.post("/c/tea/decide", content=f"token={TOKEN}", headers={"Content-Type": kind})
        assert answer.status_code == 400


def test_no_page_changes_anything_by_being_looked_at(page: TestClient) -> None:
    for address in ("/c/tea/decide", "/c/tea/foresee"):
        assert page.get(address).status_code == 405
    for method in ("PUT", "DELETE", "PATCH"):
        assert page.request(method, "/c/tea").status_code == 405


def test_on_the_pools_the_next_run_is_sent_by_the_same_function(
    desk: Desk, page: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "settings", desk.settings.model_copy(update={"dispatch": Dispatch.POOLS}))
    asked: list[str] = []

    def go_on(report: BatchReport, *_: object) -> str:
        asked.append(report.campaign)
        return "All is decided: the fleet goes on with tea.csv."

    monkeypatch.setattr("reelsheet.decisions._go_on", go_on)
    known = tokens(page)
    text = page.get(send(page, [known["a-1"]]).headers["location"]).text
    assert asked == ["tea"]
    assert "the fleet goes on with tea.csv" in text
    assert "reelsheet make" not in text
    # Nothing is recorded, so nothing is sent.
    send(page, [known["a-1"]])
    assert asked == ["tea"]


def test_a_fleet_that_cannot_be_told_is_said_and_the_decision_is_kept(
    page: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def go_on(*_: object) -> str:
        raise ServerError("http://server/api", "it has no deployment make/cpu.", "Run: reelsheet deploy")

    monkeypatch.setattr("reelsheet.decisions._go_on", go_on)
    text = page.get(send(page, [tokens(page)["a-1"]]).headers["location"]).text
    assert "Approved: a-1." in text
    assert "Run: reelsheet deploy" in text
    assert decided("1" * 64)


def test_a_ledger_that_lost_its_batches_is_said_and_takes_the_decision(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for file in (folder / ".reelsheet").glob("ledger.db*"):
        file.unlink()
    monkeypatch.setenv("REELSHEET_DISPATCH", "pools")
    desk = Desk(load_settings(), ())
    page = browser(desk, Guard(host="127.0.0.1", port=PORT, token=TOKEN))
    text = page.get(send(page, [tokens(page)["a-1"]]).headers["location"]).text
    desk.close()
    assert "Approved: a-1." in text
    assert "The ledger: knows of no batch of tea" in text
    assert "Run: reelsheet make tea.csv" in text
