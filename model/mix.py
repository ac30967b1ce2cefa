"""A campaign's ordered list of backends: which may follow which, and when what was used is degraded.

Written as ``runway:veo3.1, bailian, animatic``: the first is wanted, the others stand in for it in turn.
Nothing that the campaign did not name is ever used.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from campaign.errors import GenerationError, ReelsheetError
from campaign.hosted_errors import HostedError

SEPARATORS = ",，、;；>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mix:
    """Backends in the order in which they are wanted, at least one, none twice."""

    backends: tuple[str, ...]

    @property
    def first(self) -> str:
        return self.backends[0]

    def degraded(self, used: str) -> bool:
        """Whether ``used`` stands in for another; shown in report and sheet."""
        return used != self.first

    def after(self, used: str, error: ReelsheetError) -> str | None:
        """Who may be asked once ``used`` has failed with ``error``; None where nobody may.

        A refusal for safety is not taken to another vendor, a cap holds for all of them, and a take that may
        have been paid waits for a person.
        """
        may = error.degrades if isinstance(error, HostedError) else isinstance(error, GenerationError)
        place = self.backends.index(used) + 1
        return self.backends[place] if may and place < len(self.backends) else None


def parse_mix(text: str) -> Mix:
    """Read what a person wrote.

    Raises:
        ValueError: nothing is named, or one name twice; its only argument is the text.
    """
    spaced = text
    for sign in SEPARATORS:
        spaced = spaced.replace(sign, ",")
    names = tuple(name for part in spaced.split(",") if (name := part.strip()))
    if not names or len(set(names)) < len(names):
        raise ValueError(text)
    return Mix(backends=names)


def known_names(mixes: Sequence[Mix]) -> tuple[str, ...]:
    """Every backend that is named, once, in the order of first naming: to be loaded before row 1."""
    return tuple(dict.fromkeys(name for mix in mixes for name in mix.backends))
