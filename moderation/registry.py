"""Checks by name."""

from functools import lru_cache
from importlib import import_module
from typing import cast

from moderation.check import Check, CheckOptions

CHECKS = {
    "lexicon": "moderation.checks.lexicon:LexiconCheck",
    "ad_law": "moderation.checks.ad_law:AdLawCheck",
    "person_names": "moderation.checks.person_names:PersonNamesCheck",
    "toxicity": "moderation.checks.toxicity:ToxicityCheck",
    "guard": "moderation.checks.guard:GuardCheck",
    "frames": "moderation.checks.frames:FramesCheck",
    "zero_shot": "moderation.checks.zero_shot:ZeroShotCheck",
    "on_screen_text": "moderation.checks.on_screen_text:OnScreenTextCheck",
    "likeness": "moderation.checks.likeness:LikenessCheck",
    "licences": "moderation.checks.licences:LicencesCheck",
    "labels": "moderation.checks.labels:LabelsCheck",
}
"""Name to "module:class". Strings, so that listing the checks imports none of them."""


def check_type(name: str) -> type[Check]:
    """The class of a registered check; its packages and weights are loaded when it first looks.

    Raises:
        KeyError: no such check.
    """
    module, _, cls = CHECKS[name].partition(":")
    return cast(type[Check], getattr(import_module(module), cls))


@lru_cache(maxsize=64)
def load_check(name: str, options: CheckOptions) -> Check:
    """The check with these options; kept, so that a model is loaded once in a process."""
    make = cast("type", check_type(name))
    return cast(Check, make(options))
