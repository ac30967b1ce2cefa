"""Time, rate and memory of the Wan engine against diffusers' own pipeline on the same weights.

``python -m benchmarks.wan`` on a machine with CUDA builds the T2V-A14B architecture at full size with random
weights and prints Markdown as it goes, the most important first; ``--minutes`` (9) is the time that it takes
at most, and what would not end in time is left out by name. Without CUDA it says so and runs a toy.

Parts, in order: ``rates`` of the device (matrix products, attention kernels), ``staged`` (the engine),
``decode`` (ways to decode), ``diffusers`` (its pipeline with model and with group offload), ``compiled`` (the
engine with compiled blocks).
"""

import argparse
import gc
import signal
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from diffusers import UniPCMultistepScheduler, WanPipeline
from diffusers.hooks import apply_group_offloading
from diffusers.models.attention_dispatch import AttentionBackendName, dispatch_attention_fn

from benchmarks.wan_size import RandomBench, RandomExperts, enlarge, filled, random_expert
from campaign.errors import ReelsheetError
from model.wan.checkpoint import EXPERTS, SCHEDULER, TEXT_ENCODER, TOKENIZER, Checkpoint, open_checkpoint
from model.wan.clip import Clip, Stage, Tick
from model.wan.decode import decoded
from model.wan.device import look_at, release, wait
from model.wan.engine import Engine
from model.wan.foresight import clip_work
from model.wan.load import COMPUTE, load_text_encoder, load_tokenizer, load_vae
from model.wan.options import Precision, WanOptions
from model.wan.residency import Device
from model.wan.shelf import Shelf
from model.wan.speed import ATTENTION, choose_attention
from model.wan.tiny import save_tiny_checkpoint
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
COMPARED = 2
"""Clips that diffusers' pipeline makes: nothing of it is shared by clips, so two tell what eight would."""


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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--minutes", type=float, default=9.0, help="after starting; 9 end within ten")
    parser.add_argument("--parts", default=",".join(PARTS), help="some of them, with commas between")
    parser.add_argument("--cases", help="numbers of cases, from 0, with commas between")
    parser.add_argument("--attention", default="auto")
    parser.add_argument("--residency", default="auto")
    parser.add_argument("--memory", type=float, help="GB of the device that may be used")
    asked = parser.parse_args()
    if unknown := [part for part in asked.parts.split(",") if part not in PARTS]:
        parser.error(f"there is no part {unknown[0]}; there are {', '.join(PARTS)}")
    cuda = asked.device != "cpu"
    all_cases = FULL if cuda else TOY
    numbers = [int(number) for number in asked.cases.split(",")] if asked.cases else range(len(all_cases))
    try:
        device = look_at(asked.device)
    except ReelsheetError as error:
        parser.error(str(error))
    if not cuda:
        tell("No CUDA device: a toy of two thin layers runs instead. Its figures say nothing of Wan2.2.\n")
    with tempfile.TemporaryDirectory() as folder, at_most(asked.minutes) as ends:
        found, options = weights(Path(folder), asked, cuda)
        run = Run(
            found=found, options=options, device=device, ends=ends,
            cases=tuple(all_cases[number] for number in numbers),
        )  # fmt: skip
        head(run)
        for part in asked.parts.split(","):
            with guarded(part, run):
                PARTS[part](run)
        aims(run)


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


def weights(root: Path, asked: argparse.Namespace, cuda: bool) -> tuple[Checkpoint, WanOptions]:
    """The checkpoint, and what the engine is to do with it."""
    save_tiny_checkpoint(root / "weights", VARIANT.name)
    if cuda:
        enlarge(root / "weights")
    found = open_checkpoint(str(root / "weights"))
    return found, WanOptions(
        checkpoint=found.where,
        device=asked.device,
        precision=Precision.BF16 if cuda else Precision.FP32,
        folder=root / "wan",
        attention=asked.attention,
        residency=asked.residency,
        memory=asked.memory and int(asked.memory * GB),
    )


def head(run: Run) -> None:
    """What the figures are of."""
    device, named = run.device, {name: version(name) for name in ("torch", "diffusers", "transformers")}
    tell(
        f"{time.strftime('%Y-%m-%d')}: {device.label}, {device.memory / GB:.0f} GB, machine "
        f"{device.host_memory / GB:.0f} GB; {', '.join(f'{name} {its}' for name, its in named.items())}"
        + (f", CUDA {torch.version.cuda}, cuDNN {torch.backends.cudnn.version()}" if run.cuda else "")
        + f"; random weights, {run.options.precision}, VAE {run.options.vae_precision}; "
        f"TF32 in convolutions {'on' if torch.backends.cudnn.allow_tf32 else 'off'}."
    )


