import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from campaign.brand_kit import read_kit
from campaign.brief import Language
from campaign.camera import Camera, CameraMove
from campaign.content_key import content_key
from campaign.errors import (
    CheckpointError,
    DeviceError,
    FrameGridError,
    FrameSizeError,
    GenerationError,
    PromptLengthError,
    RequestError,
    SettingsError,
)
from campaign.frames import Aspect, FrameSpec
from campaign.storyboard import Shot, ShotPrompt
from media.decode import decode
from media.encode import EncodeSettings, VideoEncoder
from media.planes import planes_from_rgb, planes_of_frame, rgb_from_planes
from media.probe import probe
from model.backend import Draft, RunsOn, TakeOutcome, TakeRequest
from model.backends.wan import WanBackend
from model.registry import load_backend
from model.wan.clip import Stage, Start, Tick
from model.wan.conditions import draft_frames
from model.wan.convert import convert
from model.wan.options import FewSteps, LongShots, Precision, WanOptions
from model.wan.tiny import save_tiny_checkpoint
from model.wan.variants import VARIANTS, Guidance

ROOT = Path(__file__).parents[3]
SIZES = {Aspect.TALL: (32, 48), Aspect.WIDE: (48, 32)}

Backends = Callable[..., WanBackend]
Requests = Callable[..., TakeRequest]


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("weights")
    return {name: save_tiny_checkpoint(root / name, name) for name in VARIANTS}


@pytest.fixture
def backend(weights: dict[str, Path], tmp_path: Path) -> Backends:
    def make(variant: str = "t2v-a14b", watch: Any = None, **other: Any) -> WanBackend:
        options = WanOptions(
            checkpoint=str(weights[variant]),
            device="cpu",
            precision=Precision.FP32,
            folder=tmp_path / "wan",
            sizes=SIZES,
            steps=3,
        )
        return WanBackend(replace(options, **other), watch)

    return make


@pytest.fixture
def request_() -> Requests:
    kit = read_kit(ROOT / "brand_kits" / "qinghe_tea")

    def make(
        name: str = "tea-1-s1",
        seed: int = 7,
        language: Language = Language.ZH,
        image: Path | None = None,
        subject: str = "一片茶叶",
        **spec: int,
    ) -> TakeRequest:
        prompt = ShotPrompt(
            subject=subject,
            action="在水中慢慢展开",
            environment="清晨的桌上",
            camera=Camera(move=CameraMove.PUSH_IN),
            style="光",
            negative="红色",
        )
        shot = Shot(id=name, prompt=prompt, duration=0.5, line="", headline="", image=image)
        frames = FrameSpec(**{"width": 32, "height": 48, "num_frames": 9, "fps": 16, **spec})
        return TakeRequest(shot=shot, language=language, spec=frames, seed=seed, kit=kit)

    return make


def make_all(backend: WanBackend, requests: list[TakeRequest], folder: Path) -> list[TakeOutcome]:
    folder.mkdir(exist_ok=True)
    return list(backend.make(requests, folder, lambda *_: None))


def pictures(path: Path) -> np.ndarray:
    return np.stack([rgb_from_planes(planes_of_frame(frame)) for frame in decode(path)])


def test_importing_the_backend_imports_no_torch() -> None:
    code = "import sys, model.backends.wan as w; w.WanBackend(); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_the_registry_makes_it_with_the_official_checkpoint_and_reads_nothing() -> None:
    backend = load_backend("wan")
    assert isinstance(backend, WanBackend)
    assert backend.options.checkpoint == "Wan-AI/Wan2.2-T2V-A14B-Diffusers"
    assert (backend.runs_on, backend.draws_every_aspect) == (RunsOn.HERE, False)


def test_takes_are_files_of_the_asked_size_rate_and_length(
    backend: Backends, request_: Requests, tmp_path: Path
) -> None:
    requests = [request_("a"), request_("b", language=Language.EN, num_frames=13, width=48, height=32)]
    outcomes = make_all(backend(), requests, tmp_path / "out")
    assert [outcome.error for outcome in outcomes] == [None, None]
    for request, outcome in zip(requests, outcomes, strict=True):
        assert outcome.path
        video = probe(outcome.path).video
        assert video
        spec = FrameSpec(
            width=video.width, height=video.height, num_frames=video.num_frames, fps=int(video.fps)
        )
        assert spec == request.spec
        assert outcome.facts["variant"] == "t2v-a14b"


