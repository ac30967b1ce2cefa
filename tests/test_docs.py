"""The documents say what the code does."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel

from campaign.brand_kit import BrandKit
from campaign.kit_parts import Words
from finishing.voice import voice_names
from flows.settings import Settings
from model.registry import BACKENDS
from moderation.policy import policy_names
from reelsheet.help import page

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def names(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_the_commands_page_is_what_the_command_line_says() -> None:
    written = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    assert written == page(), "run: .venv/bin/python -m reelsheet.help > docs/cli.md"


def test_every_setting_is_told() -> None:
    told = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert [name for name in Settings.model_fields if f"`{name}`" not in told] == []


def test_every_key_of_a_brand_kit_is_told() -> None:
    text = (ROOT / "docs" / "brand_kits.md").read_text(encoding="utf-8")
    told = {part for word in re.findall(r"[a-z_.]+", text) for part in (word, *word.split("."))}
    keys = [key for key in kit_keys(BrandKit) if key.partition(".")[0] not in ("name", "folder")]
    assert len(keys) > 50
    assert [key for key in keys if not {key.rpartition(".")[2], key} & told] == []


def kit_keys(part: type[BaseModel], above: str = "") -> Iterator[str]:
    for name, field in part.model_fields.items():
        inner = [kind for kind in (field.annotation, *get_args(field.annotation)) if isinstance(kind, type)]
        models = [kind for kind in inner if issubclass(kind, BaseModel) and kind is not Words]
        yield f"{above}{name}"
        for model in models:
            yield from kit_keys(model, f"{above}{name}.")


def test_readme_names_every_backend_voice_and_policy() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    known = [*BACKENDS, *voice_names(), *policy_names()]
    assert [name for name in known if f"`{name}`" not in readme] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=names)
def test_every_link_to_a_file_leads_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#\s]+)", text)
    files = [link for link in links if not link.startswith(("http://", "https://", "mailto:"))]
    assert [link for link in files if not (document.parent / link).exists()] == []


def test_the_makefile_has_every_target_that_documents_name() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {
        target
        for document in DOCUMENTS
        for target in re.findall(r"^make ([a-z]+)", document.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert named - targets == set()
