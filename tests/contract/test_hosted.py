"""What every hosted backend keeps to, whatever its vendor does; real sockets, official SDKs."""

import logging
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from campaign.attempt import Attempt, AttemptState
from campaign.attempts import Attempts
from campaign.budget import Caps, budget_lines
from campaign.errors import ReelsheetError
from campaign.hosted_errors import (
    AbandonedError,
    AssetUnreachableError,
    AuthError,
    BudgetError,
    HostedError,
    InsufficientCreditError,
    InvalidRequestError,
    ProviderInternalError,
    RateLimitedError,
    RefusedError,
    SubmitAmbiguousError,
    TaskLostError,
)
from campaign.money import Money
from campaign.resolution import abandon, attach, resubmit
from model.backend import TakeOutcome
from model.hosting.backend import HostedBackend
from tests.contract.vendors.cases import CASES, Case
from tests.contract.vendors.wire import VendorServer

S = AttemptState


class Bench:
    """One vendor's server, and what our side makes of it."""

    def __init__(self, case: Case, server: VendorServer, folder: Path) -> None:
        self.case = case
        self.server = server
        self.folder = folder
        self.backend: HostedBackend = case.load(server, folder)
        self.out = folder / "out"
        self.out.mkdir()
        self.steps: list[tuple[str, int, int]] = []

    def again(self, **changes: object) -> None:
        """The same account with other options."""
        self.backend = self.case.load(self.server, self.folder, **changes)

    def make(self, *numbers: int) -> list[TakeOutcome]:
        wave = [self.case.request(self.backend, number) for number in numbers]
        found = list(self.backend.make(wave, self.out, lambda *step: self.steps.append(step)))
        assert sorted(o.request.shot.id for o in found) == sorted(r.shot.id for r in wave)
        return sorted(found, key=lambda outcome: outcome.request.shot.id)

    def one(self) -> TakeOutcome:
        return self.make(1)[0]

    def error(self) -> ReelsheetError:
        outcome = self.one()
        assert outcome.path is None
        assert outcome.error
        return outcome.error

    def attempts(self) -> list[Attempt]:
        book = Attempts(f"sqlite:///{self.folder / 'ledger.db'}")
        try:
            return book.find()
        finally:
            book.close()

    def states(self) -> list[AttemptState]:
        return [attempt.state for attempt in self.attempts()]

    def budget(self, scope: str) -> tuple[Money, Money]:
        book = Attempts(f"sqlite:///{self.folder / 'ledger.db'}")
        try:
            line = next(line for line in budget_lines(book.engine) if line.scope == scope)
            return line.reserved, line.spent
        finally:
            book.close()

    @property
    def lists(self) -> bool:
        return self.backend.catalog.account.lists


@pytest.fixture(params=sorted(CASES))
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    case = CASES[request.param]
    with case.server() as server:
        yield Bench(case, server, tmp_path)


def test_a_take_is_paid_once_and_found_again_without_paying(bench: Bench) -> None:
    first, second = bench.one(), bench.one()
    assert first.path
    assert second.path
    assert second.path.read_bytes() == first.path.read_bytes()
    assert bench.server.counts["posts"] == 1
    [attempt] = bench.attempts()
    assert attempt.state is S.SUCCEEDED
    assert attempt.provider_id in bench.server.tasks
    assert first.path.read_bytes().endswith(attempt.provider_id.encode())


def test_the_ledger_and_the_vendor_count_the_same_money(bench: Bench) -> None:
    assert all(outcome.path for outcome in bench.make(1, 2, 3))
    estimate = bench.backend.job(bench.case.request(bench.backend, 1)).estimate
    paid = [attempt.actual for attempt in bench.attempts()]
    assert paid == [estimate] * 3
    if bench.case.unit:
        assert float(estimate.amount) * 3 == pytest.approx(bench.server.charged * bench.case.unit)
    for scope in ("batch", "brand", "day"):
        reserved, spent = bench.budget(scope)
        assert reserved.amount == 0
        assert spent.amount == estimate.amount * 3


