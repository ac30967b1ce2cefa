"""``reelsheet screen``."""

import mimetypes
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from campaign.brief import Language
from moderation.check import Material, Video
from moderation.finding import Decision, Stage, Text, Verdict
from moderation.policy import load_policy
from moderation.screen import screen

COLORS = {Decision.ALLOW: "green", Decision.REVIEW: "yellow", Decision.REFUSE: "red"}


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
    path = Path(what)
    kind = (mimetypes.guess_type(what)[0] or "").partition("/")[0]
    if kind == "image" and path.is_file():
        return Stage.IMAGE, Material(images=(path,))
    if kind == "video" and path.is_file():
        return Stage.TAKE, Material(videos=(Video(path=path),))
    words = path.read_text(encoding="utf-8") if len(what) < 255 and path.is_file() else what
    return Stage.COPY, Material(texts=(Text(where="text", text=words, language=language),))


def _tell(console: Console, verdict: Verdict) -> None:
    console.print(f"[{COLORS[verdict.decision]}]{verdict.decision}[/]")
    for reason in verdict.reasons:
        console.print(escape(reason))
    for report in verdict.reports:
        console.print(f"[dim]{report.check} {report.version}: {report.coverage}[/]")
