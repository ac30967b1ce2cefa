import pytest

from campaign.brief import Severity
from campaign.report import FindingResult
from tasks.marks import marks

SOURCES = {"copy": "B10", "subject": "F10", "legal": "brand kit", "images": "H10, I10", "price_tag": "K10"}


def found(where: str, decision: str = "refuse") -> FindingResult:
    return FindingResult(
        rule="r",
        category="c",
        decision=decision,
        where=where,
        text="最佳",
        why="Absolute.",
        suggestion="Cut.",
    )


@pytest.mark.parametrize(
    ("where", "cell"), [("copy", "B10"), ("shot 2 subject", "F10"), ("price tag", "K10"), ("images", "H10")]
)
def test_a_finding_is_marked_where_its_words_are_written(where: str, cell: str) -> None:
    (mark,) = marks([found(where)], SOURCES, "春茶", 10)
    assert str(mark) == f"春茶!{cell}: '最佳' Absolute. Cut."


@pytest.mark.parametrize("where", ["legal line", "call to action", "shot 1 action", "frame 3"])
def test_words_that_the_row_does_not_say_itself_mark_no_cell(where: str) -> None:
    assert list(marks([found(where)], SOURCES, "春茶", 10)) == []


def test_what_is_reviewed_is_a_note_and_what_is_allowed_is_nothing() -> None:
    said = marks([found("copy", "review"), found("copy", "allow")], SOURCES, "春茶", 10)
    assert [mark.severity for mark in said] == [Severity.NOTE]
