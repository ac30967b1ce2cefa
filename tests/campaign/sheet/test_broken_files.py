import importlib.util
import random
import sys
import zipfile
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from types import ModuleType

import pytest

from campaign.errors import SheetError
from campaign.sheet.campaign import Campaign

Read = Callable[[Path], Campaign]


def load_corpus() -> ModuleType:
    # Tests are no package, so the script beside this file is loaded by its path.
    spec = importlib.util.spec_from_file_location("broken_files", Path(__file__).with_name("broken_files.py"))
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


CORPUS = load_corpus()
NAMES = [broken.name for broken in CORPUS.broken_files()]


@pytest.fixture(scope="module")
def broken() -> Iterator[dict[str, object]]:
    yield {broken.name: broken for broken in CORPUS.broken_files()}


@pytest.mark.parametrize("name", NAMES)
def test_a_broken_file_is_refused_in_one_clear_sentence(
    read: Read, broken: dict[str, object], tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    path.write_bytes(broken[name].content)
    with pytest.raises(SheetError) as refusal:
        read(path)
    error = refusal.value
    assert broken[name].words in error.problem
    assert error.problem.endswith(".")
    assert error.remedy.endswith(".")
    assert "Error" not in str(error)


def test_a_folder_is_refused(read: Read, tmp_path: Path) -> None:
    with pytest.raises(SheetError, match="is a folder"):
        read(tmp_path)


@pytest.mark.parametrize("seed", range(25))
def test_a_workbook_with_changed_bytes_inside_is_read_or_refused(
    read: Read, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    buffer = BytesIO()
    with zipfile.ZipFile(BytesIO(CORPUS.good_workbook())) as good, zipfile.ZipFile(buffer, "w") as bad:
        names = good.namelist()
        hit = chance.choice(names)
        for name in names:
            content = bytearray(good.read(name))
            for _ in range(8 if name == hit else 0):
                content[chance.randrange(len(content))] = chance.randrange(256)
            bad.writestr(name, bytes(content))
    path = tmp_path / "changed.xlsx"
    path.write_bytes(buffer.getvalue())
    try:
        campaign = read(path)
    except SheetError as error:
        assert str(error)
    else:
        assert len(campaign.rows) > 0


def test_a_sheet_that_is_not_there_is_answered_with_the_one_most_like_it(
    read: Callable[[Path], Campaign], tmp_path: Path
) -> None:
    (tmp_path / "spring.xlsx").touch()
    with pytest.raises(SheetError, match=r"Did you mean spring\.xlsx"):
        read(tmp_path / "sprnig.xlsx")
    with pytest.raises(SheetError, match=r"In that folder: spring\.xlsx"):
        read(tmp_path / "q.csv")
