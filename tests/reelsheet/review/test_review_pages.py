"""What the pages show, in both languages, and what they never do with words of the sheet."""

import html
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
import yaml
from starlette.testclient import TestClient

from campaign.ledger import Ledger
from campaign.progress import ProgressBook, SpotProgress
from campaign.report import BatchReport
from flows.settings import load_settings
from reelsheet.review import words as words_of
from reelsheet.review.desk import Desk
from reelsheet.review.items import PER_PAGE
from tests.reelsheet.review.conftest import HOSTILE, VIDEO

REVIEW = Path(words_of.__file__).parent


class Parts(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data.strip())

    def of(self, tag: str, name: str) -> list[str]:
        return [value for kind, attrs in self.tags if kind == tag and (value := attrs.get(name))]


def read(page: TestClient, address: str, status: int = 200) -> Parts:
    answer = page.get(address)
    assert answer.status_code == status, answer.text
    return Parts(answer.text)


def test_the_overview_says_what_needs_a_person_and_why_and_counts_the_rest(page: TestClient) -> None:
    text = " ".join(read(page, "/").words)
    assert "4 waiting for you" in text
    for said in ("1 Scheduled", "1 Failed", "1 Refused", "1 Done", "1 Problem in the sheet"):
        assert said in text
    # A doubt of the policy stands before the drafts.
    assert text.index("b-1") < text.index("a-1")


def test_a_campaign_opens_with_what_waits_and_shows_all_that_a_decision_needs(page: TestClient) -> None:
    shown = read(page, "/c/tea")
    text = " ".join(shown.words)
    for said in (
        "a-1",
        "a-2",
        "b-1",
        "Copy of a.",
        "0.42 USD",
        "0:00.2",
        "cell 3",
        "espeak:cmn",
        "-14.0 LUFS",
    ):
        assert said in text
    for gone in ("c-1", "d-1", "f-1"):
        assert gone not in text
    for said in ("A knife may be seen.", "at 2.5 s", "frame 60", "frames.weapon", "Look at it."):
        assert said in text
    assert len(shown.of("video", "src")) == len(shown.of("video", "poster")) == 2


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("state=all", ["a-1", "a-2", "b-1", "c-1", "d-1", "e-1", "f-1"]),
        ("state=failed", ["d-1"]),
        ("state=all&row=copy%20of%20C", ["c-1"]),
        ("state=all&aspect=16:9", ["a-2"]),
        ("state=open&row=nothing%20like%20it", []),
        ("state=nonsense&page=-7&aspect=%00", []),
        ("state=all&page=999999999999", ["a-1", "a-2", "b-1", "c-1", "d-1", "e-1", "f-1"]),
    ],
)
def test_spots_are_found_by_state_row_and_aspect(page: TestClient, query: str, names: list[str]) -> None:
    cards = [name for name in read(page, f"/c/tea?{query}").of("article", "data-spot") if len(name) < 20]
    assert [name for name in cards if re.fullmatch(r"[a-f]-\d", name)] == names


def test_every_state_says_why_and_what_could_not_be_made_is_told(page: TestClient) -> None:
    text = " ".join(read(page, "/c/tea?state=all").words)
    for said in (
        "The font lacks U+1FAD6.",
        "It goes out at 10:00.",
        "made by animatic instead",
        "Sheet1!B3: …",
    ):
        assert said in text
    assert "mended in the sheet" in text


def test_words_of_the_sheet_are_shown_and_never_run(page: TestClient) -> None:
    for address in ("/", "/c/tea", "/c/tea?state=all", f"/c/tea?row={HOSTILE[:80]}"):
        shown = read(page, address)
        assert len([tag for tag, _ in shown.tags if tag == "script"]) == 1
        assert not [attrs for _, attrs in shown.tags if any(name.startswith("on") for name in attrs)]
        assert "x" not in shown.of("img", "src")
    assert HOSTILE in html.unescape(page.get("/c/tea").text)


