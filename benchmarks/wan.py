"""Time, rate and memory of the Wan engine against diffusers' own pipeline on the same weights.

``python -m benchmarks.wan`` on a machine with CUDA builds the T2V-A14B architecture at full size with random
weights and prints Markdown as it goes, the most important first; ``--minutes`` (9) is the time that it takes
at most, and what would not end in time is left out by name. Without CUDA it says so and runs a toy.

Parts, in order: ``rates`` of the device (matrix products, attention kernels), ``staged`` (the engine),
``decode`` (ways to decode), ``diffusers`` (its pipeline with model and with group offload), ``compiled`` (the
engine with compiled blocks).
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from diffusers.models.attention_dispatch import AttentionBackendName, dispatch_attention_fn

from benchmarks.wan_diffusers import diffusers
from benchmarks.wan_run import (
    FULL,
    GB,
    GROUP_OFFLOAD,
    MODEL_OFFLOAD,
    NO_GUIDANCE,
    SETTING_UP,
    STAGED,
    TOY,
    VARIANT,
    Case,
    Row,
    Run,
    at_most,
    best,
    clips_of,
    guarded,
    matrix_rate,
    reset,
    said,
    show,
    tell,
)
from benchmarks.wan_size import RandomBench, RandomExperts, enlarge, filled
from campaign.errors import ReelsheetError
from model.wan.checkpoint import EXPERTS, TEXT_ENCODER, TOKENIZER, Checkpoint, open_checkpoint
from model.wan.choices import ATTENTION
from model.wan.clip import Clip, Stage, Tick
from model.wan.decode import decoded
from model.wan.device import look_at, wait
from model.wan.engine import Engine
from model.wan.foresight import clip_work
from model.wan.load import COMPUTE, load_vae
from model.wan.options import Precision, WanOptions
from model.wan.speed import choose_attention
from model.wan.tiny import save_tiny_checkpoint


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
    if unknown := [number for number in numbers if number not in range(len(all_cases))]:
        parser.error(f"there is no case {unknown[0]}; there are 0 to {len(all_cases) - 1}")
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
        backend = AttentionBackendName(kernel.backend)
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
