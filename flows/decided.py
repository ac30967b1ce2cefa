"""What follows when people have decided about a batch of the fleet."""

from campaign.deciding import about, waiting
from campaign.ledger import Ledger
from campaign.report import BatchReport
from tasks.dispatch import send_batch


def go_on(report: BatchReport, ledger: Ledger) -> str:
    """Send the next run once nothing waits any more, once for a batch; says in words what happens.

    Raises:
        ServerError: there is no server, or it does not know the deployment.
    """
    subjects = [about(spot) for spot in waiting(report)]
    known = ledger.decisions(subjects)
    if left := sum(subject not in known for subject in subjects):
        return f"{left} more wait; the fleet goes on when all are decided."
    batch = ledger.batches(report.campaign, most=1)[0]
    # A second decision about the same batch finds the run that the first has sent.
    send_batch(batch.sheet, f"decided-{batch.id}")
    return f"All is decided: the fleet goes on with {batch.sheet}."