def test_nothing_is_loaded_from_elsewhere_and_no_style_or_script_stands_in_a_page(page: TestClient) -> None:
    for address in ("/", "/c/tea", "/c/tea?state=all", "/nowhere"):
        answer = page.get(address)
        shown = Parts(answer.text)
        links = [
            shown.of(tag, name)
            for tag in ("img", "video", "script", "link", "a", "form")
            for name in ("src", "href", "poster", "action")
        ]
        assert not [link for found in links for link in found if not link.startswith(("/", "#"))]
        assert not [1 for tag, attrs in shown.tags if tag == "style" or "style" in attrs]
        assert answer.headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'")
    for file in ("review.css", "review.js"):
        text = page.get(f"/static/{file}").text
        assert "http:" not in text
        assert "https:" not in text


def test_a_browser_gets_its_language_and_may_choose_the_other(page: TestClient) -> None:
    chinese = page.get("/", headers={"Accept-Language": "fr;q=0.9, zh-CN;q=0.8, en;q=0.2"})
    assert '<html lang="zh">' in chinese.text
    assert "等你确认" in chinese.text
    for odd in ("", "fr", "*", "zh;q=0, en;q=0.1", "zh;q=1.2.3", "," * 5000):
        assert '<html lang="en">' in page.get("/", headers={"Accept-Language": odd}).text
    chosen = page.get("/?lang=zh")
    assert '<html lang="zh">' in chosen.text
    assert '<html lang="zh">' in page.get("/c/tea").text
    assert '<html lang="en">' in page.get("/c/tea?lang=en").text


def test_every_word_stands_in_both_languages_and_every_one_that_is_said_is_there() -> None:
    table = yaml.load((REVIEW / "words.yaml").read_text(encoding="utf-8"), yaml.BaseLoader)
    assert all(len(pair) == 2 and all(pair) for pair in table.values())
    assert [
        key
        for key, pair in table.items()
        if set(re.findall(r"{\w+}", pair[0])) != set(re.findall(r"{\w+}", pair[1]))
    ] == []
    templates = " ".join(path.read_text(encoding="utf-8") for path in (REVIEW / "templates").iterdir())
    said = set(re.findall(r'\bw\("(\w+)"[,)]', templates))
    said |= set(re.findall(r'TroubleError\(\d+, "(\w+)"\)', (REVIEW / "app.py").read_text(encoding="utf-8")))
    assert said - set(table) == set()


def test_a_batch_that_runs_is_followed_and_its_end_is_new(desk: Desk, page: TestClient) -> None:
    before = page.get("/pulse?c=tea").json()
    url = load_settings().ledger_url
    ledger, book = Ledger(url), ProgressBook(url)
    batch = ledger.begin_batch("tea", Path("tea.csv"), "e" * 64)
    assert "reading the sheet" in page.get("/c/tea/progress").text
    book.begin(batch, {"a-1": "a", "a-2": "a"})
    book.record(batch, [SpotProgress(spot="a-1", state="done", share=1.0, reason="")])
    shown = read(page, "/c/tea/progress")
    assert "1 of 2 spots" in " ".join(shown.words)
    assert shown.of("progress", "value") == ["0.5000"]
    assert shown.of("section", "data-poll") == ["/c/tea/progress"]
    running = page.get("/pulse?c=tea").json()
    ledger.finish_batch(batch)
    after = page.get("/pulse?c=tea").json()
    assert len({json.dumps(version) for version in (before, running, after)}) == 3
    assert "data-poll" not in page.get("/c/tea/progress").text
    ledger.close()
    book.close()


def test_a_first_batch_is_shown_before_it_has_a_report(page: TestClient) -> None:
    ledger = Ledger(load_settings().ledger_url)
    ledger.begin_batch("coffee", Path("coffee.csv"), "e" * 64)
    ledger.close()
    assert "coffee" in page.get("/").text
    assert "Its first run has not ended yet" in page.get("/c/coffee").text


