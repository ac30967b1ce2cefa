"""What the terminal shows while a batch runs."""

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn

from campaign.events import Event, Planned, SpotDone, Stepped, Waited, Worked, listening
from campaign.progress import WEIGHTS

SEEN_EVERY = 25
"""Foreseen spots; each takes about a thousandth of a second."""


class BatchProgress:
    """Adds up what is announced; knows the rate and the time left."""

    def __init__(self) -> None:
        self.spots = self.done = self.failed = 0
        self.step = ""
        self._shares: dict[str, float] = defaultdict(float)
        self._sum = 0.0
        self._began = monotonic()

    def take(self, event: Event) -> None:
        match event:
            case Planned():
                self.spots += event.spots
            case Worked():
                self._add(event.spot_id, WEIGHTS[event.step] * event.part)
                self.step = f"{event.step} · {event.what}"
            case Stepped():
                said = f" · {event.words}" if event.words else ""
                self.step = f"{event.shot} · step {event.done} of {event.total}{said}"
            case SpotDone():
                self._add(event.spot_id, 1.0 - self._shares[event.spot_id])
                self.done += 1
                self.failed += event.failed

    def _add(self, spot_id: str, part: float) -> None:
        self._shares[spot_id] += part
        self._sum += part

    @property
    def share(self) -> float:
        """Of all the work, 0 to 1."""
        return min(self._sum / self.spots, 1.0) if self.spots else 0.0

    @property
    def pace(self) -> str:
        elapsed = monotonic() - self._began
        if self.share < 0.03 or elapsed < 2:
            return ""
        rate = f"{self.share * self.spots / elapsed * 60:.1f} spots/min"
        left = elapsed / self.share - elapsed
        return f"{rate}, {duration(left)} left" if left > 1 else rate


@contextmanager
def showing(console: Console) -> Iterator[None]:
    """Draw the progress of the batch that runs inside the block."""
    state, lock = BatchProgress(), threading.Lock()
    columns = (
        SpinnerColumn(),
        BarColumn(bar_width=28),
        TextColumn("{task.fields[rows]}"),
        TextColumn("[dim]{task.fields[pace]}"),
        TextColumn("[cyan]{task.fields[step]}"),
    )
    with Progress(*columns, console=console, transient=True, refresh_per_second=8) as progress:
        bar = progress.add_task("", total=1.0, rows="starting", pace="", step="")

        def draw(event: Event) -> None:
            if isinstance(event, Waited):
                # A line of its own, also in a pipe: beside a bar the command in it would be cut off.
                progress.console.print(f"[yellow]![/] {escape(event.words)}")
            with lock:
                state.take(event)
                _draw(progress, bar, state)

        with listening(draw):
            yield


@contextmanager
def foreseeing(console: Console, sheet: str) -> Iterator[None]:
    """Draw how far the plan is that is made inside the block; nothing where nobody watches."""
    if not console.is_terminal:
        yield
        return
    columns = (SpinnerColumn(), BarColumn(bar_width=28), TextColumn("{task.description}"))
    with Progress(*columns, console=console, transient=True, refresh_per_second=8) as progress:
        bar = progress.add_task(f"reading {sheet}", total=None)
        done = 0

        def draw(event: Event) -> None:
            nonlocal done
            match event:
                case Planned():
                    words = f"foreseeing {event.spots:,} spots of {event.rows:,} rows"
                    progress.update(bar, total=event.spots, description=words)
                case SpotDone():
                    done += 1
                    if done % SEEN_EVERY == 0:
                        progress.update(bar, completed=done)

        with listening(draw):
            yield


def _draw(progress: Progress, bar: TaskID, state: BatchProgress) -> None:
    rows = f"{state.done}/{state.spots} spots" + (f", {state.failed} stopped" if state.failed else "")
    progress.update(bar, completed=state.share, rows=rows, pace=state.pace, step=state.step)


def duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
