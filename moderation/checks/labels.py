"""Whether a finished file carries the AI-content labels that its market demands, as read back from it.

Missing is a finding where the policy demands the label; wrong is a finding everywhere.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal

from campaign.brief import Language
from campaign.content_key import Json
from moderation.check import Ask, CheckOptions, LabelsSeen, Material, Outcome, Reads, report
from moderation.finding import Category, Coverage, Decision, Finding, Still

VISIBLE_SECONDS = 2.0
"""GB 45438-2025, 5.4: at normal speed, from the first frame."""
FIRST_FRAME = 0.05
"""Seconds; later than this is not the first frame."""
INK = 0.05
"""GB 45438-2025, 5.4: least height of the letters, of the short side."""
AIGC_FIELDS = (
    "Label",
    "ContentProducer",
    "ProduceID",
    "ReservedCode1",
    "ContentPropagator",
    "PropagateID",
    "ReservedCode2",
)
AIGC_NEEDED = ("Label", "ContentProducer", "ProduceID")
AIGC_CHARACTERS = re.compile(r"[\x21-\x7e]*")
"""GB 45438-2025, appendix E j)."""
SYNTHETIC = ("trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia", "algorithmicMedia")
"""IPTC digital source types that say that a machine made it. ``algorithmicMedia`` is the animatic's: drawn by
rules, so that naming a trained model would be untrue; and what the labels are for, that nobody takes it for a
recording, it says as well."""
SEVERITY = 7
VALID = ("Trusted", "Valid")


class LabelsOptions(CheckOptions):
    demand: tuple[Literal["visible", "aigc", "c2pa"], ...] = ("visible",)


class LabelsCheck:
    name: ClassVar[str] = "labels"
    version: ClassVar[str] = "2"
    reads: ClassVar[Reads] = Reads.LABELS
    adds: ClassVar[str] = "missing or wrong AI-content labels on the finished file"
    how_to_get: ClassVar[str] = ""
    options_type: ClassVar[type[CheckOptions]] = LabelsOptions

    def __init__(self, options: LabelsOptions) -> None:
        self.options = options

    def recipe(self) -> Mapping[str, Json]:
        return {"check": self.name, "version": self.version, "demand": list[Json](self.options.demand)}

    def covers(self, language: Language) -> bool:
        return language in Language

    def look(self, material: Material, ask: Ask) -> Outcome:  # noqa: ARG002  # The port's form.
        findings = tuple(finding for labels in material.labels for finding in self._findings(labels))
        return Outcome(findings=findings, report=report(self, Coverage.RAN))

    def _findings(self, labels: LabelsSeen) -> Iterator[Finding]:
        problems = {
            "visible": _visible_problem(labels),
            "aigc": _aigc_problem(labels),
            "c2pa": _c2pa_problem(labels),
        }
        present = {
            "visible": labels.visible is not None,
            "aigc": bool(labels.aigc),
            "c2pa": labels.c2pa is not None,
        }
        for name, problem in problems.items():
            if problem and (present[name] or name in self.options.demand):
                yield self._finding(labels, name, problem, missing=not present[name])

    def _finding(self, labels: LabelsSeen, name: str, problem: str, *, missing: bool) -> Finding:
        return Finding(
            rule_id=f"labels.{name}.{'missing' if missing else 'wrong'}",
            category=Category.AIGC_LABEL,
            severity=SEVERITY,
            decision=Decision.REFUSE,
            check=self.name,
            version=self.version,
            evidence=Still(where=labels.where),
            legal_basis=LEGAL_BASIS[name],
            why=problem,
            suggestion=REMEDY[name],
        )


LEGAL_BASIS = {
    "visible": "GB 45438-2025, 5.4; 《人工智能生成合成内容标识办法》第四条; Reg. (EU) 2024/1689 art. 50",
    "aigc": "GB 45438-2025, 6.1 and appendix E; 《人工智能生成合成内容标识办法》第五条",
    "c2pa": "Reg. (EU) 2024/1689 art. 50(2); C2PA 2.2",
}
REMEDY = {
    "visible": "Finish the spot again; the label's size and words are in the brand kit.",
    "aigc": "Set content_producer in the settings and finish the spot again.",
    "c2pa": "Set a signing certificate in the settings and finish the spot again.",
}


def _visible_problem(labels: LabelsSeen) -> str:
    if labels.visible is None:
        return labels.visible_problem or "The visible AI label is not there."
    if labels.visible_problem:
        return labels.visible_problem
    first, last = labels.visible
    if first > FIRST_FRAME:
        return f"The visible AI label begins at {first:.2f} s; it must be there from the first frame."
    if last < VISIBLE_SECONDS:
        return (
            f"The visible AI label is seen until {last:.2f} s; it must be there for {VISIBLE_SECONDS:.0f} s."
        )
    if labels.ink_height is None:
        return "The height of the visible AI label was not measured."
    if labels.ink_height < INK:
        return f"The visible AI label is {labels.ink_height:.1%} of the short side high, under {INK:.0%}."
    return ""


def _aigc_problem(labels: LabelsSeen) -> str:
    if not labels.aigc:
        return "The AIGC metadata is not there."
    if len(labels.aigc) > 1:
        return f"There are {len(labels.aigc)} AIGC labels; the standard allows one."
    try:
        fields = json.loads(labels.aigc[0])
    except ValueError:
        return f"The AIGC metadata is {labels.aigc[0][:40]!r}, which is not JSON."
    if not isinstance(fields, dict) or set(fields) != set(AIGC_FIELDS):
        return f"The AIGC metadata must have the fields {', '.join(AIGC_FIELDS)} and no others."
    for name, value in fields.items():
        if not isinstance(value, str) or not AIGC_CHARACTERS.fullmatch(value):
            return f"The AIGC field {name} is {value!r}; it must be printable ASCII without spaces."
        if name in AIGC_NEEDED and not value:
            return f"The AIGC field {name} is empty."
    return (
        ""
        if fields["Label"] in ("1", "2", "3")
        else f"The AIGC field Label is {fields['Label']!r}, not 1, 2 or 3."
    )


def _c2pa_problem(labels: LabelsSeen) -> str:
    if labels.c2pa is None:
        return "The file has no C2PA credentials."
    if labels.c2pa not in VALID:
        codes = ", ".join(labels.c2pa_problems) or "no code given"
        return f"The C2PA credentials are {labels.c2pa.lower()} ({codes})."
    if labels.c2pa_source not in SYNTHETIC:
        return (
            "The C2PA credentials do not say that a machine made it "
            f"(digitalSourceType {labels.c2pa_source!r})."
        )
    return ""
