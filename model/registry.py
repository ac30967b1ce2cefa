"""Backends by name."""

from importlib import import_module
from typing import cast

from campaign.errors import BackendMissingError
from model.backend import Backend

BACKENDS = {
    "animatic": "model.backends.animatic:AnimaticBackend",
}
"""Name to "module:class". Strings, so that listing the backends imports none of them."""


def load_backend(name: str) -> Backend:
    """The backend of that name, ready to be asked.

    Raises:
        BackendMissingError: no such backend, or its packages are not installed.
    """
    if name not in BACKENDS:
        raise BackendMissingError(name, "is not known.", f"Known: {', '.join(sorted(BACKENDS))}.")
    module, _, cls = BACKENDS[name].partition(":")
    try:
        return cast(Backend, getattr(import_module(module), cls)())
    except ModuleNotFoundError as error:
        raise BackendMissingError(
            name,
            f"needs the package {error.name}.",
            "Install reelsheet with its extra: pip install '.[gpu,hosted]'.",
        ) from error
