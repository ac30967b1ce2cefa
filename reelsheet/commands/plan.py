"""``reelsheet plan``."""

import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from campaign.ladder import Rung
from campaign.plan import Plan, PlannedRow, added_up
from campaign.report import RowState
from campaign.sheet.status import RowStatus, write_status
from flows.machine import setup_for
from flows.settings import Settings, load_settings
from reelsheet.environment import prepare_prefect
from reelsheet.progress import foreseeing
from reelsheet.table import COLORS, print_words
from tasks.marks import marks
from tasks.read import read

LISTED = 500
"""Rows of a plan that are all listed; of a longer one those that a person has to look at."""
ALIKE = 3
"""Values of a field that are told one by one; of more only the source is told."""
HEADINGS = ("row", "id", "state", "spots", "shots", "seconds", "videos", "backend", "cost", "new", "there")


def print_table(sheet: Path, annotated: Path | None = None) -> int:
    """Print the plan for people; returns the exit code."""
    plan, console = _planned(sheet, annotated), Console()
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim")
    for heading in HEADINGS:
        # An id that is cut off tells nobody which row is meant.
        table.add_column(heading, overflow="fold", no_wrap=heading not in ("id", "backend"))
    listed = _listed(plan.rows)
    for row in listed:
        table.add_row(*_cells(row))
    console.print(table)
    print_words(console, [(row.row, row.id, row.state, _words(row)) for row in listed])
    if unlisted := len(plan.rows) - len(listed):
        console.print(f"[dim]{unlisted:,} rows that go on are not listed; --json lists every row.[/]")
    for note in (*plan.problems, *plan.notes):
        console.print(f"[yellow]![/] {escape(note)}")
    for words in where_from(plan):
        console.print(f"[dim]{escape(words)}[/]")
    totals = plan.totals
    console.print(
        f"{totals['rows_going']} of {totals['rows']} rows go on: {totals['spots']} spots, "
        f"{totals['shots']} shots, {totals['seconds']:.0f} s of video in {totals['renditions']} files"
    )
    console.print(f"new  {_counts(totals['new']) or 'nothing'}")
    console.print(f"in the store  {_counts(totals['reused']) or 'nothing'}")
    console.print(
        f"cost {_sums(totals['money'], totals['most'])}; "
        f"about {totals['wall_seconds']:.0f} s with {plan.workers} workers"
        + (f" and {totals['gpu_seconds']:.0f} GPU s" if totals["gpu_seconds"] else "")
    )
    if list(totals["rungs"]) != [Rung.FINAL]:
        for name, rung in totals["rungs"].items():
            gpu = f", {rung['gpu_seconds']:.0f} GPU s" if rung["gpu_seconds"] else ""
            console.print(
                f"  {name}  {rung['spots']} spots, {rung['approved']} approved; "
                f"{rung['takes']} takes to make, cost {_sums(rung['money'], rung['most'])}{gpu}"
            )
    for line in (*plan.outlook, *plan.basis):
        console.print(f"[dim]{escape(line)}[/]")
    return exit_code(plan)


def print_json(sheet: Path, annotated: Path | None = None) -> int:
    """Print the plan for programs; returns the exit code."""
    plan = _planned(sheet, annotated)
    plan.write_json(sys.stdout)
    return exit_code(plan)


def exit_code(plan: Plan) -> int:
    """0 when every row goes on, 1 when some do, 2 when none does."""
    going = sum(row.state is RowState.DONE for row in plan.rows)
    if going == len(plan.rows):
        return 0
    return 1 if going else 2


def _planned(sheet: Path, annotated: Path | None) -> Plan:
    settings = load_settings()
    prepare_prefect(settings.home, settings.log, settings.log_lines)
    with foreseeing(Console(stderr=True), sheet.name):
        from tasks.plan import plan  # noqa: PLC0415  # After the environment: the stages import Prefect.

        planned = plan(sheet, setup_for(settings, sheet))
    if annotated:
        _annotate(sheet, planned, annotated, settings)
    return planned


def _annotate(sheet: Path, plan: Plan, target: Path, settings: Settings) -> None:
    """A copy of the sheet with each row's plan, and its problem cells coloured."""
    campaign = read(sheet, settings.kit_folders(sheet))
    write_status(campaign, {row.row: _status(row, campaign.sheet) for row in plan.rows}, target)


