"""The rules of the house that a linter does not know."""

import ast
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = (
    "reelsheet",
    "flows",
    "tasks",
    "model",
    "moderation",
    "finishing",
    "publishing",
    "media",
    "campaign",
)
HEAVY = {"torch", "diffusers", "transformers", "detoxify"}
SOURCES = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in SOURCES}


def names(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imported(nodes: list[ast.stmt]) -> set[str]:
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


def anywhere(path: Path) -> set[str]:
    return imported([n for n in ast.walk(TREES[path]) if isinstance(n, ast.stmt)])


@pytest.mark.parametrize("path", SOURCES, ids=names)
def test_pandas_is_imported_by_the_sheet_alone(path: Path) -> None:
    if path.is_relative_to(ROOT / "campaign" / "sheet"):
        return
    assert "pandas" not in anywhere(path)


@pytest.mark.parametrize("path", SOURCES, ids=names)
def test_heavy_packages_are_imported_only_inside_functions_of_engines_and_checks(path: Path) -> None:
    where = path.relative_to(ROOT).parts
    if where[0] == "model" and len(where) > 2 and where[1] == "wan":
        return
    if where[:2] in (("moderation", "checks"), ("finishing", "voices")):
        assert not HEAVY & imported(TREES[path].body)
        return
    assert not HEAVY & anywhere(path)


@pytest.mark.parametrize("path", SOURCES, ids=names)
def test_the_environment_is_read_by_doors_and_flows_alone(path: Path) -> None:
    if path.relative_to(ROOT).parts[0] in ("reelsheet", "flows"):
        return
    reads = [
        node
        for node in ast.walk(TREES[path])
        if isinstance(node, ast.Attribute)
        and node.attr in ("environ", "getenv")
        and isinstance(node.value, ast.Name)
        and node.value.id == "os"
    ]
    assert not reads


@pytest.mark.parametrize("path", SOURCES, ids=names)
def test_unmapped_is_used_inside_map_alone(path: Path) -> None:
    inside = {
        id(argument)
        for node in ast.walk(TREES[path])
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "map"
        for argument in [*node.args, *(k.value for k in node.keywords)]
    }
    for node in ast.walk(TREES[path]):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "unmapped":
            assert id(node) in inside


def test_no_flow_is_named_like_a_package_or_a_module_of_python() -> None:
    flows = {path.stem for path in (ROOT / "flows").glob("*.py")} - {"__init__"}
    assert not flows & (set(PACKAGES) | sys.stdlib_module_names)


def test_the_wheel_and_the_import_contracts_list_every_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert sorted(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) == sorted(PACKAGES)
    assert sorted(project["tool"]["importlinter"]["root_packages"]) == sorted(PACKAGES)


def test_tests_have_no_packages() -> None:
    assert not list((ROOT / "tests").rglob("__init__.py"))


def test_every_file_of_a_package_stays_readable() -> None:
    long = {names(path): len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES}
    assert not {name: lines for name, lines in long.items() if lines > 400}