def test_the_same_request_is_the_same_take_and_another_seed_is_not(
    backend: Backends, request_: Requests, tmp_path: Path
) -> None:
    same, again, other = (
        pictures(make_all(backend(), [request_(seed=seed)], tmp_path / name)[0].path or tmp_path).astype(int)
        for name, seed in (("one", 7), ("two", 7), ("three", 8))
    )
    # What goes into the encoder is the same to the bit; x264 also reads unset memory beside tiny pictures.
    assert np.abs(same - again).mean() < 1
    assert np.abs(same - other).mean() > 3


def test_the_same_request_twice_in_a_wave_is_made_twice(
    backend: Backends, request_: Requests, tmp_path: Path
) -> None:
    outcomes = make_all(backend(), [request_(), request_()], tmp_path / "out")
    assert [outcome.error for outcome in outcomes] == [None, None]


def test_what_decides_the_take_is_in_its_key(backend: Backends, request_: Requests, weights: Any) -> None:
    plain = content_key(backend().recipe(request_()))
    assert plain == content_key(backend().recipe(request_("another name")))
    others = [
        backend().recipe(request_(seed=8)),
        backend().recipe(request_(num_frames=13)),
        backend().recipe(request_(subject="一片红茶")),
        backend().recipe(request_(language=Language.EN)),
        backend(steps=4).recipe(request_()),
        backend(precision=Precision.BF16).recipe(request_()),
        backend(vae_precision=Precision.BF16).recipe(request_()),
        backend(quality="high").recipe(request_()),
        backend(attention="native").recipe(request_()),
        backend(devices_per_clip=2).recipe(request_()),
        backend(
            checkpoint=str(save_tiny_checkpoint(weights["t2v-a14b"].parent / "other", "t2v-a14b", 1))
        ).recipe(request_()),
    ]
    keys = [content_key(recipe) for recipe in others]
    assert len({plain, *keys}) == 1 + len(others)


@pytest.mark.parametrize("other", [{"residency": "stream"}, {"wave": 1}, {"memory": 10**10}, {"tflops": 1.0}])
def test_what_does_not_decide_the_take_is_not_in_its_key(
    other: Any, backend: Backends, request_: Requests
) -> None:
    assert content_key(backend(**other).recipe(request_())) == content_key(backend().recipe(request_()))


@pytest.mark.parametrize(
    ("spec", "error", "says"),
    [
        ({"num_frames": 10}, FrameGridError, "num_frames is 10.*Ask for 9 or 13"),
        ({"width": 40}, FrameSizeError, "40x48.*multiples of 16.*Ask for 32x48"),
        ({"fps": 24}, RequestError, "24 fps is asked for, but t2v-a14b was trained at 16"),
        ({"num_frames": 85}, RequestError, "num_frames is 85, but the longest take here has 81"),
    ],
)
def test_what_the_model_cannot_make_is_refused_with_what_it_can(
    spec: Any, error: type[GenerationError], says: str, backend: Backends, request_: Requests, tmp_path: Path
) -> None:
    with pytest.raises(error, match=says):
        backend().recipe(request_(**spec))
    bad, good = make_all(backend(), [request_(**spec), request_("good")], tmp_path / "out")
    assert isinstance(bad.error, error)
    assert good.error is None


def test_a_prompt_over_the_limit_is_refused_by_the_models_own_tokenizer(
    backend: Backends, request_: Requests
) -> None:
    with pytest.raises(PromptLengthError, match=r"The prompt is 6.. long, but the model reads 512"):
        backend().recipe(request_(subject="茶" * 600))


def test_a_picture_is_refused_where_the_model_starts_from_words(
    backend: Backends, request_: Requests, tmp_path: Path
) -> None:
    Image.new("RGB", (64, 96)).save(tmp_path / "tin.png")
    with pytest.raises(RequestError, match=r"must show tin.png.*Set image_checkpoint to Wan-AI/Wan2.2-I2V"):
        backend().recipe(request_(image=tmp_path / "tin.png"))


