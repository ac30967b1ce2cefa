import json
import logging
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest

from campaign.log_lines import JsonLines, LogFile, PlainLines, bound

log = logging.getLogger("campaign.test")


@pytest.fixture
def lines() -> Iterator[list[str]]:
    """What a handler with JSON lines writes."""
    written: list[str] = []

    class Keeper(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            written.append(self.format(record))

    keeper = Keeper()
    keeper.setFormatter(JsonLines())
    log.addHandler(keeper)
    log.setLevel(logging.INFO)
    yield written
    log.removeHandler(keeper)


def test_a_line_carries_the_ids_of_what_is_worked_on(lines: list[str]) -> None:
    with bound(batch=3), bound(spot="tea01-1"):
        log.info("说 %d things", 2)
    log.info("after")
    inside, after = map(json.loads, lines)
    assert inside["message"] == "说 2 things"
    assert (inside["batch"], inside["spot"]) == ("3", "tea01-1")
    assert (inside["level"], inside["logger"]) == ("INFO", "campaign.test")
    assert "batch" not in after


def test_threads_have_ids_of_their_own(lines: list[str]) -> None:
    meet = threading.Barrier(2)

    def work(spot: str) -> None:
        with bound(spot=spot):
            meet.wait(30)
            log.info("%s", spot)

    threads = [threading.Thread(target=work, args=(spot,)) for spot in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {(line["spot"], line["message"]) for line in map(json.loads, lines)} == {("a", "a"), ("b", "b")}


def test_a_traceback_stays_on_its_line(lines: list[str]) -> None:
    try:
        raise ValueError("no\nway")
    except ValueError:
        log.exception("failed")
    (line,) = lines
    assert "\n" not in line
    assert "ValueError: no" in json.loads(line)["traceback"]


def test_a_plain_line_has_its_ids_at_the_end() -> None:
    record = logging.LogRecord("campaign.x", logging.INFO, "x.py", 1, "said", (), None)
    with bound(batch=3, spot="tea01-1"):
        assert PlainLines("%(levelname)s %(message)s").format(record) == "INFO said [batch 3, spot tea01-1]"
    assert PlainLines("%(message)s").format(record) == "said"


def test_a_log_that_cannot_be_written_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    full = LogFile("/dev/full")
    logger = logging.Logger("full")
    logger.addHandler(full)
    for _ in range(3):
        logger.warning("words")
    with suppress(OSError):
        full.close()
    assert capsys.readouterr().err == "The log /dev/full cannot be written (No space left on device).\n"
