"""One run of the Wan benchmark: its cases, the time that it has left, and how it tells what it found."""

import gc
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import torch

from model.wan.checkpoint import Checkpoint
from model.wan.clip import Clip
from model.wan.device import peak_memory, release, reset_peak, wait
from model.wan.foresight import clip_work
from model.wan.load import COMPUTE
from model.wan.options import WanOptions
from model.wan.residency import Device
from model.wan.variants import VARIANTS, Guidance

VARIANT = VARIANTS["t2v-a14b"]
NO_GUIDANCE = Guidance(high=1.0, low=1.0)
MATRIX = 8192
"""Side of the square matrices whose product gives the device's own rate."""
WAN_PROMPT = "一片茶叶在水中慢慢展开，镜头缓慢推进"
GB = 1e9
SETTING_UP = 40.0
"""Seconds that a part takes before it measures: weights drawn and moved. A guess, for the time plan alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    name: str
    width: int
    height: int
    num_frames: int
    steps: int
    """Of the job."""
    measured: int
    """Steps that are made; the rest is extrapolated."""
    clips: int
    guidance: Guidance


FULL = (
    Case(
        name="480p, 17 frames, 4 steps", width=832, height=480, num_frames=17, steps=4, measured=4, clips=8,
        guidance=NO_GUIDANCE,
    ),
    Case(
        name="480p, 81 frames, 4 steps", width=832, height=480, num_frames=81, steps=4, measured=4, clips=8,
        guidance=NO_GUIDANCE,
    ),
    Case(
        name="720p, 81 frames, 40 steps", width=1280, height=720, num_frames=81, steps=40, measured=6,
        clips=1, guidance=VARIANT.sampling.guidance,
    ),
)  # fmt: skip
"""From the shortest to the longest."""
TOY = (
    Case(
        name="toy: 64x48, 9 frames, 4 steps", width=64, height=48, num_frames=9, steps=4, measured=4, clips=4,
        guidance=NO_GUIDANCE,
    ),
    Case(
        name="toy: 64x48, 9 frames, 40 steps", width=64, height=48, num_frames=9, steps=40, measured=6,
        clips=1, guidance=VARIANT.sampling.guidance,
    ),
)  # fmt: skip
STAGED, MODEL_OFFLOAD, GROUP_OFFLOAD = "staged", "diffusers, model offload", "diffusers, group offload"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    step: float
    """Seconds; the median."""
    clip: float
    """Seconds of a whole clip, everything in."""
    decode: float | None
    peaks: dict[str, int]
    """Bytes by stage."""
    measured: int
    """Steps."""
    plan: str = ""
    """Of the engine: where the weights lay."""


class TimeUp(BaseException):
    """The run may take no longer. Not an `Exception`, so that no guard takes it for a part's failure."""


@dataclass(kw_only=True)
class Run:
    """What is measured, on what, with what is known so far."""

    found: Checkpoint
    options: WanOptions
    device: Device
    cases: tuple[Case, ...]
    ends: float
    rate: float = 0.0
    """Operations a second of the device's best matrix product."""
    rows: dict[tuple[str, str], Row] = field(default_factory=dict)
    """By case and way."""

    @property
    def cuda(self) -> bool:
        return self.device.name != "cpu"

    def fits(self, what: str, seconds: float) -> bool:
        """Whether there is time for it; says so where there is not."""
        left = self.ends - time.monotonic()
        if seconds <= left:
            return True
        tell(f"Left out: {what}: takes about {seconds:.0f} s, {max(left, 0):.0f} s are left of --minutes.")
        return False


@contextmanager
def at_most(minutes: float) -> Iterator[float]:
    """Gives the end on the monotonic clock; what runs longer is broken off with a sentence."""

    def over(*_: object) -> None:
        raise TimeUp

    signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, minutes * 60)
    try:
        yield time.monotonic() + minutes * 60
    except TimeUp:
        tell(f"\nBroken off: the {minutes:g} minutes are over. What is not above was not measured.")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


@contextmanager
def guarded(what: str, run: Run) -> Iterator[None]:
    """A failure is a sentence, and the rest goes on."""
    try:
        yield
    except torch.OutOfMemoryError as error:
        tell(f"Not measured: {what}: the device is full. {str(error).splitlines()[0]}")
    except Exception as error:
        said = str(error).strip().splitlines() or ["no reason is given"]
        tell(f"Not measured: {what}: {type(error).__name__}: {said[0]}")
    gc.collect()
    release(run.device.name)


def show(run: Run, case: Case, way: str, row: Row) -> None:
    """One row, with its head."""
    run.rows[case.name, way] = row
    missing = case.steps - row.measured
    tell(
        (f"\n{row.plan}\n" if row.plan else "")
        + f"\n{case.name}, {case.clips} clip(s)"
        + (f"; {row.measured} steps measured, {missing} more extrapolated from them" if missing else "")
        + "\n\n| way | s/step | s/clip | TFLOP/s | of matrix rate | decode s | peak GB by stage |"
        + "\n|---|---:|---:|---:|---:|---:|---|"
    )
    achieved = clip_work(run.found, clips_of(case, case.steps)[0]) / row.clip
    peaks = ", ".join(f"{stage} {said(peak)}" for stage, peak in row.peaks.items()) or "not counted"
    tell(
        f"| {way} | {row.step:.3f} | {row.clip:.2f} | {achieved / 1e12:.3g} | "
        f"{achieved / matrix_rate(run):.0%} | "
        f"{'in s/clip' if row.decode is None else f'{row.decode:.2f}'} | {peaks} |"
    )
    if (own := run.rows.get((case.name, STAGED))) and way != STAGED:
        tell(f"\nStaged is {row.clip / own.clip:.2f} times as fast as {way}.")


def clips_of(case: Case, steps: int) -> list[Clip]:
    sampling = replace(VARIANT.sampling, steps=steps, guidance=case.guidance)
    return [
        Clip(
            key=f"{case.name}-{seed}", name=f"clip {seed}", prompt=f"{WAN_PROMPT}，{case.name} {seed}",
            negative_prompt="红", width=case.width, height=case.height, num_frames=case.num_frames, fps=16,
            seed=seed, sampling=sampling,
        )
        for seed in range(case.clips)
    ]  # fmt: skip


def matrix_rate(run: Run) -> float:
    """Operations a second of the best of ten matrix products, measured once."""
    if not run.rate:
        side = MATRIX if run.cuda else 512
        compute = COMPUTE[run.options.precision]
        a, b = (torch.randn(side, side, device=run.device.name, dtype=compute) for _ in range(2))
        run.rate = 2 * side**3 / best(run, lambda: a @ b, 10)
    return run.rate


def best(run: Run, do: Callable[[], object], times: int) -> float:
    """Seconds of the quickest of so many."""
    seconds = []
    for _ in range(times):
        wait(run.device.name)
        began = time.perf_counter()
        do()
        wait(run.device.name)
        seconds.append(time.perf_counter() - began)
    return min(seconds)


def reset(run: Run) -> Callable[[], int]:
    """Begin to look for the fullest moment; gives what tells its bytes, 0 where they are not counted."""
    reset_peak(run.device.name)
    return lambda: peak_memory(run.device.name) or 0


def said(size: int) -> str:
    return f"{size / GB:.1f}" if size else "not counted"


def tell(text: str) -> None:
    print(text, flush=True)
