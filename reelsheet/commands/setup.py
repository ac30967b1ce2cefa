"""From the machine's settings to what a flow is told."""

from pathlib import Path

from reelsheet.settings import Settings
from tasks.setup import Setup


def setup_for(settings: Settings, sheet: Path) -> Setup:
    """The setup for one sheet: kits beside it are found first."""
    return Setup(
        store=settings.store.resolve(),
        ledger=settings.ledger_url,
        out=settings.out.resolve(),
        kit_folders=settings.kit_folders(sheet),
        workers=settings.workers,
        chunk=settings.chunk,
        expander=settings.expander,
        publisher=settings.publisher,
        llm_url=settings.llm_url,
        llm_model=settings.llm_model,
        llm_key=settings.llm_key,
        checks=settings.checks,
        content_producer=settings.content_producer,
    )
