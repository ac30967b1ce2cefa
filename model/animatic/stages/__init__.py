"""The stages, by the names that words.py and choice.py use."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from model.animatic.site import Site
from model.animatic.stages.graphic import editorial, garden, glow, poster, skyline
from model.animatic.stages.interior import flatlay, studio, window
from model.animatic.stages.landscape import grove, ridges, sea, terraces
from model.animatic.stages.stage import Stage

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
