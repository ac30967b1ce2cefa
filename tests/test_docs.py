"""The documents say what the code does."""

import re
from pathlib import Path

import pytest

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
