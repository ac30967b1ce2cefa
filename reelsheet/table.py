"""A batch's report as a table in the terminal."""

import re
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from campaign.report import WELL_ENDED, BatchReport, RowResult, RowState
from campaign.sheet.texts import listed

COLORS = {
    RowState.DONE: "green",
    RowState.REVIEW: "yellow",
    RowState.WAITING: "cyan",
    RowState.SCHEDULED: "green",
    RowState.REFUSED: "red",
    RowState.FAILED: "red",
    RowState.PROBLEM: "magenta",
}


LISTED = 500
"""Rows of a batch that are all listed; of a larger one those that did not end well."""
ALIKE = 3
"""Rows that are told one by one although all say the same."""
_PLACE = re.compile(r"^.+?![A-Z]{0,3}\d+: ")

Words = tuple[int, str, RowState, Sequence[str]]
"""A row's number, its id, its state and what is to say of it."""


def print_report(console: Console, report: BatchReport, folder: Path) -> None:
    """Rows with their states and reasons, then where everything lies."""
    few = len(report.rows) <= LISTED
    shown = [row for row in report.rows if few or row.state not in WELL_ENDED]
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("row", "id", "state", "spots", "videos", "made", "reused"):
        table.add_column(heading)
    for row in shown:
        table.add_row(
            str(row.row),
            escape(row.id or "—"),
            Text(row.state.value, COLORS[row.state]),
            str(len(row.spots)),
            str(sum(len(spot.renditions) for spot in row.spots)),
            str(sum(sum(spot.made.values()) for spot in row.spots)),
            str(sum(sum(spot.reused.values()) for spot in row.spots)),
        )
    if shown:
        console.print(table)
    print_words(console, [(row.row, row.id, row.state, _words(row)) for row in report.rows])
    if unlisted := len(report.rows) - len(shown):
        console.print(f"[dim]{unlisted:,} rows that ended well are not listed; the report has them.[/]")
    for note in (*report.problems, *report.notes):
        console.print(f"[yellow]![/] {escape(note)}")
    counts = ", ".join(f"{count} {state}" for state, count in sorted(report.counts.items()))
    console.print(f"{counts} in {report.seconds:.0f} s; cost {report.cost}")
    console.print(f"videos  {escape(_short(folder))}")
    console.print(f"report  {escape(_short(folder / 'report.html'))}")


def _words(row: RowResult) -> list[str]:
    degraded = [f"{spot.spot_id}: {words}" for spot in row.spots for words in spot.degraded]
    return [row.reason, *row.problems, *degraded]


def print_words(console: Console, rows: Sequence[Words]) -> None:
    """What is to say of each row, over the whole width; what many rows say alike is said once, at the end."""
    saying: dict[str, list[int]] = {}
    for number, _, _, words in rows:
        for said in dict.fromkeys(map(_beyond_place, words)):
            saying.setdefault(said, []).append(number)
    many = {said: numbers for said, numbers in saying.items() if said and len(numbers) > ALIKE}
    for number, name, state, words in rows:
        for said in words:
            if said and _beyond_place(said) not in many:
                console.print(f"[{COLORS[state]}]{number} {escape(name or '—')}[/] {escape(said)}")
    for said, numbers in many.items():
        console.print(
            f"[magenta]{len(numbers):,} rows[/] {escape(said)} [dim]Rows {listed(_spans(numbers))}.[/]"
        )


def _spans(numbers: Sequence[int]) -> list[str]:
    """Numbers that follow one another as one: 4 to 15."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return [f"{run[0]} to {run[-1]}" if len(run) > 1 else str(run[0]) for run in runs]


def _beyond_place(words: str) -> str:
    """What a problem says besides where."""
    return _PLACE.sub("", words)


def _short(path: Path) -> str:
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
