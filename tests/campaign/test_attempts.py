import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from campaign.attempt import MOVES, UNSETTLED, Action, Attempt, AttemptState, Intent
from campaign.attempts import Attempts
from campaign.budget import Caps, Scope, budget_lines
from campaign.costs import CostsBy, costs
from campaign.errors import StoreError
from campaign.hosted_errors import BudgetError
from campaign.ledger import Ledger
from campaign.money import Money
from campaign.resolution import abandon, attach, resolutions, resubmit, waiting

S = AttemptState
HOLD = timedelta(seconds=60)
ROOT = Path(__file__).parent.parent.parent
CENT = Money(Decimal("0.01"), "USD")
INTENT = Intent(
    fingerprint="f" * 64,
    batch=3,
    brand="tea",
    row="tea01",
    shot="tea01-1-s1",
    backend="runway",
    vendor="runway",
    place="https://api.example",
    model="gen4.5",
    likeness="a" * 64,
    estimate=Money(Decimal("0.60"), "USD"),
    holder=f"here:{os.getpid()}:x",
)


@pytest.fixture
def book(ledger_url: str) -> Iterator[Attempts]:
    attempts = Attempts(ledger_url)
    yield attempts
    attempts.close()


def begun(book: Attempts, number: int = 1, caps: Caps | None = None, **changes: object) -> Attempt:
    intent = replace(INTENT, fingerprint=f"{number:064}", **changes)
    attempt = book.intend(intent, 1, caps or Caps(), HOLD)
    assert attempt
    return attempt


def used(book: Attempts, scope: Scope = Scope.BATCH) -> tuple[Decimal, Decimal]:
    line = next(line for line in budget_lines(book.engine) if line.scope is scope)
    return line.reserved.amount, line.spent.amount


def test_an_intent_sets_its_estimate_aside_and_the_end_counts_what_it_cost(book: Attempts) -> None:
    attempt = begun(book)
    assert used(book) == (Decimal("0.60"), 0)
    book.submitted(attempt.id, "task-1")
    cost = Money(Decimal("0.55"), "USD")
    done = book.settle(attempt.id, S.SUCCEEDED, actual=cost, sha256="b" * 64)
    assert (done.state, done.provider_id, done.actual) == (S.SUCCEEDED, "task-1", cost)
    for scope in Scope:
        assert used(book, scope) == (0, Decimal("0.55"))


def test_what_never_reached_the_vendor_costs_nothing(book: Attempts) -> None:
    book.settle(begun(book).id, S.FAILED, "rate limited")
    assert used(book) == (0, 0)


@pytest.mark.parametrize("state", [S.SUBMIT_UNKNOWN, S.LOST])
def test_money_of_which_nobody_knows_stays_aside(book: Attempts, state: AttemptState) -> None:
    attempt = begun(book)
    if state is S.LOST:
        book.submitted(attempt.id, "task-1")
        book.settle(attempt.id, S.LOST, "gone")
    else:
        book.unknown(attempt.id, "dropped")
    assert used(book) == (Decimal("0.60"), 0)


def test_a_higher_estimate_of_the_vendor_is_set_aside_and_a_lower_one_is_not(book: Attempts) -> None:
    first, second = begun(book, 1), begun(book, 2)
    book.submitted(first.id, "task-1", Money(Decimal("0.90"), "USD"))
    book.submitted(second.id, "task-2", Money(Decimal("0.10"), "USD"))
    assert used(book) == (Decimal("1.50"), 0)


def test_a_take_has_one_attempt_of_each_number(book: Attempts) -> None:
    assert book.intend(INTENT, 1, Caps(), HOLD)
    assert book.intend(INTENT, 1, Caps(), HOLD) is None
    assert used(book) == (Decimal("0.60"), 0)
    assert [a.number for a in book.of(INTENT.fingerprint)] == [1]


@pytest.mark.parametrize("scope", list(Scope))
def test_a_cap_is_never_passed(book: Attempts, scope: Scope) -> None:
    caps = Caps(**{scope.value: (Money(Decimal("1.20"), "USD"),)})
    begun(book, 1, caps)
    begun(book, 2, caps)
    said = r"0\.60 USD more would pass the cap of 1\.20 USD for the "
    with pytest.raises(BudgetError, match=said + scope.value):
        begun(book, 3, caps)
    assert used(book) == (Decimal("1.20"), 0)
    assert len(book.find()) == 2


def test_a_cap_on_one_brand_leaves_another_alone(book: Attempts) -> None:
    caps = Caps(brand=(Money(Decimal("0.60"), "USD"),))
    begun(book, 1, caps, brand="tea")
    begun(book, 2, caps, brand="harbor")
    with pytest.raises(BudgetError):
        begun(book, 3, caps, brand="tea")


