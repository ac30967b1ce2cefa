"""``reelsheet model``: checkpoints of our own models."""

from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from campaign.errors import DeviceError
from flows.settings import load_settings
from model.backends.wan import WanBackend
from model.wan.checkpoint import Checkpoint, open_checkpoint
from model.wan.models import needs_packages
from model.wan.options import Precision, WanOptions


def convert(source: str, revision: str, target: Path, precision: str) -> int:
    """Convert and say how to use it; shows each component's progress."""
    with needs_packages():
        from model.wan.convert import convert as rewrite  # noqa: PLC0415  # Torch takes seconds to import.

    console = Console()
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"))
    with Progress(*columns, TimeRemainingColumn(), console=console) as progress:
        bars: dict[str, TaskID] = {}

        def told(component: str, done: int, total: int) -> None:
            if component not in bars:
                bars[component] = progress.add_task(component, total=total)
            progress.update(bars[component], completed=done)

        made = rewrite(source, revision or None, target, Precision(precision), told)
    size = sum(file.stat().st_size for file in made.path.rglob("*") if file.is_file())
    console.print(f"{escape(str(target))}: {made.variant.name}, {precision}, {size / 1e9:.1f} GB")
    console.print(
        f'Use it: checkpoint = "{escape(str(target.absolute()))}", precision = "{precision}"', end=""
    )
    console.print(" in \\[backends.wan] of reelsheet.toml")
    return 0


def check(source: str) -> int:
    """Print what the checkpoint is, and how it would be held here; 1 where it could not be."""
    found = open_checkpoint(source)
    console = Console()
    with needs_packages():
        from model.wan.blank import check_tensors  # noqa: PLC0415  # Torch takes seconds to import.
        from model.wan.convert import made_from  # noqa: PLC0415  # Likewise.

    check_tensors(found)
    at = f" at {found.revision[:12]}" if found.revision else ""
    console.print(f"{escape(source)}: {found.variant.name}{at}, whole")
    for name in found.weighted:
        console.print(f"  {name}  {found.parameters(name) / 1e9:.3g} billion numbers, {_kinds(found, name)}")
    if origin := made_from(found):
        console.print(f"  converted from {escape(origin['source'])} to {origin['precision']}")
    given = {key: value for key, value in load_settings().backends.get("wan", {}).items() if key == "device"}
    options = WanOptions(checkpoint=source, precision=Precision(origin.get("precision", "bf16")), **given)
    try:
        console.print(escape(str(WanBackend(options).plan())))
    except DeviceError as error:
        console.print(escape(str(error)))
        return 1
    return 0


def _kinds(found: Checkpoint, name: str) -> str:
    """The number formats that the component is stored in."""
    return ", ".join(sorted({fact.dtype for fact in found.tensors(name).values()}))
