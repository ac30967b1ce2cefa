"""Backends and expanders by name."""

from importlib import import_module
from typing import TYPE_CHECKING, cast

from campaign.errors import BackendMissingError, ExpansionError
from model.backend import Backend
from model.expander import Endpoint, Expander

if TYPE_CHECKING:
    from model.hosting.options import HostedOptions
    from model.wan.options import WanOptions

BACKENDS = {
    "animatic": "model.backends.animatic:AnimaticBackend",
    "bailian": "model.backends.bailian:BailianBackend",
    "openai-videos": "model.backends.openai_videos:OpenAIVideosBackend",
    "runway": "model.backends.runway:RunwayBackend",
    "wan": "model.backends.wan:WanBackend",
}
"""Name to "module:class". Strings, so that listing the backends imports none of them."""

HOSTED = frozenset({"bailian", "openai-videos", "runway"})
"""Those that are paid by the second; a model that is not the default is named too: ``runway:veo3.1``."""

EXPANDERS = {
    "llm": "model.expansion.llm:LlmExpander",
    "rules": "model.expansion.rules:RulesExpander",
}
"""Likewise."""
ASK_A_SERVICE = frozenset({"llm"})
"""Expanders that are made with an `Endpoint`."""


def load_backend(name: str, options: "HostedOptions | WanOptions | None" = None) -> Backend:
    """The backend of that name, ready to be asked. One that is paid needs ``options`` to make, not to plan.

    Raises:
        BackendMissingError: no such backend, or its packages are not installed.
        InvalidRequestError: a hosted backend's model is not known, or retired.
    """
    vendor = name.partition(":")[0]
    kind = vendor if vendor in HOSTED else name
    if kind not in BACKENDS:
        raise BackendMissingError(name, "is not known.", f"Known: {', '.join(sorted(BACKENDS))}.")
    module, _, cls = BACKENDS[kind].partition(":")
    try:
        found = getattr(import_module(module), cls)
        if kind in HOSTED:
            return cast(Backend, found(name, options))
        return cast(Backend, found() if options is None else found(options))
    except ModuleNotFoundError as error:
        raise BackendMissingError(
            name,
            f"needs the package {error.name}.",
            "Install reelsheet with its extra: pip install '.[gpu,hosted]'.",
        ) from error


def load_expander(name: str, endpoint: Endpoint | None = None) -> Expander:
    """The expander of that name, ready to be asked.

    Raises:
        ExpansionError: no such expander, or it asks a service and none is named.
    """
    if name not in EXPANDERS:
        raise ExpansionError(name, "is not known.", f"Known: {', '.join(sorted(EXPANDERS))}.")
    module, _, cls = EXPANDERS[name].partition(":")
    if name not in ASK_A_SERVICE:
        return cast(Expander, getattr(import_module(module), cls)())
    if endpoint is None:
        raise ExpansionError(
            name, "asks a language model, and none is named.", "Set the model's URL and name, or use 'rules'."
        )
    return cast(Expander, getattr(import_module(module), cls)(endpoint))


def backend_names() -> frozenset[str]:
    """Every name that a campaign may write: hosted vendors with each of their models too.

    Models that were shut down are among them, so that whoever names one is told since when and what to write.
    """
    from model.hosting.catalog import shipped_catalog  # noqa: PLC0415  # Reads files; only a sheet needs it.

    models = {name: shipped_catalog(name.replace("-", "_")) for name in HOSTED}
    named = (f"{name}:{model}" for name, c in models.items() for model in (*c.models, *c.retired))
    return frozenset(BACKENDS) | frozenset(named)
