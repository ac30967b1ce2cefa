import os
import signal
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from multiprocessing import active_children
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers.models.attention_dispatch import AttentionBackendName, _AttentionBackendRegistry

from campaign.errors import DeviceError, RequestError, SettingsError
from model.wan.bench import Bench
from model.wan.choices import ATTENTION
from model.wan.clip import Stage, Tick
from model.wan.device import look_at
from model.wan.experts import Experts
from model.wan.foresight import check_share, foresee
from model.wan.options import Precision, WanOptions, check_options
from model.wan.residency import Kind
from model.wan.speed import choose_attention
from model.wan.team import Team

TOLERANCE = 1e-5
"""Of latents around 1, after four steps in fp32: parts of a sequence are summed in another order."""


def workers() -> list[int]:
    return [child.pid for child in active_children() if child.pid and child.name.startswith("wan-")]


@pytest.fixture
def teamed(checkpoints: Any) -> Iterator[Callable[[str], tuple[Experts, Team]]]:
    """An expert of a variant in this process, and the same in two."""
    teams: list[Team] = []

    def make(variant: str) -> tuple[Experts, Team]:
        alone = Experts(checkpoints[variant], Precision.FP32, {}, "native", False, {})
        expand = checkpoints[variant].variant.layout.expand_timesteps
        teams.append(Team(alone, ("cpu", "cpu"), expand))
        return alone, teams[-1]

    yield make
    for team in teams:
        team.close("cpu")


def test_two_processes_make_the_latents_of_one_and_a_death_among_them_is_that_clips_failure_alone(
    checkpoints: Any, clip: Any, engine: Any, made: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    clips = [clip("t2v-a14b", key=f"c{n}", seed=n, width=96, height=64) for n in range(2)]
    alone = made(engine(checkpoints["t2v-a14b"]), clips)
    together = engine(checkpoints["t2v-a14b"], devices_per_clip=2, folder=tmp_path / "together")
    seen: list[int] = []

    def watch(tick: Tick) -> None:
        if tick.stage is Stage.HIGH and not seen:
            seen.extend(workers())
            os.kill(seen[1], signal.SIGKILL)

    first, second = together.run(clips, tmp_path / "out", watch)
    assert len(seen) == 2
    assert isinstance(first.error, DeviceError)
    assert "ended by signal 9 while they worked on a clip together" in str(first.error)
    assert second.error is None
    assert "2 devices that work on one clip together" in str(second.facts["plan"])
    latents = torch.load(clips[1].keep_as, weights_only=True)["latents"]
    assert torch.allclose(latents, alone["c1"], atol=TOLERANCE, rtol=0)
    assert workers()
    assert len(list(tmp_path.glob("reelsheet-team-*"))) == 1
    together.close()
    assert not workers()
    assert not list(tmp_path.glob("reelsheet-team-*"))


@torch.no_grad()
def test_every_plan_parts_the_tokens_and_their_times_and_gives_the_whole_models_flow(teamed: Any) -> None:
    alone, team = teamed("ti2v-5b")
    torch.manual_seed(1)
    times = torch.full((1, 3 * 4 * 6), 900.0)
    times[:, : 4 * 6] = 0
    asked = {
        "hidden_states": torch.randn(1, 48, 3, 8, 12),
        "timestep": times,
        "encoder_hidden_states": torch.randn(1, 512, 32),
        "return_dict": False,
    }
    with alone.on_device(Stage.HIGH, Kind.ALL, True, "cpu") as model:
        whole = model(**asked)[0]
    for kind in Kind:
        for on_host in (True, False):
            with team.on_device(Stage.HIGH, kind, on_host, "cpu") as model:
                assert model.dtype is torch.float32
                assert torch.allclose(model(**asked)[0], whole, atol=TOLERANCE, rtol=0), (kind, on_host)
    uneven = {**asked, "hidden_states": torch.randn(1, 48, 3, 2, 6), "timestep": times[:, :9]}
    with team.on_device(Stage.HIGH, Kind.ALL, True, "cpu") as model:
        with pytest.raises(DeviceError, match="divisible"):
            model(**uneven)
        assert not workers()


def test_a_clip_or_a_model_that_cannot_be_parted_evenly_is_refused_with_numbers_that_can(
    checkpoints: Any, clip: Any
) -> None:
    found = checkpoints["t2v-a14b"]
    two = WanOptions(checkpoint=found.where, device="cpu", devices_per_clip=2)
    check_share(found, two, 48, 64, 9)
    with pytest.raises(RequestError, match=r"48x48 with 9 frames is 27 tokens.*Set devices_per_clip to 1,"):
        check_share(found, two, 48, 48, 9)
    with pytest.raises(SettingsError, match=r"3 devices cannot part the 2 attention heads.*Set it to 1 or 2"):
        foresee(found, replace(two, devices_per_clip=3), look_at("cpu"), [clip("t2v-a14b")])


def test_the_plan_says_that_devices_work_together_and_counts_each_ones_share(
    checkpoints: Any, clip: Any
) -> None:
    found, one = checkpoints["t2v-a14b"], WanOptions(device="cpu", tflops=1.0)
    clips = [clip("t2v-a14b", width=960, height=640)]
    alone = foresee(found, one, look_at("cpu"), clips)
    together = foresee(found, replace(one, devices_per_clip=2), look_at("cpu"), clips)
    assert "all experts on each of 2 devices that work on one clip together" in str(together)
    assert together.needs <= alone.needs
    assert alone.seconds and together.seconds == pytest.approx(alone.seconds / 1.8)


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"devices_per_clip": 0}, "0 is no number of devices"),
        ({"devices_per_clip": 2, "second_device": "cuda:1"}, "each with both experts"),
        ({"devices_per_clip": 2, "quality": "high"}, "decide for itself"),
        ({"devices_per_clip": 2, "compile": True}, "not tried"),
    ],
)
def test_what_does_not_go_with_devices_that_work_together_is_refused(other: Any, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        check_options(WanOptions(**other))


def test_attention_that_cannot_be_parted_is_left_out_as_diffusers_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    parted = _AttentionBackendRegistry._supports_context_parallel
    for kernel in ATTENTION.values():
        assert kernel.together is (AttentionBackendName(kernel.backend) in parted)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _: (10, 0))
    monkeypatch.setattr("model.wan.speed.try_kernel", lambda *_: None)
    assert choose_attention("auto", "cuda", torch.bfloat16, 2) == "cudnn"


def test_a_team_is_made_only_where_one_is_asked_for(checkpoints: Any, engine: Any) -> None:
    bench: Bench = engine(checkpoints["t2v-a14b"]).bench
    assert isinstance(bench.experts, Experts)
