"""``reelsheet costs``: what was estimated, and what it cost."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from campaign.attempts import Attempts
from campaign.costs import CostsBy, costs
from flows.settings import load_settings


def show(by: str) -> int:
    """Print what attempts were estimated to cost and what they did."""
    attempts = Attempts(load_settings().ledger_url)
    lines = costs(attempts, CostsBy(by))
    attempts.close()
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in (by, "estimated", "actual", "open", "attempts", "succeeded", "for a person"):
        table.add_column(heading, overflow="fold")
    for line in lines:
        counts = (line.attempts, line.succeeded, line.for_a_person)
        sums = (line.estimated, line.actual, line.open)
        table.add_row(escape(line.name), *map(str, sums), *map(str, counts))
    Console().print(table if lines else "Nothing was paid for.")
    return 0
