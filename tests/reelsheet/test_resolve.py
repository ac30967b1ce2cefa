from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from campaign.attempt import Intent
from campaign.attempts import Attempts
from campaign.budget import Caps
from campaign.money import Money
from reelsheet.cli import app
from reelsheet.commands.resolve import AnswerError

run = CliRunner()
PRICE = Money(Decimal("0.60"), "USD")


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Attempts:
    """The ledger of a folder with an attempt of which nobody knows what became of it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "400")
    (tmp_path / ".reelsheet").mkdir()
    attempts = Attempts(f"sqlite:///{tmp_path / '.reelsheet' / 'ledger.db'}")
    intent = Intent(
        fingerprint="f" * 64,
        batch=1,
        brand="tea",
        row="tea01",
        shot="tea01-1-s1",
        backend="runway",
        vendor="runway",
        place="https://api.example",
        model="gen4.5",
        likeness="a" * 64,
        estimate=PRICE,
        holder="here:1:x",
    )
    attempt = attempts.intend(intent, 1, Caps(), timedelta(seconds=60))
    assert attempt
    attempts.unknown(attempt.id, "the connection broke")
    return attempts


def test_what_waits_is_listed_with_all_that_is_known_and_what_to_do(book: Attempts) -> None:
    said = run.invoke(app, ["resolve"])
    assert said.exit_code == 1
    for words in ("tea01-1-s1", "gen4.5 at https://api.example", "0.60 USD", "connection broke", "--attach"):
        assert words in said.output
    book.close()


@pytest.mark.parametrize(
    ("answer", "counted"),
    [
        (["--attach", "task-7"], None),
        (["--abandon"], "0.60 USD"),
        (["--resubmit", "--charged", "0"], "0.00 USD"),
        (["--resubmit", "--charged", "0.25"], "0.25 USD"),
    ],
)
def test_an_answer_is_kept_with_its_reason(answer: list[str], counted: str | None, book: Attempts) -> None:
    said = run.invoke(app, ["resolve", "1", *answer, "--why", "looked it up"])
    assert (said.exit_code, "looked it up" in said.output) == (0, True)
    attempt = book.get(1)
    assert (str(attempt.actual) if attempt.actual else None) == counted
    assert "looked it up" in attempt.note
    listed = run.invoke(app, ["resolve"])
    assert (listed.exit_code, "No attempt waits" in listed.output) == (0, True)
    book.close()


@pytest.mark.parametrize(
    "answer",
    [
        [],
        ["--abandon"],
        ["--abandon", "--resubmit", "--why", "both"],
        ["--attach", "task-7", "--charged", "1", "--why", "the vendor says what it costs"],
    ],
)
def test_half_an_answer_is_none(answer: list[str], book: Attempts) -> None:
    assert isinstance(run.invoke(app, ["resolve", "1", *answer]).exception, AnswerError)
    assert book.get(1).actual is None
    book.close()
