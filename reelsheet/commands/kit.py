"""``reelsheet kit``."""

import re
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from campaign.brand_kit import find_kit
from campaign.errors import KitError
from campaign.kit_parts import Words
from finishing.kit_check import check_kit
from finishing.new_kit import Brand, write_kit
from flows.settings import load_settings

_COLOR = re.compile(r"#?([0-9A-Fa-f]{6})")


def new(name: str, zh: str, en: str, color: str, logo: Path | None, like: str, out: Path) -> int:
    """Make the kit in the first of the settings' folders and check it, as `check` does."""
    settings = load_settings()
    found = _COLOR.fullmatch(color.strip()) if color else None
    if color and not found:
        raise KitError(Path(name), f"cannot have the colour {color!r}.", 'Write it like "#C8102E".')
    brand = Brand(
        name=name,
        title=Words(zh=zh or en or name, en=en or zh or name),
        color=f"#{found[1].upper()}" if found else None,
        logo=logo,
    )
    made = write_kit(
        brand, settings.brand_kits[0], find_kit(like, settings.kit_folders(Path("campaign.xlsx")))
    )
    Console().print(
        f"kit  {escape(str(made))}: change its kit.yaml as you like; docs/brand_kits.md has every key."
    )
    return check(name, out)


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
