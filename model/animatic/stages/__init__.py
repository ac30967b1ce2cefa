"""The stages, by the names that words.py and choice.py use."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from model.animatic.site import Site
from model.animatic.stages.garden import garden
from model.animatic.stages.graphic import editorial, glow, poster
from model.animatic.stages.grove import grove
from model.animatic.stages.interior import flatlay, studio, window
from model.animatic.stages.ridges import ridges
from model.animatic.stages.sea import sea
from model.animatic.stages.skyline import skyline
from model.animatic.stages.stage import Stage
from model.animatic.stages.terraces import terraces

STAGES: Mapping[str, Callable[[Site], Stage]] = MappingProxyType(
    {
        "editorial": editorial,
        "flatlay": flatlay,
        "garden": garden,
        "glow": glow,
        "grove": grove,
        "poster": poster,
        "ridges": ridges,
        "sea": sea,
        "skyline": skyline,
        "studio": studio,
        "terraces": terraces,
        "window": window,
    }
)
"""Name to painter."""
