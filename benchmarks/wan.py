"""Time, rate and memory of the Wan engine against diffusers' own pipeline on the same weights.

``python -m benchmarks.wan`` on a machine with CUDA builds the T2V-A14B architecture at full size. Its weights
are random: time and memory do not depend on their values, pictures would. The files of the checkpoint are
holes on disk (right headers, no data), so loading is not as slow as from a real disk. Without CUDA it says so
and runs a toy.
"""

import argparse
import gc
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKLWan, UniPCMultistepScheduler, WanPipeline, WanTransformer3DModel
from diffusers.hooks import apply_group_offloading
from transformers import UMT5Config, UMT5EncoderModel

from model.wan.bench import Bench
from model.wan.checkpoint import EXPERTS, SCHEDULER, TEXT_ENCODER, TOKENIZER, Checkpoint, open_checkpoint
from model.wan.clip import Clip, Stage, Tick
from model.wan.device import look_at, release
from model.wan.engine import Engine
from model.wan.experts import Experts
from model.wan.foresight import clip_work
from model.wan.load import load_expert, load_text_encoder, load_tokenizer, load_vae
from model.wan.options import Precision, WanOptions
from model.wan.tiny import save_tiny_checkpoint
from model.wan.variants import VARIANTS, Guidance

VARIANT = VARIANTS["t2v-a14b"]
FULL_VAE = {"base_dim": 96, "z_dim": 16, "dim_mult": [1, 2, 4, 4], "num_res_blocks": 2, "attn_scales": []}
FULL_TEXT = {
    "d_model": 4096,
    "d_kv": 64,
    "d_ff": 10240,
    "num_layers": 24,
    "num_heads": 64,
    "vocab_size": 256384,
}
NO_GUIDANCE = Guidance(high=1.0, low=1.0)
MATRIX = 8192
"""Side of the square matrices whose product gives the device's own rate."""
WAN_PROMPT = "一片茶叶在水中慢慢展开，镜头缓慢推进"


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
        name="720p, 81 frames, 40 steps", width=1280, height=720, num_frames=81, steps=40, measured=6,
        clips=1, guidance=VARIANT.sampling.guidance,
    ),
    Case(
        name="480p, 81 frames, 4 steps", width=832, height=480, num_frames=81, steps=4, measured=4, clips=8,
        guidance=NO_GUIDANCE,
    ),
    Case(
        name="480p, 17 frames, 4 steps", width=832, height=480, num_frames=17, steps=4, measured=4, clips=8,
        guidance=NO_GUIDANCE,
    ),
)  # fmt: skip
TOY = (
    Case(
        name="toy: 64x48, 9 frames, 4 steps", width=64, height=48, num_frames=9, steps=4, measured=4, clips=4,
        guidance=NO_GUIDANCE,
    ),
)  # fmt: skip


@dataclass(slots=True, kw_only=True)
class Row:
    way: str
    step: float
    """Seconds."""
    clip: float
    """Seconds of a whole clip, everything in."""
    decode: float | None
    peaks: dict[str, int]
    """Bytes by stage."""


class RandomExperts(Experts):
    """Experts whose holes are filled with noise: zeros would draw less power and clock higher."""

    def read(self, stage: Stage, device: str) -> Any:
        return filled(super().read(stage, self.device)).to(device)

    device = "cuda"


class RandomBench(Bench):
    """Likewise for text encoder and VAE."""

    def text_side(self) -> tuple[Any, Any]:
        tokenizer, encoder = super().text_side()
        return tokenizer, filled(encoder)

    def vae(self) -> Any:
        return filled(super().vae())


def filled(model: Any) -> Any:
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(0.0, 0.02)
    return model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--only", type=int, help="number of one case, from 0")
    parser.add_argument("--attention", default="auto")
    parser.add_argument("--residency", default="auto")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--baselines", action=argparse.BooleanOptionalAction, default=True)
    asked = parser.parse_args()
    cuda = asked.device != "cpu"
    if not cuda:
        print("No CUDA device: a toy of two thin layers runs instead. Its figures say nothing of Wan2.2.")
    device = look_at(asked.device)
    rate = matrix_rate(asked.device, MATRIX if cuda else 512)
    print(
        f"{time.strftime('%Y-%m-%d')}: {device.label}, {device.memory / 1e9:.0f} GB, "
        f"torch {version('torch')}, diffusers {version('diffusers')}; "
        f"measured matrix rate {rate / 1e12:.3g} TFLOP/s; random weights"
    )
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        save_tiny_checkpoint(root / "weights", VARIANT.name)
        if cuda:
            enlarge(root / "weights")
        found = open_checkpoint(str(root / "weights"))
        options = WanOptions(
            checkpoint=found.where,
            device=asked.device,
            precision=Precision.BF16 if cuda else Precision.FP32,
            folder=root / "wan",
            attention=asked.attention,
            residency=asked.residency,
            compile=asked.compile,
        )
        cases = FULL if cuda else TOY
        for case in cases if asked.only is None else [cases[asked.only]]:
            report(case, found, options, rate, asked.baselines)


