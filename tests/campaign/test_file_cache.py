import os
from pathlib import Path

import pytest

from campaign.file_cache import cached_by_file


@pytest.fixture
def looked() -> list[str]:
    return []


def test_a_file_is_looked_at_once_for_each_further_argument(tmp_path: Path, looked: list[str]) -> None:
    @cached_by_file(8)
    def words(file: Path, times: int = 1) -> str:
        looked.append(file.name)
        return file.read_text(encoding="utf-8") * times

    file = tmp_path / "a.txt"
    file.write_text("tea", encoding="utf-8")
    assert [words(file), words(file), words(file, 2), words(file, 2)] == ["tea", "tea", "teatea", "teatea"]
    assert looked == ["a.txt"] * 2


def test_a_file_written_anew_is_looked_at_again_also_where_its_time_or_its_size_stays(tmp_path: Path) -> None:
    @cached_by_file(8)
    def words(file: Path) -> str:
        return file.read_text(encoding="utf-8")

    file = tmp_path / "a.txt"
    file.write_text("tea", encoding="utf-8")
    os.utime(file, ns=(1, 1))
    assert words(file) == "tea"
    file.write_text("teas", encoding="utf-8")
    os.utime(file, ns=(1, 1))
    assert words(file) == "teas"
    file.write_text("cups", encoding="utf-8")
    os.utime(file, ns=(2, 2))
    assert words(file) == "cups"


def test_a_file_that_went_is_told_though_it_was_known(tmp_path: Path) -> None:
    @cached_by_file(8)
    def size(file: Path) -> int:
        return file.stat().st_size

    file = tmp_path / "a.txt"
    file.touch()
    assert size(file) == 0
    file.unlink()
    with pytest.raises(FileNotFoundError):
        size(file)
