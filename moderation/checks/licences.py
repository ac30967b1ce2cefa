"""Whether every font, piece of music and picture of a spot may be used on the day of asking."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import ClassVar

from campaign.brief import Language
from campaign.content_key import Json
from campaign.errors import CheckFailedError
from moderation.check import Ask, AssetUsed, CheckOptions, Material, Outcome, Reads
from moderation.checks.edge import looked
from moderation.finding import Category, Decision, Finding

MISSING, EXPIRED, ENDS_SOON = 5, 5, 2
"""Severities."""


class LicencesOptions(CheckOptions):
    warn_days: int = 30
    """A licence that ends within so many days is noted, and let pass."""


class LicencesCheck:
    name: ClassVar[str] = "licences"
    version: ClassVar[str] = "1"
    reads: ClassVar[Reads] = Reads.ASSETS
    adds: ClassVar[str] = "fonts, music and pictures without a licence or after its end"
    how_to_get: ClassVar[str] = ""
    options_type: ClassVar[type[CheckOptions]] = LicencesOptions

    def __init__(self, options: LicencesOptions) -> None:
        self.options = options

    def recipe(self) -> Mapping[str, Json]:
        return {"check": self.name, "version": self.version, **self.options.model_dump()}

    def covers(self, language: Language) -> bool:
        return language in Language

    def look(self, material: Material, ask: Ask) -> Outcome:  # noqa: ARG002  # The port's form.
        return looked(self, lambda: list(self._findings(material)))

    def _findings(self, material: Material) -> Iterator[Finding]:
        for asset in material.assets:
            if asset.licence is None:
                yield self._finding(asset, "missing", MISSING, "has no licence entry in its kit.")
            elif not asset.licence.is_file() or not asset.licence.read_bytes().strip():
                yield self._finding(
                    asset,
                    "missing",
                    MISSING,
                    f"names the licence {asset.licence.name}, which is not there or empty.",
                )
            elif asset.expires is not None:
                yield from self._ending(asset, asset.expires, material.day)

    def _ending(self, asset: AssetUsed, expires: date, day: date | None) -> Iterator[Finding]:
        if day is None:
            raise CheckFailedError(
                f"The licence of {asset.where} ends on {expires}, but the day of asking was not given.",
                "Give the day with the material.",
            )
        if expires < day:
            yield self._finding(asset, "expired", EXPIRED, f"had a licence until {expires}.")
        elif (expires - day).days <= self.options.warn_days:
            yield self._finding(asset, "ends_soon", ENDS_SOON, f"has a licence only until {expires}.")

    def _finding(self, asset: AssetUsed, rule: str, severity: int, problem: str) -> Finding:
        return Finding(
            rule_id=f"licences.{rule}",
            category=Category.IP,
            severity=severity,
            decision=Decision.REFUSE,
            check=self.name,
            version=self.version,
            legal_basis="Copyright law; 《著作权法》第五十三条",
            why=f"{asset.where} ({asset.file.name}) {problem}",
            suggestion="Renew it, or take another file.",
        )
