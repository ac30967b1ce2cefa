import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import load_workbook

from campaign.brief import Brief, Language
from campaign.sheet.campaign import Campaign, Known
from campaign.sheet.columns import ALIASES, find_field
from campaign.sheet.guide import COLUMNS
from campaign.sheet.layout import LINE, lines_of
from campaign.sheet.status import RowStatus, write_status
from campaign.sheet.template import write_template

Read = Callable[[Path], Campaign]


@pytest.mark.parametrize("language", [None, Language.ZH, Language.EN])
def test_the_template_reads_without_a_problem(
    read: Read, known: Known, tmp_path: Path, language: Language | None
) -> None:
    write_template(tmp_path / "t.xlsx", known=known, language=language)
    campaign = read(tmp_path / "t.xlsx")
    assert campaign.problems == ()
    assert [brief.language for brief in campaign.briefs] == [Language.ZH, Language.EN]


def test_the_template_has_every_column_and_each_has_its_notes(known: Known, tmp_path: Path) -> None:
    write_template(tmp_path / "t.xlsx", known=known)
    workbook = load_workbook(tmp_path / "t.xlsx")
    header = [cell.value for cell in workbook["briefs 文案"][1]]
    assert [find_field(name) for name in header] == list(ALIASES) == list(COLUMNS)
    notes = list(workbook["notes 说明"].iter_rows(min_row=2, values_only=True))
    assert [row[0] for row in notes] == [name.replace("\n", " ") for name in header]
    assert all(row[1] and row[2] for row in notes)


def test_nothing_in_the_template_is_cut_off(known: Known, tmp_path: Path) -> None:
    write_template(tmp_path / "t.xlsx", known=known)
    workbook = load_workbook(tmp_path / "t.xlsx")
    for sheet in workbook.worksheets:
        for row in sheet.iter_rows(max_row=100):
            for cell in row:
                width = sheet.column_dimensions[cell.column_letter].width
                height = sheet.row_dimensions[cell.row].height or LINE
                wraps = cell.alignment.wrap_text
                lines = (
                    lines_of(str(cell.value or ""), width) if wraps else str(cell.value or "").count("\n") + 1
                )
                assert height >= lines * LINE, cell
                assert cell.font.name, cell


def test_closed_sets_are_drop_downs_of_what_is_there(known: Known, tmp_path: Path) -> None:
    write_template(tmp_path / "t.xlsx", known=known)
    workbook = load_workbook(tmp_path / "t.xlsx")
    words = {}
    for rule in workbook["briefs 文案"].data_validations.dataValidation:
        if rule.type == "list":
            letter = str(rule.sqref).split("2:")[0]
            sheet, cells = rule.formula1.split("!")
            field = find_field(workbook["briefs 文案"][f"{letter}1"].value)
            words[field] = [row[0].value for row in workbook[sheet][cells.replace("$", "")]]
    assert words["brand"] == ["harbor", "leaf"]
    assert words["backend"] == ["animatic", "wan"]
    assert words["aspects"] == ["16:9", "9:16", "1:1", "4:5", "3:4"]
    assert words["music"] == ["dawn", "steam", "tide", "none"]
    assert {"push in", "镜头推进", "orbit", "镜头环绕"} <= set(words["camera"])
    assert words["pace"] == ["free", "beat"]
    chosen = {"rungs", "voice_overrun", "pace", "fit", "transition", "handover"}
    assert set(words) == chosen | {"brand", "language", "aspects", "camera", "voice", "music", "backend"}


def test_every_word_of_the_camera_drop_down_can_be_read(read: Read, known: Known, tmp_path: Path) -> None:
    write_template(tmp_path / "t.xlsx", known=known)
    workbook = load_workbook(tmp_path / "t.xlsx")
    column = [cell.value for cell in workbook["briefs 文案"][1]].index("camera\n镜头") + 1
    lists = next(c for c in workbook["lists"].iter_cols(values_only=True) if "push in" in c)
    for row, word in enumerate((word for word in lists if word), start=2):
        workbook["briefs 文案"].cell(row=row, column=column).value = word
        workbook["briefs 文案"].cell(row=row, column=1).value = f"t{row}"
        workbook["briefs 文案"].cell(row=row, column=2).value = "春天的茶。"
        workbook["briefs 文案"].cell(row=row, column=4).value = "leaf"
    workbook.save(tmp_path / "t.xlsx")
    assert read(tmp_path / "t.xlsx").problems == ()


def test_the_template_survives_its_own_status_copy(read: Read, known: Known, tmp_path: Path) -> None:
    write_template(tmp_path / "t.xlsx", known=known)
    campaign = read(tmp_path / "t.xlsx")
    write_status(campaign, {2: RowStatus(status="done")}, tmp_path / "s.xlsx")
    again = read(tmp_path / "s.xlsx")
    assert again.briefs == campaign.briefs
    kept = load_workbook(tmp_path / "s.xlsx")["briefs 文案"].data_validations.dataValidation
    assert len(kept) == len(COLUMNS)


def test_a_template_without_any_brand_kit_is_still_written(known: Known, tmp_path: Path) -> None:
    write_template(tmp_path / "t.xlsx", known=dataclasses.replace(known, kits=frozenset(), music={}))
    assert load_workbook(tmp_path / "t.xlsx")["briefs 文案"]["B2"].value


def test_every_column_is_a_field_of_the_brief() -> None:
    fields = {field.name for field in dataclasses.fields(Brief)} - {"row", "extra"}
    renamed = {"camera": "cameras", "image": "images", "backend": "ladder", "rungs": "ladder"}
    ours = {renamed.get(field, field) for field in ALIASES}
    assert ours == fields