def test_the_same_take_wanted_twice_at_once_is_paid_once(bench: Bench) -> None:
    wave = [bench.case.request(bench.backend, 1) for _ in range(2)]
    assert all(o.path for o in bench.backend.make(wave, bench.out, lambda *_: None))
    assert bench.server.counts["posts"] == 1


def test_progress_is_told_by_shot_and_ends_at_the_whole(bench: Bench) -> None:
    bench.server.render_seconds = 0.2
    bench.one()
    shots, done, totals = zip(*bench.steps, strict=True)
    assert set(shots) == {"tea01-1-s1"}
    assert set(totals) == {100}
    assert done[-1] == 100


@pytest.mark.parametrize("status", ["500", "503"])
def test_a_server_error_at_submit_is_not_answered_with_a_second_payment(bench: Bench, status: str) -> None:
    bench.server.order("submit", status)
    outcome = bench.one()
    if bench.lists:
        # The list shows that nothing was begun, so the second request is the first that is paid.
        assert outcome.path
        assert bench.states() == [S.FAILED, S.SUCCEEDED]
    else:
        assert isinstance(outcome.error, SubmitAmbiguousError)
        assert bench.states() == [S.SUBMIT_UNKNOWN]
        assert bench.server.counts["posts"] == 1
    assert len(bench.server.tasks) == bench.lists


@pytest.mark.parametrize("fault", ["drop after body", "html"])
def test_a_task_whose_answer_was_lost_is_found_again_or_left_to_a_person(bench: Bench, fault: str) -> None:
    bench.server.order("submit", fault)
    outcome = bench.one()
    assert bench.server.counts["posts"] == 1
    if bench.lists:
        assert outcome.path
        assert bench.states() == [S.SUCCEEDED]
    else:
        assert isinstance(outcome.error, SubmitAmbiguousError)
        assert "reelsheet resolve" in str(outcome.error)
        assert isinstance(bench.error(), SubmitAmbiguousError)
        assert bench.server.counts["posts"] == 1
        reserved, spent = bench.budget("batch")
        assert reserved.amount > 0
        assert spent.amount == 0


def test_an_answer_without_an_id_is_no_success(bench: Bench) -> None:
    bench.server.order("submit", "no id")
    outcome = bench.one()
    assert bench.attempts()[0].state in (S.SUBMIT_UNKNOWN, S.FAILED)
    assert bool(outcome.path) == bench.lists


@pytest.mark.parametrize("second", ["drop after body", "drop"])
def test_two_lost_answers_that_look_alike_are_left_to_a_person(bench: Bench, second: str) -> None:
    bench.server.order("submit", "drop after body")
    bench.server.order("submit", second)
    wave = [bench.case.request(bench.backend, 1) for _ in range(2)]
    other_seed = [wave[0], replace(wave[1], seed=8)]
    outcomes = list(bench.backend.make(other_seed, bench.out, lambda *_: None))
    assert [type(outcome.error) for outcome in outcomes] == [SubmitAmbiguousError] * 2
    assert bench.server.counts["posts"] == 2


def test_a_person_attaches_what_the_vendor_has(bench: Bench) -> None:
    attempt = ambiguous(bench)
    [task_id] = bench.server.tasks
    resolve(bench, attempt, "attach", task_id)
    assert bench.one().path
    assert bench.server.counts["posts"] == 1
    assert bench.states() == [S.SUCCEEDED]


def test_a_person_pays_again_and_the_first_money_counts_as_spent(bench: Bench) -> None:
    attempt = ambiguous(bench)
    resolve(bench, attempt, "resubmit")
    assert bench.one().path
    assert bench.server.counts["posts"] == 2
    assert bench.states() == [S.FAILED, S.SUCCEEDED]
    reserved, spent = bench.budget("batch")
    assert reserved.amount == 0
    assert spent.amount == 2 * attempt.estimated.amount


def test_a_person_gives_up_and_nothing_is_tried_again(bench: Bench) -> None:
    resolve(bench, ambiguous(bench), "abandon")
    assert isinstance(bench.error(), AbandonedError)
    assert bench.server.counts["posts"] == 1