def test_a_currency_without_a_cap_may_not_be_spent_where_another_has_one(book: Attempts) -> None:
    caps = Caps(day=(Money(Decimal(100), "USD"),))
    with pytest.raises(BudgetError, match="costs CNY"):
        begun(book, 1, caps, estimate=Money(Decimal(1), "CNY"))


SPEND = """
import sys
from datetime import timedelta
from decimal import Decimal
from campaign.attempt import AttemptState, Intent
from campaign.attempts import Attempts
from campaign.budget import Caps
from campaign.hosted_errors import BudgetError
from campaign.money import Money

mine, first = Attempts(sys.argv[1]), int(sys.argv[2])
cost, most = Money(Decimal("0.60"), "USD"), (Money(Decimal("3.00"), "USD"),)
words = "brand row shot backend vendor place model likeness holder".split()
for number in range(first, first + 5):
    intent = Intent(fingerprint=f"{number:064}", batch=3, estimate=cost, **dict.fromkeys(words, 'x'))
    try:
        attempt = mine.intend(intent, 1, Caps(batch=most, brand=most, day=most), timedelta(seconds=60))
    except BudgetError:
        continue
    if number % 2:
        mine.submitted(attempt.id, f"task-{number}")
        mine.settle(attempt.id, AttemptState.SUCCEEDED, actual=cost)
"""
"""Begins five attempts under three caps, and brings every other one to its end."""


def test_the_last_of_a_cap_is_taken_once_by_many_processes_at_once(ledger_url: str) -> None:
    command = (sys.executable, "-c", SPEND, ledger_url)
    spenders = [subprocess.Popen([*command, str(n * 5)], cwd=ROOT) for n in range(4)]
    assert [spender.wait() for spender in spenders] == [0] * 4
    book = Attempts(ledger_url)
    assert len(book.find()) == 5
    assert {line.reserved.amount + line.spent.amount for line in budget_lines(book.engine)} == {Decimal(3)}
    book.close()


def test_an_id_of_the_vendor_belongs_to_one_attempt(book: Attempts) -> None:
    first, second = begun(book, 1), begun(book, 2)
    book.submitted(first.id, "task-1")
    book.unknown(second.id, "dropped")
    with pytest.raises(StoreError, match="already belongs"):
        book.submitted(second.id, "task-1")
    with pytest.raises(StoreError, match="already belongs"):
        attach(book, second.id, "task-1", who="editor", why="console")
    assert book.get(second.id).state is S.SUBMIT_UNKNOWN


@pytest.mark.parametrize("state", [state for state, goals in MOVES.items() if not goals])
def test_what_is_over_stays_over(book: Attempts, state: AttemptState) -> None:
    attempt = begun(book)
    book.submitted(attempt.id, "task-1")
    book.settle(attempt.id, state, actual=CENT)
    with pytest.raises(StoreError, match="cannot become"):
        book.settle(attempt.id, S.SUCCEEDED, actual=CENT)
    assert used(book) == (0, Decimal("0.01"))


def test_the_lease_of_an_attempt_goes_to_one_of_two_who_want_it(book: Attempts) -> None:
    attempt = begun(book)
    assert book.take_over(attempt, "there:2:y", HOLD)
    assert not book.take_over(attempt, "elsewhere:3:z", HOLD)
    assert book.get(attempt.id).holder == "there:2:y"


def test_a_holder_keeps_its_open_attempts_alone(book: Attempts) -> None:
    attempt, over = begun(book, 1), begun(book, 2)
    book.settle(over.id, S.FAILED)
    assert book.keep(INTENT.holder, timedelta(hours=1))
    assert book.get(attempt.id).held_until > attempt.held_until
    assert book.get(over.id).held_until == over.held_until
    assert not book.keep("nobody:1:x", HOLD)


def test_a_persons_decision_is_kept_with_its_reason(book: Attempts) -> None:
    attempt = begun(book)
    book.unknown(attempt.id, "dropped")
    assert [a.id for a in waiting(book)] == [attempt.id]
    attached = attach(book, attempt.id, "task-9", who="editor", why="seen in the console")
    assert (attached.state, attached.provider_id, attached.resolution) == (S.SUBMITTED, "task-9", "attach")
    [kept] = resolutions(book, attempt.id)
    assert (kept.action, kept.was, kept.who, kept.why) == (
        Action.ATTACH,
        S.SUBMIT_UNKNOWN,
        "editor",
        "seen in the console",
    )
    assert not waiting(book)


def test_giving_up_counts_the_estimate_unless_a_person_knows_better(book: Attempts) -> None:
    first, second = begun(book, 1), begun(book, 2)
    book.unknown(first.id, "dropped")
    book.unknown(second.id, "dropped")
    abandon(book, first.id, who="editor", why="not worth it")
    resubmit(book, second.id, who="editor", why="the invoice says so", charged=Money(Decimal(0), "USD"))
    assert used(book) == (0, Decimal("0.60"))


