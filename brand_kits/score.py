"""How the kits' music is written down: parts, bars and broken chords."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One instrument's bars.

    A bar is words ``PITCH:BEATS`` (``D5:1.5``; one beat when no length is given), ``-:BEATS`` for silence,
    ``x`` for a stroke of a drum, ``>`` before a word for an accent, ``D3+A3+F#4`` for a chord.
    """

    instrument: str
    level: float
    """Decibels."""
    pan: float = 0.0
    """-1 left to 1 right."""
    room: float = 0.25
    """How much goes to the reverb."""
    bars: tuple[str, ...]
    duck: bool = False
    """Pressed down by the kick."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    bpm: int
    parts: tuple[Part, ...]
    decay: float
    """Seconds of the room to -60 dB."""
    opening: int = 0
    """The bar, from 0, that the file begins with: spots hear ten seconds, with the tune in them."""


def bars(text: str) -> tuple[str, ...]:
    """Bars between ``|``; ``4x bar`` repeats the bar four times, an empty bar is silent."""
    found: list[str] = []
    for cell in text.strip().strip("|").split("|"):
        times, x, rest = cell.strip().partition("x ")
        found += [rest] * int(times) if x and times.isdigit() else [cell.strip()]
    return tuple(found)


def picked(chords: tuple[str, ...], order: str, beats: float) -> tuple[str, ...]:
    """Broken chords: each chord's notes (low to high) in ``order`` ("0 2 1 …"), ``beats`` long each."""
    return tuple(
        " ".join(f"{chord.split('+')[int(step)]}:{beats}" for step in order.split()) if chord else ""
        for chord in chords
    )


def held(chords: tuple[str, ...], beats: float = 4) -> tuple[str, ...]:
    return tuple(f"{chord}:{beats}" if chord else "" for chord in chords)
