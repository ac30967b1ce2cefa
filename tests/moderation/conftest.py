from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

_spec = spec_from_file_location("tiny_models", Path(__file__).parent / "tiny_models.py")
assert _spec
assert _spec.loader
_tiny = module_from_spec(_spec)
_spec.loader.exec_module(_tiny)

toxic, mild = _tiny.toxic, _tiny.mild
guard_model, frames_model, clip_model = _tiny.guard_model, _tiny.frames_model, _tiny.clip_model
face_models = _tiny.face_models


@pytest.fixture(scope="session")
def tiny() -> ModuleType:
    return _tiny
