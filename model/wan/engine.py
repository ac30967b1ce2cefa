"""A wave of clips, stage by stage: every stage's weights are loaded once for all of them.

encode (text encoder, then the VAE for given pictures) -> every clip's high-noise steps -> one swap -> every
clip's low-noise steps -> decode into the encoder. Within a stage clips are made one after the other, never
batched, and each is parked on disk as soon as its stage is done.
"""

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from campaign.errors import DeviceFullError, ReelsheetError
from model.wan.bench import Bench
from model.wan.clip import Clip, ClipResult, Stage, Watch
from model.wan.foresight import foresee, load_of, tokens_of
from model.wan.residency import Kind, Residency, smaller
from model.wan.wave import Wave

_log = logging.getLogger(__name__)
# Not re-entrant: a run that is given up may be ended by another thread than the one that began it.
_at_work = threading.Lock()
_holding: list["Engine"] = []
"""The engine that ran last, and may hold weights."""


@contextmanager
def _alone(engine: "Engine") -> Iterator[None]:
    """While no other engine runs; what another one held is let go."""
    with _at_work:
        if _holding and _holding[0] is not engine:
            _holding[0].close()
        _holding[:] = [engine]
        yield


class Engine:
    """One checkpoint on one device, or on two, with what it holds between waves."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self._too_full: dict[Kind, int] = {}
        """Plans for which the device was too full, with the tokens of the clip that showed it."""

    def plan(self, clips: Sequence[Clip]) -> Residency:
        """Where the weights will lie; not as a device was seen to be too full for with a clip as large.

        Raises:
            DeviceError: the device is too small for the smallest plan.
        """
        bench = self.bench
        plan = foresee(bench.checkpoint, bench.options, bench.devices[Stage.HIGH], clips)
        most = max(tokens_of(bench.checkpoint, clip) for clip in clips)
        while most >= self._too_full.get(plan.kind, most + 1) and (less := self._less(plan, clips)):
            plan = less
        return plan

    def run(self, clips: Sequence[Clip], folder: Path, watch: Watch) -> Iterator[ClipResult]:
        """Make the clips, a wave at a time; each result as soon as its file is in ``folder``.

        What fails is a result with an error. Where the device is full although its plan had counted on it,
        what is left of the wave is tried once with the next smaller plan, unless a person chose the plan.
        What was parked is taken up by that, and by the next run.

        One run at a time in a process, whichever thread asks: a device holds one engine's weights.
        """
        with _alone(self):
            yield from self._run(clips, folder, watch)

    def _run(self, clips: Sequence[Clip], folder: Path, watch: Watch) -> Iterator[ClipResult]:
        self.bench.park.sweep()
        for first in range(0, len(clips), self.bench.options.wave):
            wave = clips[first : first + self.bench.options.wave]
            try:
                plan = self.plan(wave)
            except ReelsheetError as error:
                yield from (ClipResult(clip=clip, error=error) for clip in wave)
                continue
            _log.info("wave of %d clips on %s", len(wave), plan)
            full: list[ClipResult] = []
            for result in Wave(self.bench, wave, plan, watch).run(folder):
                if isinstance(result.error, DeviceFullError):
                    full.append(result)
                else:
                    yield result
            yield from self._again(full, plan, folder, watch)

    def _again(
        self, full: Sequence[ClipResult], plan: Residency, folder: Path, watch: Watch
    ) -> Iterator[ClipResult]:
        """What the device was too full for, with the next smaller plan."""
        if not full:
            return
        bench, clips = self.bench, [result.clip for result in full]
        less = self._less(plan, clips)
        if less is None:
            yield from full
            return
        self._too_full[plan.kind] = max(tokens_of(bench.checkpoint, clip) for clip in clips)
        _log.warning("%s", full[0].error)
        self.close()
        _log.info("%d clips again, on %s", len(clips), less)
        yield from Wave(bench, clips, less, watch).run(folder)

    def _less(self, plan: Residency, clips: Sequence[Clip]) -> Residency | None:
        """The next smaller plan; None where there is none, or a person chose this one."""
        options = self.bench.options
        if options.residency != "auto":
            return None
        largest = max(clips, key=lambda clip: tokens_of(self.bench.checkpoint, clip))
        return smaller(plan, load_of(self.bench.checkpoint, options, largest))

    def close(self) -> None:
        """Let go of the experts."""
        for device in {device.name for device in self.bench.devices.values()}:
            self.bench.experts.close(device)
