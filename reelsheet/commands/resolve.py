"""``reelsheet resolve``: paid attempts whose outcome only a person can tell."""

import getpass
from dataclasses import dataclass
from decimal import Decimal

from rich.console import Console
from rich.markup import escape

from campaign.attempt import Attempt
from campaign.attempts import Attempts
from campaign.errors import InputError
from campaign.money import Money
from campaign.resolution import abandon, attach, resubmit, waiting
from flows.settings import load_settings

HOW = (
    "Look in the vendor's console for a task begun at that time. Where it is there: reelsheet resolve NUMBER "
    "--attach ITS-ID --why WORDS. Where it is not: --resubmit (the next run pays again) or --abandon, with "
    "--charged 0 where nothing was charged."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a person wants done with an attempt: exactly one of the first three."""

    attach: str
    """The vendor's id of the task; empty for none."""
    abandon: bool
    resubmit: bool
    charged: float | None
    """In the attempt's currency; None counts all that was set aside."""
    why: str


class AnswerError(InputError):
    """`resolve` was told nothing to do, or two things at once."""

    def __str__(self) -> str:
        return (
            "Say what to do with the attempt: one of --attach ID, --abandon, --resubmit, with --why. "
            "--charged goes with the last two."
        )


def list_waiting() -> int:
    """Print attempts whose outcome only a person can tell; 1 when there are any."""
    attempts = Attempts(load_settings().ledger_url)
    found = waiting(attempts)
    attempts.close()
    console = Console()
    for attempt in found:
        console.print(escape(_told(attempt)))
    console.print(HOW if found else "No attempt waits for a person.")
    return int(bool(found))


def decide(number: int, decision: Decision) -> int:
    """Record what a person decided about one attempt."""
    chosen = (bool(decision.attach), decision.abandon, decision.resubmit)
    if not decision.why or chosen.count(True) != 1 or (decision.attach and decision.charged is not None):
        raise AnswerError
    attempts, who = Attempts(load_settings().ledger_url), getpass.getuser()
    try:
        if decision.attach:
            done = attach(attempts, number, decision.attach, who=who, why=decision.why)
        else:
            act = abandon if decision.abandon else resubmit
            done = act(
                attempts, number, who=who, why=decision.why, charged=_charged(attempts, number, decision)
            )
    finally:
        attempts.close()
    Console().print(escape(_told(done)))
    return 0


def _charged(attempts: Attempts, number: int, decision: Decision) -> Money | None:
    if decision.charged is None:
        return None
    return Money(Decimal(str(decision.charged)), attempts.get(number).estimated.currency)


def _told(attempt: Attempt) -> str:
    known = f", task {attempt.provider_id}" if attempt.provider_id else ""
    charged = f", counted as {attempt.actual}" if attempt.actual else ""
    return (
        f"{attempt.id}  {attempt.state}  {attempt.vendor}:{attempt.model} at {attempt.place}  "
        f"row {attempt.row}, {attempt.shot}, try {attempt.number}{known}, "
        f"estimated {attempt.estimated}{charged}, {attempt.created_at:%Y-%m-%d %H:%M:%S} UTC"
        f"{'  ' + attempt.note if attempt.note else ''}"
    )
