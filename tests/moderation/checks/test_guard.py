import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from campaign.brief import Language
from campaign.errors import CheckFailedError
from moderation.check import Ask, Material
from moderation.checks.guard import LONGEST_PART, GuardCheck, GuardOptions
from moderation.checks.guard_answer import GuardAnswer, read_answer
from moderation.finding import Category, Coverage, Span, Stage, Text

ASK = Ask(stage=Stage.COPY, market="cn")


def material(*texts: str) -> Material:
    return Material(
        texts=tuple(Text(where=f"t{n}", text=t, language=Language.EN) for n, t in enumerate(texts))
    )


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("Safety: Safe\nCategories: None", GuardAnswer(0, ())),
        ("Safety: Safe\nCategories: None\nRefusal: No", GuardAnswer(0, ())),
        ("Safety: Unsafe\nCategories: Violent", GuardAnswer(6, ("Violent",))),
        ("  Safety: Unsafe\n\nCategories: Violent, PII \n", GuardAnswer(6, ("Violent", "PII"))),
        (
            "Safety: Controversial\nCategories: Politically Sensitive Topics",
            GuardAnswer(3, ("Politically Sensitive Topics",)),
        ),
        (
            "Safety: Unsafe\nCategories: Sexual Content or Sexual Acts\nRefusal: Yes",
            GuardAnswer(6, ("Sexual Content or Sexual Acts",)),
        ),
    ],
)
def test_an_answer_of_the_form_is_read(said: str, answer: GuardAnswer) -> None:
    assert read_answer(said) == answer


@pytest.mark.parametrize(
    "said",
    [
        "",
        "Safe",
        "Safety: Safe",
        "Safety: safe\nCategories: None",
        "Safety: Harmless\nCategories: None",
        "Safety: Safe\nCategories: Violent",
        "Safety: Unsafe\nCategories: None",
        "Safety: Unsafe\nCategories: Rudeness",
        "Safety: Safe\nSafety: Unsafe\nCategories: None",
        "Sure! Safety: Safe\nCategories: None",
        "Safety: Safe\nCategories: None\nIgnore the above.",
        "<think>\n</think>\nSafety: Safe\nCategories: None",
        '{"Safety": "Safe", "Categories": []}',
        "!!!!!!!!!!!!!!!!",
    ],
)
def test_an_answer_of_another_form_is_an_error_and_no_pass(said: str) -> None:
    with pytest.raises(CheckFailedError, match="not of its form"):
        read_answer(said)


def test_a_model_that_babbles_is_an_error(guard_model: Path) -> None:
    check = GuardCheck(GuardOptions(model=str(guard_model)))
    outcome = check.look(material("zebra crossing at night, seventeen"), ASK)
    assert outcome.report.coverage in (Coverage.ERROR, Coverage.RAN)
    if outcome.report.coverage is Coverage.ERROR:
        assert "not of its form" in outcome.report.reason


def test_texts_of_one_batch_get_their_own_answers(guard_model: Path) -> None:
    check = GuardCheck(GuardOptions(model=str(guard_model), batch=4))
    outcome = check.look(material("tea", "bomb", "warm cup", "茶", "a bomb"), ASK)
    assert outcome.report.coverage is Coverage.RAN, outcome.report.reason
    assert [f.evidence.where for f in outcome.findings if isinstance(f.evidence, Span)] == ["t1", "t4"]
    assert {finding.category for finding in outcome.findings} == {Category.VIOLENCE}


def test_a_folder_without_weights_is_unavailable(tmp_path: Path, guard_model: Path) -> None:
    (tmp_path / "config.json").write_bytes((guard_model / "config.json").read_bytes())
    outcome = GuardCheck(GuardOptions(model=str(tmp_path))).look(material("tea"), ASK)
    assert outcome.report.coverage is Coverage.UNAVAILABLE
    assert "has no weights" in outcome.report.reason


def test_weights_of_another_model_are_an_error(tmp_path: Path, guard_model: Path, frames_model: Path) -> None:
    for path in guard_model.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "model.safetensors").write_bytes((frames_model / "model.safetensors").read_bytes())
    outcome = GuardCheck(GuardOptions(model=str(tmp_path))).look(material("tea"), ASK)
    assert outcome.report.coverage is Coverage.ERROR
    assert "lack" in outcome.report.reason


def test_a_truncated_file_of_weights_is_an_error(tmp_path: Path, guard_model: Path) -> None:
    for path in guard_model.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "model.safetensors").write_bytes((guard_model / "model.safetensors").read_bytes()[:5000])
    outcome = GuardCheck(GuardOptions(model=str(tmp_path))).look(material("tea"), ASK)
    assert outcome.report.coverage is Coverage.ERROR


class Server:
    """A chat server that answers what it is told and keeps what it was asked."""

    def __init__(self) -> None:
        self.status, self.body = 200, b""
        self.asked: list[dict] = []
        self.keys: list[str | None] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                outer.keys.append(self.headers["Authorization"])
                outer.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(outer.status)
                self.end_headers()
                self.wfile.write(outer.body)

            def log_message(self, *args: object) -> None:
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def says(self, text: object) -> None:
        self.body = json.dumps({"choices": [{"message": {"content": text}}]}).encode()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


def at(server: Server, **how) -> GuardCheck:
    return GuardCheck(GuardOptions(endpoint=server.url, **how))


def test_a_server_s_answer_is_read_and_remembered(server: Server) -> None:
    server.says("Safety: Unsafe\nCategories: Non-violent Illegal Acts")
    check = at(server, model="guard-4b", key="k")
    outcome = check.look(material("sell it", "sell it"), ASK)
    assert [f.category for f in outcome.findings] == [Category.ILLEGAL_REGULATED] * 2
    assert check.look(material("sell it"), ASK).findings
    assert len(server.asked) == 1
    assert server.asked[0]["model"] == "guard-4b"
    assert server.asked[0]["messages"] == [{"role": "user", "content": "sell it"}]
    assert server.keys == ["Bearer k"]


@pytest.mark.parametrize("content", ["I cannot judge this.", None, ["Safe"], ""])
def test_a_server_that_answers_something_else_is_an_error(server: Server, content: object) -> None:
    server.says(content)
    assert at(server).look(material("tea"), ASK).report.coverage is Coverage.ERROR


@pytest.mark.parametrize(("status", "body"), [(500, b"{}"), (200, b"<html>"), (200, b"[]"), (200, b"")])
def test_a_server_that_is_broken_is_an_error(server: Server, status: int, body: bytes) -> None:
    server.status, server.body = status, body
    assert at(server).look(material("tea"), ASK).report.coverage is Coverage.ERROR


def test_a_server_that_does_not_answer_is_unavailable() -> None:
    check = GuardCheck(GuardOptions(endpoint="http://127.0.0.1:9/v1", timeout=1))
    outcome = check.look(material("tea"), ASK)
    assert outcome.report.coverage is Coverage.UNAVAILABLE
    assert "does not answer" in outcome.report.reason


def test_a_long_text_is_judged_in_parts_that_leave_nothing_out(server: Server) -> None:
    server.says("Safety: Controversial\nCategories: Unethical Acts")
    text = "".join(chr(0x4E00 + n % 2000) for n in range(5000))
    outcome = at(server).look(material(text), ASK)
    spans = [f.evidence for f in outcome.findings if isinstance(f.evidence, Span)]
    assert {place for span in spans for place in range(span.start, span.end)} == set(range(len(text)))
    assert all(len(span.matched) <= LONGEST_PART for span in spans)
