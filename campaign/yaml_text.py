"""YAML, as fast as this machine can read it."""

from typing import Any

import yaml

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml reads ten times faster; PyYAML's wheels have it, a build from source may not."""


def read_yaml(text: str) -> Any:
    """The plain data in ``text``.

    Raises:
        yaml.YAMLError: it is not YAML; says where.
    """
    return yaml.load(text, Loader=LOADER)