def rates(run: Run) -> None:
    """What the device gives at most: matrices, and attention at the size of 720p and 81 frames."""
    heads, width, tokens = (40, 128, 75_600) if run.cuda else (2, 12, 96)
    tell(f"\nMatrix products: {matrix_rate(run) / 1e12:.3g} TFLOP/s.\n")
    tell(f"| attention, {tokens} tokens | TFLOP/s |\n|---|---:|")
    compute = COMPUTE[run.options.precision]
    query, key, value = (
        torch.randn(1, tokens, heads, width, device=run.device.name, dtype=compute) for _ in range(3)
    )
    for name, kernel in ATTENTION.items():
        try:
            choose_attention(name, run.device.name, compute)
        except ReelsheetError:
            tell(f"| {name} | does not run here |")
            continue
        backend = AttentionBackendName(kernel.backend or "native")
        with guarded(f"attention {name}", run):
            seconds = best(run, lambda to=backend: dispatch_attention_fn(query, key, value, backend=to), 4)
            tell(f"| {name} | {4 * tokens**2 * heads * width / seconds / 1e12:.3g} |")


def staged(run: Run) -> None:
    """The engine over the whole wave, with what its plan holds already held."""
    _staged(run, STAGED, compiled=False)
    for case in run.cases:
        if (row := run.rows.get((case.name, STAGED))) and case.guidance != NO_GUIDANCE and row.decode:
            few = 4 * row.step / 2 + row.decode
            tell(
                f"\n{case.name.rsplit(', ', 1)[0]} in 4 steps without guidance, from the same figures (four "
                f"half steps and the decoding; words left out): {few:.2f} s a clip."
            )


def compiled(run: Run) -> None:
    """The engine with compiled blocks: the first and the last case."""
    ends = tuple(
        dict.fromkeys((run.cases[0], replace(run.cases[-1], measured=min(run.cases[-1].measured, 3))))
    )
    _staged(replace(run, cases=ends), f"{STAGED}, compiled", compiled=True)


def _staged(run: Run, way: str, compiled: bool) -> None:
    options = replace(run.options, compile=compiled)
    devices = dict.fromkeys((Stage.HIGH, Stage.LOW), run.device)
    identity = dict.fromkeys((TOKENIZER, TEXT_ENCODER), "random")
    bench = RandomBench.of(run.found, identity, options, devices, {})
    bench.experts = RandomExperts(run.found, options.precision, {}, bench.attention, compiled, {})
    bench.experts.works_on = run.device.name
    engine = Engine(bench)
    try:
        with guarded(f"{way}, warming up", run):
            began = time.perf_counter()
            warm = replace(run.cases[0], name="warm", clips=1)
            made(engine, clips_of(warm, warm.measured), lambda _: None)
            tell(
                f"\n{way}: first clip, weights drawn and kernels loaded: {time.perf_counter() - began:.1f} s."
            )
        for case in run.cases:
            before = run.rows.get((case.name, STAGED))
            need = before.clip * case.clips * case.measured / case.steps + SETTING_UP if before else 0.0
            if run.fits(f"{way}, {case.name}", need):
                with guarded(f"{way}, {case.name}", run):
                    show(run, case, way, wave(engine, case))
    finally:
        engine.close()


def wave(engine: Engine, case: Case) -> Row:
    """One wave of the case."""
    gaps: list[float] = []
    began = last = time.perf_counter()

    def watch(tick: Tick) -> None:
        nonlocal last
        now = time.perf_counter()
        # A clip's first step in a stage has loading, reading and parking before it.
        if tick.done > 1 and tick.stage in (Stage.HIGH, Stage.LOW):
            gaps.append(now - last)
        last = now

    facts = made(engine, clips_of(case, case.measured), watch)
    step, whole = statistics.median(gaps), (time.perf_counter() - began) / case.clips
    return Row(
        step=step,
        clip=whole + step * (case.steps - case.measured),
        decode=sum(float(one["stage_seconds"]["decode"]) for one in facts) / case.clips,
        peaks={name: int(peak) for name, peak in facts[-1]["stage_peak_bytes"].items()},
        measured=case.measured,
        plan=f"{facts[-1]['plan']}; attention {facts[-1]['attention']}",
    )


