from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from model.wan import device
from model.wan.device import host_memory, look_at, rate_of


@pytest.mark.parametrize(
    ("label", "rate"),
    [
        ("NVIDIA H200", 989.0),
        ("NVIDIA H200 NVL", 836.0),
        ("NVIDIA H100 PCIe", 756.0),
        ("NVIDIA A100-SXM4-80GB", 312.0),
        ("NVIDIA H20", 148.0),
        ("NVIDIA H200 MIG 3g.71gb", pytest.approx(989 * 3 / 7)),
        ("Somebody's card", None),
    ],
)
def test_a_device_has_the_rate_of_its_data_sheet_and_a_slice_its_share(label: str, rate: Any) -> None:
    assert rate_of(label) == rate


@pytest.mark.parametrize(("limit", "counts"), [("17179869184\n", True), ("max\n", False)])
def test_a_containers_limit_counts_as_the_machines_memory(
    limit: str, counts: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device.os, "sysconf", lambda name: 4096 if name == "SC_PAGE_SIZE" else 1 << 24)
    (tmp_path / "memory.max").write_text(limit)
    monkeypatch.setattr(device, "_CONTAINER_LIMITS", (str(tmp_path / "memory.max"), str(tmp_path / "none")))
    assert host_memory() == (17179869184 if counts else 1 << 36)


def test_another_device_than_the_first_is_looked_at_by_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    facts = SimpleNamespace(name="NVIDIA H200", total_memory=150_000_000_000)
    asked: list[Any] = []
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda one: asked.append(one) or facts)
    found = look_at("cuda:1")
    assert (found.name, found.label, found.memory) == ("cuda:1", "NVIDIA H200", 150_000_000_000)
    assert asked == [torch.device("cuda:1")]
