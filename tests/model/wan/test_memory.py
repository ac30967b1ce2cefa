"""What stays in memory: seen by weak references, which say on any device who still holds what."""

import gc
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from campaign.errors import BrokenTakeError
from model.wan import foresight, wave
from model.wan.clip import Stage
from model.wan.engine import Engine
from model.wan.library import WanTransformer3DModel
from model.wan.load import kept_dtype
from model.wan.shelf import BLOCK, Shelf


@pytest.fixture(autouse=True)
def no_collector() -> Iterator[None]:
    """Nothing is let go of by chance."""
    gc.disable()
    yield
    gc.enable()


def watched(working: Engine, monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """For each expert that is read: how many were read before, and how many of them still live."""
    seen: list[Any] = []
    told: list[tuple[int, int]] = []
    real = working.bench.experts._prepared

    def prepared(model: Any) -> Any:
        told.append((len(seen), sum(one() is not None for one in seen)))
        seen.append(weakref.ref(model))
        return real(model)

    monkeypatch.setattr(working.bench.experts, "_prepared", prepared)
    return told


@pytest.mark.parametrize("kind", ["one", "stream"])
def test_an_expert_that_the_machine_cannot_keep_is_gone_when_the_next_one_is_read(
    kind: str, checkpoints: Any, clip: Any, engine: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("model.wan.foresight.keeps_on_host", lambda *_: False)
    working = engine(checkpoints["t2v-a14b"], residency=kind)
    told = watched(working, monkeypatch)
    assert [one.error for one in working.run([clip("t2v-a14b")], tmp_path, lambda _: None)] == [None]
    assert told == [(0, 0), (1, 0)]


def test_the_error_of_a_failed_clip_holds_no_weights(
    checkpoints: Any, clip: Any, engine: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(foresight, "keeps_on_host", lambda *_: False)
    real, working = wave.run_expert, engine(checkpoints["t2v-a14b"], residency="one")
    told = watched(working, monkeypatch)

    def broken(model: Any, stage: Stage, one: Any, *rest: Any) -> Any:
        parked = real(model, stage, one, *rest)
        parked.latents = parked.latents * float("nan") if one.key == "bad" else parked.latents
        return parked

    monkeypatch.setattr(wave, "run_expert", broken)
    clips = [clip("t2v-a14b", key="bad"), clip("t2v-a14b", key="good")]
    failed, done = working.run(clips, tmp_path, lambda _: None)
    assert isinstance(failed.error, BrokenTakeError)
    assert done.path
    assert told == [(0, 0), (1, 0)]
    passed: BaseException | None = failed.error
    while passed:
        assert passed.__traceback__ is None
        passed = passed.__context__


def test_tensors_on_a_shelf_are_the_same_and_lie_side_by_side() -> None:
    shelf = Shelf(pinned=False, block=8192)
    given = [
        torch.randn(3, 5),
        torch.randn(7).to(torch.float8_e4m3fn),
        torch.tensor(2.5),
        torch.randn(30, 50, dtype=torch.bfloat16),
        torch.randn(0, 4),
        torch.arange(8, dtype=torch.int8),
    ]
    put = [shelf.put(tensor) for tensor in given]
    assert [(one.dtype, one.shape) for one in put] == [(one.dtype, one.shape) for one in given]
    assert all(torch.equal(one.float(), other.float()) for one, other in zip(put, given, strict=True))
    assert all(one.data_ptr() % 64 == 0 for one in put)
    assert len({one.untyped_storage().data_ptr() for one in put if one.numel()}) == 1
    large = shelf.put(torch.randn(3000))
    assert shelf.held == 8192 + large.nbytes


def test_an_expert_of_full_size_takes_hardly_more_than_its_bytes_on_the_shelf(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with torch.device("meta"):
        expert = WanTransformer3DModel()
    sizes = [
        one.numel() * kept_dtype(expert, name, torch.bfloat16).itemsize
        for name, one in expert.named_parameters()
    ]
    monkeypatch.setattr(Shelf, "_new", lambda _, size: torch.empty(size, dtype=torch.uint8, device="meta"))
    shelf = Shelf(pinned=True)
    for size in sizes:
        shelf._place(size)
    assert sum(sizes) == pytest.approx(28.6e9, rel=0.01)
    assert shelf.held < sum(sizes) * 1.03 + BLOCK
    alone = sum(1 << (size - 1).bit_length() for size in sizes)
    assert alone > sum(sizes) * 1.5