def test_a_picture_of_another_aspect_is_refused_with_two_sizes_that_fit(
    backend: Backends, request_: Requests, tmp_path: Path, weights: Any
) -> None:
    Image.new("RGB", (600, 600)).save(tmp_path / "tin.png")
    working = backend(image_checkpoint=str(weights["i2v-a14b"]))
    with pytest.raises(
        RequestError, match=r"600x600.*Crop it to 400x600, or extend its background to 600x900"
    ):
        working.recipe(request_(image=tmp_path / "tin.png"))


def test_shots_with_and_without_a_picture_go_to_their_own_models(
    backend: Backends, request_: Requests, tmp_path: Path, weights: Any
) -> None:
    Image.effect_noise((64, 96), 60).convert("RGB").save(tmp_path / "tin.png")
    working = backend(image_checkpoint=str(weights["i2v-a14b"]))
    outcomes = make_all(
        working, [request_("words"), request_("tin", image=tmp_path / "tin.png")], tmp_path / "out"
    )
    assert [outcome.error for outcome in outcomes] == [None, None]
    assert [outcome.facts["variant"] for outcome in outcomes] == ["t2v-a14b", "i2v-a14b"]


def test_no_cuda_is_said_before_anything_loads(backend: Backends, request_: Requests, tmp_path: Path) -> None:
    if torch.cuda.is_available():
        pytest.skip("this machine has a CUDA device")
    (outcome,) = make_all(backend(device="cuda"), [request_()], tmp_path / "out")
    assert isinstance(outcome.error, DeviceError)
    assert "no CUDA device on this machine" in str(outcome.error)
    assert not (tmp_path / "wan" / "embeddings").exists()


def test_too_little_memory_is_said_before_anything_loads(
    backend: Backends, request_: Requests, tmp_path: Path
) -> None:
    (outcome,) = make_all(backend(memory=1_000_000), [request_()], tmp_path / "out")
    assert "has room for 0.0 GB, but streamed blocks in fp32 needs" in str(outcome.error)
    assert not (tmp_path / "wan" / "embeddings").exists()


def test_weights_that_do_not_load_are_every_takes_failure_and_no_crash(
    backend: Backends, request_: Requests, tmp_path: Path, weights: Any
) -> None:
    convert(str(weights["t2v-a14b"]), None, tmp_path / "fp8", Precision.FP8, lambda *_: None)
    working = backend(checkpoint=str(tmp_path / "fp8"))
    outcomes = make_all(working, [request_("a"), request_("b", seed=8)], tmp_path / "out")
    assert all("converted to fp8, but precision is fp32" in str(outcome.error) for outcome in outcomes)


@pytest.mark.parametrize("residency", ["one", "stream"])
def test_converted_weights_make_takes(
    residency: str, backend: Backends, request_: Requests, tmp_path: Path, weights: Any
) -> None:
    convert(str(weights["t2v-a14b"]), None, tmp_path / "fp8", Precision.FP8, lambda *_: None)
    working = backend(checkpoint=str(tmp_path / "fp8"), precision=Precision.FP8, residency=residency)
    (outcome,) = make_all(working, [request_()], tmp_path / "out")
    assert outcome.error is None


def test_a_missing_checkpoint_is_a_sentence(request_: Requests) -> None:
    with pytest.raises(CheckpointError, match="Fetch it once: hf download nobody/nothing"):
        WanBackend(WanOptions(checkpoint="nobody/nothing")).frame_spec(Aspect.TALL, 720, 3.0)


@pytest.mark.parametrize(
    ("other", "says"),
    [
        ({"rung": "rough"}, "Known: draft, final"),
        ({"wave": 0}, "no number of clips"),
        ({"steps": 0}, "no number of steps"),
        ({"checkpoint": " "}, "no checkpoint is named"),
        ({"memory": -5}, "no number of bytes"),
        ({"tflops": 0.0}, "is no rate"),
        ({"guidance": Guidance(high=4.0, low=0.0)}, "0 is below 1. Write 1 for none"),
        ({"few_steps": FewSteps(high=Path("a"), steps=0)}, "few_steps.steps: 0 is no number of steps"),
    ],
)
def test_options_that_mean_nothing_are_refused(other: Any, says: str, backend: Backends) -> None:
    with pytest.raises(SettingsError, match=says):
        backend(**other)


