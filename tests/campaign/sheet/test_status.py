import os
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation

from campaign.brief import Problem
from campaign.errors import SheetError
from campaign.sheet.campaign import Campaign
from campaign.sheet.status import RowStatus, write_in_place, write_status

Read = Callable[[Path | str], Campaign]
X14_LIST = (
    '<extLst><ext xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main" '
    'uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}"><x14:dataValidations '
    'xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main" count="1">'
    '<x14:dataValidation type="list" allowBlank="1" showErrorMessage="1"><x14:formula1>'
    "<xm:f>lists!$A$1:$A$2</xm:f></x14:formula1><xm:sqref>D2:D9</xm:sqref></x14:dataValidation>"
    "</x14:dataValidations></ext></extLst></worksheet>"
)


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    """A formatted workbook with one good and one bad row, a drop-down and a second worksheet."""
    workbook = Workbook()
    rows = workbook.worksheets[0]
    rows.title = "文案表"
    for row in (["编号", "文案", "品牌"], ["t1", "春天的茶。", "leaf"], ["t2", "来了。", "laef"]):
        rows.append(row)
    rows.column_dimensions["B"].width = 61.5
    rows["A1"].font, rows["A1"].fill = (
        Font(bold=True, color="00FF00"),
        PatternFill("solid", start_color="112233"),
    )
    rows["C3"].comment = Comment("ask Li", "Zhang")
    rows.freeze_panes = "B2"
    choices = DataValidation(type="list", formula1='"leaf,harbor"')
    choices.add("C2:C99")
    rows.add_data_validation(choices)
    workbook.create_sheet("价格").append(["茶", 3, "=B1*2"])
    workbook.save(tmp_path / "spring.xlsx")
    return tmp_path / "spring.xlsx"


def statuses(campaign: Campaign, folder: Path) -> dict[int, RowStatus]:
    files = (folder / "茶 1#" / "t1-1_9x16.mp4", folder / "t1-2_9x16.mp4")
    return {
        row.number: RowStatus(status="done", reason="=cmd|'/C calc'!A0", files=files, columns={"cost": "-3"})
        for row in campaign.rows
    }


def headers(path: Path, worksheet: str) -> list[object]:
    return [cell.value for cell in load_workbook(path)[worksheet][1]]


def test_the_copy_keeps_what_the_original_looks_like(read: Read, sheet: Path, tmp_path: Path) -> None:
    campaign = read(sheet)
    write_status(campaign, statuses(campaign, tmp_path), tmp_path / "out" / "spring.status.xlsx")
    copy = load_workbook(tmp_path / "out" / "spring.status.xlsx")
    rows = copy["文案表"]
    assert copy.sheetnames == ["文案表", "价格", "reelsheet"]
    assert rows.column_dimensions["B"].width == 61.5
    assert (rows["A1"].font.color.rgb, rows["A1"].fill.start_color.rgb) == ("0000FF00", "00112233")
    assert rows.freeze_panes == "B2"
    assert [(v.formula1, str(v.sqref)) for v in rows.data_validations.dataValidation] == [
        ('"leaf,harbor"', "C2:C99")
    ]
    assert copy["价格"]["C1"].value == "=B1*2"
    assert sheet.read_bytes()


def test_our_columns_stand_beside_the_rows_and_videos_are_linked_relatively(
    read: Read, sheet: Path, tmp_path: Path
) -> None:
    campaign = read(sheet)
    target = tmp_path / "out" / "s.xlsx"
    write_status(campaign, statuses(campaign, tmp_path / "out"), target)
    assert headers(target, "文案表") == [
        "编号", "文案", "品牌", "reelsheet: status", "reelsheet: reason", "reelsheet: video 1",
        "reelsheet: video 2", "reelsheet: cost",
    ]  # fmt: skip
    rows = load_workbook(target)["文案表"]
    assert rows["D2"].value == "done"
    assert rows["F2"].value == "t1-1_9x16.mp4"
    assert rows["F2"].hyperlink.target == "%E8%8C%B6%201%23/t1-1_9x16.mp4"


