"""Clips made on a device with a memory of its own, in every way the engine has: ``makes.py LIBRARY FOLDER``.

A process of its own, since torch knows the device for good. Prints what came of each way as JSON.
"""

import gc
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import device
import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file

from model.backend import Leave
from model.wan import load
from model.wan.bench import Bench
from model.wan.checkpoint import Checkpoint, open_checkpoint
from model.wan.clip import Clip, ClipResult, Stage, Start, Tick, Watch
from model.wan.device import look_at
from model.wan.engine import Engine
from model.wan.identity import weights_identity
from model.wan.lora import Lora, read_lora
from model.wan.options import Precision, WanOptions
from model.wan.residency import GB, Device
from model.wan.tiny import save_tiny_checkpoint
from model.wan.variants import VARIANTS

FIRST, SECOND = f"{device.NAME}:0", f"{device.NAME}:1"
EXPERTS = (Stage.HIGH, Stage.LOW)


@dataclass(frozen=True, kw_only=True)
class Made:
    latents: Mapping[str, torch.Tensor]
    results: Sequence[ClipResult]
    left: int
    """Bytes that still lie on the devices."""

    def differs(self, other: "Made") -> float:
        return max(float((self.latents[key] - other.latents[key]).abs().max()) for key in self.latents)

    def peak(self, stage: Stage) -> int:
        return int(self.results[0].facts["stage_peak_bytes"][stage.name.lower()])

    def told(self, other: "Made") -> dict[str, Any]:
        facts = self.results[0].facts
        return {
            "differs": self.differs(other),
            "left": self.left,
            "plan": str(facts["plan"]),
            "peaks": facts["stage_peak_bytes"],
        }


class Maker:
    def __init__(self, root: Path, memory: Any) -> None:
        self.root, self.memory = root, memory
        self.runs = 0
        self.found = {
            name: open_checkpoint(str(save_tiny_checkpoint(root / name, name))) for name in VARIANTS
        }
        rows, columns = np.mgrid[0:64, 0:96]
        waves = [np.sin(rows / 9) + np.cos(columns / 7), np.sin(columns / 5) + 0 * rows, np.cos(rows / 4)]
        pixels = np.clip(np.stack(np.broadcast_arrays(*waves), axis=-1) * 60 + 128, 0, 255).astype(np.uint8)
        self.picture = root / "waves.png"
        Image.fromarray(pixels).save(self.picture)

    def clip(self, variant: str, key: str, **other: Any) -> Clip:
        known = VARIANTS[variant]
        multiple = known.size_multiple // 16
        plain = Clip(
            key=key, name=key, prompt="一片茶叶在水中慢慢展开", negative_prompt="red, 光", seed=7,
            width=48 * multiple, height=32 * multiple, num_frames=9, fps=known.fps,
            sampling=replace(known.sampling, steps=4), image=None if variant == "t2v-a14b" else self.picture,
        )  # fmt: skip
        return replace(plain, **other)

    def engine(
        self,
        found: Checkpoint,
        where: str,
        folder: Path,
        loras: Mapping[Stage, Lora] | None = None,
        **other: Any,
    ) -> Engine:
        plain = WanOptions(checkpoint=found.where, device=where, precision=Precision.FP32, folder=folder)
        plain = replace(plain, **other)
        devices = {Stage.HIGH: self.look(where), Stage.LOW: self.look(plain.second_device or where)}
        identity = weights_identity(found, self.root / "weights.json")
        return Engine(Bench.of(found, identity, plain, devices, loras or {}))

    def look(self, name: str) -> Device:
        if name == "cpu":
            return look_at(name)
        return Device(name=name, label=name, memory=64 * GB, host_memory=64 * GB, tflops=None)

    def run(
        self,
        variant: str,
        clips: Sequence[Clip],
        where: str = FIRST,
        watches: Sequence[Watch] = (lambda _: None,),
        **other: Any,
    ) -> Made:
        """Each of ``watches`` sees a run of its own with an engine of its own, in the same folder."""
        self.runs += 1
        folder = self.root / f"run{self.runs}"
        kept = [replace(clip, keep_as=folder / f"{clip.key}.pt") for clip in clips]
        (folder / "out").mkdir(parents=True)
        # Words are encoded once for all runs on a device.
        words = self.root / f"words of {where}"
        words.mkdir(exist_ok=True)
        (folder / "wan").mkdir()
        (folder / "wan" / "embeddings").symlink_to(words)
        before, results = self.held(), []
        for watch in watches:
            engine = self.engine(self.found[variant], where, folder / "wan", **other)
            try:
                results = list(engine.run(kept, folder / "out", watch))
            except Leave:
                results = []
            engine.close()
            del engine
        for result in results:
            if result.error:
                raise result.error
        gc.collect()
        latents = {clip.key: torch.load(folder / f"{clip.key}.pt")["latents"] for clip in clips}
        return Made(latents=latents, results=results, left=self.held() - before)

    def held(self) -> int:
        return int(self.memory.used(0) + self.memory.used(1))

    def lora(self) -> dict[Stage, Lora]:
        drawn = torch.Generator().manual_seed(5)
        base = "diffusion_model.blocks.0.self_attn.q"
        parts = {"lora_down.weight": (4, 24), "lora_up.weight": (24, 4), "diff_b": (24,)}
        state = {f"{base}.{name}": torch.randn(shape, generator=drawn) for name, shape in parts.items()}
        save_file(state | {f"{base}.alpha": torch.tensor(2.0)}, self.root / "lora.safetensors")
        found = self.found["t2v-a14b"]
        return {
            stage: read_lora(self.root / "lora.safetensors", 0.5, found, name)
            for stage, name in zip(EXPERTS, found.experts, strict=True)
        }


