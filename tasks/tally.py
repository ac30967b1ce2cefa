"""What a spot needs, counted while it is foreseen."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from campaign.store import Artefact, Store
from model.backend import Estimate
from tasks.pool import Wanted

K = TypeVar("K")


@dataclass(slots=True)
class Tally:
    """What a spot needs, as far as it can be foreseen."""

    kinds: frozenset[str]
    """That the store has; of another kind no key needs to be worked out."""
    new: Counter[str] = field(default_factory=Counter)
    reused: Counter[str] = field(default_factory=Counter)
    estimates: list[Estimate] = field(default_factory=list)

    def sought(self, store: Store, wanted: Mapping[K, Wanted]) -> dict[K, Artefact]:
        """What of ``wanted`` is in the store; both what is there and what is not is counted."""
        likely = ((name, want) for name, want in wanted.items() if want.kind in self.kinds)
        found = {name: made for name, want in likely if (made := store.glance(want.kind, want.key))}
        for name, want in wanted.items():
            (self.reused if name in found else self.new)[want.kind] += 1
        return found
