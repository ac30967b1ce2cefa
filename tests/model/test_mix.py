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
from model.mix import after

THREE = ("runway:veo3.1", "bailian", "animatic")


@pytest.mark.parametrize("kind", [InsufficientCreditError, ModelRetiredError, ProviderInternalError])
def test_a_vendor_that_cannot_is_followed_by_the_next(kind: type[HostedError]) -> None:
    assert after(THREE, "runway:veo3.1", kind("runway", "p", "r")) == "bailian"
    assert after(THREE, "animatic", kind("animatic", "p", "r")) is None


@pytest.mark.parametrize("kind", [RefusedError, SubmitAmbiguousError, TaskLostError, BudgetError])
def test_a_refusal_a_cap_and_what_may_be_paid_end_the_list(kind: type[HostedError]) -> None:
    assert after(THREE, "runway:veo3.1", kind("runway", "p", "r")) is None


def test_what_a_backend_cannot_make_goes_on_and_what_is_not_about_takes_does_not() -> None:
    assert after(THREE, "bailian", FrameGridError(80, 4)) == "animatic"
    assert after(THREE, "bailian", ExpansionError("rules", "p", "r")) is None