def report(case: Case, found: Checkpoint, options: WanOptions, rate: float, baselines: bool) -> None:
    """One case in every way, as rows of a Markdown table."""
    print(f"\n{case.name}, {case.clips} clip(s)" + extrapolated(case))
    print("| way | s/step | s/clip | TFLOP/s | of matrix rate | decode s | peak GB by stage |")
    print("|---|---|---|---|---|---|---|")
    work = clip_work(found, clips_of(case, case.steps)[0])
    for row in rows(case, found, options, baselines):
        achieved = work / row.clip
        peaks = ", ".join(f"{stage} {peak / 1e9:.1f}" for stage, peak in row.peaks.items()) or "not counted"
        decode = "in s/clip" if row.decode is None else f"{row.decode:.2f}"
        print(
            f"| {row.way} | {row.step:.3f} | {row.clip:.2f} | {achieved / 1e12:.3g} | "
            f"{achieved / rate:.0%} | {decode} | {peaks} |",
            flush=True,
        )


def rows(case: Case, found: Checkpoint, options: WanOptions, baselines: bool) -> Iterator[Row]:
    yield staged(case, found, options)
    if not baselines:
        return
    if options.device == "cpu":
        yield pipeline(case, found, options, "diffusers, a clip at a time", lambda _: None)
        return
    yield pipeline(case, found, options, "diffusers, model offload", lambda p: p.enable_model_cpu_offload())
    yield pipeline(case, found, options, "diffusers, group offload", stream_groups)


