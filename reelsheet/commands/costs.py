"""``reelsheet costs`` and ``reelsheet resolve``: the ledger's attempts."""

import getpass

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from campaign.attempt import Attempt
from campaign.attempts import Attempts
from campaign.costs import CostsBy, costs
from campaign.errors import InputError
from campaign.resolution import abandon, attach, resubmit, waiting
from flows.settings import load_settings


class AnswerError(InputError):
    """`resolve` was told nothing to do, or two things at once."""

    def __str__(self) -> str:
        return "Say what to do with the attempt: one of --attach ID, --abandon, --resubmit, with --why."


def show(by: str) -> int:
    """Print what attempts were estimated to cost and what they did."""
    attempts = Attempts(load_settings().ledger_url)
    lines = costs(attempts, CostsBy(by))
    attempts.close()
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in (by, "estimated", "actual", "open", "attempts", "succeeded", "for a person"):
        table.add_column(heading)
    for line in lines:
        counts = (line.attempts, line.succeeded, line.for_a_person)
        sums = (line.estimated, line.actual, line.open)
        table.add_row(escape(line.name), *map(str, sums), *map(str, counts))
    Console().print(table if lines else "Nothing was paid for.")
    return 0


def list_waiting() -> int:
    """Print attempts whose outcome only a person can tell; 1 when there are any."""
    attempts = Attempts(load_settings().ledger_url)
    found = waiting(attempts)
    attempts.close()
    console = Console()
    for attempt in found:
        console.print(escape(_told(attempt)))
    if not found:
        console.print("No attempt waits for a person.")
    return int(bool(found))


def decide(attempt: int, attached: str, abandoned: bool, resubmitted: bool, why: str) -> int:
    """Record what a person decided about one attempt."""
    if not why or (bool(attached), abandoned, resubmitted).count(True) != 1:
        raise AnswerError
    attempts, who = Attempts(load_settings().ledger_url), getpass.getuser()
    try:
        if attached:
            done = attach(attempts, attempt, attached, who=who, why=why)
        elif abandoned:
            done = abandon(attempts, attempt, who=who, why=why)
        else:
            done = resubmit(attempts, attempt, who=who, why=why)
    finally:
        attempts.close()
    Console().print(escape(_told(done)))
    return 0


def _told(attempt: Attempt) -> str:
    known = f", task {attempt.provider_id}" if attempt.provider_id else ""
    return (
        f"{attempt.id}  {attempt.state}  {attempt.vendor}:{attempt.model}  "
        f"row {attempt.row}, {attempt.shot}, try {attempt.number}{known}, "
        f"estimated {attempt.estimated}, {attempt.created_at:%Y-%m-%d %H:%M} UTC"
        f"{'  ' + attempt.note if attempt.note else ''}"
    )
