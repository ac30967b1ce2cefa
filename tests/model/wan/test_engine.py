import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import torch
from diffusers import UniPCMultistepScheduler, WanImageToVideoPipeline, WanPipeline
from PIL import Image

from campaign.errors import BrokenTakeError, DeviceFullError
from media.probe import probe
from model.backend import Leave
from model.wan import foresight, wave
from model.wan.checkpoint import Checkpoint
from model.wan.clip import Clip, Stage, Tick
from model.wan.engine import Engine
from model.wan.options import Precision
from model.wan.variants import VARIANTS, Guidance

EXPERTS = (Stage.HIGH, Stage.LOW)
Made = Callable[[Engine, Sequence[Clip]], dict[str, torch.Tensor]]

MIXED = (
    {"width": 48, "height": 32, "num_frames": 9, "steps": 6, "guidance": Guidance(high=4.0, low=3.0)},
    {"width": 64, "height": 64, "num_frames": 5, "steps": 4, "guidance": Guidance(high=5.0, low=1.0)},
    {"width": 32, "height": 96, "num_frames": 13, "steps": 3, "guidance": Guidance(high=1.0, low=1.0)},
    {"width": 48, "height": 32, "num_frames": 9, "steps": 5, "guidance": Guidance(high=2.0, low=6.0)},
)


def pipeline(checkpoint: Checkpoint, dtype: torch.dtype = torch.float32) -> Any:
    """diffusers' own pipeline over the same weights, in memory that was not mapped from a file."""
    kept = {"dtype": {"default": dtype, "vae": torch.float32}}
    if checkpoint.variant.from_image:
        pipe = WanImageToVideoPipeline.from_pretrained(
            checkpoint.path, image_encoder=None, image_processor=None, **kept
        )
    else:
        pipe = WanPipeline.from_pretrained(checkpoint.path, **kept)
    shift = checkpoint.variant.sampling.flow_shift
    pipe.scheduler = UniPCMultistepScheduler.from_config(pipe.scheduler.config, flow_shift=shift)
    pipe.set_progress_bar_config(disable=True)
    for part in (pipe.transformer, pipe.transformer_2, pipe.text_encoder, pipe.vae):
        for tensor in (*part.parameters(), *part.buffers()) if part is not None else ():
            tensor.data = tensor.data.clone()
    return pipe


def latents_of(pipe: Any, clip: Clip) -> torch.Tensor:
    asked: dict[str, Any] = {
        "prompt": clip.prompt,
        "negative_prompt": clip.negative_prompt,
        "width": clip.width,
        "height": clip.height,
        "num_frames": clip.num_frames,
        "num_inference_steps": clip.sampling.steps,
        "guidance_scale": clip.sampling.guidance.high,
        "generator": torch.Generator().manual_seed(clip.seed),
        "output_type": "latent",
    }
    if clip.sampling.boundary is not None:
        asked["guidance_scale_2"] = clip.sampling.guidance.low
    if clip.image is not None:
        asked["image"] = Image.open(clip.image).convert("RGB")
    if clip.last_image is not None:
        asked["last_image"] = Image.open(clip.last_image).convert("RGB")
    latents: torch.Tensor = pipe(**asked).frames
    return latents


@pytest.mark.parametrize("variant", sorted(VARIANTS))
def test_every_clip_of_a_mixed_wave_is_bit_identical_to_the_pipeline(
    variant: str, checkpoints: Any, clip: Any, engine: Any, made: Made, picture: Path
) -> None:
    image = None if variant == "t2v-a14b" else picture
    multiple = VARIANTS[variant].size_multiple // 16
    clips = []
    for number, mix in enumerate(MIXED):
        size = {"width": mix["width"] * multiple, "height": mix["height"] * multiple}
        clips.append(clip(variant, **{**mix, **size}, key=f"c{number}", seed=number, image=image))
    if variant == "i2v-a14b":
        clips.append(clip(variant, key="ends", image=picture, last_image=picture))
    ours = made(engine(checkpoints[variant]), clips)
    pipe = pipeline(checkpoints[variant])
    for one in clips:
        assert torch.equal(ours[one.key], latents_of(pipe, one)), one.key


