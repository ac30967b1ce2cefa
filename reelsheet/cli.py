"""The command line. A door parses, calls one flow, prints where the result is, returns a code."""

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from campaign.brief import Language
from campaign.errors import ReelsheetError, SheetError
from campaign.fleet_errors import ServerLostError


class Answer(StrEnum):
    """What a person may decide."""

    APPROVE = "approve"
    REFUSE = "refuse"


class KeptAs(StrEnum):
    """`model.wan.options.Precision`, whose package would bring more along for ``--help``."""

    BF16 = "bf16"
    FP8 = "fp8"
    INT8 = "int8"
    FP32 = "fp32"


class AddedUpBy(StrEnum):
    """`campaign.costs.CostsBy`, which would bring the database along for ``--help``."""

    ROW = "row"
    MODEL = "model"
    BRAND = "brand"
    BATCH = "batch"
    DAY = "day"


SOME_OUT, NOTHING_USABLE = 1, 2
"""Exit codes of ``plan`` and ``make`` besides 0, all good."""

app = typer.Typer(
    help="From a spreadsheet to finished, branded, labelled short videos.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

kit_app = typer.Typer(help="Look after brand kits.", no_args_is_help=True)
app.add_typer(kit_app, name="kit")

model_app = typer.Typer(help="Look after checkpoints of our own models.", no_args_is_help=True)
app.add_typer(model_app, name="model")

Sheet = Annotated[
    Path, typer.Argument(help="The campaign: .xlsx, .xls, .ods, .csv or .tsv.", show_default=False)
]


@app.command()
def make(sheet: Sheet) -> None:
    """Make every good row, deliver the videos and write the report. Run it again: it goes on."""
    from reelsheet.commands.make import run  # noqa: PLC0415  # Prefect takes seconds to import; --help should not.

    raise typer.Exit(run(sheet))


@app.command()
def plan(
    sheet: Sheet,
    json: Annotated[bool, typer.Option("--json", help="Print the plan as JSON.")] = False,
    annotated: Annotated[
        Path | None, typer.Option(help="Write a copy of the sheet with the plan to this .xlsx.")
    ] = None,
) -> None:
    """Show what would be made, its problems, screening and cost; spends nothing and makes nothing."""
    from reelsheet.commands.plan import print_json, print_table  # noqa: PLC0415

    raise typer.Exit(print_json(sheet, annotated) if json else print_table(sheet, annotated))


@app.command()
def status(
    sheet: Annotated[Path | None, typer.Argument(help="The campaign.", show_default=False)] = None,
    in_place: Annotated[bool, typer.Option("--in-place", help="Write it into your own sheet.")] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Follow the batches that run, here or elsewhere; q ends it.")
    ] = False,
) -> None:
    """Show what the last run of the campaign came to, or how far the batches are that run."""
    if watch and not in_place:
        from reelsheet.commands.watch import run as follow  # noqa: PLC0415

        raise typer.Exit(follow(sheet))
    if sheet is None or watch:
        raise typer.BadParameter("name the campaign's sheet; only --watch alone goes without one")
    from reelsheet.commands.status import run, write_back  # noqa: PLC0415

    raise typer.Exit(write_back(sheet) if in_place else run(sheet))


@app.command()
def decide(
    sheet: Sheet,
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="IDS",
            help="Ids of spots, or of rows for all of theirs that wait; all for every draft that waits.",
            show_default=False,
        ),
    ],
    answer: Annotated[Answer, typer.Argument(show_default=False)],
    why: Annotated[str, typer.Option("--why", help="The reason, kept in the ledger.", show_default=False)],
) -> None:
    """Approve or refuse drafts that wait, or what the policy wants reviewed; make then goes on."""
    from reelsheet.commands.decide import run  # noqa: PLC0415

    raise typer.Exit(run(sheet, names, answer, why))


