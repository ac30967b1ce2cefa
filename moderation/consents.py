"""Who allowed the use of a face: ``consents.yaml``."""

from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from campaign.content_key import file_digest
from campaign.errors import PolicyError
from campaign.validation import first_problem


class Consent(BaseModel):
    """One person's consent to the use of one picture."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    person: Annotated[str, Field(min_length=1)]
    """The name by which the house's records know the person."""
    scope: tuple[Literal["advertising", "generation"], ...]
    """Showing the picture in advertising, and generating from it."""
    expires: date
    """The last day."""
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    """Digest of the picture's file."""


def read_consents(path: Path) -> tuple[Consent, ...]:
    """The consents of a file: a list under the key ``consents``.

    Raises:
        PolicyError: the file is not there, or a record is not of the form.
    """
    try:
        return _read(path, file_digest(path))
    except OSError as error:
        raise PolicyError(path, "cannot be read.", "Correct `checks.likeness.consents`.") from error


@lru_cache(maxsize=8)
def _read(path: Path, digest: str) -> tuple[Consent, ...]:  # noqa: ARG001  # It is the cache's key.
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        records = data["consents"] if isinstance(data, dict) and set(data) == {"consents"} else None
        if not isinstance(records, list):
            raise PolicyError(path, "has no list `consents`.", "Write one record per person and picture.")
        return tuple(Consent.model_validate(record) for record in records)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise PolicyError(path, f"is not YAML: {error}.", "Correct it.") from error
    except ValidationError as error:
        raise PolicyError(path, f"{first_problem(error, Consent)}.", "Correct that record.") from error
