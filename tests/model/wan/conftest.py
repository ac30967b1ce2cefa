"""Tiny checkpoints, built once, and engines over them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from model.wan.bench import Bench
from model.wan.checkpoint import Checkpoint, open_checkpoint
from model.wan.clip import Clip, Stage
from model.wan.device import look_at
from model.wan.engine import Engine
from model.wan.identity import weights_identity
from model.wan.options import Precision, WanOptions
from model.wan.tiny import save_tiny_checkpoint
from model.wan.variants import VARIANTS, Guidance

MakeClip = Callable[..., Clip]
MakeEngine = Callable[..., Engine]


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """At this size threads only wait for one another."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Checkpoint]:
    """By variant."""
    root = tmp_path_factory.mktemp("checkpoints")
    return {name: open_checkpoint(str(save_tiny_checkpoint(root / name, name))) for name in VARIANTS}


@pytest.fixture(scope="session")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A 3:2 picture with structure at every scale."""
    rows, columns = np.mgrid[0:64, 0:96]
    waves = [np.sin(rows / 9) + np.cos(columns / 7), np.sin(columns / 5), np.cos(rows / 4 + columns / 11)]
    pixels = np.clip(np.stack(waves, axis=-1) * 60 + 128, 0, 255).astype(np.uint8)
    path = tmp_path_factory.mktemp("pictures") / "waves.png"
    Image.fromarray(pixels).save(path)
    return path


@pytest.fixture
def clip(tmp_path: Path) -> MakeClip:
    """Makes a clip of a variant; what is given replaces what it would be."""

    def make(
        variant: str, key: str = "clip", steps: int = 4, guidance: Guidance | None = None, **other: object
    ) -> Clip:
        sampling = VARIANTS[variant].sampling
        plain = Clip(
            key=key,
            name=key,
            prompt="一片茶叶在水中慢慢展开",
            negative_prompt="red, 光",
            width=48,
            height=32,
            num_frames=9,
            fps=VARIANTS[variant].fps,
            seed=7,
            sampling=replace(sampling, steps=steps, guidance=guidance or sampling.guidance),
            keep_as=tmp_path / "latents" / f"{key}.pt",
        )
        return replace(plain, **other)

    return make


@pytest.fixture
def engine(tmp_path: Path) -> MakeEngine:
    """Makes an engine on the CPU; what is given replaces the options."""

    def make(checkpoint: Checkpoint, **other: object) -> Engine:
        options = WanOptions(
            checkpoint=str(checkpoint.path),
            device="cpu",
            precision=Precision.FP32,
            folder=tmp_path / "wan",
        )
        options = replace(options, **other)
        identity = weights_identity(checkpoint, tmp_path / "weights.json")
        second = look_at(options.second_device or "cpu")
        devices = {Stage.HIGH: look_at("cpu"), Stage.LOW: second}
        return Engine(Bench.of(checkpoint, identity, options, devices, {}))

    return make


@pytest.fixture
def made(tmp_path: Path) -> Callable[[Engine, Sequence[Clip]], dict[str, torch.Tensor]]:
    """Runs an engine and gives the latents of each clip by key."""

    def run(engine: Engine, clips: Sequence[Clip]) -> dict[str, torch.Tensor]:
        out = tmp_path / "out"
        out.mkdir(exist_ok=True)
        results = list(engine.run(clips, out, lambda _: None))
        assert [result.error for result in results] == [None] * len(clips)
        return {
            clip.key: torch.load(clip.keep_as, weights_only=True)["latents"] for clip in clips if clip.keep_as
        }

    return run
