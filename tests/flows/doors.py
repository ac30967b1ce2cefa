"""Doors that start at once: one process imports everything and forks itself for each that is asked for.

So a test may kill many, and have them die at work and not in their seconds of importing.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from queue import Empty, Queue
from threading import Thread


class Doors:
    """A process that stands ready with all imports, and the door it has opened last."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._words = (folder / "doors.txt").open("ab")
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._words,
            text=True,
            start_new_session=True,
        )
        self._said: Queue[int] = Queue()
        self._reading = Thread(target=self._read)
        self._reading.start()

    def open(self, sheet: Path, settings: Mapping[str, str], patience: float) -> int:
        """Let one make the sheet; the process that does. The one before has ended."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps({"sheet": str(sheet), "settings": dict(settings)}) + "\n")
        self._process.stdin.flush()
        return self._said.get(timeout=patience)

    def ended(self, within: float) -> int | None:
        """The exit code of the door; None while it works, after so many seconds."""
        try:
            return self._said.get(timeout=within)
        except Empty:
            return None

    def close(self) -> None:
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._reading.join()
        for pipe in (self._process.stdin, self._process.stdout, self._words):
            assert pipe
            pipe.close()

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            self._said.put(int(line))


def _serve() -> None:
    """Fork a ``reelsheet make`` for each line that comes in; its number goes out, then its exit code."""
    # Not above: workers of a door read this file, too, and need none of it.
    from flows.settings import load_settings  # noqa: PLC0415
    from reelsheet.environment import prepare_prefect  # noqa: PLC0415

    settings = load_settings()
    prepare_prefect(settings.home, settings.log)
    import flows.batch  # noqa: F401, PLC0415

    if "wan" in settings.backends:
        import model.wan.engine  # noqa: F401, PLC0415
    from reelsheet.commands.make import run  # noqa: PLC0415

    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        asked = json.loads(line)
        door = os.fork()
        if not door:
            os.environ.update(asked["settings"])
            os._exit(run(Path(asked["sheet"])))
        print(door, file=answers, flush=True)
        _, how = os.waitpid(door, 0)
        print(os.waitstatus_to_exitcode(how), file=answers, flush=True)


if __name__ == "__main__":
    _serve()