def test_words_that_look_like_formulas_are_text(read: Read, sheet: Path, tmp_path: Path) -> None:
    campaign = read(sheet)
    write_status(campaign, statuses(campaign, tmp_path), tmp_path / "s.xlsx")
    rows = load_workbook(tmp_path / "s.xlsx")["文案表"]
    for cell in (rows["E2"], rows["H2"]):
        assert cell.data_type == "s"
        assert cell.quotePrefix
    assert rows["E2"].value == "=cmd|'/C calc'!A0"


def test_a_formula_in_a_csv_is_text_in_the_copy(read: Read, tmp_path: Path) -> None:
    campaign = read('编号,文案,品牌,标题\nt1,春天的茶。,leaf,"=HYPERLINK(""http://x"")"\nt2,来了。,leaf,+1\n')
    write_status(campaign, {2: RowStatus(status="done")}, tmp_path / "s.xlsx")
    rows = load_workbook(tmp_path / "s.xlsx")["sheet.csv"]
    assert rows["D2"].value == '=HYPERLINK("http://x")'
    assert (rows["D2"].data_type, rows["D3"].data_type) == ("s", "s")


def test_a_problem_colours_its_cell_and_says_why(read: Read, sheet: Path, tmp_path: Path) -> None:
    campaign = read(sheet)
    write_status(campaign, statuses(campaign, tmp_path), tmp_path / "s.xlsx")
    copy = load_workbook(tmp_path / "s.xlsx")
    cell = copy["文案表"]["C3"]
    assert cell.fill.start_color.rgb == "00FFC7CE"
    assert cell.comment.text.startswith("ask Li\n\nreelsheet: There is no brand kit of that name")
    listed = [[cell.value for cell in row] for row in copy["reelsheet"].iter_rows(min_row=2)]
    assert listed[0][:3] == ["C3", "error", "laef"]


def test_a_problem_of_a_whole_row_stands_at_its_status(read: Read, tmp_path: Path) -> None:
    campaign = read("编号,文案,品牌\nt1,,leaf\n")
    write_status(campaign, {2: RowStatus(status="problem")}, tmp_path / "s.xlsx")
    assert "copy (文案) is missing" in load_workbook(tmp_path / "s.xlsx")["sheet.csv"]["D2"].comment.text


@pytest.mark.parametrize("source", ["csv", "old"])
def test_other_kinds_of_files_become_a_plain_workbook_with_their_values(
    read: Read, tmp_path: Path, source: str
) -> None:
    if source == "csv":
        campaign = read("春茶\n编号,文案,品牌\n001,春天的茶。,leaf\n")
    else:
        campaign = read(Path(__file__).parent / "files" / "old.xls")
    write_status(
        campaign, {row.number: RowStatus(status="done") for row in campaign.rows}, tmp_path / "s.xlsx"
    )
    copy = load_workbook(tmp_path / "s.xlsx")
    rows = copy[campaign.sheet]
    assert rows.cell(row=2, column=1).value == "编号"
    assert rows.cell(row=3, column=1).value == ("001" if source == "csv" else 101)
    assert any(cell.value == "reelsheet: status" for cell in rows[2])
    if source == "old":
        assert "campaign" in copy.sheetnames


def test_the_copy_can_be_mended_and_read_as_the_campaign(read: Read, sheet: Path, tmp_path: Path) -> None:
    campaign = read(sheet)
    copy = tmp_path / "spring.status.xlsx"
    write_status(campaign, statuses(campaign, tmp_path), copy)
    workbook = load_workbook(copy)
    workbook["文案表"]["C3"].value = "leaf"
    workbook.save(copy)
    again = read(copy)
    assert [brief.id for brief in again.briefs] == ["t1", "t2"]
    assert again.problems == ()
    copy = tmp_path / "again.xlsx"
    write_status(again, {2: RowStatus(status="review")}, copy)
    assert headers(copy, "文案表")[3:6] == ["reelsheet: status", "reelsheet: reason", "reelsheet: video 1"]
    rows = load_workbook(copy)["文案表"]
    assert (rows["C3"].comment.text, rows["C3"].fill.fill_type) == ("ask Li", None)
    assert (rows["D2"].value, rows["D3"].value, rows["F2"].value) == ("review", None, None)