@pytest.mark.parametrize(
    ("other", "says"),
    [
        ({"quality": "taylorseer"}, "hooks no module of Wan"),
        ({"quality": "mag"}, "calibrated"),
        ({"attention": "flash-9"}, "Known: auto, flash-4"),
        ({"devices_per_clip": 4}, "Set it to 1 or 2"),
    ],
)
def test_choices_that_the_engine_would_refuse_are_refused_when_planned(
    other: Any, says: str, backend: Backends, request_: Requests
) -> None:
    with pytest.raises(SettingsError, match=says):
        backend(**other).recipe(request_())


@pytest.mark.parametrize("variant", sorted(VARIANTS))
@pytest.mark.parametrize("aspect", sorted(Aspect))
@pytest.mark.parametrize("rung", ["draft", "final"])
def test_sizes_lie_on_the_models_grid_near_the_aspect(
    variant: str, aspect: Aspect, rung: str, backend: Backends
) -> None:
    model = VARIANTS[variant]
    spec = backend(variant, sizes=None, rung=rung).frame_spec(aspect, 720, 3.1)
    assert spec.width % model.size_multiple == spec.height % model.size_multiple == 0
    across, down = aspect.ratio
    assert spec.width / spec.height == pytest.approx(across / down, rel=0.035)
    assert spec.width * spec.height <= {"draft": 832 * 480 * 1.05, "final": 1280 * 720}[rung]
    assert (spec.num_frames - 1) % 4 == 0
    assert 3.1 <= spec.duration < 3.1 + 4 / model.fps
    assert spec.fps == model.fps


def test_a_shot_longer_than_the_model_makes_is_refused_with_both_ways_out(backend: Backends) -> None:
    assert backend().frame_spec(Aspect.TALL, 720, 81 / 16).num_frames == 81
    with pytest.raises(
        RequestError, match=r"at most 5.06 s.*two shots, or set long_shots to chain \(up to 15"
    ):
        backend().frame_spec(Aspect.TALL, 720, 5.2)


def test_an_unknown_aspect_of_own_sizes_is_refused(backend: Backends) -> None:
    with pytest.raises(RequestError, match="sizes are given for 9:16, 16:9 alone"):
        backend().frame_spec(Aspect.SQUARE, 720, 1.0)


def test_a_long_shot_is_chained_from_last_pictures_and_reports_its_drift(
    backend: Backends, request_: Requests, tmp_path: Path, weights: Any
) -> None:
    working = backend(long_shots=LongShots.CHAIN, image_checkpoint=str(weights["i2v-a14b"]))
    spec = working.frame_spec(Aspect.TALL, 720, 5.3)
    assert spec.num_frames == 85
    requests = [request_("long", num_frames=85), request_("short")]
    outcomes = {outcome.request.shot.id: outcome for outcome in make_all(working, requests, tmp_path / "out")}
    long = outcomes["long"]
    assert long.error is None
    assert long.path
    video = probe(long.path).video
    assert video
    assert (video.num_frames, int(video.fps)) == (85, 16)
    segments = long.facts["segments"]
    assert isinstance(segments, list)
    assert [segment["variant"] for segment in segments if isinstance(segment, dict)] == [
        "t2v-a14b",
        "i2v-a14b",
    ]
    assert "drift" in segments[1]["join"]
    shown = pictures(long.path).astype(int)
    steps = np.abs(np.diff(shown, axis=0)).mean(axis=(1, 2, 3))
    # The first picture of the second segment repeats the last of the first and is left out: 45 + 40.
    assert len(shown) == 85
    assert steps[44] < 4 * np.median(steps) + 8
    assert not list((tmp_path / "wan" / "segments").iterdir())


def test_a_chain_that_was_stopped_goes_on_with_its_next_segment(
    backend: Backends, request_: Requests, tmp_path: Path, weights: Any
) -> None:
    chained = {"long_shots": LongShots.CHAIN, "image_checkpoint": str(weights["i2v-a14b"])}
    pieces: list[int] = []

    def stop(tick: Tick) -> None:
        pieces.append(tick.done) if tick.stage is Stage.DECODE else None
        if tick.stage is Stage.HIGH and pieces:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_all(backend(watch=stop, **chained), [request_(num_frames=85)], tmp_path / "out")
    assert len(list((tmp_path / "wan" / "segments").iterdir())) == 3
    ticks: list[Tick] = []
    (outcome,) = make_all(
        backend(watch=ticks.append, **chained), [request_(num_frames=85)], tmp_path / "again"
    )
    assert outcome.error is None
    assert len([tick for tick in ticks if tick.stage is Stage.DECODE]) == 11
    assert outcome.path
    assert len(pictures(outcome.path)) == 85


