"""What must be looked at, and what follows from what is seen: one YAML file per market or house."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, SerializeAsAny, ValidationError, field_validator

from campaign.brief import Language
from campaign.content_key import Json
from campaign.errors import PolicyError
from campaign.validation import first_problem
from campaign.yaml_text import read_yaml
from moderation.check import ABSENT, Check, CheckOptions
from moderation.finding import Category, Decision, Stage
from moderation.policies import POLICIES
from moderation.registry import CHECKS, check_type, load_check

NEVER_EXCEPTED = frozenset(
    {
        Category.VIOLENCE,
        Category.SEXUAL,
        Category.HATE_TOXICITY,
        Category.SELF_HARM,
        Category.ILLEGAL_REGULATED,
        Category.AIGC_LABEL,
    }
)
"""An exception names words that advertising may say after all; in these categories there are none."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Threshold(_Part):
    """From which severity on a finding is for a person, and from which it is refused."""

    review: Annotated[int, Field(ge=0, le=7)] = 3
    refuse: Annotated[int, Field(ge=0, le=7)] | None = 5
    """None: never refused, only reviewed."""

    def decide(self, severity: int) -> Decision:
        if self.refuse is not None and severity >= self.refuse:
            return Decision.REFUSE
        return Decision.REVIEW if severity >= self.review else Decision.ALLOW


class Required(_Part):
    """A check that a stage insists on."""

    check: str
    languages: tuple[Language, ...] = tuple(Language)
    """Only texts in these; for a check that does not know every language."""

    @field_validator("check")
    @classmethod
    def _is_registered(cls, name: str) -> str:
        if name not in CHECKS:
            raise ValueError(f"{name!r} is not a check; checks are {', '.join(CHECKS)}")
        return name


class StageRules(_Part):
    required: tuple[Required, ...] = ()
    """Without one of these running, the answer is review."""
    optional: tuple[Required, ...] = ()
    """Run where they can; not running changes nothing."""
    thresholds: dict[Category, Threshold] = {}
    """Instead of the policy's own, at this stage."""

    @field_validator("required", "optional", mode="before")
    @classmethod
    def _names_alone(cls, value: object) -> object:
        if isinstance(value, list):
            return [{"check": item} if isinstance(item, str) else item for item in value]
        return value


class Excepted(_Part):
    """Words that are let pass, and why."""

    text: Annotated[str, Field(min_length=2)]
    reason: Annotated[str, Field(min_length=4)]
    rules: tuple[str, ...] = ()
    """Ids of the rules it holds for; empty for all on advertising, platforms, names and brands."""


