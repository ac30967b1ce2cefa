"""The benchmark on a machine without CUDA: it runs through, and says what it could not measure."""

import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from benchmarks import wan as benchmark
from benchmarks import wan_diffusers
from benchmarks.wan_run import FULL, TOY, clips_of
from benchmarks.wan_size import enlarge, random_expert
from model.wan.checkpoint import EXPERTS, open_checkpoint
from model.wan.clip import Clip
from model.wan.foresight import foresee
from model.wan.load import load_expert
from model.wan.options import Precision, WanOptions
from model.wan.residency import GB, Device, Kind
from model.wan.tiny import save_tiny_checkpoint
from model.wan.variants import VARIANTS


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs it with some arguments and gives what it prints."""

    def run(*arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", ["wan", "--device", "cpu", *arguments])
        benchmark.main()
        return capsys.readouterr().out

    return run


def test_the_toy_goes_through_every_part_and_a_full_device_costs_one_case(
    said: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = wan_diffusers.call_pipeline, []

    def full(run: Any, pipe: Any, clip: Clip) -> Any:
        calls.append(clip)
        if len(calls) == 2:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return real(run, pipe, clip)

    monkeypatch.setattr(wan_diffusers, "call_pipeline", full)
    text = said("--parts", "rates,staged,decode,diffusers")
    assert "a toy of two thin layers runs instead" in text
    assert "Matrix products: " in text
    assert "| native | " in text
    assert text.count("| staged | ") == 2
    assert "6 steps measured, 34 more extrapolated" in text
    assert "| bf16, channels last | " in text
    short, long = (case.name for case in TOY)
    assert f"Not measured: diffusers, a clip at a time, {short}: the device is full." in text
    assert text.count("| diffusers, a clip at a time | ") == 1
    assert f"{long} in 4 steps" not in text
    assert "Staged is " in text


def test_what_does_not_end_in_time_is_left_out_or_broken_off_with_a_sentence(said: Any) -> None:
    text = said("--parts", "staged", "--minutes", "0.002")
    assert "Broken off: the 0.002 minutes are over." in text


def test_at_full_size_it_plans_and_fills_what_the_engine_would_load(tmp_path: Path) -> None:
    enlarge(save_tiny_checkpoint(tmp_path / "weights", "t2v-a14b"))
    found = open_checkpoint(str(tmp_path / "weights"))
    case = FULL[-1]
    device = Device(name="cuda", label="H200", memory=141 * GB, host_memory=256 * GB, tflops=989.0)
    plan = foresee(found, WanOptions(checkpoint=found.where), device, clips_of(case, case.steps))
    assert plan.kind is Kind.ALL
    assert plan.seconds == pytest.approx(1055, rel=0.01)
    expert = random_expert(found, EXPERTS[0], "meta", "meta", Precision.BF16)
    assert sum(one.numel() for one in expert.parameters()) == found.parameters(EXPERTS[0])


def test_an_expert_of_noise_is_built_as_a_loaded_one(tmp_path: Path) -> None:
    found = open_checkpoint(str(save_tiny_checkpoint(tmp_path / "weights", "t2v-a14b")))
    drawn = random_expert(found, EXPERTS[1], "cpu", "cpu", Precision.BF16)
    loaded = load_expert(found, EXPERTS[1], "cpu", Precision.BF16)
    for one, other in ((drawn, loaded), (loaded, drawn)):
        facts = {name: (tensor.dtype, tensor.shape) for name, tensor in one.named_parameters()}
        assert all(facts[name] == (tensor.dtype, tensor.shape) for name, tensor in other.named_parameters())
    tables = dict(loaded.named_buffers())
    assert all(torch.equal(tables[name], tensor) for name, tensor in drawn.named_buffers())
    assert VARIANTS["t2v-a14b"].layout.experts == len(EXPERTS)
