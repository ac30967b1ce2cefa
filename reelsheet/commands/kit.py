"""``reelsheet kit``."""

from pathlib import Path

from rich.console import Console
from rich.markup import escape

from campaign.brand_kit import find_kit
from finishing.kit_check import check_kit
from flows.settings import load_settings


def check(name: str, out: Path) -> int:
    """Print what is wrong with the kit and where its sample sheets lie; 1 when anything is."""
    kit = find_kit(name, load_settings().kit_folders(Path("campaign.xlsx")))
    out.mkdir(parents=True, exist_ok=True)
    checked = check_kit(kit, out)
    console = Console()
    for finding in checked.findings:
        console.print(f"[yellow]![/] {escape(finding)}")
    for fact in checked.facts:
        console.print(escape(fact))
    for sheet in checked.sheets:
        console.print(f"sheet  {escape(str(sheet))}")
    if not checked.findings:
        console.print(f"{name} can be used as it is.")
    return int(bool(checked.findings))