def made(engine: Engine, clips: list[Clip], watch: Callable[[Tick], None]) -> list[Any]:
    """What is told of each clip's making.

    Raises:
        ReelsheetError: one failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        results = list(engine.run(clips, Path(folder), watch))
    for result in results:
        if result.error:
            raise result.error
    return [result.facts for result in results]


def decode(run: Run) -> None:
    """Ways to decode the largest case: seconds of 81 frames, from those of 17 without the first."""
    case = run.cases[-1]
    frames = (case.num_frames - 1) // 4 + 1
    shape = (1, 16, min(frames, 5), case.height // 8, case.width // 8)
    tell(f"\n| decoding {case.width}x{case.height} | s a clip | peak GB |\n|---|---:|---:|")
    for precision in (Precision.FP32, Precision.BF16):
        for layout, searched in ((None, False), (torch.channels_last_3d, False), (None, True)):
            how = f"{precision}" + (", channels last" if layout else "") + (", cuDNN searches" * searched)
            if not run.fits(f"decoding, {how}", 20):
                return
            with guarded(f"decoding, {how}", run), searching(searched):
                vae = filled(load_vae(run.found, run.device.name, precision), run.device.name)
                for layer in vae.modules() if layout else ():
                    if isinstance(layer, torch.nn.Conv3d):
                        layer.weight.data = layer.weight.data.contiguous(memory_format=layout)
                latents = torch.randn(shape, device=run.device.name)
                peak = reset(run)
                times = [arrival for _ in range(2) for arrival in arrivals(run, latents, vae)]
                each = statistics.median(after - before for before, after in pairwise(times[shape[2] :]))
                tell(f"| {how} | {each * frames:.2f} | {said(peak())} |")
                del vae


@contextmanager
def searching(on: bool) -> Iterator[None]:
    """While cuDNN tries its ways to convolve, or takes the one that it thinks best."""
    before = torch.backends.cudnn.benchmark
    torch.backends.cudnn.benchmark = on
    try:
        yield
    finally:
        torch.backends.cudnn.benchmark = before


def arrivals(run: Run, latents: torch.Tensor, vae: Any) -> Iterator[float]:
    """When each piece is there."""
    for _ in decoded(latents, vae):
        wait(run.device.name)
        yield time.perf_counter()


def diffusers(run: Run) -> None:
    """The pipeline of diffusers, a clip at a time, with the same kernels."""
    if not run.fits("diffusers' pipeline", SETTING_UP * 1.5 if run.cuda else 0.0):
        return
    attention = choose_attention(run.options.attention, run.device.name, COMPUTE[run.options.precision])
    pipe = whole_pipeline(run, ATTENTION[attention].backend)
    if not run.cuda:
        pipeline(run, pipe, "diffusers, a clip at a time")
        return
    pipe.enable_model_cpu_offload(device=run.device.name)
    pipeline(run, pipe, MODEL_OFFLOAD)
    pipe.remove_all_hooks()
    pipe.to("cpu")
    release(run.device.name)
    if run.fits(GROUP_OFFLOAD, SETTING_UP):
        stream_groups(run, pipe)
        pipeline(run, pipe, GROUP_OFFLOAD)


def pipeline(run: Run, pipe: Any, way: str) -> None:
    """Every case in one way; after one clip that warms it up."""
    with guarded(f"{way}, warming up", run):
        call_pipeline(run, pipe, clips_of(run.cases[0], run.cases[0].measured)[0])
    for case in run.cases:
        own = run.rows.get((case.name, STAGED))
        swaps = 25.0 if way == MODEL_OFFLOAD else 0.0
        clips, steps, need = min(case.clips, COMPARED), case.measured, 0.0
        if own:
            left = run.ends - time.monotonic()
            fixed = (own.decode or 0.0) + swaps + 10
            while steps > 2 and case.clips == 1 and steps * own.step * 1.2 + fixed > left:
                steps -= 1
            need = clips * (steps * own.step * 1.2 + fixed)
        if not run.fits(f"{way}, {case.name}", need):
            continue
        with guarded(f"{way}, {case.name}", run):
            peak, gaps = reset(run), []
            began = time.perf_counter()
            for clip in clips_of(case, steps)[:clips]:
                times = call_pipeline(run, pipe, clip)
                gaps += [after - before for before, after in pairwise(times)]
            whole, step = (time.perf_counter() - began) / clips, statistics.median(gaps)
            row = Row(
                step=step, clip=whole + step * (case.steps - steps), decode=None,
                peaks={"whole": most} if (most := peak()) else {}, measured=steps,
            )  # fmt: skip
            show(run, case, way, row)


def whole_pipeline(run: Run, backend: str | None) -> Any:
    """On the machine's memory."""
    device, precision = run.device.name, run.options.precision
    parts = {name: random_expert(run.found, name, "cpu", device, precision) for name in EXPERTS}
    for expert in parts.values():
        expert.set_attention_backend(backend or "native")
    config = UniPCMultistepScheduler.from_pretrained(run.found.path / SCHEDULER).config
    pipe = WanPipeline(
        tokenizer=load_tokenizer(run.found),
        text_encoder=filled(load_text_encoder(run.found, "cpu", precision), device),
        vae=filled(load_vae(run.found, "cpu", run.options.vae_precision), device),
        scheduler=UniPCMultistepScheduler.from_config(config, flow_shift=VARIANT.sampling.flow_shift),
        boundary_ratio=VARIANT.sampling.boundary,
        **parts,
    )
    pipe.set_progress_bar_config(disable=True)
    return pipe


