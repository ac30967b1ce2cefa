"""Who is answered, and what can be had: by name from the report, never by path."""

import pytest
from starlette.testclient import TestClient

from campaign.errors import StoreBusyError
from reelsheet.review.desk import Desk
from reelsheet.review.guard import Guard
from tests.reelsheet.review.conftest import PORT, TOKEN, browser

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        f"evil.example:{PORT}",
        "127.0.0.1",
        "127.0.0.1:80",
        "",
        "localhost.evil.example:8377",
        f"x@127.0.0.1:{PORT}",
        "127.0.0.1:x",
        f"192.168.1.5:{PORT}",
        "[::1",
    ],
)
def test_a_name_that_is_not_ours_is_not_answered(page: TestClient, host: str) -> None:
    for address in ("/", "/c/tea", "/static/review.css", "/nowhere"):
        answer = page.get(address, headers={"Host": host})
        assert answer.status_code == 400
        assert "Copy of a" not in answer.text


@pytest.mark.parametrize(
    "host", [f"127.0.0.1:{PORT}", f"localhost:{PORT}", f"[::1]:{PORT}", f"LOCALHOST:{PORT}"]
)
def test_our_own_names_are_answered(page: TestClient, host: str) -> None:
    assert page.get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": f"http://localhost:{PORT}"},
        {"Origin": f"https://127.0.0.1:{PORT}"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
    ],
)
def test_a_form_of_another_page_changes_nothing(
    desk: Desk, page: TestClient, headers: dict[str, str]
) -> None:
    body = f"token={TOKEN}&answer=approve&why=x&spot={'1' * 64}%3A0%3Aa-1"
    answer = page.post("/c/tea/decide", content=body, headers={**FORM, **headers})
    assert (answer.status_code, desk.ledger.decisions(["1" * 64])) == (403, {})
    own = {"Origin": f"http://127.0.0.1:{PORT}", "Sec-Fetch-Site": "same-origin"}
    assert page.post("/c/tea/decide", content=body, headers={**FORM, **own}).status_code == 303


@pytest.mark.parametrize(
    "address",
    [
        "/c/../secret.mp4",
        "/c/..%2f..%2fsecret.mp4",
        "/c/%2e%2e/file?s=a-1&n=0&k=file",
        "/c/tea/file?s=../../secret&n=0&k=file",
        "/c/tea/file?s=a-1&n=0&k=../secret.mp4",
        "/c/tea/file?s=a-1&n=-1&k=file",
        "/c/tea/file?s=a-1&n=7&k=file",
        "/c/tea/file?s=a-1&n=0&k=key",
        "/c/tea/file?s=a-1&n=٣&k=file",
        "/c/tea/file?s=a-1&n=0&k=project",
        "/c/tea/file",
        "/c/tea/still?s=b-1&f=1",
        "/c/tea/still?s=c-1&f=0",
        "/static/../app.py",
        "/static/words.yaml",
        "/static/%2e%2e%2fapp.py",
        "/report.json",
        "/c/tea/report.json",
        "/c/tea%00",
        "/c/.reelsheet",
    ],
)
def test_no_request_leads_out_of_what_the_report_names(page: TestClient, address: str) -> None:
    answer = page.get(address)
    assert answer.status_code == 404
    assert "not yours" not in answer.text


@pytest.mark.parametrize(
    "name",
    [
        "../secret.mp4",
        "/etc/passwd",
        "drafts/../../secret.mp4",
        "report.json",
        "link.mp4",
        "tea.status.xlsx",
        "",
    ],
)
def test_a_report_that_names_what_is_not_the_campaigns_gets_nothing(
    desk: Desk, page: TestClient, name: str
) -> None:
    entry = desk.shelf.entry("tea")
    assert entry
    assert entry.report
    (entry.folder / "link.mp4").symlink_to(entry.folder.parent / "secret.mp4")
    path = entry.folder / "report.json"
    text = path.read_text(encoding="utf-8").replace("drafts/a-1_9x16_draft.mp4", name)
    path.write_text(text, encoding="utf-8")
    assert page.get("/c/tea/file?s=a-1&n=0&k=file").status_code == 404


def test_the_network_needs_the_key_which_the_link_turns_into_a_cookie(desk: Desk) -> None:
    guard = Guard(host="0.0.0.0", port=PORT, token=TOKEN, key="the-key")
    far = browser(desk, guard, Host=f"192.168.1.5:{PORT}")
    for address in ("/", "/c/tea", "/c/tea/file?s=a-1&n=0&k=file", "/pulse", "/nowhere"):
        answer = far.get(address)
        assert (answer.status_code, "Copy of" in answer.text) == (403, False)
        assert far.get(address, headers={"Cookie": f"{guard.cookie}=the-kez"}).status_code == 403
    assert far.get("/static/review.css").status_code == 200
    assert far.get("/enter?key=the-kez").status_code == far.get("/enter").status_code == 403
    entered = far.get("/enter?key=the-key")
    assert (entered.status_code, entered.headers["location"]) == (303, "/")
    cookie = entered.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    inside = browser(desk, guard, Host=f"192.168.1.5:{PORT}", Cookie=f"{guard.cookie}=the-key")
    shown = inside.get("/c/tea").text
    assert "the-key" not in shown
    assert 'name="who"' in shown
    assert inside.get("/", headers={"Host": f"evil.example:{PORT}"}).status_code == 400


def test_on_the_network_a_decision_bears_the_name_that_was_given_and_whose_page_it_was(desk: Desk) -> None:
    guard = Guard(host="0.0.0.0", port=PORT, token=TOKEN, key="the-key")
    far = browser(desk, guard, Cookie=f"{guard.cookie}=the-key")
    body = f"token={TOKEN}&answer=approve&why=x&spot={'1' * 64}%3A0%3Aa-1"
    assert "needs your name" in far.post("/c/tea/decide", content=body, headers=FORM).text
    assert far.post("/c/tea/decide", content=f"{body}&who=Li+Na", headers=FORM).status_code == 303
    (standing,) = desk.ledger.decisions(["1" * 64]).values()
    assert standing.who.startswith("Li Na (review page of ")


def test_every_answer_forbids_what_a_page_of_ours_does_not_need(page: TestClient) -> None:
    for address in (
        "/",
        "/c/tea",
        "/nowhere",
        "/static/review.css",
        "/c/tea/file?s=a-1&n=0&k=cover",
        "/pulse",
    ):
        headers = page.get(address).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert "access-control-allow-origin" not in headers
    assert page.get("/", headers={"Host": "evil.example"}).headers["content-security-policy"]
    assert page.get("/c/tea").headers["cache-control"] == "no-store"


def test_a_fault_of_ours_is_a_page_without_what_was_in_hand(
    desk: Desk, page: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise RuntimeError("a prompt of the sheet")

    monkeypatch.setattr(desk, "cards", broken)
    answer = page.get("/")
    assert answer.status_code == 500
    assert "Something went wrong here" in answer.text
    assert "a prompt" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_a_ledger_that_does_not_answer_is_said_in_the_words_of_the_terminal(
    desk: Desk, page: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone() -> None:
        raise StoreBusyError("postgresql://db", "the ledger was cut off.", "Look whether it can be reached.")

    monkeypatch.setattr(desk, "cards", gone)
    answer = page.get("/")
    assert answer.status_code == 503
    assert "the ledger was cut off. Look whether it can be reached." in answer.text
