"""``reelsheet status --watch``."""

import select
import sys
import termios
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import sleep

from rich.console import Console
from rich.live import Live

from flows.settings import load_settings
from reelsheet.watching import Looker, line, screen

SCREEN_EVERY = 1.0
"""Seconds; progress is not written more often."""
LINE_EVERY = 5.0


def run(sheet: Path | None) -> int:
    """Show the batches that run, of one campaign or all, until q or, without a terminal, their end."""
    looker = Looker(load_settings().ledger_url, sheet.stem if sheet else "")
    console = Console()
    try:
        if console.is_terminal:
            _draw(console, looker)
        else:
            _print_lines(console, looker)
    except KeyboardInterrupt:
        pass
    finally:
        looker.close()
    return 0


def _draw(console: Console, looker: Looker) -> None:
    with Live(console=console, auto_refresh=False, screen=True) as live, _key_pressed() as pressed:
        while True:
            live.update(screen(looker.look(), console.size.height), refresh=True)
            if pressed(SCREEN_EVERY):
                return


def _print_lines(console: Console, looker: Looker) -> None:
    """A line for each batch when it has changed; the end when none runs."""
    said: dict[int, str] = {}
    while True:
        sights = looker.look()
        for sight in sights:
            if said.get(sight.batch.id) != line(sight):
                said[sight.batch.id] = line(sight)
                console.print(line(sight), markup=False, highlight=False, soft_wrap=True)
        if not any(sight.runs for sight in sights):
            if not sights:
                console.print("No batch has run yet.")
            return
        sleep(LINE_EVERY)


@contextmanager
def _key_pressed() -> Iterator[Callable[[float], bool]]:
    """A function that waits so many seconds for q; keys are read one by one meanwhile."""
    if not sys.stdin.isatty():
        yield _wait_without_keys
        return
    keyboard = sys.stdin.fileno()
    before = termios.tcgetattr(keyboard)
    tty.setcbreak(keyboard)

    def wait(seconds: float) -> bool:
        ready, _, _ = select.select([keyboard], [], [], seconds)
        return bool(ready) and sys.stdin.read(1) in "qQ"

    try:
        yield wait
    finally:
        termios.tcsetattr(keyboard, termios.TCSADRAIN, before)


def _wait_without_keys(seconds: float) -> bool:
    sleep(seconds)
    return False
