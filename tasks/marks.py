"""What the screening found, at the cells of the sheet that it is about."""

from collections.abc import Iterable, Iterator, Mapping

from campaign.brief import Problem, Severity
from campaign.report import FindingResult
from campaign.sheet.campaign import OF_ITS_ROW
from moderation.finding import Decision

_COLUMNS = {"legal line": "legal"}
"""Where the screening's word for a place is not the column's."""


def marks(
    findings: Iterable[FindingResult], sources: Mapping[str, str], worksheet: str, row: int
) -> Iterator[Problem]:
    """A problem for each finding in words of the row's own cells, once for all its variants.

    ``sources`` is by field: the cell that its value came from, or other words.
    """
    for finding in dict.fromkeys(findings):
        # "shot 2 subject": the column that the words most likely come from.
        part = finding.where.rpartition(" ")[2] if finding.where.startswith("shot ") else finding.where
        place = sources.get(_COLUMNS.get(part, part.replace(" ", "_")), "")
        if finding.decision != Decision.ALLOW and OF_ITS_ROW.fullmatch(place):
            yield Problem(
                sheet=worksheet,
                cell=place.partition(",")[0],
                row=row,
                value=finding.text,
                expected=finding.why,
                remedy=finding.suggestion,
                severity=Severity.ERROR if finding.decision == Decision.REFUSE else Severity.NOTE,
            )