def test_ratios_for_another_number_of_steps_are_refused(backend: Backends, request_: Requests) -> None:
    with pytest.raises(SettingsError, match="there are 2 ratios for 3 steps"):
        backend(quality="mag", mag_ratios=(1.0, 1.0)).recipe(request_())


def test_a_chain_without_a_model_that_starts_from_pictures_is_refused(
    backend: Backends, request_: Requests
) -> None:
    with pytest.raises(SettingsError, match="which chained segments need"):
        backend(long_shots=LongShots.CHAIN).recipe(request_(num_frames=85))


def test_an_approved_draft_is_refined_from_its_latents_or_from_its_pictures(
    backend: Backends, request_: Requests, tmp_path: Path
) -> None:
    final = backend(sizes={Aspect.TALL: (64, 96)}, steps=5)
    (made,) = make_all(backend(rung="draft"), [request_()], tmp_path / "draft")
    assert made.path
    # As the store keeps a take: the latents beside it under their own name.
    video = made.path.rename(tmp_path / "draft" / "take.mp4")
    latents = made.beside["latents.pt"].rename(tmp_path / "draft" / "latents.pt")

    def refined(strength: float, folder: str) -> Path:
        draft = Draft(key="k", path=video, strength=strength)
        wanted = replace(request_(width=64, height=96), draft=draft)
        (outcome,) = make_all(final, [wanted], tmp_path / folder)
        assert outcome.error is None
        assert outcome.path
        return outcome.path

    from_latents = pictures(refined(0.6, "refined"))
    (fresh,) = make_all(final, [request_(width=64, height=96)], tmp_path / "fresh")
    assert fresh.path
    loads = final.models.engine(final.models.main).bench.experts.loads
    refined(0.2, "slight")
    assert final.models.engine(final.models.main).bench.experts.loads <= loads + 1
    latents.unlink()
    from_pictures = pictures(refined(0.61, "pictures"))
    enlarged = pictures(video).repeat(2, axis=1).repeat(2, axis=2).astype(int)
    near, likewise, far = (
        np.abs(frames.astype(int) - enlarged).mean()
        for frames in (from_latents, from_pictures, pictures(fresh.path))
    )
    assert near < far
    assert likewise < far


def test_a_planned_refinement_has_its_key_and_its_estimate_before_the_draft_is_there(
    backend: Backends, request_: Requests, tmp_path: Path
) -> None:
    final, wanted = backend(tflops=1.0, steps=10), request_()
    planned = replace(wanted, draft=Draft(key="k", path=None, strength=0.5))
    there = replace(wanted, draft=Draft(key="k", path=tmp_path / "take.mp4", strength=0.5))
    assert final.recipe(planned) == final.recipe(there)
    other = replace(wanted, draft=Draft(key="k", path=None, strength=0.6))
    keys = [content_key(final.recipe(request)) for request in (wanted, planned, other)]
    assert len(set(keys)) == 3
    assert final.estimate(planned).gpu_seconds == pytest.approx(final.estimate(wanted).gpu_seconds / 2)


def test_a_draft_of_another_rate_and_length_is_brought_to_the_clips(tmp_path: Path) -> None:
    video = tmp_path / "draft.mp4"
    with VideoEncoder(video, 32, 48, 24, EncodeSettings(crf=1)) as encoder:
        for number in range(12):
            encoder.write(planes_from_rgb(np.full((48, 32, 3), 20 * number, np.uint8)))
    start = Start(video=video, latents=None, strength=0.5)
    clip = SimpleNamespace(start=start, fps=16, num_frames=13)
    levels = [round(float(frame.mean() + 1) * 127.5 / 20) for frame in draft_frames(clip)]
    # Twelve frames at 24 are 0.5 s: eight at 16, of which the last stays.
    assert levels == [0, 1, 3, 4, 6, 7, 9, 10, 11, 11, 11, 11, 11]


