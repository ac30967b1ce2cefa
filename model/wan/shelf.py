"""Weights in the machine's memory, laid out to be copied to a device.

Pages that are pinned are copied at the bus's full rate, and while the device works. torch rounds every pinned
allocation up to a power of two (``ATen/core/CachingHostAllocator.h``): pinned one by one, an expert of
28.6 GB would take 43.7 GB. So tensors are put side by side into blocks whose size is a power of two already.
"""

from typing import Any

import torch

BLOCK = 1 << 30
"""Bytes."""
_STEP = 512
"""Tensors begin at multiples of so many bytes, as in torch's own memory."""


class Shelf:
    """Blocks, each with room for many tensors; they are freed with the last tensor on them."""

    def __init__(self, pinned: bool, block: int = BLOCK) -> None:
        self._pinned = pinned
        self._block = block
        self._blocks: list[torch.Tensor] = []
        self._used: list[int] = []
        """Bytes of each block."""

    def put(self, tensor: torch.Tensor) -> torch.Tensor:
        """The tensor's copy on the shelf."""
        if tensor.nbytes == 0:
            return tensor
        block, begin = self._place(tensor.nbytes)
        room = self._blocks[block][begin : begin + tensor.nbytes].view(tensor.dtype).view(tensor.shape)
        return room.copy_(tensor)

    def put_all(self, model: Any) -> None:
        """Every tensor of the model, each freed where it was as soon as it is copied."""
        for tensor in (*model.parameters(), *model.buffers()):
            tensor.data = self.put(tensor.data)

    @property
    def held(self) -> int:
        """Bytes of its blocks."""
        return sum(block.nbytes for block in self._blocks)

    def _place(self, size: int) -> tuple[int, int]:
        """Number of the first block with room, and where in it."""
        for block, used in enumerate(self._used):
            if used + size <= self._blocks[block].nbytes:
                break
        else:
            block, used = len(self._used), 0
            # A tensor that is larger than a block has one of its own.
            self._blocks.append(self._new(max(self._block, size)))
            self._used.append(0)
        self._used[block] = used + -(-size // _STEP) * _STEP
        return block, used

    def _new(self, size: int) -> torch.Tensor:
        return torch.empty(size, dtype=torch.uint8, pin_memory=self._pinned)