def _status(row: PlannedRow, worksheet: str) -> RowStatus:
    columns: dict[str, str | float] = {
        "shots": sum(spot.shots for spot in row.spots),
        "seconds": round(sum(spot.seconds for spot in row.spots), 1),
        "videos": sum(len(spot.aspects) for spot in row.spots),
        "backend": _backends(row),
        "cost": _cost(row),
        "new": sum(sum(spot.new.values()) for spot in row.spots),
        "there": sum(sum(spot.reused.values()) for spot in row.spots),
        "from elsewhere": "; ".join(f"{name} {words}" for name, words in row.taken.items()),
    }
    reason = "\n".join(part for part in (row.reason, *row.problems) if part)
    findings = (finding for spot in row.spots for finding in spot.findings)
    remarks = tuple(marks(findings, row.sources, worksheet, row.row))
    return RowStatus(status=_state(row), reason=reason, columns=columns, remarks=remarks)


def _state(row: PlannedRow) -> str:
    return "ready" if row.state is RowState.DONE else row.state.value


def _listed(rows: list[PlannedRow]) -> list[PlannedRow]:
    if len(rows) <= LISTED:
        return rows
    return [row for row in rows if row.state is not RowState.DONE or row.problems]


def _cells(row: PlannedRow) -> tuple[str | Text, ...]:
    seconds = sum(spot.seconds for spot in row.spots)
    return (
        str(row.row),
        escape(row.id or "—"),
        Text(_state(row), COLORS[row.state]),
        str(len(row.spots)),
        str(sum(spot.shots for spot in row.spots)),
        f"{seconds:.1f}",
        str(sum(len(spot.aspects) for spot in row.spots)),
        escape(_backends(row)),
        _cost(row),
        str(sum(sum(spot.new.values()) for spot in row.spots)),
        str(sum(sum(spot.reused.values()) for spot in row.spots)),
    )


def _words(row: PlannedRow) -> list[str]:
    advice = dict.fromkeys(words for spot in row.spots for words in (*spot.degraded, *spot.advice))
    return [row.reason, *row.problems, *advice]


def _backends(row: PlannedRow) -> str:
    return ", ".join(dict.fromkeys(spot.backend for spot in row.spots))


def _cost(row: PlannedRow) -> str:
    """Money, or the seconds of our own machines that the row takes."""
    money = added_up(spot.money for spot in row.spots)
    most = added_up(spot.most for spot in row.spots)
    gpu = sum(spot.gpu_seconds for spot in row.spots)
    cpu = sum(spot.cpu_seconds for spot in row.spots)
    parts = [_sums(money, most)] if most else []
    parts += [f"{gpu:.0f} GPU s"] if gpu else []
    return ", ".join(parts) or (f"{cpu:.0f} CPU s" if cpu else "")


def where_from(plan: Plan) -> Iterator[str]:
    """Where what the rows do not say comes from: the campaign's settings, the brand kit or a default."""
    yield f"for every row: {', '.join(f'{name} {words}' for name, words in plan.settings.items())}"
    by_field: dict[str, Counter[str]] = {}
    for row in plan.rows:
        for name, words in row.taken.items():
            by_field.setdefault(name, Counter())[words] += 1
    told = []
    for name, values in by_field.items():
        # A seed, say, is another in each row.
        if len(values) > ALIKE or 1 < len(values) == values.total():
            values = Counter(row.sources[name] for row in plan.rows if name in row.taken)
        told += [f"{name} {words} in {_count(number)}" for words, number in values.most_common()]
    if told:
        yield f"where the row says nothing: {'; '.join(told)}"


def _count(rows: int) -> str:
    return f"{rows:,} row{'s' if rows > 1 else ''}"


def _sums(money: Mapping[str, float], most: Mapping[str, float]) -> str:
    """What is expected and the worst case: ``1.20 USD, at most 3.60 USD``."""
    expected, worst = _amounts(money), _amounts(most)
    return f"{expected or 0}, at most {worst}" if worst and worst != expected else expected or "0"


def _amounts(amounts: Mapping[str, float]) -> str:
    return " + ".join(f"{amount:.2f} {currency}" for currency, amount in amounts.items())


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()))