def test_a_decision_without_a_reason_or_without_need_is_refused(book: Attempts) -> None:
    attempt = begun(book)
    with pytest.raises(StoreError, match="only lost and ambiguous"):
        abandon(book, attempt.id, who="editor", why="because")
    book.unknown(attempt.id, "dropped")
    with pytest.raises(StoreError, match="needs a reason"):
        abandon(book, attempt.id, who="editor", why="  ")
    with pytest.raises(StoreError, match="is not there"):
        abandon(book, 99, who="editor", why="because")


def test_costs_are_added_up_by_row_model_and_brand(book: Attempts) -> None:
    done, failed, lost = begun(book, 1), begun(book, 2, row="tea02", model="veo3.1"), begun(book, 3)
    book.submitted(done.id, "task-1")
    book.settle(done.id, S.SUCCEEDED, actual=Money(Decimal("0.55"), "USD"))
    book.settle(failed.id, S.FAILED, "rate limited")
    book.submitted(lost.id, "task-3")
    book.settle(lost.id, S.LOST, "gone")
    rows = {line.name: line for line in costs(book, CostsBy.ROW)}
    assert rows["tea01"].estimated == Money(Decimal("1.20"), "USD")
    assert rows["tea01"].actual == Money(Decimal("0.55"), "USD")
    assert rows["tea01"].open == Money(Decimal("0.60"), "USD")
    assert (rows["tea01"].attempts, rows["tea01"].succeeded, rows["tea01"].for_a_person) == (2, 1, 1)
    assert rows["tea02"].estimated.amount == rows["tea02"].actual.amount == 0
    assert [line.name for line in costs(book, CostsBy.MODEL)] == ["runway:gen4.5", "runway:veo3.1"]
    assert [line.attempts for line in costs(book, CostsBy.BRAND)] == [3]
    assert not costs(book, CostsBy.ROW, batch=4)


def test_what_was_paid_a_second_time_counts_as_expected_and_as_spent(book: Attempts) -> None:
    attempt, refunded = begun(book, 1), begun(book, 2, row="tea02")
    for unsure in (attempt, refunded):
        book.unknown(unsure.id, "dropped")
    resubmit(book, attempt.id, who="editor", why="not in the console")
    resubmit(book, refunded.id, who="editor", why="not charged", charged=Money(Decimal(0), "USD"))
    first, second = costs(book, CostsBy.ROW)
    assert first.estimated == first.actual == Money(Decimal("0.60"), "USD")
    assert second.estimated.amount == second.actual.amount == 0


def test_a_campaigns_costs_are_those_of_all_its_batches_and_of_no_others(
    book: Attempts, ledger_url: str
) -> None:
    ledger = Ledger(ledger_url)
    batches = []
    for campaign in ("tea", "tea", "mugs"):
        batches.append(ledger.begin_batch(campaign, Path("tea.csv"), "d" * 64))
        ledger.finish_batch(batches[-1])
    ledger.close()
    for number, batch in enumerate(batches):
        attempt = begun(book, number, batch=batch)
        book.submitted(attempt.id, f"task-{number}")
        book.settle(attempt.id, S.SUCCEEDED, actual=CENT)
    (line,) = costs(book, CostsBy.ROW, campaign="tea")
    assert line.actual == Money(Decimal("0.02"), "USD")
    assert not costs(book, CostsBy.ROW, campaign="coffee")


def test_currencies_are_never_added_together(book: Attempts) -> None:
    for number, currency in enumerate(("USD", "CNY")):
        attempt = begun(book, number, estimate=Money(Decimal(1), currency))
        book.submitted(attempt.id, f"task-{number}")
        book.settle(attempt.id, S.SUCCEEDED, actual=Money(Decimal(1), currency))
    assert {(str(line.actual)) for line in costs(book, CostsBy.BRAND)} == {"1.00 USD", "1.00 CNY"}


def test_the_budget_is_always_the_sum_of_the_attempts(book: Attempts) -> None:
    for number, end in enumerate((S.SUCCEEDED, S.FAILED, S.REFUSED, S.CANCELLED, S.LOST, S.SUBMITTED)):
        attempt = begun(book, number)
        book.submitted(attempt.id, f"task-{number}")
        if end is not S.SUBMITTED:
            book.settle(attempt.id, end, actual=CENT)
    aside = sum(a.estimated.amount for a in book.find(UNSETTLED))
    spent = sum(a.actual.amount for a in book.find() if a.actual)
    assert used(book) == (aside, spent)


def test_money_is_rounded_up_to_what_the_ledger_counts_in() -> None:
    assert Money(Decimal("0.0000001"), "USD").micros == 1
    assert str(Money.of_micros(889_000, "USD")) == "0.889 USD"
