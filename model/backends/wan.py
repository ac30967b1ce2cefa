"""Wan2.2 on our own GPU: the Backend port over the wave engine in ``model/wan``.

Importing this file imports no torch; the first request does.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from campaign.content_key import Json
from campaign.errors import BackendMissingError, DeviceError, ReelsheetError
from campaign.frames import Aspect, FrameSpec
from campaign.ladder import Rung
from model.backend import Estimate, Progress, RunsOn, TakeOutcome, TakeRequest
from model.wan.chain import drop_segment, find_segment, join_files, keep_segment
from model.wan.checkpoint import Checkpoint
from model.wan.clip import Clip, ClipResult, Stage, Tick, Watch
from model.wan.foresight import clip_work, foresee
from model.wan.models import Models
from model.wan.options import WanOptions
from model.wan.orders import LATENTS, Order, first_clip, frame_spec, longest_clip, next_clip, write_order
from model.wan.residency import Residency

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Shot:
    """A request on its way through its segments."""

    order: Order
    clip: Clip
    done: list[ClipResult] = field(default_factory=list)


class WanBackend:
    """Takes of one wave, in one call, in this process."""

    name = "wan"
    runs_on = RunsOn.HERE
    draws_every_aspect = False

    def __init__(self, options: WanOptions | None = None, watch: Watch | None = None) -> None:
        """``watch`` is told of every step with stage, rate and time left."""
        self.options = options or WanOptions()
        self.models = Models(self.options)
        self._watch = watch

    def frame_spec(self, aspect: Aspect, short_side: int, duration: float) -> FrameSpec:  # noqa: ARG002
        """The rung decides the size; the finisher brings it to the delivery's."""
        return frame_spec(self.options, self.models.main.variant, aspect, duration)

    def check(self, request: TakeRequest) -> None:
        self.models.require_engine()
        write_order(request, self.models)

    def recipe(self, request: TakeRequest) -> dict[str, Json]:
        return write_order(request, self.models).recipe

    def estimate(self, request: TakeRequest) -> Estimate:
        order = write_order(request, self.models)
        clip = replace(first_clip(order, self.models), num_frames=request.spec.num_frames)
        work = clip_work(order.checkpoint, clip) / 1e15
        try:
            device = self.models.first_device()
        except (DeviceError, BackendMissingError) as error:
            if self.options.elsewhere:
                return _elsewhere(work, self.options.tflops)
            return Estimate(basis=f"wan: {work:.3g} PFLOP a take; no time foreseen. {error}")
        plan = foresee(order.checkpoint, self.options, device, [clip] * self.options.wave)
        together = f", {plan.devices} devices to a clip" if plan.devices > 1 else ""
        held = f"{plan.kind} in {plan.precision} on {device.label}{together}, waves of {plan.wave}"
        if plan.seconds is None:
            return Estimate(basis=f"wan: {held}; {work:.3g} PFLOP a take, at a rate that is not known.")
        rate = "the rate measured here" if self.options.tflops else "half of the data sheet's rate"
        return Estimate(
            gpu_seconds=plan.seconds, basis=f"wan: {held}; experts' operations at {rate}, decoding left out."
        )

    def outlook(self) -> str:
        try:
            how = str(self.plan())
        except (DeviceError, BackendMissingError):
            if not self.options.elsewhere:
                raise
            how = "made by the workers of the pool gpu, whose devices are not seen from here"
        return f"wan, {self.options.rung}: {how}"

    def plan(self) -> Residency:
        """How a full wave of the longest clips of this rung would lie on the device, for ``doctor``.

        Raises:
            CheckpointError: there is no such checkpoint here.
            DeviceError: there is no such device, or it is too small.
        """
        checkpoint = self.models.main
        device = self.models.first_device()
        return foresee(checkpoint, self.options, device, [longest_clip(self.models)] * self.options.wave)

    def make(self, wave: Sequence[TakeRequest], folder: Path, progress: Progress) -> Iterator[TakeOutcome]:
        """The wave in rounds: every shot's first segment, then the second of those that have one."""
        shots: list[_Shot] = []
        for request in wave:
            try:
                shots.append(self._begun(request, folder))
            except ReelsheetError as error:
                yield TakeOutcome(request=request, path=None, error=error)
        while shots:
            # The same request twice is made twice, one after the other.
            round_ = {shot.clip.key: shot for shot in reversed(shots)}
            going = [shot for shot in shots if round_[shot.clip.key] is not shot]
            for shot, result in self._round(list(round_.values())[::-1], folder, progress):
                if result.error is None and len(shot.done) + 1 < len(shot.order.lengths):
                    self._go_on(shot, keep_segment(result, self._segments))
                    going.append(shot)
                else:
                    yield self._outcome(shot, result, folder)
                    for segment in shot.done if result.error is None else ():
                        drop_segment(segment, self._segments)
            shots = going

    @property
    def _segments(self) -> Path:
        return self.options.folder / "segments"

    def _begun(self, request: TakeRequest, folder: Path) -> _Shot:
        order = write_order(request, self.models)
        clip = first_clip(order, self.models)
        if self.options.rung == Rung.DRAFT and len(order.lengths) == 1:
            clip = replace(clip, keep_as=folder / f"{clip.key}.latents.pt")
        shot = _Shot(order, clip)
        while len(shot.done) + 1 < len(order.lengths) and (found := find_segment(shot.clip, self._segments)):
            self._go_on(shot, found)
        return shot

    def _go_on(self, shot: _Shot, segment: ClipResult) -> None:
        """To the segment after this one."""
        assert segment.last_image
        shot.done.append(segment)
        shot.clip = next_clip(shot.clip, segment.last_image, len(shot.done), shot.order, self.models)

    def _round(
        self, shots: Sequence[_Shot], folder: Path, progress: Progress
    ) -> Iterator[tuple[_Shot, ClipResult]]:
        """One clip of every shot, those of one checkpoint together."""
        by_checkpoint: dict[str, list[_Shot]] = {}
        for shot in shots:
            by_checkpoint.setdefault(self._checkpoint(shot).where, []).append(shot)
        for together in by_checkpoint.values():
            by_key = {shot.clip.key: shot for shot in together}
            try:
                engine = self.models.engine(self._checkpoint(together[0]))
            except ReelsheetError as error:
                yield from ((shot, ClipResult(clip=shot.clip, error=error)) for shot in together)
                continue
            told = self._told(by_key, progress)
            for result in engine.run([shot.clip for shot in together], folder, told):
                yield by_key[result.clip.key], result

    def _checkpoint(self, shot: _Shot) -> Checkpoint:
        return self.models.from_picture if shot.done else shot.order.checkpoint

    def _told(self, shots: Mapping[str, _Shot], progress: Progress) -> Watch:
        """Ticks as the port's progress: steps of the shot over both experts and all segments."""
        behind: dict[str, int] = {}

        def tell(tick: Tick) -> None:
            if self._watch:
                self._watch(tick)
            shot = shots[tick.key]
            steps = shot.clip.sampling.steps
            if tick.done == tick.total and tick.stage is not Stage.ENCODE:
                _log.info("%s", _behind(tick))
            made = behind.setdefault(tick.key, len(shot.done) * steps)
            if tick.stage in (Stage.HIGH, Stage.LOW):
                behind[tick.key] = made = made + 1
            progress(tick.clip, made, steps * len(shot.order.lengths), _here(tick))

        return tell

    def _outcome(self, shot: _Shot, result: ClipResult, folder: Path) -> TakeOutcome:
        request = shot.order.request
        if result.error or not shot.done:
            kept = result.clip.keep_as
            beside = {LATENTS: kept} if kept and kept.is_file() else {}
            return TakeOutcome(
                request=request, path=result.path, error=result.error, beside=beside, facts=result.facts
            )
        assert result.path
        segments = [*shot.done, result]
        path = folder / f"{result.clip.key}.joined.mp4"
        try:
            join_files([segment.path for segment in segments if segment.path], path, request.spec.fps)
        except ReelsheetError as error:
            return TakeOutcome(request=request, path=None, error=error)
        facts: dict[str, Json] = {"segments": [dict(segment.facts) for segment in segments]}
        return TakeOutcome(request=request, path=path, facts=facts)


