"""Experts on their device, held as the residency plan says."""

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from model.wan.checkpoint import Checkpoint
from model.wan.choices import ATTENTION
from model.wan.clip import Stage
from model.wan.device import has_memory, release
from model.wan.library import use_attention
from model.wan.load import load_expert, load_gguf
from model.wan.lora import Lora
from model.wan.options import Precision
from model.wan.residency import Kind
from model.wan.shelf import Shelf


class Experts:
    """Loads each expert when its stage begins, and lets go of it as soon as the plan allows."""

    def __init__(
        self,
        checkpoint: Checkpoint,
        precision: Precision,
        loras: Mapping[Stage, Lora],
        attention: str,
        compiled: bool,
        ggufs: Mapping[Stage, Path],
    ) -> None:
        self._checkpoint = checkpoint
        self._precision = precision
        self._loras = loras
        self._attention = attention
        self._compiled = compiled
        self._ggufs = ggufs
        self._held: dict[Stage, Any] = {}
        """Ready to be used, on the device or streamed to it."""
        self._host: dict[Stage, Any] = {}
        """On the host, to be brought to the device when its stage comes."""
        self.loads = 0
        """How often an expert was read from disk."""
        self.peak: int | None = None
        """Of devices that other processes work on; torch counts this one's."""

    @contextmanager
    def on_device(self, stage: Stage, kind: Kind, on_host: bool, device: str) -> Iterator[Any]:
        """The stage's expert, ready to be called."""
        match kind:
            case Kind.ALL:
                yield self._hold(stage, device)
            case Kind.STREAM if on_host:
                yield self._stream(stage, device)
            case Kind.ONE if on_host:
                with self._brought(stage, device) as model:
                    yield model
            case _:
                try:
                    yield self._hold(stage, device) if kind is Kind.ONE else self._stream(stage, device)
                finally:
                    self.close(device)

    def close(self, device: str) -> None:
        """Let go of all."""
        self._host.clear()
        self._held.clear()
        # Hooks and modules refer to one another: without a collection the weights stay on the device.
        gc.collect()
        release(device)

    def _hold(self, stage: Stage, device: str) -> Any:
        if stage not in self._held:
            self._held[stage] = self._prepared(self.read(stage, device))
        return self._held[stage]

    def _stream(self, stage: Stage, device: str) -> Any:
        if stage not in self._held:
            model = self._on_shelf(stage, device)
            apart = has_memory(device)
            # Of tensors that are pinned already it makes no copy.
            model.enable_group_offload(
                onload_device=torch.device(device),
                offload_device=torch.device("cpu"),
                offload_type="block_level",
                num_blocks_per_group=1,
                use_stream=apart,
                record_stream=apart,
            )
            self._held[stage] = model
        return self._held[stage]

    @contextmanager
    def _brought(self, stage: Stage, device: str) -> Iterator[Any]:
        """From the host's memory and dropped again; nothing is copied back, since nothing has changed."""
        if stage not in self._host:
            self._host[stage] = self._on_shelf(stage, device)
        model = self._host[stage]
        kept = [(tensor, tensor.data) for tensor in _tensors(model)]
        for tensor, data in kept:
            tensor.data = data.to(device, non_blocking=True)
        try:
            yield model
        finally:
            for tensor, data in kept:
                tensor.data = data
            release(device)

    def read(self, stage: Stage, device: str) -> Any:
        """The stage's expert from disk."""
        # One that was let go of while its caller still held it lives on through its hooks' circles.
        gc.collect()
        release(device)
        self.loads += 1
        names = dict(zip((Stage.HIGH, Stage.LOW), self._checkpoint.experts, strict=False))
        if file := self._ggufs.get(stage):
            return load_gguf(self._checkpoint, names[stage], file, device, self._precision)
        return load_expert(self._checkpoint, names[stage], device, self._precision, self._loras.get(stage))

    def _on_shelf(self, stage: Stage, device: str) -> Any:
        """In the machine's memory, from where it is copied to the device again and again."""
        model = self._prepared(self.read(stage, "cpu"))
        Shelf(pinned=has_memory(device)).put_all(model)
        return model

    def _prepared(self, model: Any) -> Any:
        use_attention(model, ATTENTION[self._attention].backend)
        for block in model.blocks if self._compiled else ():
            # As diffusers' compile_repeated_blocks, but within the hooks that stream a block: those cannot be
            # compiled. All blocks of both experts share what is compiled.
            block.forward = torch.compile(block.forward, fullgraph=True)
        return model


def _tensors(model: Any) -> list[torch.Tensor]:
    return [*model.parameters(), *model.buffers()]