def test_too_many_requests_are_waited_out(bench: Bench) -> None:
    bench.server.order("submit", "429", retry_after=0.3)
    bench.server.order("submit", "429")
    bench.server.order("poll", "429", retry_after=0.2)
    assert bench.one().path
    assert bench.server.counts["posts"] == 3
    assert len(bench.server.tasks) == 1
    assert bench.states() == [S.FAILED, S.FAILED, S.SUCCEEDED]


def test_a_quota_that_is_used_up_for_the_day_stops_new_attempts_and_keeps_the_running(bench: Bench) -> None:
    bench.server.render_seconds = 0.4
    bench.server.order("submit", "429", 99, skip=2, retry_after=86400)
    outcomes = bench.make(*range(1, 12))
    assert sum(outcome.path is not None for outcome in outcomes) == 2
    errors = [outcome.error for outcome in outcomes if outcome.error]
    assert {type(error) for error in errors} == {RateLimitedError}
    assert "later" in str(errors[0])
    assert bench.budget("batch")[0].amount == 0


def test_a_vendor_that_wants_to_be_asked_in_a_day_is_asked_within_our_patience(bench: Bench) -> None:
    assert bench.backend.options
    assert bench.backend.options.pace
    bench.again(pace=replace(bench.backend.options.pace, patience=0.5))
    bench.server.order("poll", "429", retry_after=86400)
    assert bench.one().path
    assert bench.server.counts["posts"] == 1


@pytest.mark.parametrize("fault", ["500", "503", "drop", "html", "unknown status"])
def test_a_look_that_fails_is_only_looked_again(bench: Bench, fault: str) -> None:
    bench.server.order("poll", fault, 3)
    assert bench.one().path
    assert bench.server.counts["posts"] == 1
    assert bench.server.counts["polls"] >= 4


def test_a_slow_vendor_is_waited_for(bench: Bench) -> None:
    bench.server.order("submit", "slow")
    bench.server.order("poll", "slow")
    assert bench.one().path
    assert bench.server.counts["posts"] == 1


@pytest.mark.parametrize("fault", ["wrong length", "html", "drop"])
def test_a_file_that_is_not_whole_is_fetched_again(bench: Bench, fault: str) -> None:
    bench.server.order("download", fault, 2)
    outcome = bench.one()
    assert outcome.path
    assert bench.server.counts["downloads"] == 3
    assert bench.server.counts["posts"] == 1
    assert not list((bench.folder / "vault").glob("*.part"))


def test_a_file_that_never_comes_whole_keeps_the_paid_task_for_the_next_run(bench: Bench) -> None:
    bench.server.order("download", "wrong length", 5)
    assert isinstance(bench.error(), AssetUnreachableError)
    assert bench.states() == [S.SUBMITTED]
    assert bench.one().path
    assert bench.server.counts["posts"] == 1


def test_a_file_that_is_too_large_is_not_fetched(bench: Bench) -> None:
    bench.server.order("download", "too large", 5)
    assert isinstance(error := bench.error(), AssetUnreachableError)
    assert "1099511627776" in str(error)


def test_a_film_shorter_than_paid_for_is_a_failure_of_the_vendor(bench: Bench) -> None:
    bench.server.order("download", "short film")
    assert bench.one().path
    first, second = bench.attempts()
    assert (first.state, second.state) == (S.FAILED, S.SUCCEEDED)
    assert first.actual == first.estimated
    assert "1.0 s instead of" in first.note


def test_a_url_that_ran_out_is_asked_for_anew(bench: Bench) -> None:
    bench.server.order("url", "expired", 2)
    assert bench.one().path
    assert bench.server.counts["posts"] == 1


def test_an_unsafe_result_is_refused_for_good(bench: Bench) -> None:
    bench.server.order("end", "moderation at output")
    assert isinstance(bench.error(), RefusedError)
    assert isinstance(error := bench.error(), RefusedError)
    assert "words or picture" in str(error)
    assert bench.server.counts["posts"] == 1
    assert bench.states() == [S.REFUSED]


def test_an_unsafe_prompt_is_refused_for_good(bench: Bench) -> None:
    if bench.case.backend == "runway":
        bench.server.order("end", "moderation at input")
    else:
        bench.server.order("submit", "moderation at submit")
    assert isinstance(bench.error(), RefusedError)
    bench.error()
    assert bench.server.counts["posts"] == 1


