from datetime import timedelta
from email.utils import format_datetime

import pytest

from campaign.database import now
from model.hosting.answer import retry_after


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("7", 7.0), ("0.25", 0.25), ("", None), ("soon", None), ("-3", None), ("nan", None), ("inf", None)],
)
def test_a_wait_is_a_number_of_seconds_or_nothing(said: str, seconds: float | None) -> None:
    assert retry_after({"Retry-After": said}) == seconds


def test_a_wait_may_be_said_as_a_date() -> None:
    date = format_datetime(now() + timedelta(seconds=90), usegmt=True)
    assert retry_after({"retry-after": date}) == pytest.approx(90, abs=5)
    assert retry_after({"retry-after": "Sun, 06 Nov 1994 08:49:37 GMT"}) == 0.0