def call_pipeline(run: Run, pipe: Any, clip: Clip) -> list[float]:
    """When each step was done."""
    times: list[float] = []

    def each(_pipe: Any, _step: int, _time: Any, values: dict[str, Any]) -> dict[str, Any]:
        wait(run.device.name)
        times.append(time.perf_counter())
        return values

    guidance = clip.sampling.guidance
    pipe(
        prompt=clip.prompt, negative_prompt=clip.negative_prompt, width=clip.width, height=clip.height,
        num_frames=clip.num_frames, num_inference_steps=clip.sampling.steps, guidance_scale=guidance.high,
        guidance_scale_2=guidance.low, generator=torch.Generator().manual_seed(clip.seed),
        callback_on_step_end=each,
    )  # fmt: skip
    return times


def stream_groups(run: Run, pipe: Any) -> None:
    """Blocks streamed one ahead, as diffusers' documentation sets it up for Wan."""
    streamed = {
        "onload_device": torch.device(run.device.name),
        "offload_device": torch.device("cpu"),
        "offload_type": "block_level",
        "num_blocks_per_group": 1,
        "use_stream": True,
        "record_stream": True,
    }
    for part in (pipe.transformer, pipe.transformer_2, pipe.text_encoder):
        # It would pin each tensor by itself, which takes half as much again as there is.
        Shelf(pinned=True).put_all(part)
        apply_group_offloading(part, **streamed)
    pipe.vae.to(run.device.name)


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


def aims(run: Run) -> None:
    """What was aimed at on one H200, and what came of it; a clip of 4 steps is one without guidance."""
    if not run.cuda or len(run.cases) < len(FULL):
        return
    short, long, full = (run.rows.get((case.name, STAGED)) for case in FULL)
    offloads = {way: run.rows.get((FULL[1].name, way)) for way in (MODEL_OFFLOAD, GROUP_OFFLOAD)}
    shorts = {way: run.rows.get((FULL[0].name, way)) for way in (MODEL_OFFLOAD, GROUP_OFFLOAD)}
    work = clip_work(run.found, clips_of(FULL[2], FULL[2].steps)[0])
    one = run.found.parameters(EXPERTS[0]) * COMPUTE[run.options.precision].itemsize
    held = engine_holds_both(full, one)
    lines = {
        "720p, 81 frames, 40 steps: at least 600 TFLOP/s": full and f"{work / full.clip / 1e12:.0f}",
        "720p, 4 steps: at most 44 s a clip": full and full.decode and f"{2 * full.step + full.decode:.1f}",
        "480p, 81 frames, 4 steps: at most 14 s a clip": long and f"{long.clip:.1f}",
        "480p, 4 steps: at least 1.3 times model offload": times_of(long, offloads[MODEL_OFFLOAD])
        or times_of(short, shorts[MODEL_OFFLOAD]),
        "480p, 4 steps: not slower than group offload": times_of(long, offloads[GROUP_OFFLOAD])
        or times_of(short, shorts[GROUP_OFFLOAD]),
        "720p: within 80 GB with one expert on the device": full
        and full.peaks
        and f"{(max(full.peaks.values()) - held) / GB:.1f} GB, the other expert taken off",
    }
    tell("\n| aim | measured |\n|---|---|")
    for aim, value in lines.items():
        tell(f"| {aim} | {value or 'not measured'} |")


def engine_holds_both(row: Row | None, one: int) -> int:
    """Bytes of the expert that does not work, where it lay on the device all the same."""
    return one if row and row.peaks and max(row.peaks.values()) > 2 * one else 0


def times_of(own: Row | None, other: Row | None) -> str | None:
    return f"{other.clip / own.clip:.2f} times" if own and other else None


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
    if not run.cuda:
        return lambda: 0
    torch.cuda.reset_peak_memory_stats(run.device.name)
    return lambda: torch.cuda.max_memory_allocated(run.device.name)


def said(size: int) -> str:
    return f"{size / GB:.1f}" if size else "not counted"


def tell(text: str) -> None:
    print(text, flush=True)


PARTS: dict[str, Callable[[Run], None]] = {
    "rates": rates,
    "staged": staged,
    "decode": decode,
    "diffusers": diffusers,
    "compiled": compiled,
}
"""By name, the most important first."""


if __name__ == "__main__":
    main()