class Policy(_Part):
    """A policy as read; names of files in it are absolute."""

    name: str
    about: str
    """What it is for, in a sentence."""
    market: Literal["cn", "eu", "us", "default"]
    stages: dict[Stage, StageRules]
    thresholds: dict[Category, Threshold] = {}
    """Categories that are not here take 3 for review and 5 for refusal."""
    exceptions: tuple[Excepted, ...] = ()
    checks: dict[str, SerializeAsAny[CheckOptions]] = {}
    """Options by check."""

    @field_validator("checks", mode="before")
    @classmethod
    def _options_of_their_check(cls, value: object) -> object:
        if not isinstance(value, dict):
            return value
        unknown = [name for name in value if name not in CHECKS]
        if unknown:
            raise ValueError(f"{unknown[0]!r} is not a check; checks are {', '.join(CHECKS)}")
        checks = {}
        for name, options in value.items():
            try:
                checks[name] = _options(name, options)
            except ValidationError as error:
                raise ValueError(_problem(name, error)) from error
        return checks

    def decide(self, stage: Stage, category: Category, severity: int) -> Decision:
        """What the policy makes of a finding of this severity."""
        own = self.stages[stage].thresholds if stage in self.stages else {}
        return own.get(category, self.thresholds.get(category, Threshold())).decide(severity)

    def asked(self, stage: Stage) -> tuple[tuple[Required, bool], ...]:
        """The checks of a stage, each with whether it is required."""
        if not (rules := self.stages.get(stage)):
            return ()
        return (*((r, True) for r in rules.required), *((o, False) for o in rules.optional))

    def check(self, name: str) -> Check:
        """The check with this policy's options."""
        return load_check(name, self.checks.get(name) or _options(name, {}))

    def narrowed(self, brand: str = "", platform: str = "") -> "Policy":
        """The same for one brand and platform: lists of others are left out."""
        checks = {name: options.narrowed(brand, platform) for name, options in self.checks.items()}
        return self.model_copy(update={"checks": checks})

    def with_options(self, options: Mapping[str, Mapping[str, Json]]) -> "Policy":
        """The same with some options of some checks set, as settings give them.

        Raises:
            PolicyError: a check or an option is not known.
        """
        settings, checks = Path("settings"), {}
        for name, changed in options.items():
            if name not in CHECKS:
                raise PolicyError(settings, f"{name!r} is not a check.", f"Checks are {', '.join(CHECKS)}.")
            try:
                checks[name] = _options(name, {**_written(self.checks.get(name)), **changed})
            except ValidationError as error:
                problem = f"checks.{_problem(name, error)}."
                raise PolicyError(settings, problem, "Correct the options of that check.") from error
        return self.model_copy(update={"checks": {**self.checks, **checks}})

    def recipe(self, stage: Stage | None = None) -> dict[str, Json]:
        """Everything that decides its verdicts: itself and what its checks look with.

        With a stage, only the checks that this stage asks.
        """
        stages = [stage] if stage else list(self.stages)
        names = {asked.check for one in stages for asked, _ in self.asked(one)}
        rules = self.model_dump(mode="json", exclude={"checks", "about", "stages"})
        asked = {one.value: self.stages[one].model_dump(mode="json") for one in stages if one in self.stages}
        checks: dict[str, Json] = {name: dict(self.check(name).recipe()) for name in sorted(names)}
        return {"policy": rules, "stages": dict(asked), "checks": checks}

    def advice(self) -> str:
        """One line: what this policy does not look at, and how to look at it."""
        required = {asked.check for rules in self.stages.values() for asked in rules.required}
        missing = [name for name in CHECKS if name not in required]
        if not missing:
            return f"Policy {self.name} requires every check there is."
        gains = "; ".join(f"{name} ({check_type(name).adds})" for name in missing)
        return (
            f"Policy {self.name} requires {', '.join(n for n in CHECKS if n in required) or 'nothing'}. "
            f"It does not look for: {gains}. A real campaign takes the policy cn, eu or us, "
            "which require these; docs/moderation.md says which packages and models they need."
        )

    def absent(self) -> dict[str, str]:
        """The required checks whose packages or weights are not here, each with what to do about it."""
        names = {asked.check for rules in self.stages.values() for asked in rules.required}
        found = {name: (self.check(name), self.check(name).recipe().get("weights")) for name in sorted(names)}
        return {
            name: f"{weights.removeprefix(ABSENT)} {check.how_to_get}"
            for name, (check, weights) in found.items()
            if isinstance(weights, str) and weights.startswith(ABSENT)
        }

    def within(self, folder: Path) -> Self:
        """The same with names of files made absolute from ``folder``."""
        checks = {name: options.within(folder) for name, options in self.checks.items()}
        return self.model_copy(update={"checks": checks})


def policy_names() -> list[str]:
    """Names of the shipped policies."""
    return sorted(path.stem for path in POLICIES.glob("*.yaml"))


def load_policy(name_or_path: str | Path) -> Policy:
    """A shipped policy by name, or one of the user's by path; its word lists are read once to be sure.

    Raises:
        PolicyError: there is no such file, it breaks the form, or one of its lists does.
    """
    path = Path(name_or_path)
    shipped = POLICIES / f"{path}.yaml"
    source = shipped if not path.suffix and path.name == str(path) and shipped.is_file() else path
    policy = _read(source).within(source.parent.resolve())
    for stage in policy.stages:
        for asked, _ in policy.asked(stage):
            try:
                policy.check(asked.check)
            except ValidationError as error:
                problem = f"checks.{_problem(asked.check, error)}."
                raise PolicyError(source, problem, f"The stage {stage} asks that check.") from error
    for options in policy.checks.values():
        options.read()
    policy.recipe()
    return policy


def _read(source: Path) -> Policy:
    try:
        data = read_yaml(source.read_text(encoding="utf-8"))
    except OSError as error:
        names = ", ".join(policy_names())
        raise PolicyError(source, "is not a policy.", f"Shipped ones: {names}; or give a path.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise PolicyError(source, f"is not YAML: {error}.", "Correct it; copy a shipped one.") from error
    if not isinstance(data, dict):
        raise PolicyError(source, "has no keys.", "Copy a shipped policy and change it.")
    try:
        return Policy.model_validate({"name": source.stem, **data})
    except ValidationError as error:
        raise PolicyError(source, f"{first_problem(error, Policy)}.", "Correct that key.") from error


def _written(options: CheckOptions | None) -> dict[str, object]:
    return options.model_dump() if options else {}


def _options(name: str, options: object) -> CheckOptions:
    if isinstance(options, CheckOptions):
        return options
    return check_type(name).options_type.model_validate(options)


def _problem(check: str, error: ValidationError) -> str:
    """What is wrong with the options of a check."""
    return f"{check}.{first_problem(error, check_type(check).options_type)}"
