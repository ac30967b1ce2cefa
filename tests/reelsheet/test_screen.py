from pathlib import Path

import pytest
from openpyxl import Workbook

from campaign.brief import Language
from campaign.errors import CheckFailedError
from reelsheet.commands.screen import run

ALLOW, REVIEW, REFUSE = 0, 1, 2


def screened(what: str | Path) -> int:
    return run(str(what), "starter", Language.ZH)


def test_words_are_looked_at_as_they_are_given(capsys: pytest.CaptureFixture[str]) -> None:
    assert screened("最佳食用时间三天") == ALLOW
    assert screened("国家级品质") == REFUSE
    assert "第九条" in capsys.readouterr().out
    assert screened("تشاي 茶") == REVIEW


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_the_words_of_a_file_are_looked_at_in_the_encodings_that_people_save(
    encoding: str, tmp_path: Path
) -> None:
    (tmp_path / "copy.txt").write_bytes("山里的晨雾，国家级品质".encode(encoding))
    assert screened(tmp_path / "copy.txt") == REFUSE


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("missing.txt", None, "no file"),
        ("missing.mp4", None, "no file"),
        ("empty.txt", b" \n", "nothing to look at"),
        ("folder/copy", None, "no file"),
        ("report.pdf", b"%PDF-1.7 \x00\x01", "neither text nor a picture"),
        ("bytes.txt", b"\xff\xfe\x00\xd8\x00", "neither text nor a picture"),
    ],
)
def test_what_cannot_be_looked_at_is_no_pass(
    name: str, content: bytes | None, words: str, tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(CheckFailedError, match=words):
        screened(tmp_path / name)


def test_no_words_at_all_are_no_pass() -> None:
    with pytest.raises(CheckFailedError, match="nothing to look at"):
        screened("   ")


def test_a_sheet_is_sent_to_plan(tmp_path: Path) -> None:
    Workbook().save(tmp_path / "campaign.xlsx")
    with pytest.raises(CheckFailedError, match="reelsheet plan"):
        screened(tmp_path / "campaign.xlsx")


def test_a_picture_that_the_policy_does_not_look_at_is_no_pass(tmp_path: Path) -> None:
    (tmp_path / "tea.png").write_bytes(b"\x89PNG")
    assert screened(tmp_path / "tea.png") == REVIEW
