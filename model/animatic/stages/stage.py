"""What a stage gives: the pieces behind the subject and those before it."""

from dataclasses import dataclass

from model.animatic.site import Piece


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stage:
    """A painted place, without its subject."""

    behind: tuple[Piece, ...]
    before: tuple[Piece, ...] = ()
