"""``reelsheet screen``."""

import mimetypes
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from campaign.brief import Language
from campaign.errors import CheckFailedError, SheetError
from campaign.sheet.container import Kind, file_kind
from campaign.sheet.delimited import read_text
from moderation.check import Material, Video
from moderation.finding import Decision, Stage, Text, Verdict
from moderation.policy import load_policy
from moderation.screen import screen

COLORS = {Decision.ALLOW: "green", Decision.REVIEW: "yellow", Decision.REFUSE: "red"}
LONGEST_NAME = 255
"""Characters; what is longer names no file."""


def run(what: str, policy: str, language: Language) -> int:
    """Print the verdict on words or a file; 0 for allow, 1 for review, 2 for refuse."""
    rules = load_policy(Path(policy) if policy.endswith((".yaml", ".yml")) else policy)
    stage, material = _material(what, language)
    console = Console()
    if not rules.asked(stage):
        console.print(f"Policy {rules.name} asks nothing at the stage {stage}; nothing was looked at.")
        return Decision.REVIEW.strictness
    verdict = screen(material, rules, stage)
    _tell(console, verdict)
    return verdict.decision.strictness


def _material(what: str, language: Language) -> tuple[Stage, Material]:
    """What is to be looked at, and at which stage.

    Raises:
        CheckFailedError: there is nothing, or nothing of a kind that can be looked at.
    """
    path = Path(what)
    kind = (mimetypes.guess_type(what)[0] or "").partition("/")[0]
    if len(what) >= LONGEST_NAME or not path.is_file():
        if (kind or "/" in what) and not any(map(str.isspace, what)):
            remedy = "Correct the name; if these are the words themselves, put a blank behind them."
            raise CheckFailedError(f"There is no file {what}.", remedy)
        return Stage.COPY, _words(what, language)
    if kind == "image":
        return Stage.IMAGE, Material(images=(path,))
    if kind == "video":
        return Stage.TAKE, Material(videos=(Video(path=path),))
    return Stage.COPY, _words(_text_of(path), language)


def _text_of(path: Path) -> str:
    try:
        if file_kind(path) is Kind.TEXT:
            return read_text(path)
    except SheetError as error:
        remedy = "Give its words as a text file, in UTF-8."
        raise CheckFailedError(f"{path.name} is neither text nor a picture nor a video.", remedy) from error
    remedy = "Run reelsheet plan on it, which screens every row."
    raise CheckFailedError(f"{path.name} is a spreadsheet.", remedy)


def _words(text: str, language: Language) -> Material:
    if not text.strip():
        raise CheckFailedError("There is nothing to look at.", "Write words, or name a file.")
    return Material(texts=(Text(where="text", text=text, language=language),))


def _tell(console: Console, verdict: Verdict) -> None:
    console.print(f"[{COLORS[verdict.decision]}]{verdict.decision}[/]")
    for reason in verdict.reasons:
        console.print(escape(reason))
    for report in verdict.reports:
        console.print(f"[dim]{report.check} {report.version}: {report.coverage}[/]")
