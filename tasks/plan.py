"""What a campaign would make: every spot foreseen, a large batch by several processes."""

import gc
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import forkserver, get_context
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import TYPE_CHECKING

from campaign.brief import Brief, Problem, Severity
from campaign.budget import Caps
from campaign.errors import ReelsheetError
from campaign.events import Planned, SpotDone, announce
from campaign.plan import Foreseen, Plan, PlannedRow, PlannedSpot
from campaign.report import WORST_FIRST, RowState
from campaign.sheet.campaign import Campaign, SheetRow
from campaign.sheet.problems import told_together
from moderation.policy import load_policy
from tasks.backends import name_first, open_backend
from tasks.read import read, spots_of
from tasks.setup import Setup, notes_of
from tasks.spot import Spot

if TYPE_CHECKING:
    from tasks.foresee import Foreseer

ALONE = 3000
"""Spots that one process foresees sooner than several would have started."""
LARGE = 200_000
"""Bytes of a sheet that most likely has more spots than that."""
SHARED = 250
"""Spots handed to a process at a time."""
PRELOADED = ("tasks.foresee", "model.expansion.rules", "model.backends.animatic", "moderation.checks.ad_law")
"""What nearly every plan imports sooner or later."""


def plan(sheet: Path, setup: Setup) -> Plan:
    """Foresee the batch. Nothing is made, nothing is written.

    Raises:
        SheetError: the sheet as a whole is not usable.
    """
    if setup.workers > 1 and sheet.is_file() and sheet.stat().st_size > LARGE:
        _make_ready()
    with _nothing_thrown_away():
        return _plan(sheet, setup)


@contextmanager
def _nothing_thrown_away() -> Iterator[None]:
    """Without the collector: what is read stays until the plan is written, and is looked through in vain."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _plan(sheet: Path, setup: Setup) -> Plan:
    campaign = read(sheet, setup.kit_folders)
    spots, broken = spots_of(campaign, setup.kit_folders)
    announce(Planned(spots=len(spots), rows=len(campaign.rows)))
    planned: dict[str, list[PlannedSpot]] = {}
    basis: dict[str, None] = {}
    policy = load_policy(campaign.settings.policy)
    for one in _foreseen(spots, setup, campaign.name, campaign.settings.policy):
        planned.setdefault(one.row_id, []).append(one.spot)
        basis |= dict.fromkeys(one.basis)
        announce(SpotDone(spot_id=one.spot.spot_id, row_id=one.row_id, state=one.spot.state))
    briefs: dict[str | None, Brief] = {brief.id: brief for brief in campaign.briefs}
    problems: dict[int | None, list[Problem]] = {}
    for problem in campaign.problems:
        problems.setdefault(problem.row, []).append(problem)
    return Plan(
        campaign=campaign.name,
        sheet=campaign.path.name,
        policy=policy.name,
        settings=campaign.settings_for_all(),
        workers=setup.workers,
        basis=list(basis),
        outlook=_outlook(spots, setup),
        notes=notes_of(policy, setup.content_producer),
        problems=told_together(problems.get(None, [])),
        rows=[_row(row, campaign, briefs.get(row.id), planned, broken, problems) for row in campaign.rows],
    )


def _outlook(spots: Sequence[Spot], setup: Setup) -> list[str]:
    """How each backend that is named would work here, once for each rung; a retired one says that it is."""
    named = dict.fromkeys(
        (name, step.rung) for spot in spots for step in spot.brief.ladder for name in step.backends
    )
    said: dict[str, None] = {}
    for name, rung in named:
        try:
            line = open_backend(name, setup, 0, Caps(), rung).outlook()
        except ReelsheetError as error:
            line = name_first(name, error)
        said |= {line: None} if line else {}
    return list(said)


def _foreseen(spots: Sequence[Spot], setup: Setup, name: str, policy: str) -> Iterator[Foreseen]:
    """Every spot in order; a large batch is shared out among processes."""
    if len(spots) <= ALONE or setup.workers == 1:
        _open(setup, name, policy)
        try:
            yield from _here[0].foresee_all(spots)
        finally:
            _here.pop().close()
        return
    chunks = [spots[start : start + SHARED] for start in range(0, len(spots), SHARED)]
    with ProcessPoolExecutor(
        min(setup.workers, len(chunks)), _context(), initializer=_open_worker, initargs=(setup, name, policy)
    ) as pool:
        for chunk in pool.map(_foresee_all, chunks):
            yield from chunk


def _make_ready() -> None:
    """Have the workers' imports, seconds of them, done while this process reads the sheet."""
    _context()
    forkserver.ensure_running()


def _context() -> BaseContext:
    """One clean process imports for all workers, which are forked from it and share its memory."""
    context = get_context("forkserver")
    context.set_forkserver_preload(list(PRELOADED))
    return context


_here: list["Foreseer"] = []
"""What this process works with, while it foresees."""


def _open(setup: Setup, name: str, policy: str) -> None:
    # The stages import Prefect, which takes a second: a process that only shares out work does without.
    from tasks.foresee import Foreseer  # noqa: PLC0415

    _here[:] = [Foreseer(setup, name, policy)]
    # What is known by now stays: the collector need not look through it again and again.
    gc.freeze()
    gc.disable()


def _open_worker(setup: Setup, name: str, policy: str) -> None:
    _open(setup, name, policy)
    # What is known by now stays: the collector need not look through it again and again.
    gc.freeze()


def _foresee_all(spots: Sequence[Spot]) -> list[Foreseen]:
    return list(_here[0].foresee_all(spots))


def _row(
    row: SheetRow,
    campaign: Campaign,
    brief: Brief | None,
    planned: Mapping[str, list[PlannedSpot]],
    broken: Mapping[str, str],
    problems: Mapping[int | None, Sequence[Problem]],
) -> PlannedRow:
    spots = planned.get(row.id or "", [])
    mine = problems.get(row.number, ())
    out = brief is None or any(p.severity is Severity.ERROR for p in mine)
    worst = min(spots, key=lambda spot: WORST_FIRST.index(spot.state), default=None)
    state = RowState.PROBLEM if out else worst.state if worst else RowState.FAILED
    return PlannedRow(
        row=row.number,
        id=row.id or "",
        state=state,
        reason=row.beside or (worst.reason if worst and not out else broken.get(row.id or "", "")),
        problems=[str(problem) for problem in mine],
        sources=dict(campaign.sources.get(row.id or "", {})),
        taken=campaign.taken(brief) if brief else {},
        spots=[] if out or row.beside else spots,
    )
