from campaign.report import RowState
from campaign.stops import Stops


def test_a_stop_is_known_until_its_spot_is_tried_again(ledger_url: str) -> None:
    stops = Stops(ledger_url)
    stops.note(1, {"a": (RowState.FAILED, "s1: black"), "b": (RowState.REVIEW, "a face")})
    stops.note(1, {"a": (RowState.FAILED, "s2: black")})
    assert stops.of(1, ["a", "c"]) == {"a": (RowState.FAILED, "s2: black")}
    assert stops.of(2, ["a"]) == {}
    stops.forget(1, ["a"])
    assert stops.of(1, ["a", "b"]) == {"b": (RowState.REVIEW, "a face")}
    stops.close()