def test_a_few_step_lora_goes_into_both_experts_and_its_digest_into_the_key(
    backend: Backends, request_: Requests, tmp_path: Path
) -> None:
    files = {}
    for number, expert in enumerate(("high", "low")):
        drawn = torch.Generator().manual_seed(number)
        base = "diffusion_model.blocks.0.self_attn.q"
        state = {
            f"{base}.lora_down.weight": torch.randn(4, 24, generator=drawn),
            f"{base}.lora_up.weight": torch.randn(24, 4, generator=drawn),
        }
        files[expert] = tmp_path / f"{expert}.safetensors"
        save_file(state, files[expert])
    quick = backend(few_steps=FewSteps(high=files["high"], low=files["low"]), steps=None)
    recipe = quick.recipe(request_())
    assert set(recipe["lora"]) == {"high", "low"}
    assert recipe["sampling"] == {
        "steps": 4, "guidance": {"high": 1.0, "low": 1.0}, "flow_shift": 5.0, "boundary": 0.875,
        "solver": "euler",
    }  # fmt: skip
    (outcome,) = make_all(quick, [request_()], tmp_path / "out")
    assert outcome.error is None
    assert outcome.facts["steps"] == 4
    half = backend(few_steps=FewSteps(high=files["high"]), steps=None)
    with pytest.raises(SettingsError, match="two experts, but a LoRA is named for the first alone"):
        half.recipe(request_())


def test_progress_counts_the_steps_of_each_shot(
    backend: Backends, request_: Requests, tmp_path: Path
) -> None:
    told: list[tuple[str, int, int, str]] = []
    ticks: list[Tick] = []
    working = backend(watch=ticks.append)
    list(working.make([request_("a"), request_("b", seed=8)], tmp_path, lambda *seen: told.append(seen)))
    mine = [(done, total, words) for shot, done, total, words in told if shot == "a"]
    assert list(dict.fromkeys((done, total) for done, total, _ in mine)) == [(0, 3), (1, 3), (2, 3), (3, 3)]
    assert mine[0][2].startswith("encode, clip 1 of 2, ")
    experts = [words for done, _, words in mine if done and not words.startswith("decode")]
    assert all(
        re.fullmatch(r"\w+-noise expert, clip 1 of 2, \S+ steps/s, about \d+ s left", w) for w in experts
    )
    assert re.fullmatch(r"decode, clip 1 of 2, \S+ latent frames/s, about \d+ s left", mine[-1][2])
    assert {tick.clips for tick in ticks} == {2}


def test_the_log_says_how_far_a_wave_is_and_how_long_it_takes(
    backend: Backends, request_: Requests, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "model.backends.wan")
    list(backend().make([request_("a"), request_("b", seed=8)], tmp_path, lambda *_: None))
    # Others speak, too, where an earlier test has set all loggers to speak.
    lines = [record.getMessage() for record in caplog.records if record.name == "model.backends.wan"]
    assert len(lines) == 6
    assert re.fullmatch(r"high-noise expert of a done, clip 1 of 2: \S+ steps/s, about \d+ s left", lines[0])
    assert re.fullmatch(r"decode of b done, clip 2 of 2: \S+ latent frames/s, about 0 s left", lines[-1])


def test_the_estimate_says_where_its_figures_come_from(backend: Backends, request_: Requests) -> None:
    plain = backend().estimate(request_()).basis
    assert plain.startswith("wan: all experts in fp32 on CPU, waves of 8;")
    assert plain.endswith("at a rate that is not known.")
    measured = backend(tflops=1e-6).estimate(request_())
    assert measured.gpu_seconds > 1
    assert measured.basis.endswith("at the rate measured here, decoding left out.")


def test_the_plan_for_the_longest_clips_reads_as_one_line(backend: Backends) -> None:
    assert str(backend().plan()).endswith(
        "all experts, fp32, 32x48, 81 frames, 3 steps, wave of 8, needs 1 GB, speed of this device unknown"
    )


def test_takes_come_as_they_are_done(backend: Backends, request_: Requests, tmp_path: Path) -> None:
    outcomes = backend().make([request_("a"), request_("b", seed=8)], tmp_path, lambda *_: None)
    first = next(outcomes)
    assert first.request.shot.id == "a"
    assert len(list(tmp_path.glob("*.mp4"))) == 1
    assert next(outcomes).request.shot.id == "b"