USUAL_TFLOPS = 500.0
"""What the official release reaches on an H100 (501, docs/wan.md)."""


def _elsewhere(work: float, tflops: float | None) -> Estimate:
    """Of a take of so many PFLOP on a device that nobody here can look at."""
    rate = tflops or USUAL_TFLOPS
    whose = "the rate that was set" if tflops else "an H100's; set tflops to that of your devices"
    return Estimate(
        gpu_seconds=work * 1e3 / rate,
        basis=f"wan: on another machine, {work:.3g} PFLOP a take at {rate:g} TFLOP/s, {whose}.",
    )


_PIECES = {Stage.ENCODE: "texts", Stage.DECODE: "latent frames"}


def _behind(tick: Tick) -> str:
    """What is told of a clip's stage where nobody sees a bar."""
    clip = f"{tick.stage} of {tick.clip} done, clip {tick.number} of {tick.clips}"
    return f"{clip}: {_speed(tick)}"


def _here(tick: Tick) -> str:
    """What is told beside a bar."""
    return f"{tick.stage}, clip {tick.number} of {tick.clips}, {_speed(tick)}"


def _speed(tick: Tick) -> str:
    what = _PIECES.get(tick.stage, "steps")
    left = "" if tick.seconds_left is None else f", about {_spoken(tick.seconds_left)} left"
    return f"{tick.rate:.3g} {what}/s{left}"


def _spoken(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"
