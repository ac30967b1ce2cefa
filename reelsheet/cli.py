"""The command line. A door parses, calls one flow, prints where the result is, returns a code."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from campaign.errors import ReelsheetError, SheetError

ALL_GOOD, SOME_OUT, NOTHING_USABLE = 0, 1, 2
"""Exit codes of ``plan`` and ``make``, told in docs/cli.md."""

app = typer.Typer(
    help="From a spreadsheet to finished, branded, labelled short videos.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

Sheet = Annotated[
    Path, typer.Argument(help="The campaign: .xlsx, .xls, .ods, .csv or .tsv.", show_default=False)
]


@app.command()
def make(sheet: Sheet) -> None:
    """Make every good row, deliver the videos and write the report. Run it again: it goes on."""
    from reelsheet.commands.make import run  # noqa: PLC0415  # Prefect takes seconds to import; --help should not.

    raise typer.Exit(run(sheet))


def main() -> None:
    """Run the command line; an error of ours is one line and a code, others keep their traceback."""
    try:
        app()
    except SheetError as error:
        sys.stderr.write(f"reelsheet: {error}\n")
        sys.exit(NOTHING_USABLE)
    except ReelsheetError as error:
        sys.stderr.write(f"reelsheet: {error}\n")
        sys.exit(SOME_OUT)


if __name__ == "__main__":
    main()