def test_lists_that_lie_on_another_worksheet_are_kept(read: Read, sheet: Path, tmp_path: Path) -> None:
    changed = tmp_path / "x14.xlsx"
    with zipfile.ZipFile(sheet) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                content = content.replace(b"</worksheet>", X14_LIST.encode())
            new.writestr(name, content)
    write_status(read(changed), {}, tmp_path / "s.xlsx")
    rules = load_workbook(tmp_path / "s.xlsx")["文案表"].data_validations.dataValidation
    assert ("lists!$A$1:$A$2", "D2:D9") in [(rule.formula1, str(rule.sqref)) for rule in rules]


def test_the_copy_is_refused_when_the_sheet_changed_since(read: Read, sheet: Path, tmp_path: Path) -> None:
    campaign = read(sheet)
    workbook = load_workbook(sheet)
    workbook["文案表"].insert_rows(2)
    workbook.save(sheet)
    with pytest.raises(SheetError, match="changed since it was read"):
        write_status(campaign, {}, tmp_path / "s.xlsx")
    assert not (tmp_path / "s.xlsx").exists()


def test_nothing_half_written_is_left_behind(read: Read, sheet: Path, tmp_path: Path) -> None:
    campaign = read(sheet)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "s.xlsx").mkdir()
    with pytest.raises(SheetError, match="cannot be written"):
        write_status(campaign, {}, tmp_path / "out" / "s.xlsx")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["s.xlsx"]


def test_in_place_writes_into_the_sheet_itself(read: Read, sheet: Path, tmp_path: Path) -> None:
    sheet.chmod(0o640)
    campaign = read(sheet)
    write_in_place(campaign, statuses(campaign, tmp_path))
    assert headers(sheet, "文案表")[3] == "reelsheet: status"
    assert sheet.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("lock", ["~$spring.xlsx", ".~lock.spring.xlsx#", ".~spring.xlsx"])
def test_in_place_is_refused_while_the_sheet_is_open(read: Read, sheet: Path, lock: str) -> None:
    campaign = read(sheet)
    sheet.with_name(lock).write_text("Li")
    before = sheet.read_bytes()
    with pytest.raises(SheetError, match="is open in a spreadsheet program"):
        write_in_place(campaign, {})
    assert sheet.read_bytes() == before


def test_in_place_is_refused_when_the_sheet_changed_since(read: Read, sheet: Path) -> None:
    campaign = read(sheet)
    stat = sheet.stat()
    content = bytearray(sheet.read_bytes())
    content[-1] ^= 1
    sheet.write_bytes(bytes(content))
    os.utime(sheet, ns=(stat.st_atime_ns, stat.st_mtime_ns + 1))
    with pytest.raises(SheetError, match="changed since it was read"):
        write_in_place(campaign, {})


def test_in_place_is_refused_where_something_would_be_lost(read: Read, sheet: Path) -> None:
    with zipfile.ZipFile(sheet, "a") as archive:
        archive.writestr("xl/threadedComments/threadedComment1.xml", "<x/>")
    with pytest.raises(SheetError, match="threaded comments, which would be lost"):
        write_in_place(read(sheet), {})


def test_in_place_is_refused_for_a_sheet_that_is_read_only(read: Read, sheet: Path) -> None:
    campaign = read(sheet)
    sheet.chmod(0o444)
    before = sheet.read_bytes()
    with pytest.raises(SheetError, match="is read-only"):
        write_in_place(campaign, {})
    assert sheet.read_bytes() == before


def test_in_place_writes_what_a_link_leads_to(read: Read, sheet: Path, tmp_path: Path) -> None:
    link = tmp_path / "mine.xlsx"
    link.symlink_to(sheet)
    campaign = read(link)
    write_in_place(campaign, statuses(campaign, tmp_path))
    assert link.is_symlink()
    assert headers(sheet, "文案表")[3] == "reelsheet: status"


