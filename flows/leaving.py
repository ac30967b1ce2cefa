"""A worker that is asked to end (SIGTERM) leaves at the next step instead of in the middle of one."""

import logging
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from campaign.events import Event, Stepped, Worked, listening
from model.backend import Leave

log = logging.getLogger(__name__)


@contextmanager
def leaving_when_asked() -> Iterator[None]:
    """Inside the block, SIGTERM has the next step or finished thing raise `Leave`.

    A second SIGTERM ends the process as it would have without this. Where the block runs in another thread
    than the main one, to which signals go, nothing is changed.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    asked = threading.Event()

    def ask(*_: object) -> None:
        asked.set()
        signal.signal(signal.SIGTERM, before)
        log.warning("asked to end: what is under way is parked")

    def leave(event: Event) -> None:
        if asked.is_set() and isinstance(event, Stepped | Worked):
            raise Leave

    before = signal.signal(signal.SIGTERM, ask)
    try:
        with listening(leave):
            yield
    finally:
        signal.signal(signal.SIGTERM, before)
