"""The device of device.cpp, which torch knows as ``second``: built, and loaded with all that torch wants."""

import subprocess
import sysconfig
from contextlib import nullcontext
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch.utils.cpp_extension import include_paths

NAME = "second"
SOURCE = Path(__file__).with_name("device.cpp")


def build(compiler: str, folder: Path) -> Path:
    """The library, made by that C++ compiler."""
    library = folder / "second_memory.so"
    torch_libraries = Path(torch.__file__).parent / "lib"
    subprocess.run(
        [
            compiler,
            "-std=c++20",
            "-O0",
            "-w",
            "-shared",
            "-fPIC",
            f"-D_GLIBCXX_USE_CXX11_ABI={int(torch.compiled_with_cxx11_abi())}",
            *(f"-I{path}" for path in (*include_paths(), sysconfig.get_path("include"))),
            str(SOURCE),
            f"-L{torch_libraries}",
            "-lc10",
            "-ltorch_cpu",
            "-o",
            str(library),
        ],
        check=True,
    )
    return library


def load(library: Path) -> Any:
    """Have torch know ``second:0`` and ``second:1``; gives what tells of their memory."""
    torch.utils.rename_privateuse1_backend(NAME)
    torch.ops.load_library(library)
    torch._register_device_module(NAME, _module())
    torch.utils.generate_methods_for_privateuse1_backend()
    torch.Tensor.record_stream = lambda *_: None
    torch.Tensor.data = property(_DATA.__get__, _set_data)
    return torch.ops.second_memory


_DATA: Any = torch._C.TensorBase.data


def _set_data(tensor: torch.Tensor, value: torch.Tensor) -> None:
    if tensor.device.type == value.device.type:
        _DATA.__set__(tensor, value)
    else:
        torch.ops.second_memory.set_data(tensor, value.detach())


class _At:
    """As ``torch.cuda.device``."""

    def __init__(self, device: Any) -> None:
        self._index = _index(device)

    def __enter__(self) -> None:
        self._before = torch.ops.second_memory.current()
        torch.ops.second_memory.enter(self._index)

    def __exit__(self, *_: object) -> None:
        torch.ops.second_memory.enter(self._before)


class _Stream:
    """Everything is done when it is asked for: there is nothing to wait for."""

    def synchronize(self) -> None:
        pass


def _index(device: Any) -> int:
    return device if isinstance(device, int) else torch.device(device).index or 0


def _module() -> ModuleType:
    module: Any = ModuleType(f"torch.{NAME}")
    known = torch.ops.second_memory
    module.device = _At
    module.is_available = lambda: True
    module.device_count = lambda: 2
    module.current_device = known.current
    module.set_device = lambda device: known.enter(_index(device))
    module.max_memory_allocated = lambda device: known.peak(_index(device))
    module.reset_peak_memory_stats = lambda device: known.reset(_index(device))
    module.synchronize = lambda *_: None
    module.empty_cache = lambda: None
    module.Stream = _Stream
    module.current_stream = lambda *_: _Stream()
    module.stream = lambda _: nullcontext()
    module._is_in_bad_fork = lambda: False
    module.manual_seed_all = lambda _: None
    module.get_amp_supported_dtype = lambda: [torch.bfloat16]
    return module
