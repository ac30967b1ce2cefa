"""Amounts of money: exact, with their currency, never floats."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Self

MICROS = 1_000_000
"""Parts of a currency's unit that the ledger counts in: vendors price a second at a tenth of a cent."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in one currency."""

    amount: Decimal
    currency: str
    """ISO 4217."""

    @property
    def micros(self) -> int:
        """Millionths of the unit, rounded up: what is set aside is never less than what is meant."""
        return int((self.amount * MICROS).to_integral_value(ROUND_CEILING))

    @classmethod
    def of_micros(cls, micros: int, currency: str) -> Self:
        return cls(Decimal(micros) / MICROS, currency)

    def __str__(self) -> str:
        cents = self.amount.quantize(Decimal("0.01"))
        shown = cents if cents == self.amount else self.amount.normalize()
        return f"{shown:f} {self.currency}"
