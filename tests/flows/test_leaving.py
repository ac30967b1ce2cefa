import os
import signal

import pytest

from campaign.events import Planned, Stepped, announce
from flows.leaving import leaving_when_asked
from model.backend import Leave

STEP = Stepped(shot="s1", done=3, total=40)


def test_a_worker_that_is_asked_to_end_leaves_at_its_next_step_and_not_before() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(Leave), leaving_when_asked():
        announce(STEP)
        os.kill(os.getpid(), signal.SIGTERM)
        announce(Planned(spots=1, rows=1))
        assert signal.getsignal(signal.SIGTERM) == before
        announce(STEP)
    announce(STEP)
    assert signal.getsignal(signal.SIGTERM) == before
