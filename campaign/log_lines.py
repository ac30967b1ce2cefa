"""Log lines that say what they are about: batch, spot, shot and attempt, whoever writes them.

Whoever begins on something binds its id; every line that is written below, in any module, carries it.
"""

import json
import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_ids: ContextVar[Mapping[str, str]] = ContextVar("ids", default={})  # noqa: B039  # Never changed in place.


@contextmanager
def bound(**ids: object) -> Iterator[None]:
    """Let every line that is written inside the block carry these ids, like ``spot="tea01-1"``."""
    token = _ids.set({**_ids.get(), **{name: str(value) for name, value in ids.items()}})
    try:
        yield
    finally:
        _ids.reset(token)


def bound_now() -> Mapping[str, str]:
    """The ids that a line written here would carry."""
    return _ids.get()


class LogFile(logging.FileHandler):
    """A file of log lines. That it cannot be written, as on a full disk, is said once, not with each line."""

    _said = False

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # The name is logging's.
        if not isinstance(error := sys.exc_info()[1], OSError):
            super().handleError(record)
        elif not self._said:
            self._said = True
            sys.stderr.write(f"The log {self.baseFilename} cannot be written ({error.strerror}).\n")


class PlainLines(logging.Formatter):
    """For people: time, level, logger, words, and the ids at the end."""

    def __init__(self, fmt: str = "%(asctime)s %(levelname)s %(name)s: %(message)s") -> None:
        super().__init__(fmt)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  # The name is logging's.
        ids = ", ".join(f"{name} {value}" for name, value in _ids.get().items())
        line = super().formatMessage(record)
        return f"{line} [{ids}]" if ids else line


class JsonLines(logging.Formatter):
    """For programs: one JSON object a line, the ids as fields of their own."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **_ids.get(),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)