@pytest.mark.parametrize("variant", ["t2v-a14b", "i2v-a14b"])
def test_in_bf16_too_every_clip_is_bit_identical_to_the_pipeline(
    variant: str, checkpoints: Any, clip: Any, engine: Any, made: Made, picture: Path
) -> None:
    image = picture if variant == "i2v-a14b" else None
    one = clip(variant, image=image, steps=6)
    ours = made(engine(checkpoints[variant], precision=Precision.BF16), [one])["clip"]
    assert torch.equal(ours, latents_of(pipeline(checkpoints[variant], torch.bfloat16), one))


def test_a_clip_from_words_alone_is_bit_identical_on_the_model_that_takes_both(
    checkpoints: Any, clip: Any, engine: Any, made: Made
) -> None:
    one = clip("ti2v-5b", width=96, height=64)
    pipe = WanPipeline(
        **{
            name: part
            for name, part in pipeline(checkpoints["ti2v-5b"]).components.items()
            if name not in ("image_encoder", "image_processor")
        },
        expand_timesteps=True,
    )
    pipe.set_progress_bar_config(disable=True)
    assert torch.equal(made(engine(checkpoints["ti2v-5b"]), [one])["clip"], latents_of(pipe, one))


@pytest.mark.parametrize(
    "other", [{"residency": "one"}, {"residency": "stream"}, {"second_device": "cpu:0"}, {"wave": 1}]
)
def test_where_the_weights_lie_changes_no_bit(
    other: dict[str, Any], checkpoints: Any, clip: Any, engine: Any, made: Made
) -> None:
    clips = [clip("t2v-a14b", key=f"c{seed}", seed=seed) for seed in range(2)]
    first = made(engine(checkpoints["t2v-a14b"]), clips)
    second = made(engine(checkpoints["t2v-a14b"], **other), clips)
    assert all(torch.equal(first[key], second[key]) for key in first)


def test_each_stage_loads_its_weights_once_for_all_clips(
    checkpoints: Any, clip: Any, engine: Any, made: Made
) -> None:
    working = engine(checkpoints["t2v-a14b"], residency="one")
    made(working, [clip("t2v-a14b", key=f"c{seed}", seed=seed) for seed in range(3)])
    assert working.bench.loads == {"text_encoder": 1, "vae": 1}
    assert working.bench.experts.loads == 2


