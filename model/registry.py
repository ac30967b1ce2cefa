"""Backends and expanders by name."""

from importlib import import_module
from typing import cast

from campaign.errors import BackendMissingError, ExpansionError
from model.backend import Backend
from model.expander import Expander

BACKENDS = {
    "animatic": "model.backends.animatic:AnimaticBackend",
}
"""Name to "module:class". Strings, so that listing the backends imports none of them."""

EXPANDERS = {
    "rules": "model.expansion.rules:RulesExpander",
}
"""Likewise."""


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


def load_expander(name: str) -> Expander:
    """The expander of that name, ready to be asked.

    Raises:
        ExpansionError: no such expander.
    """
    if name not in EXPANDERS:
        raise ExpansionError(name, "is not known.", f"Known: {', '.join(sorted(EXPANDERS))}.")
    module, _, cls = EXPANDERS[name].partition(":")
    return cast(Expander, getattr(import_module(module), cls)())