def test_a_large_campaign_is_shown_page_by_page(folder: Path, made: BatchReport, page: TestClient) -> None:
    row = made.rows[0]
    rows = [
        replace(row, row=n, id=f"r{n}", spots=[replace(row.spots[0], spot_id=f"r{n}-1")]) for n in range(60)
    ]
    replace(made, rows=rows).write(folder / "out" / "tea" / "report.json")
    first = read(page, "/c/tea")
    assert len(first.of("article", "data-spot")) == PER_PAGE
    (following,) = [a["href"] for tag, a in first.tags if tag == "a" and a.get("rel") == "next"]
    assert following
    assert read(page, following).of("article", "data-spot")[0] == f"r{PER_PAGE}-1"


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"rows": [{}]}', '{"campaign": "tea", "rows": [], "new": 1}', "null"]
)
def test_a_report_that_is_damaged_or_of_another_version_is_a_sentence(
    folder: Path, page: TestClient, text: str
) -> None:
    (folder / "out" / "tea" / "report.json").write_text(text, encoding="utf-8")
    for address in ("/", "/c/tea"):
        assert "written by another version or damaged" in page.get(address).text


def test_a_report_whose_moment_is_none_is_a_sentence_too(
    folder: Path, made: BatchReport, page: TestClient
) -> None:
    replace(made, started_at="yesterday").write(folder / "out" / "tea" / "report.json")
    assert "written by another version or damaged" in page.get("/").text


def test_a_report_from_before_the_page_is_read(folder: Path, page: TestClient) -> None:
    path = folder / "out" / "tea" / "report.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    for row in data["rows"]:
        for spot in row["spots"]:
            del spot["gaps"]
            for finding in spot["findings"]:
                del finding["time"], finding["frame"], finding["picture"]
    path.write_text(json.dumps(data), encoding="utf-8")
    assert "A knife may be seen." in page.get("/c/tea").text


def test_nothing_made_yet_is_an_empty_page_with_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.reelsheet.review.conftest import Guard, browser  # noqa: PLC0415

    monkeypatch.chdir(tmp_path)
    desk = Desk(load_settings(), ())
    text = browser(desk, Guard(host="127.0.0.1", port=8377)).get("/").text
    desk.close()
    assert "reelsheet make campaign.xlsx" in text


def test_files_are_played_in_parts(page: TestClient) -> None:
    source = html.unescape(read(page, "/c/tea").of("video", "src")[0])
    whole = page.get(source)
    assert (whole.content, whole.headers["content-type"]) == (VIDEO, "video/mp4")
    assert whole.headers["accept-ranges"] == "bytes"
    part = page.get(source, headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, VIDEO[100:200])
    assert part.headers["content-range"] == f"bytes 100-199/{len(VIDEO)}"
    assert page.get(source, headers={"Range": f"bytes={len(VIDEO)}-"}).status_code == 416
    assert page.head(source).headers["content-length"] == str(len(VIDEO))


def test_only_a_moment_of_the_finished_video_is_jumped_to(
    folder: Path, made: BatchReport, page: TestClient
) -> None:
    assert 'data-seek="2.5"' not in page.get("/c/tea").text
    (spot,) = made.rows[1].spots
    seen = [replace(spot.findings[0], where="video.mp4")]
    shown = made.rows[0].spots[0].renditions
    rows = [replace(made.rows[1], spots=[replace(spot, findings=seen, renditions=shown)])]
    replace(made, rows=rows).write(folder / "out" / "tea" / "report.json")
    assert 'data-seek="2.5"' in page.get("/c/tea").text


def test_pictures_of_what_the_policy_saw_are_shown(page: TestClient) -> None:
    (still,) = [src for src in read(page, "/c/tea").of("img", "src") if "/still?" in src]
    assert page.get(html.unescape(still)).headers["content-type"] == "image/jpeg"