def test_experts_kept_by_the_machine_are_read_once_for_all_waves_and_those_not_kept_each_time(
    checkpoints: Any, clip: Any, engine: Any, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    clips = [clip("t2v-a14b", key=f"c{seed}", seed=seed) for seed in range(2)]
    kept = engine(checkpoints["t2v-a14b"], residency="one", wave=1)
    first = made(kept, clips)
    assert kept.bench.experts.loads == 2
    monkeypatch.setattr(foresight, "keeps_on_host", lambda *_: False)
    dropped = engine(checkpoints["t2v-a14b"], residency="one", wave=1)
    second = made(dropped, clips)
    assert dropped.bench.experts.loads == 4
    assert all(torch.equal(first[key], second[key]) for key in first)


def test_a_prompt_that_was_encoded_is_not_encoded_again(
    checkpoints: Any, clip: Any, engine: Any, made: Made
) -> None:
    made(engine(checkpoints["t2v-a14b"]), [clip("t2v-a14b")])
    later = engine(checkpoints["t2v-a14b"])
    made(later, [clip("t2v-a14b", key="other", seed=8)])
    assert later.bench.loads["text_encoder"] == 0


def test_the_file_has_the_clips_size_rate_and_frames(
    checkpoints: Any, clip: Any, engine: Any, tmp_path: Path
) -> None:
    (result,) = engine(checkpoints["t2v-a14b"]).run(
        [clip("t2v-a14b", num_frames=13)], tmp_path, lambda _: None
    )
    video = probe(result.path).video
    assert video
    assert (video.width, video.height, video.num_frames, video.fps) == (48, 32, 13, 16)
    assert result.facts["steps"] == 4
    assert not list((tmp_path / "wan" / "parked").iterdir())


def test_a_clip_that_is_no_number_is_its_own_failure(
    checkpoints: Any, clip: Any, engine: Any, tmp_path: Path
) -> None:
    broken = clip("t2v-a14b", key="broken", guidance=Guidance(high=float("inf"), low=3.0))
    whole = clip("t2v-a14b", key="whole")
    failed, done = engine(checkpoints["t2v-a14b"]).run([broken, whole], tmp_path, lambda _: None)
    assert isinstance(failed.error, BrokenTakeError)
    assert str(failed.error).startswith("Take of broken, high-noise expert: its latents are not numbers")
    assert done.error is None
    assert done.path


def test_a_picture_that_is_gone_is_its_own_clips_failure(
    checkpoints: Any, clip: Any, engine: Any, tmp_path: Path, picture: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    gone = clip("i2v-a14b", key="gone", image=tmp_path / "gone.png")
    whole = clip("i2v-a14b", key="whole", image=picture)
    failed, done = engine(checkpoints["i2v-a14b"]).run([gone, whole], tmp_path, lambda _: None)
    assert "gone.png" in str(failed.error)
    assert done.path


def test_a_disk_that_is_full_is_told_as_such_and_not_as_a_matter_of_the_seed(
    checkpoints: Any, clip: Any, engine: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    working = engine(checkpoints["t2v-a14b"])

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(working.bench.park, "put", full)
    (failed,) = working.run([clip("t2v-a14b")], tmp_path, lambda _: None)
    assert str(failed.error) == (
        "Device CPU: clip failed in the stage high-noise expert: OSError: [Errno 28] No space left on "
        "device. Make it again; the log says where."
    )


def test_a_full_device_goes_on_with_the_next_smaller_plan_and_remembers_and_ends_with_the_same_bits(
    checkpoints: Any, clip: Any, engine: Any, made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clips = [clip("t2v-a14b", key=f"c{seed}", seed=seed) for seed in range(2)]
    real, fullness = wave.run_expert, iter([False, True])

    def full(*given: Any) -> Any:
        if next(fullness, False):
            raise torch.OutOfMemoryError
        return real(*given)

    working = engine(checkpoints["t2v-a14b"])
    monkeypatch.setattr(wave, "run_expert", full)
    results = list(working.run(clips, tmp_path, lambda _: None))
    assert [result.error for result in results] == [None, None]
    assert all(": one expert, " in result.facts["plan"] for result in results)
    again = {one.key: torch.load(one.keep_as, weights_only=True)["latents"] for one in clips}
    (later,) = working.run([clip("t2v-a14b", key="later")], tmp_path, lambda _: None)
    (smaller,) = working.run([clip("t2v-a14b", key="smaller", num_frames=5)], tmp_path, lambda _: None)
    assert ": one expert, " in str(later.facts["plan"])
    assert ": all experts, " in str(smaller.facts["plan"])
    whole = made(engine(checkpoints["t2v-a14b"], folder=tmp_path / "elsewhere"), clips)
    assert all(torch.equal(again[key], whole[key]) for key in whole)


@pytest.mark.parametrize(
    "said",
    ["CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
     "GET was unable to find an engine to execute this computation"],
)  # fmt: skip
def test_what_libraries_say_of_a_full_device_is_understood_as_such(
    said: str, checkpoints: Any, clip: Any, engine: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, fullness = wave.film, iter([True])

    def full(*given: Any) -> Any:
        if next(fullness, False):
            raise RuntimeError(said)
        return real(*given)

    monkeypatch.setattr(wave, "film", full)
    (done,) = engine(checkpoints["t2v-a14b"]).run([clip("t2v-a14b")], tmp_path, lambda _: None)
    assert done.error is None
    assert ": one expert, " in str(done.facts["plan"])


def test_a_device_that_stays_full_fails_the_rest_of_its_wave_and_a_plan_that_was_asked_for_is_kept(
    checkpoints: Any, clip: Any, engine: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []

    def full(*_: object) -> None:
        tried.append(1)
        raise torch.OutOfMemoryError

    clips = [clip("t2v-a14b", key=f"c{seed}", seed=seed) for seed in range(2)]
    working = engine(checkpoints["t2v-a14b"])
    with monkeypatch.context() as patched:
        patched.setattr(wave, "run_expert", full)
        results = list(working.run(clips, tmp_path, lambda _: None))
        assert len(tried) == 2
        chosen = engine(checkpoints["t2v-a14b"], residency="all")
        (alone,) = chosen.run(clips[:1], tmp_path, lambda _: None)
    assert all(isinstance(result.error, DeviceFullError) for result in results)
    assert "with the plan one expert" in str(results[0].error)
    assert "Use a larger device, or make the draft rung (480p)." in str(results[0].error)
    assert "with the plan all experts" in str(alone.error)
    assert "The next smaller plan is 'one'" in str(alone.error)
    assert all(result.path for result in working.run(clips, tmp_path, lambda _: None))


@pytest.mark.parametrize("after", [1, 3, 4], ids=["first expert", "next clip", "second expert"])
def test_a_wave_that_has_to_leave_goes_on_at_its_very_step_and_ends_with_the_same_bits(
    checkpoints: Any, clip: Any, engine: Any, made: Made, tmp_path: Path, after: int
) -> None:
    clips = [clip("t2v-a14b", key=f"c{seed}", seed=seed, steps=6) for seed in range(2)]
    first: list[Tick] = []

    def leave(tick: Tick) -> None:
        first.append(tick)
        if len([one for one in first if one.stage in EXPERTS]) == after:
            raise Leave

    with pytest.raises(Leave):
        list(engine(checkpoints["t2v-a14b"]).run(clips, tmp_path, leave))
    then: list[Tick] = []
    list(engine(checkpoints["t2v-a14b"]).run(clips, tmp_path, then.append))
    whole: list[Tick] = []
    calm = engine(checkpoints["t2v-a14b"], folder=tmp_path / "calm")
    again = {one.key: torch.load(one.keep_as, weights_only=True)["latents"] for one in clips}
    list(calm.run(clips, tmp_path, whole.append))
    steps = [
        [(t.clip, t.stage, t.done) for t in ticks if t.stage in EXPERTS] for ticks in (first, then, whole)
    ]
    assert steps[0] + steps[1] == steps[2]
    assert all(
        torch.equal(again[one.key], torch.load(one.keep_as, weights_only=True)["latents"]) for one in clips
    )


def test_progress_names_stage_clip_and_time_left(
    checkpoints: Any, clip: Any, engine: Any, tmp_path: Path
) -> None:
    ticks: list[Tick] = []
    clips = [clip("t2v-a14b", key=f"c{seed}", seed=seed) for seed in range(2)]
    list(engine(checkpoints["t2v-a14b"]).run(clips, tmp_path, ticks.append))
    experts = [tick for tick in ticks if tick.stage in (Stage.HIGH, Stage.LOW)]
    assert [(tick.stage, tick.clip, tick.done) for tick in experts] == [
        (Stage.HIGH, "c0", 1), (Stage.HIGH, "c0", 2), (Stage.HIGH, "c0", 3),
        (Stage.HIGH, "c1", 1), (Stage.HIGH, "c1", 2), (Stage.HIGH, "c1", 3),
        (Stage.LOW, "c0", 1), (Stage.LOW, "c1", 1),
    ]  # fmt: skip
    assert all(tick.seconds_left is not None for tick in experts)
    assert experts[-1].seconds_left == 0
    assert [tick.done for tick in ticks if tick.stage is Stage.DECODE] == [1, 2, 3] * 2


KILLED = """
    import os, signal, sys
    from pathlib import Path
    import torch
    torch.set_num_threads(1)
    from dataclasses import replace
    from model.wan.bench import Bench
    from model.wan.checkpoint import open_checkpoint
    from model.wan.clip import Clip, Stage
    from model.wan.device import look_at
    from model.wan.engine import Engine
    from model.wan.identity import weights_identity
    from model.wan.options import Precision, WanOptions

    where, folder = sys.argv[1:]
    found = open_checkpoint(where)
    kept = Path(folder) / "wan"
    options = WanOptions(checkpoint=where, device="cpu", precision=Precision.FP32, folder=kept)
    devices = dict.fromkeys((Stage.HIGH, Stage.LOW), look_at("cpu"))
    identity = weights_identity(found, Path(folder) / "weights.json")
    engine = Engine(Bench.of(found, identity, options, devices, {}))
    clips = [
        Clip(
            key=f"c{seed}", name=f"c{seed}",
            prompt="一片茶叶在水中慢慢展开", negative_prompt="red, 光",
            width=48, height=32, num_frames=9, fps=16, seed=seed,
            sampling=replace(found.variant.sampling, steps=4),
        )
        for seed in range(2)
    ]

    def watch(tick):
        if tick.stage is Stage.LOW:
            os.kill(os.getpid(), signal.SIGKILL)

    list(engine.run(clips, Path(folder), watch))
"""


def test_a_wave_killed_at_the_second_expert_goes_on_there_and_ends_with_the_same_bits(
    checkpoints: Any, clip: Any, engine: Any, made: Made, tmp_path: Path
) -> None:
    where = str(checkpoints["t2v-a14b"].path)
    root = Path(__file__).parents[3]
    command = [sys.executable, "-c", dedent(KILLED), where, str(tmp_path)]
    killed = subprocess.run(
        command, cwd=root, env={**os.environ, "PYTHONPATH": str(root)}, capture_output=True, check=False
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()[-2000:]
    clips = [clip("t2v-a14b", key=f"c{seed}", seed=seed) for seed in range(2)]
    resumed = engine(checkpoints["t2v-a14b"])
    ticks: list[Tick] = []
    results = list(resumed.run(clips, tmp_path, ticks.append))
    assert [result.error for result in results] == [None, None]
    assert {tick.stage for tick in ticks} == {Stage.LOW, Stage.DECODE}
    assert resumed.bench.experts.loads == 1
    again = {one.key: torch.load(one.keep_as, weights_only=True)["latents"] for one in clips}
    whole = made(engine(checkpoints["t2v-a14b"], folder=tmp_path / "elsewhere"), clips)
    assert all(torch.equal(again[key], whole[key]) for key in whole)


def test_engines_of_a_process_take_turns_and_only_the_last_holds_weights(
    checkpoints: Any, clip: Any, engine: Any, tmp_path: Path
) -> None:
    draft, final = engine(checkpoints["t2v-a14b"]), engine(checkpoints["t2v-a14b"])
    seen: list[tuple[int, bool]] = []
    both_there = threading.Barrier(2)

    def run(number: int, one: Any, other: Any) -> None:
        both_there.wait()

        def watch(_: Tick) -> None:
            seen.append((number, bool(other.bench.experts._held)))

        (result,) = one.run([clip("t2v-a14b", key=f"c{number}")], tmp_path, watch)
        assert result.error is None

    threads = [
        threading.Thread(target=run, args=(0, draft, final)),
        threading.Thread(target=run, args=(1, final, draft)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    order = [number for number, _ in seen]
    assert order in (sorted(order), sorted(order, reverse=True))
    assert {number for number, _ in seen} == {0, 1}
    assert not any(held for _, held in seen)
