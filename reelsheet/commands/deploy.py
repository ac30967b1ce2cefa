"""``reelsheet deploy``."""

from pathlib import Path

from rich.console import Console

from flows.settings import load_settings
from reelsheet.environment import prepare_prefect


def run(root: Path) -> int:
    """Bring pools, deployments and automations to the Prefect server that is set, and say what was done."""
    settings = load_settings()
    prepare_prefect(settings.home, settings.log)
    from flows.deploy import AS_IT_WAS, deploy  # noqa: PLC0415  # After the environment: Prefect reads it at import.

    console = Console(soft_wrap=True, highlight=False, markup=False)
    changes = 0
    for done in deploy(root.resolve()):
        changes += not done.change.startswith(AS_IT_WAS)
        console.print(f"{done.what}: {done.change}")
    console.print(f"{changes} changes." if changes else "Nothing to change.")
    return 0
