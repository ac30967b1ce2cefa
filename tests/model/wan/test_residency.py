from dataclasses import replace

import pytest

from campaign.errors import DeviceError, SettingsError
from model.wan.options import Precision
from model.wan.residency import GB, Device, Kind, Load, Residency, choose, needed, out_of_memory
from model.wan.scaled import STORED

BYTES = {Precision.BF16: 2, Precision.FP8: 1}


def load(size: str, precision: Precision = Precision.BF16) -> Load:
    """A14B at 81 frames, with its published sizes."""
    tokens, pixels = {"720p": (75_600, 1280 * 720), "480p": (32_760, 832 * 480)}[size]
    return Load(
        text_bytes=11_360_000_000,
        expert_bytes=14_288_000_000 * BYTES[precision],
        experts=2,
        vae_bytes=508_000_000,
        vae_item=4,
        blocks=40,
        tokens=tokens,
        width=5120,
        pixels=pixels,
        precision=precision,
    )


def device(memory: float) -> Device:
    return Device(name="cuda", label="a card", memory=int(memory * GB), host_memory=256 * GB, tflops=989.0)


@pytest.mark.parametrize(
    ("memory", "size", "precision", "kind"),
    [
        (141, "720p", Precision.BF16, Kind.ALL),
        (80, "720p", Precision.BF16, Kind.ONE),
        (80, "480p", Precision.BF16, Kind.ALL),
        (48, "720p", Precision.BF16, Kind.STREAM),
        (48, "720p", Precision.FP8, Kind.ONE),
        (48, "480p", Precision.BF16, Kind.ONE),
        (24, "480p", Precision.BF16, Kind.STREAM),
    ],
)
def test_the_fastest_plan_that_fits_is_chosen(
    memory: float, size: str, precision: Precision, kind: Kind
) -> None:
    assert choose(device(memory), load(size, precision), "auto", None) is kind


def test_one_expert_at_720p_needs_what_the_official_release_was_seen_to_need() -> None:
    assert needed(Kind.ONE, load("720p")) / GB == pytest.approx(59.8, rel=0.05)
    assert needed(Kind.ONE, load("480p")) / GB == pytest.approx(41.3, rel=0.05)


def test_a_device_too_small_for_the_smallest_plan_is_refused_with_what_it_needs() -> None:
    with pytest.raises(
        DeviceError,
        match=r"room for 15\.2 GB.*streamed blocks in bf16 needs 32\.\d GB.*or make the draft rung",
    ):
        choose(device(16), load("720p"), "auto", None)


def test_a_draft_that_does_not_fit_is_not_told_to_be_a_draft() -> None:
    with pytest.raises(DeviceError, match="Use a larger device, or ask for shorter shots"):
        choose(device(8), replace(load("480p", Precision.FP8), is_draft=True), "auto", None)


def test_memory_that_may_not_be_used_does_not_count() -> None:
    assert choose(device(141), load("720p"), "auto", 80 * GB) is Kind.ONE


def test_a_plan_asked_for_that_does_not_fit_is_refused_and_the_next_named() -> None:
    with pytest.raises(DeviceError, match="The next smaller plan is 'one'"):
        choose(device(80), load("720p"), "all", None)


def test_a_plan_that_does_not_exist_is_refused() -> None:
    with pytest.raises(SettingsError, match="Known: auto, all, one, stream"):
        choose(device(80), load("720p"), "both", None)


def test_a_plan_reads_as_one_line_and_names_its_successor_when_memory_runs_out() -> None:
    plan = Residency(
        kind=Kind.ONE,
        device=device(48),
        precision=Precision.FP8,
        needs=44 * GB,
        second=None,
        on_host=True,
        wave=8,
        clip="720p, 81 frames, 40 steps",
        seconds=1055.4,
    )
    assert str(plan) == (
        "a card, 48 GB: one expert, fp8, 720p, 81 frames, 40 steps, wave of 8, needs 44 GB, est. 1055 s/clip"
    )
    error = out_of_memory(plan, load("720p", Precision.FP8), "decode")
    assert "the next smaller plan is 'stream'" in str(error).casefold()


def test_every_one_byte_precision_has_a_dtype() -> None:
    assert set(STORED) == {Precision.FP8, Precision.INT8}