def leaving(after: int) -> Watch:
    seen: list[Tick] = []

    def watch(tick: Tick) -> None:
        if tick.stage in EXPERTS:
            seen.append(tick)
            if len(seen) == after:
                raise Leave

    return watch


def filling(memory: Any, most: int) -> Watch:
    """The first device has no more than so many bytes while experts are at work."""

    def watch(tick: Tick) -> None:
        if tick.stage is Stage.HIGH:
            memory.limit(0, most)
        if tick.stage is Stage.LOW and tick.number == tick.clips and tick.done == tick.total:
            memory.limit(0, 0)

    return watch


def main(library: Path, root: Path) -> None:
    memory = device.load(library)
    torch.set_num_threads(1)
    # The engine looks for garbage whenever it lets go of an expert.
    gc.freeze()
    _read_by_way_of_the_cpu()
    maker = Maker(root, memory)
    said: dict[str, Any] = {}

    def tell(name: str, made: Made, other: Made) -> None:
        said[name] = made.told(other)

    for name in VARIANTS:
        clips = [maker.clip(name, "a"), maker.clip(name, "b", seed=9)]
        if name == "i2v-a14b":
            clips.append(maker.clip(name, "ends", last_image=maker.picture))
        made = maker.run(name, clips)
        tell(f"{name}, as on the cpu", made, maker.run(name, clips, "cpu"))
        tell(f"{name}, stream", maker.run(name, clips, residency="stream"), made)
    words, image = "t2v-a14b", "i2v-a14b"
    clips = [maker.clip(words, "a"), maker.clip(words, "b", seed=9)]
    made, one = maker.run(words, clips), maker.run(words, clips, residency="one")
    tell("one", one, made)
    for residency in ("auto", "one"):
        there = maker.run(words, clips, second_device=SECOND, residency=residency)
        tell(f"two devices, {residency}", there, made)
    for after in (1, 4):
        left = maker.run(words, clips, watches=(leaving(after), lambda _: None))
        tell(f"left after {after}", left, made)
    most = (made.peak(Stage.LOW) + one.peak(Stage.HIGH)) // 2
    tell("full", maker.run(words, clips, watches=(filling(memory, most),)), made)
    loras = maker.lora()
    for way, other in {
        "lora": {"loras": loras},
        "lora, fp8": {"loras": loras, "precision": Precision.FP8},
        "int8": {"precision": Precision.INT8},
        "cached blocks": {"quality": "high"},
    }.items():
        held = maker.run(words, clips, **other)
        tell(f"{way}, as on the cpu", held, maker.run(words, clips, "cpu", **other))
        tell(f"{way}, stream", maker.run(words, clips, residency="stream", **other), held)
    draft = made.results[0].path
    latents = maker.root / "draft.pt"
    torch.save({"latents": made.latents["a"]}, latents)
    for way, kept in {"pictures": None, "latents": latents}.items():
        start = Start(video=draft, latents=kept, strength=0.6)
        larger = [maker.clip(words, "larger", width=96, height=64, start=start)]
        there = maker.run(words, larger)
        tell(f"refined from {way}, as on the cpu", there, maker.run(words, larger, "cpu"))
    follows = [maker.clip(image, "next", follows=True, keep_last=True)]
    there = maker.run(image, follows)
    tell("following, as on the cpu", there, maker.run(image, follows, "cpu"))
    sys.stdout.write(json.dumps(said))


def _read_by_way_of_the_cpu() -> None:
    """safetensors reads to devices that it knows by name."""
    read = load.tensors_of

    def brought(folder: Path, to: str) -> Any:
        for key, tensor in read(folder, "cpu"):
            yield key, tensor.to(to)

    load.tensors_of = brought


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