def test_one_refused_take_is_not_the_end_of_the_others(bench: Bench) -> None:
    bench.server.order("end", "moderation at output", skip=1)
    outcomes = bench.make(1, 2, 3)
    assert sum(outcome.path is not None for outcome in outcomes) == 2
    assert [type(o.error) for o in outcomes if o.error] == [RefusedError]


def test_a_failure_of_the_vendor_is_tried_anew_up_to_the_cap(bench: Bench) -> None:
    bench.server.order("end", "bad output", 2)
    assert bench.one().path
    assert bench.states() == [S.FAILED, S.FAILED, S.SUCCEEDED]
    assert [attempt.number for attempt in bench.attempts()] == [1, 2, 3]


def test_a_take_that_fails_every_time_stops_at_the_cap(bench: Bench) -> None:
    bench.server.order("end", "bad output", 9)
    assert isinstance(bench.error(), ProviderInternalError)
    bench.error()
    assert bench.server.counts["posts"] == 3


def test_a_task_cancelled_at_the_vendor_is_a_result_and_not_tried_again_by_itself(bench: Bench) -> None:
    bench.server.order("end", "cancelled at the vendor")
    assert isinstance(error := bench.error(), HostedError)
    assert "cancelled" in str(error)
    assert bench.server.counts["posts"] == 1
    assert bench.states() == [S.CANCELLED]


def test_a_task_that_is_gone_is_lost_and_never_paid_again_by_itself(bench: Bench) -> None:
    bench.server.order("poll", "gone")
    assert isinstance(bench.error(), TaskLostError)
    assert isinstance(error := bench.error(), TaskLostError)
    assert "resolve" in str(error)
    assert bench.server.counts["posts"] == 1
    assert bench.states() == [S.LOST]


def test_a_task_that_never_ends_is_lost_at_its_deadline(bench: Bench) -> None:
    bench.server.render_seconds = 60.0
    account = bench.backend.catalog.account.model_copy(update={"deadline_hours": 0.2 / 3600})
    bench.backend.catalog = bench.backend.catalog.model_copy(update={"account": account})
    assert isinstance(error := bench.error(), TaskLostError)
    assert "no result after" in str(error)
    assert bench.states() == [S.LOST]


def test_a_lost_task_that_turns_up_is_attached_and_fetched(bench: Bench) -> None:
    bench.server.order("poll", "gone")
    assert isinstance(bench.error(), TaskLostError)
    [attempt] = bench.attempts()
    resolve(bench, attempt, "attach", attempt.provider_id)
    assert bench.one().path
    assert bench.server.counts["posts"] == 1


def test_a_paid_file_that_was_removed_is_fetched_again_without_paying(bench: Bench) -> None:
    first = bench.one().path
    assert first
    for path in (*(bench.folder / "vault").iterdir(), first):
        path.unlink()
    assert bench.one().path
    assert bench.server.counts["posts"] == 1
    assert bench.server.counts["downloads"] == 2


def test_another_process_that_works_on_a_take_is_waited_for(bench: Bench) -> None:
    bench.server.order("poll", "gone")
    bench.error()
    [attempt] = bench.attempts()
    resolve(bench, attempt, "attach", attempt.provider_id)
    book = Attempts(f"sqlite:///{bench.folder / 'ledger.db'}")
    assert book.take_over(book.get(attempt.id), "elsewhere:1:other", timedelta(seconds=1.0))
    before = time.monotonic()
    assert bench.one().path
    assert time.monotonic() - before > 1.0
    assert book.get(attempt.id).holder != "elsewhere:1:other"
    book.close()


def test_without_credit_new_attempts_stop(bench: Bench) -> None:
    bench.server.order("submit", "no credit", 99)
    outcomes = bench.make(*range(1, 30))
    assert {type(outcome.error) for outcome in outcomes} == {InsufficientCreditError}
    # Those that were on their way when the first answer came.
    assert bench.server.counts["posts"] <= bench.backend.options.pace.open_tasks  # type: ignore[union-attr]
    assert bench.budget("batch")[0].amount == 0