@app.command()
def review(
    sheets: Annotated[
        list[Path] | None,
        typer.Argument(metavar="SHEETS", help="Campaigns to show; all without one.", show_default=False),
    ] = None,
    host: Annotated[
        str, typer.Option(help="Where to listen; any but this machine's own asks for a link with a key.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8377,
) -> None:
    """Open the page on which people look at what waits for them, and decide; Ctrl-C ends it."""
    from reelsheet.commands.review import run  # noqa: PLC0415

    raise typer.Exit(run(sheets or (), host, port))


@app.command()
def template(
    target: Annotated[Path, typer.Argument(help="The .xlsx to write.")] = Path("campaign.xlsx"),
) -> None:
    """Write a blank campaign sheet with notes and drop-downs."""
    from reelsheet.commands.template import run  # noqa: PLC0415

    raise typer.Exit(run(target))


@app.command()
def inspect(
    file: Annotated[Path, typer.Argument(help="A video.", show_default=False)],
    picture: Annotated[Path | None, typer.Option(help="Where to write the contact sheet.")] = None,
) -> None:
    """Show a video's streams, colour tags, loudness, cues and labels, and a contact sheet of its frames."""
    from reelsheet.commands.inspect import run  # noqa: PLC0415

    raise typer.Exit(run(file, picture))


@app.command()
def screen(
    what: Annotated[str, typer.Argument(help="Words, or a text, picture or video file.", show_default=False)],
    policy: Annotated[str, typer.Option(help="Name of a shipped policy, or a .yaml file.")] = "starter",
    language: Annotated[Language, typer.Option(help="Of the words.")] = Language.ZH,
) -> None:
    """Hold words, a picture or a video against a policy: exit code 0 is allow, 1 review, 2 refuse."""
    from reelsheet.commands.screen import run  # noqa: PLC0415

    raise typer.Exit(run(what, policy, language))


@kit_app.command("new")
def kit_new(
    name: Annotated[str, typer.Argument(help="As sheets write it; the folder's name.", show_default=False)],
    zh: Annotated[str, typer.Option(help="The brand's name in Chinese.", show_default=False)] = "",
    en: Annotated[str, typer.Option(help="The brand's name in English.", show_default=False)] = "",
    color: Annotated[
        str, typer.Option(help='Its colour, like "#C8102E"; else its logo\'s.', show_default=False)
    ] = "",
    logo: Annotated[
        Path | None,
        typer.Option(help="PNG with transparency, or SVG; else one is made of the name.", show_default=False),
    ] = None,
    like: Annotated[str, typer.Option(help="The kit whose fonts and music are copied.")] = "qinghe_tea",
    out: Annotated[Path, typer.Option(help="Folder for the sample sheets.")] = Path(),
) -> None:
    """Make a kit that can be used at once, and check it; then change what you like."""
    from reelsheet.commands.kit import new  # noqa: PLC0415

    raise typer.Exit(new(name, zh, en, color, logo, like, out))


@kit_app.command("check")
def kit_check(
    name: Annotated[str, typer.Argument(help="A brand kit, by name.", show_default=False)],
    out: Annotated[Path, typer.Option(help="Folder for the sample sheets.")] = Path(),
) -> None:
    """Draw the kit in every aspect and under every app; report contrast, glyphs, logo, music, licences."""
    from reelsheet.commands.kit import check  # noqa: PLC0415

    raise typer.Exit(check(name, out))


@model_app.command("convert")
def model_convert(
    source: Annotated[str, typer.Argument(help="Folder in diffusers' layout, or a Hub id that was fetched.")],
    target: Annotated[Path, typer.Argument(help="The folder to write; it appears when it is whole.")],
    precision: Annotated[KeptAs, typer.Option(help="Of the experts' matrices.")] = KeptAs.BF16,
    revision: Annotated[str, typer.Option(help="Commit of the Hub repository.")] = "",
) -> None:
    """Rewrite a published Wan checkpoint once, smaller; broken off and run again, it goes on."""
    from reelsheet.commands.model import convert  # noqa: PLC0415

    raise typer.Exit(convert(source, revision, target, precision.value))


@model_app.command("check")
def model_check(
    source: Annotated[str, typer.Argument(help="Folder in diffusers' layout, or a Hub id that was fetched.")],
) -> None:
    """Say which model a checkpoint is, whether all of it is there, and what it would need here."""
    from reelsheet.commands.model import check  # noqa: PLC0415

    raise typer.Exit(check(source))


@app.command()
def costs(
    by: Annotated[AddedUpBy, typer.Option(help="What to add up by.")] = AddedUpBy.ROW,
) -> None:
    """Show what hosted backends were estimated to cost, and what they did."""
    from reelsheet.commands.costs import show  # noqa: PLC0415

    raise typer.Exit(show(by.value))


@app.command()
def resolve(
    attempt: Annotated[int | None, typer.Argument(help="Its number; without one, all are listed.")] = None,
    attach: Annotated[str, typer.Option(help="The vendor's id of the task that it became.")] = "",
    abandon: Annotated[bool, typer.Option("--abandon", help="Give it up.")] = False,
    resubmit: Annotated[bool, typer.Option("--resubmit", help="Let the next run pay for it again.")] = False,
    charged: Annotated[
        float | None,
        typer.Option(
            min=0.0,
            help="What an attempt given up or paid again did cost.",
            show_default="all that was set aside",
        ),
    ] = None,
    why: Annotated[str, typer.Option(help="The reason, kept in the ledger.")] = "",
) -> None:
    """List paid attempts whose outcome is unknown, or decide about one."""
    from reelsheet.commands.resolve import Decision, decide, list_waiting  # noqa: PLC0415

    if attempt is None:
        raise typer.Exit(list_waiting())
    decision = Decision(attach=attach, abandon=abandon, resubmit=resubmit, charged=charged, why=why)
    raise typer.Exit(decide(attempt, decision))


@app.command()
def deploy(
    root: Annotated[
        Path,
        typer.Option(help="Folder that flows run in, the same on every worker.", show_default="this folder"),
    ] = Path(),
) -> None:
    """Bring pools, deployments and automations to the Prefect server; run it again after every change."""
    from reelsheet.commands.deploy import run  # noqa: PLC0415

    raise typer.Exit(run(root))


@app.command()
def doctor(
    make_test_certificate: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Only write a certificate to try C2PA credentials with into this folder.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Show what is installed, what is missing, and what that disables."""
    from reelsheet.commands.doctor import run, write_test_certificate  # noqa: PLC0415

    raise typer.Exit(write_test_certificate(make_test_certificate) if make_test_certificate else run())


def main() -> None:
    """Run the command line; an error of ours is one line and a code, others keep their traceback."""
    try:
        app()
    except SheetError as error:
        sys.stderr.write(f"reelsheet: {error}\n")
        sys.exit(NOTHING_USABLE)
    except ServerLostError as error:
        sys.stderr.write(f"reelsheet: {error}\n")
        sys.stderr.flush()
        # At an exit Prefect would first try seven seconds for each of its events to reach the server.
        os._exit(SOME_OUT)
    except ReelsheetError as error:
        sys.stderr.write(f"reelsheet: {error}\n")
        sys.exit(SOME_OUT)


if __name__ == "__main__":
    main()
