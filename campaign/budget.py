"""Caps on money: set aside before an attempt, set right after it, in the same transactions as the attempt."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, String, and_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaign.database import Base, transaction
from campaign.hosted_errors import BudgetError
from campaign.money import Money

_INSERTS: Mapping[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


class Scope(StrEnum):
    """What a cap is set on."""

    BATCH = "batch"
    BRAND = "brand"
    DAY = "day"
    """A calendar day in UTC, of the attempt's intent."""


class BudgetRow(Base):
    __tablename__ = "budgets"

    scope: Mapped[Scope] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    currency: Mapped[str] = mapped_column(String(3), primary_key=True)
    reserved: Mapped[int] = mapped_column(BigInteger)
    """Micros of attempts whose cost is not known yet."""
    spent: Mapped[int] = mapped_column(BigInteger)
    """Micros of attempts that are over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """The most that may be spent, reservations included; a scope without caps is not limited.

    A scope with caps is limited in every currency: one that it does not name may not be spent at all.
    """

    batch: tuple[Money, ...] = ()
    brand: tuple[Money, ...] = ()
    day: tuple[Money, ...] = ()

    def of(self, scope: Scope) -> tuple[Money, ...]:
        match scope:
            case Scope.BATCH:
                return self.batch
            case Scope.BRAND:
                return self.brand
            case Scope.DAY:
                return self.day


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetLine:
    """What one scope has used of its budget."""

    scope: Scope
    name: str
    reserved: Money
    spent: Money
    cap: Money | None = field(default=None)


def reserve(session: Session, places: Mapping[Scope, str], amount: Money, caps: Caps, backend: str) -> None:
    """Set ``amount`` aside in every scope, or in none.

    One conditional UPDATE per scope, so that two processes cannot both take the last of a cap.

    Raises:
        BudgetError: a cap would be passed.
    """
    insert = _INSERTS[session.get_bind().dialect.name]
    for scope, name in places.items():
        key = {"scope": scope, "name": name, "currency": amount.currency}
        session.execute(insert(BudgetRow).values(**key, reserved=0, spent=0).on_conflict_do_nothing())
        line = _line(scope, name, amount.currency)
        limits = caps.of(scope)
        cap = next((money for money in limits if money.currency == amount.currency), None)
        if limits and cap is None:
            named = ", ".join(str(money) for money in limits)
            raise BudgetError(
                backend,
                f"the {scope} {name} has a cap of {named}, but this costs {amount.currency}.",
                f"Add a cap in {amount.currency} or choose a backend that is paid in the other currency.",
            )
        change = update(BudgetRow).where(line).values(reserved=BudgetRow.reserved + amount.micros)
        if cap:
            change = change.where(BudgetRow.reserved + BudgetRow.spent + amount.micros <= cap.micros)
        if not session.scalars(change.returning(BudgetRow.name)).all():
            row = session.scalars(select(BudgetRow).where(line)).one()
            used = Money.of_micros(row.reserved + row.spent, amount.currency)
            raise BudgetError(
                backend,
                f"{amount} more would pass the cap of {cap} for the {scope} {name}, of which {used} is "
                "spent or set aside.",
                "Raise the cap, or leave rows for another day; what runs is finished.",
            )


def reconcile(
    session: Session, places: Mapping[Scope, str], reserved: int, spent: int, currency: str
) -> None:
    """Change what is set aside and what is spent, in micros; both may be negative."""
    for scope, name in places.items():
        session.execute(
            update(BudgetRow)
            .where(_line(scope, name, currency))
            .values(reserved=BudgetRow.reserved + reserved, spent=BudgetRow.spent + spent)
        )


def budget_lines(engine: Engine, caps: Caps | None = None) -> list[BudgetLine]:
    """Every scope that money was ever set aside in."""
    with transaction(engine) as session:
        return [
            BudgetLine(
                scope=row.scope,
                name=row.name,
                reserved=Money.of_micros(row.reserved, row.currency),
                spent=Money.of_micros(row.spent, row.currency),
                cap=next((m for m in caps.of(row.scope) if m.currency == row.currency), None)
                if caps
                else None,
            )
            for row in session.scalars(select(BudgetRow).order_by(BudgetRow.scope, BudgetRow.name))
        ]


def _line(scope: Scope, name: str, currency: str) -> ColumnElement[bool]:
    return and_(BudgetRow.scope == scope, BudgetRow.name == name, BudgetRow.currency == currency)