def test_running_takes_are_finished_when_the_credit_ends(bench: Bench) -> None:
    bench.server.render_seconds = 0.4
    bench.server.order("submit", "no credit", 99, skip=3)
    outcomes = bench.make(*range(1, 12))
    assert sum(outcome.path is not None for outcome in outcomes) == 3


def test_a_wrong_key_stops_new_attempts(bench: Bench) -> None:
    bench.again(key=SecretStr("key_wrong"))
    assert isinstance(error := bench.error(), AuthError)
    assert bench.backend.catalog.key_variable in str(error)
    assert not bench.server.tasks


def test_what_the_vendor_does_not_accept_is_a_result_and_costs_nothing(bench: Bench) -> None:
    wrong = bench.backend.model.model_copy(update={"fixed": {"colour": "red"}})
    bench.backend.model = wrong
    assert isinstance(bench.error(), InvalidRequestError)
    assert bench.states() == [S.FAILED]
    assert bench.attempts()[0].actual == Money.of_micros(0, "USD")
    assert not bench.server.tasks


def test_a_cap_stops_new_attempts_and_keeps_the_running(bench: Bench) -> None:
    if not bench.case.unit:
        pytest.skip("costs nothing")
    estimate = bench.backend.job(bench.case.request(bench.backend, 1)).estimate
    cap = Money(estimate.amount * 2, estimate.currency)
    bench.again(caps=Caps(batch=(cap,)))
    outcomes = bench.make(1, 2, 3, 4)
    assert sum(outcome.path is not None for outcome in outcomes) == 2
    errors = [outcome.error for outcome in outcomes if outcome.error]
    assert {type(error) for error in errors} == {BudgetError}
    assert str(cap) in str(errors[0])
    assert bench.server.counts["posts"] == 2


def test_a_vendor_that_is_not_there_leaves_no_doubt_about_money(bench: Bench) -> None:
    bench.again(base_url="http://127.0.0.1:9/v1")
    error = bench.error()
    assert "cannot be reached" in str(error)
    assert set(bench.states()) == {S.FAILED}
    assert bench.budget("batch")[0].amount == 0


def test_a_caller_who_stops_listening_loses_nothing(bench: Bench) -> None:
    bench.server.render_seconds = 0.5
    wave = [bench.case.request(bench.backend, number) for number in (1, 2, 3)]
    making = bench.backend.make(wave, bench.out, lambda *_: None)
    next(making)
    making.close()
    assert all(outcome.path for outcome in bench.make(1, 2, 3))
    assert len(bench.server.tasks) == 3


def test_no_secret_is_in_the_log_the_ledger_or_an_error(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    bench.server.order("poll", "500", 2)
    bench.server.order("download", "drop")
    bench.server.order("end", "bad output")
    bench.server.order("submit", "drop after body", skip=1)
    outcomes = bench.make(1, 2, 3)
    files = [path for path in bench.folder.rglob("*") if path.is_file()]
    said = caplog.text + "".join(f"{o.error!r} {o.error}" for o in outcomes) + repr(bench.backend.options)
    assert len(caplog.records) > 20
    for secret in (bench.server.key, "signature="):
        assert secret not in said
        assert not [path for path in files if secret.encode() in path.read_bytes()]


def ambiguous(bench: Bench) -> Attempt:
    """An attempt of which nobody knows, while the server has its task."""
    account = bench.backend.catalog.account.model_copy(update={"lists": False})
    bench.backend.catalog = bench.backend.catalog.model_copy(update={"account": account})
    bench.server.order("submit", "drop after body")
    assert isinstance(bench.error(), SubmitAmbiguousError)
    [attempt] = bench.attempts()
    return attempt


def resolve(bench: Bench, attempt: Attempt, action: str, task_id: str | None = None) -> None:
    book = Attempts(f"sqlite:///{bench.folder / 'ledger.db'}")
    match action:
        case "attach":
            assert task_id
            attach(book, attempt.id, task_id, who="editor", why="looked it up")
        case "abandon":
            abandon(book, attempt.id, who="editor", why="looked it up")
        case "resubmit":
            resubmit(book, attempt.id, who="editor", why="looked it up")
    book.close()
