"""How far a wave is, and how long it still takes at the rate seen so far."""

import threading
import time
from collections.abc import Sequence

from model.wan.clip import Clip, Stage, Tick, Watch


class Pace:
    """Counts work in units that take the same time everywhere in the wave: operations of the experts.

    With two devices, two stages report from two threads.
    """

    def __init__(self, clips: Sequence[Clip], units: float, watch: Watch) -> None:
        self._pieces = sum((clip.num_frames - 1) // 4 + 1 for clip in clips)
        """Latent frames that are still to be decoded."""
        self._numbers = {clip.key: number for number, clip in enumerate(clips, start=1)}
        self._left = units
        """Of all steps that are still to be made."""
        self._made = 0.0
        self._watch = watch
        self._lock = threading.Lock()
        self._began: dict[Stage, float] = {}
        self._steps: dict[Stage, int] = {}
        self._busy = 0.0
        """Seconds from the first step's beginning to the last one's end, loading left out."""
        self._last = 0.0

    def ready(self, stage: Stage) -> None:
        """The stage's weights are loaded; what follows is work."""
        with self._lock:
            self._last = self._began[stage] = time.perf_counter()

    def step(self, stage: Stage, clip: Clip, done: int, total: int, units: float = 0.0) -> None:
        """One step of a clip is made; it was worth that many units."""
        with self._lock:
            now = time.perf_counter()
            self._steps[stage] = self._steps.get(stage, 0) + 1
            if units:
                self._made += units
                self._left = max(self._left - units, 0.0)
                self._busy += now - self._last
            if stage is Stage.DECODE:
                self._pieces -= 1
            self._last = now
            tick = Tick(
                stage=stage,
                key=clip.key,
                clip=clip.name,
                number=self._numbers[clip.key],
                clips=len(self._numbers),
                done=done,
                total=total,
                rate=(rate := self._steps[stage] / max(now - self._began.get(stage, now), 1e-9)),
                seconds_left=self._pieces / rate if stage is Stage.DECODE else self._experts_left(),
            )
        self._watch(tick)

    def _experts_left(self) -> float | None:
        return self._left * self._busy / self._made if self._made else None
