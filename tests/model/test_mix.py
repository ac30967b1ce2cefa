import pytest

from campaign.errors import ExpansionError, FrameGridError
from campaign.hosted_errors import (
    BudgetError,
    HostedError,
    InsufficientCreditError,
    ModelRetiredError,
    ProviderInternalError,
    RefusedError,
    SubmitAmbiguousError,
    TaskLostError,
)
from model.mix import Mix, known_names, parse_mix

THREE = Mix(backends=("runway:veo3.1", "bailian", "animatic"))


@pytest.mark.parametrize("text", ["runway:veo3.1, bailian, animatic", "runway:veo3.1 > bailian ；animatic"])
def test_a_list_is_read_in_its_order(text: str) -> None:
    assert parse_mix(text) == THREE


@pytest.mark.parametrize("text", ["", " , ", "bailian, bailian"])
def test_nothing_or_the_same_twice_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=f"^{text}$"):
        parse_mix(text)


def test_only_the_first_is_not_degraded() -> None:
    assert [THREE.degraded(name) for name in THREE.backends] == [False, True, True]


@pytest.mark.parametrize("kind", [InsufficientCreditError, ModelRetiredError, ProviderInternalError])
def test_a_vendor_that_cannot_is_followed_by_the_next(kind: type[HostedError]) -> None:
    assert THREE.after("runway:veo3.1", kind("runway", "p", "r")) == "bailian"
    assert THREE.after("animatic", kind("animatic", "p", "r")) is None


@pytest.mark.parametrize("kind", [RefusedError, SubmitAmbiguousError, TaskLostError, BudgetError])
def test_a_refusal_a_cap_and_what_may_be_paid_end_the_list(kind: type[HostedError]) -> None:
    assert THREE.after("runway:veo3.1", kind("runway", "p", "r")) is None


def test_what_a_backend_cannot_make_goes_on_and_what_is_not_about_takes_does_not() -> None:
    assert THREE.after("bailian", FrameGridError(80, 4)) == "animatic"
    assert THREE.after("bailian", ExpansionError("rules", "p", "r")) is None


def test_every_name_is_known_once() -> None:
    assert known_names([THREE, Mix(backends=("animatic", "wan"))]) == (*THREE.backends, "wan")
