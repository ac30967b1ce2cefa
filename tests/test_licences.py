import re
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "licences.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def names(requirements: list[str]) -> list[str]:
    return [re.split(r"[<>=!~\[; ]", requirement)[0] for requirement in requirements]


def told(name: str) -> bool:
    return re.sub(r"[-_]", "", name).casefold() in re.sub(r"[-_]", "", PAGE).casefold()


def test_every_dependency_is_on_the_page() -> None:
    extras = [need for extra in PROJECT["optional-dependencies"].values() for need in extra]
    assert [name for name in names(PROJECT["dependencies"] + extras) if not told(name)] == []


@pytest.mark.parametrize("package", ["pysrt", "espeakng-loader", "imageio-ffmpeg", "av", "moviepy"])
def test_parts_under_gpl_were_read_in_the_versions_that_are_pinned(package: str) -> None:
    assert f"{package} | {version(package)} |" in PAGE


def test_the_licence_is_apache() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in text
    assert "Version 2.0, January 2004" in text
    assert PROJECT["license"] == "Apache-2.0"
