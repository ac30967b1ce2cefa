"""One caption with start, end, text."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    start: float
    """Seconds from the start of the spot."""
    end: float
    """Seconds."""
    text: str
    """As read; line breaks are made when it is drawn."""
