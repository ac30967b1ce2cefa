import io
import re

import pytest
from rich.console import Console

from campaign.events import Planned, SpotDone, Step, Stepped, Waited, Worked, announce
from campaign.progress import WEIGHTS
from campaign.report import RowState
from reelsheet.progress import BatchProgress, showing


def test_the_share_grows_with_every_part_and_a_stopped_spot_is_whole() -> None:
    state = BatchProgress()
    state.take(Planned(spots=2, rows=2))
    assert state.share == 0
    state.take(Worked(step=Step.SHOOT, spot_id="a-1", what="a-1-s1", reused=False, part=0.5))
    assert abs(state.share - WEIGHTS[Step.SHOOT] / 4) < 1e-9
    state.take(SpotDone(spot_id="b-1", row_id="b", state=RowState.FAILED))
    assert state.share > 0.5
    assert (state.done, state.failed) == (1, 1)
    assert "making takes" in state.step


def test_a_long_take_tells_its_step_and_what_its_backend_knows_besides() -> None:
    state = BatchProgress()
    state.take(Stepped(shot="a-1-s1", done=3, total=40))
    assert state.step == "a-1-s1 · step 3 of 40"
    state.take(Stepped(shot="a-1-s1", done=4, total=40, words="decode, clip 1 of 8"))
    assert state.step == "a-1-s1 · step 4 of 40 · decode, clip 1 of 8"


def test_the_terminal_shows_spots_and_the_current_step() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=120)
    with showing(console):
        announce(Planned(spots=3, rows=2))
        announce(Worked(step=Step.FINISH, spot_id="tea01-1", what="tea01-1 9:16", reused=False))
        announce(SpotDone(spot_id="tea01-1", row_id="tea01", state=RowState.DONE))
    assert isinstance(console.file, io.StringIO)
    shown = console.file.getvalue()
    assert "1/3 spots" in shown
    assert "tea01-1 9:16" in shown


@pytest.mark.parametrize("terminal", [True, False])
def test_why_nothing_begins_is_said_whole_on_a_narrow_terminal_and_in_a_pipe(terminal: bool) -> None:
    console = Console(file=io.StringIO(), force_terminal=terminal, width=60)
    words = "Work pool cpu has no worker, so it waits. Run: prefect worker start --pool cpu --limit 1"
    with showing(console):
        announce(Planned(spots=3, rows=2))
        announce(Waited(words=words))
    assert isinstance(console.file, io.StringIO)
    said = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", console.file.getvalue())
    assert words in " ".join(said.split())


def test_nobody_listens_after_the_display_has_closed() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=120)
    with showing(console):
        pass
    assert isinstance(console.file, io.StringIO)
    before = console.file.getvalue()
    announce(Planned(spots=3, rows=2))
    assert console.file.getvalue() == before
