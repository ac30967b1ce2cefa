"""Writes docs/cli.md from the command line itself: ``python -m reelsheet.help > docs/cli.md``."""

import sys
from collections.abc import Iterator

import typer
from typer.core import TyperCommand, TyperGroup

from reelsheet.cli import app

HEAD = """\
# Commands

Everything that decides what a film looks like stands in the campaign; flags choose what to run.

Exit codes of `plan` and `make`: 0 every row is good, 1 some rows are out, 2 nothing is usable. When somebody
else makes the campaign, or the Prefect server is lost, one line on stderr says so, and the code is 1.
"""


def page() -> str:
    """The page as Markdown."""
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    parts = [HEAD]
    for name, command in _commands(group, ""):
        with command.context_class(command, info_name=f"reelsheet {name}", max_content_width=100) as context:
            parts.append(f"## {name}\n\n```\n{command.get_help(context).strip()}\n```\n")
    return "\n".join(parts)


def _commands(group: TyperGroup, before: str) -> Iterator[tuple[str, TyperCommand]]:
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from _commands(command, f"{name} ")
        elif isinstance(command, TyperCommand):
            yield f"{before}{name}", command


if __name__ == "__main__":
    sys.stdout.write(page())