def staged(case: Case, found: Checkpoint, options: WanOptions) -> Row:
    """Our engine over the whole wave, after one clip that warms kernels up."""
    devices = dict.fromkeys((Stage.HIGH, Stage.LOW), look_at(options.device))
    identity = dict.fromkeys((TOKENIZER, TEXT_ENCODER), "random")
    bench = RandomBench.of(found, identity, replace(options, wave=case.clips), devices, {})
    bench.experts = RandomExperts(found, options.precision, {}, bench.attention, options.compile, {})
    bench.experts.device = options.device
    engine = Engine(bench)
    with tempfile.TemporaryDirectory() as folder:
        list(
            engine.run([replace(clips_of(case, 2)[0], key="warm", prompt="暖")], Path(folder), lambda _: None)
        )
        seconds: dict[Stage, list[float]] = {stage: [] for stage in Stage}
        began = last = time.perf_counter()

        def watch(tick: Tick) -> None:
            nonlocal last
            now = time.perf_counter()
            # A clip's first step in a stage has loading, reading and parking before it.
            if tick.done > 1:
                seconds[tick.stage].append(now - last)
            last = now

        results = list(engine.run(clips_of(case, case.measured), Path(folder), watch))
    whole = (time.perf_counter() - began) / case.clips
    for result in results:
        if result.error:
            raise result.error
    peaks = results[-1].facts["stage_peak_bytes"]
    assert isinstance(peaks, dict)
    steps = seconds[Stage.HIGH] + seconds[Stage.LOW]
    step = sorted(steps)[len(steps) // 2]
    decode = sum(float(result.facts["stage_seconds"]["decode"]) for result in results) / case.clips
    engine.close()
    return Row(
        way=f"staged, {engine.plan(clips_of(case, 1)).kind}, {bench.attention}",
        step=step,
        clip=whole + step * (case.steps - case.measured),
        decode=decode,
        peaks={name: int(peak) for name, peak in peaks.items()},
    )


def pipeline(
    case: Case, found: Checkpoint, options: WanOptions, way: str, place: Callable[[Any], None]
) -> Row:
    """One call of diffusers' pipeline a clip, its weights placed by ``place``."""
    cuda = options.device != "cpu"
    parts = {
        name: filled(load_expert(found, name, options.device, options.precision)).to("cpu")
        for name in EXPERTS
    }
    parts[TEXT_ENCODER] = filled(load_text_encoder(found, options.device, options.precision)).to("cpu")
    scheduler = UniPCMultistepScheduler.from_pretrained(found.path / SCHEDULER)
    pipe = WanPipeline(
        tokenizer=load_tokenizer(found),
        vae=filled(load_vae(found, options.device, Precision.FP32)).to("cpu"),
        scheduler=UniPCMultistepScheduler.from_config(
            scheduler.config, flow_shift=VARIANT.sampling.flow_shift
        ),
        boundary_ratio=VARIANT.sampling.boundary,
        **parts,
    )
    pipe.set_progress_bar_config(disable=True)
    place(pipe)
    if cuda:
        torch.cuda.reset_peak_memory_stats()
    steps: list[float] = []

    def each(_pipe: Any, _step: int, _time: Any, values: dict[str, Any]) -> dict[str, Any]:
        if cuda:
            torch.cuda.synchronize()
        steps.append(time.perf_counter())
        return values

    call_pipeline(pipe, clips_of(case, 2)[0], each)
    gaps: list[float] = []
    began = time.perf_counter()
    for clip in clips_of(case, case.measured):
        steps.clear()
        call_pipeline(pipe, clip, each)
        gaps += [after - before for before, after in pairwise(steps)]
    whole = (time.perf_counter() - began) / case.clips
    step = sorted(gaps)[len(gaps) // 2]
    peaks = {"whole": torch.cuda.max_memory_allocated()} if cuda else {}
    del pipe, parts
    gc.collect()
    release(options.device)
    return Row(way=way, step=step, clip=whole + step * (case.steps - case.measured), decode=None, peaks=peaks)


def call_pipeline(pipe: Any, clip: Clip, each: Callable[..., Any]) -> None:
    guidance = clip.sampling.guidance
    pipe(
        prompt=clip.prompt,
        negative_prompt=clip.negative_prompt,
        width=clip.width,
        height=clip.height,
        num_frames=clip.num_frames,
        num_inference_steps=clip.sampling.steps,
        guidance_scale=guidance.high,
        guidance_scale_2=guidance.low,
        generator=torch.Generator().manual_seed(clip.seed),
        callback_on_step_end=each,
    )


def stream_groups(pipe: Any) -> None:
    """Blocks streamed one ahead, as diffusers' documentation sets it up for Wan."""
    streamed = {
        "onload_device": torch.device("cuda"),
        "offload_device": torch.device("cpu"),
        "use_stream": True,
        "record_stream": True,
    }
    apply_group_offloading(pipe.text_encoder, offload_type="block_level", num_blocks_per_group=1, **streamed)
    for expert in (pipe.transformer, pipe.transformer_2):
        expert.enable_group_offload(offload_type="block_level", num_blocks_per_group=1, **streamed)
    pipe.vae.to("cuda")


def clips_of(case: Case, steps: int) -> list[Clip]:
    sampling = replace(VARIANT.sampling, steps=steps, guidance=case.guidance)
    return [
        Clip(
            key=f"{case.width}-{case.num_frames}-{seed}", name=f"clip {seed}", prompt=f"{WAN_PROMPT} {seed}",
            negative_prompt="红", width=case.width, height=case.height, num_frames=case.num_frames, fps=16,
            seed=seed, sampling=sampling,
        )
        for seed in range(case.clips)
    ]  # fmt: skip


def extrapolated(case: Case) -> str:
    missing = case.steps - case.measured
    return f"; {case.measured} steps measured, {missing} more extrapolated from them" if missing else ""


def matrix_rate(device: str, side: int) -> float:
    """Operations a second of the best of ten bf16 (CPU: fp32) matrix products."""
    cuda = device != "cpu"
    a, b = (torch.randn(side, side, device=device, dtype=torch.bfloat16 if cuda else None) for _ in range(2))
    best = float("inf")
    for _ in range(10):
        if cuda:
            torch.cuda.synchronize()
        began = time.perf_counter()
        a @ b
        if cuda:
            torch.cuda.synchronize()
        best = min(best, time.perf_counter() - began)
    return 2 * side**3 / best


def enlarge(folder: Path) -> None:
    """Put configs and holes of full size in the place of the toy's weights; the tokenizer stays."""
    with torch.device("meta"):
        expert = WanTransformer3DModel()
        text = UMT5EncoderModel(UMT5Config(**FULL_TEXT, feed_forward_proj="gated-gelu"))
        vae = AutoencoderKLWan(**FULL_VAE)
    for name in EXPERTS:
        expert.save_config(folder / name)
        make_hole(folder / name, "diffusion_pytorch_model", expert, "BF16")
    text.config.save_pretrained(folder / TEXT_ENCODER)
    make_hole(folder / TEXT_ENCODER, "model", text, "BF16")
    vae.save_config(folder / "vae")
    make_hole(folder / "vae", "diffusion_pytorch_model", vae, "F32")


def make_hole(folder: Path, base: str, model: Any, dtype: str) -> None:
    """A safetensors file with every tensor's name and shape and no data; it takes no room on disk."""
    size = {"BF16": 2, "F32": 4}[dtype]
    header, offset = {}, 0
    for name, parameter in model.named_parameters():
        end = offset + parameter.numel() * size
        header[name] = {"dtype": dtype, "shape": list(parameter.shape), "data_offsets": [offset, end]}
        offset = end
    text = json.dumps(header).encode()
    for old in folder.glob("*.safetensors"):
        old.unlink()
    with (folder / f"{base}.safetensors").open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        file.truncate(8 + len(text) + offset)


if __name__ == "__main__":
    main()