def test_in_place_is_refused_for_a_csv(read: Read) -> None:
    with pytest.raises(SheetError, match=r"only .xlsx and .xlsm can"):
        write_in_place(read("编号,文案,品牌\nt1,春天的茶。,leaf\n"), {})


def test_a_kept_sheet_gets_its_copy_although_somebody_goes_on_editing(
    read: Read, sheet: Path, tmp_path: Path
) -> None:
    kept = shutil.copy(sheet, tmp_path / "kept.xlsx")
    campaign = replace(read(sheet), original=kept)
    sheet.write_text("somebody saved something else")
    write_status(campaign, statuses(campaign, tmp_path), tmp_path / "s.xlsx")
    assert headers(tmp_path / "s.xlsx", "文案表")[:4] == ["编号", "文案", "品牌", "reelsheet: status"]


def test_a_workbook_that_cannot_be_carried_over_is_copied_as_values_and_that_is_said(
    read: Read, sheet: Path, tmp_path: Path
) -> None:
    changed = tmp_path / "odd.xlsx"
    with zipfile.ZipFile(sheet) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            new.writestr(name, b"<Types/>" if name == "[Content_Types].xml" else old.read(name))
    write_status(read(changed), {2: RowStatus(status="done")}, tmp_path / "s.xlsx")
    copy = load_workbook(tmp_path / "s.xlsx")
    assert [cell.value for cell in copy["文案表"][2]][:4] == ["t1", "春天的茶。", "leaf", "done"]
    assert "this copy has the values only" in copy["reelsheet"]["D2"].value


def test_a_worksheet_of_the_users_called_as_ours_is_left_alone(
    read: Read, xlsx: Callable[..., Path], tmp_path: Path
) -> None:
    path = xlsx(reelsheet=[["编号", "文案", "品牌"], ["t1", "春天的茶。", "laef"]])
    write_status(read(path), {2: RowStatus(status="problem")}, tmp_path / "s.xlsx")
    copy = load_workbook(tmp_path / "s.xlsx")
    assert copy["reelsheet"]["B2"].value == "春天的茶。"
    assert copy["reelsheet1"]["A2"].value == "C2"


def test_the_copy_never_takes_the_place_of_the_sheet_itself(read: Read, sheet: Path, tmp_path: Path) -> None:
    campaign = read(sheet)
    before = sheet.read_bytes()
    link = tmp_path / "link.xlsx"
    link.symlink_to(sheet)
    for target in (sheet, tmp_path / "x" / ".." / "spring.xlsx", link):
        (tmp_path / "x").mkdir(exist_ok=True)
        with pytest.raises(SheetError, match="is the sheet itself"):
            write_status(campaign, {}, target)
    assert sheet.read_bytes() == before


def test_the_copy_is_refused_a_name_that_says_it_is_something_else(
    read: Read, sheet: Path, tmp_path: Path
) -> None:
    with pytest.raises(SheetError, match=r"does not end with \.xlsx"):
        write_status(read(sheet), {}, tmp_path / "plan.csv")


def test_what_was_found_later_is_marked_with_the_words_it_is_about(
    read: Read, sheet: Path, tmp_path: Path
) -> None:
    def remark(word: str) -> Problem:
        return Problem(sheet="文案表", cell="B2", row=2, value=word, expected="Absolute.", remedy="Cut it.")

    remarks = (remark("最佳"), remark("第一"), remark("最佳"))
    write_status(read(sheet), {2: RowStatus(status="refused", remarks=remarks)}, tmp_path / "s.xlsx")
    copy = load_workbook(tmp_path / "s.xlsx")
    assert copy["文案表"]["B2"].fill.start_color.rgb == "00FFC7CE"
    assert copy["文案表"]["B2"].comment.text == (
        "reelsheet: “最佳”: Absolute. Cut it.\n\nreelsheet: “第一”: Absolute. Cut it."
    )
    assert [cell.value for cell in copy["reelsheet"]["C"]][1:] == ["最佳", "第一", "最佳", "laef"]
