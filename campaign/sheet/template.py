"""A blank campaign sheet: headers, drop-downs, two example rows, settings and notes in both languages."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from campaign.brief import Language
from campaign.camera import WORDS, CameraMove
from campaign.finish import (
    Codec,
    CutPace,
    Encoder,
    Fitting,
    Handover,
    MasterForm,
    Retiming,
    VoiceOverrun,
)
from campaign.frames import Aspect
from campaign.ladder import Approval
from campaign.sheet.campaign import Known
from campaign.sheet.columns import REQUIRED
from campaign.sheet.guide import COLUMNS, SETTINGS
from campaign.sheet.layout import LINE, fit_rows, text_width, write_head
from campaign.sheet.save import save_workbook, write_text
from campaign.sheet.settings import RATES, SIZES

ROWS, SETTINGS_SHEET, NOTES, LISTS = "briefs 文案", "campaign", "notes 说明", "lists"
_LAST_ROW = 1000
"""Drop-downs reach down to here."""
_INK, _PAPER, _REQUIRED = "1F3B36", "D9E8E3", "F6D9B8"
_BOLD = 3
"""Figures of width beside a header: bold letters are wider."""
_BORDER = Border(bottom=Side(style="thin", color="9DB8B0"))
_EXAMPLES: tuple[dict[str, str | int], ...] = (
    {
        "id": "example-zh",
        "copy": "清晨采下的第一芽，午后就到你的杯中。三分钟，慢下来，喝一口春天。",
        "product": "明前绿茶",
        "audience": "办公室里的年轻人",
        "style": "晨光，清透",
        "variants": 2,
        "duration": 15,
        "aspects": "9:16，1:1",
        "subject": "一只白瓷盖碗，茶叶缓缓舒展",
        "action": "热水注入，茶汤由浅转碧",
        "environment": "临窗的木桌，晨雾未散",
        "camera": "推近，特写；环绕",
        "title": "三分钟的春天",
        "hashtags": "#春茶 #慢生活",
    },
    {
        "id": "example-en",
        "copy": "Picked at dawn, in your cup by noon. Take three minutes and taste the spring.",
        "product": "First-flush green tea",
        "aspects": "16:9",
        "camera": "push in, close-up; orbit",
        "title": "Three minutes of spring",
        "hashtags": "#tea #spring",
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Choice:
    """The words of a drop-down."""

    words: tuple[str, ...]
    strict: bool
    """Whether other words are refused; several at once are allowed where not."""


def write_template(target: Path, *, known: Known, language: Language | None = None) -> None:
    """Write a blank campaign sheet that reads without a problem as it is.

    ``language`` is that of the headers; None writes both.

    Raises:
        SheetError: ``target`` cannot be written.
    """
    workbook = Workbook()
    rows = workbook.worksheets[0]
    rows.title = ROWS
    settings, notes, lists = (workbook.create_sheet(name) for name in (SETTINGS_SHEET, NOTES, LISTS))
    choices = _choices(known)
    ranges = _write_lists(lists, choices)
    _write_rows(rows, known, language)
    _add_drop_downs(rows, choices, ranges)
    _write_settings(settings, known, language)
    _add_setting_drop_downs(settings, choices, ranges)
    _write_notes(notes)
    save_workbook(workbook, target)


def _choices(known: Known) -> dict[str, _Choice]:
    tracks = sorted({track for names in known.music.values() for track in names})
    moves = [word for move in CameraMove for word in (WORDS[move][0], move.value)]
    return {
        "brand": _Choice(words=tuple(sorted(known.kits)), strict=True),
        "language": _Choice(words=tuple(Language), strict=True),
        "aspects": _Choice(words=tuple(Aspect), strict=False),
        "camera": _Choice(words=tuple(moves), strict=False),
        "voice": _Choice(
            words=(*sorted(name for name in known.voices if name[-1] != ":"), "none"), strict=False
        ),
        "voice_overrun": _Choice(words=tuple(VoiceOverrun), strict=False),
        "pace": _Choice(words=tuple(CutPace), strict=False),
        "fit": _Choice(words=tuple(Fitting), strict=False),
        "transition": _Choice(words=("cut", "crossfade"), strict=False),
        "handover": _Choice(words=tuple(Handover), strict=False),
        "retiming": _Choice(words=tuple(Retiming), strict=False),
        "codec": _Choice(words=tuple(Codec), strict=False),
        "encoder": _Choice(words=tuple(Encoder), strict=False),
        "master": _Choice(words=(*MasterForm, "none"), strict=False),
        "music": _Choice(words=(*tracks, "none"), strict=True),
        "backend": _Choice(words=tuple(sorted(known.backends)), strict=False),
        "policy": _Choice(words=tuple(sorted(known.policies)), strict=False),
        "size": _Choice(words=tuple(map(str, SIZES)), strict=True),
        "fps": _Choice(words=tuple(map(str, RATES)), strict=True),
        "rungs": _Choice(
            words=("draft, final", "animatic, final", "animatic, draft, final", "final"), strict=False
        ),
        "approval": _Choice(words=tuple(Approval), strict=True),
    }


def _write_lists(sheet: Worksheet, choices: dict[str, _Choice]) -> dict[str, str]:
    """Lay the lists into columns of a hidden worksheet; a list in a rule itself ends at 255 characters."""
    sheet.sheet_state = "hidden"
    ranges = {}
    for column, (name, choice) in enumerate(choices.items(), start=1):
        for row, word in enumerate(choice.words, start=1):
            write_text(sheet.cell(row=row, column=column), word)
        letter = get_column_letter(column)
        if choice.words:
            ranges[name] = f"{LISTS}!${letter}$1:${letter}${len(choice.words)}"
    return ranges


def _write_rows(sheet: Worksheet, known: Known, language: Language | None) -> None:
    for column, (field, guide) in enumerate(COLUMNS.items(), start=1):
        # Each language on a line of its own, so that programs do not break one in its middle.
        head = sheet.cell(row=1, column=column, value=guide.heading(language, "\n"))
        write_head(head, _INK)
        head.fill = PatternFill("solid", start_color=_REQUIRED if field in REQUIRED else _PAPER)
        head.alignment = Alignment(vertical="center", wrap_text=True)
        head.border = _BORDER
        longest = max(text_width(line) for line in str(head.value).split("\n"))
        sheet.column_dimensions[head.column_letter].width = max(guide.width, longest + _BOLD)
        if field in ("aspects", "id", "duration"):
            # As text: else typing 9:16 makes a time of it, and 001 a 1.
            for row in range(2, _LAST_ROW + 1):
                sheet.cell(row=row, column=column).number_format = "@"
        for row, example in enumerate(_EXAMPLES, start=2):
            cell = sheet.cell(row=row, column=column)
            value = example.get(field, "")
            if isinstance(value, int):
                cell.value = value
            else:
                write_text(cell, value)
            cell.alignment = Alignment(vertical="top", wrap_text=True)
    sheet.row_dimensions[1].height = 2.5 * LINE
    sheet.freeze_panes = "C2"
    examples = range(2, 2 + len(_EXAMPLES))
    brand = list(COLUMNS).index("brand") + 1
    for row in examples if known.kits else ():
        write_text(sheet.cell(row=row, column=brand), min(known.kits))
    fit_rows(sheet, examples)


def _add_drop_downs(sheet: Worksheet, choices: dict[str, _Choice], ranges: dict[str, str]) -> None:
    for column, (field, guide) in enumerate(COLUMNS.items(), start=1):
        letter = get_column_letter(column)
        rule = _drop_down(choices.get(field), ranges.get(field)) or DataValidation()
        rule.promptTitle = guide.heading(None)[:32]
        rule.prompt = f"{guide.note_zh}\n{guide.note_en}"[:255]
        rule.showInputMessage = True
        rule.add(f"{letter}2:{letter}{_LAST_ROW}")
        sheet.add_data_validation(rule)


def _add_setting_drop_downs(sheet: Worksheet, choices: dict[str, _Choice], ranges: dict[str, str]) -> None:
    for row, field in enumerate(SETTINGS, start=2):
        rule = _drop_down(choices.get(field), ranges.get(field))
        if rule:
            rule.add(f"B{row}")
            sheet.add_data_validation(rule)


def _drop_down(choice: _Choice | None, cells: str | None) -> DataValidation | None:
    if choice is None or cells is None:
        return None
    rule = DataValidation(type="list", formula1=cells, allow_blank=True, showErrorMessage=choice.strict)
    rule.errorTitle = "reelsheet"
    rule.error = "Choose one of the list. 请从列表中选择。"
    return rule


def _write_settings(sheet: Worksheet, known: Known, language: Language | None) -> None:
    heads = ("setting 设置", "value 值", "our column 列名 (columns)", "note 说明")
    _write_heads(sheet, heads, (26, 30, 28, 110))
    for row, (field, guide) in enumerate(SETTINGS.items(), start=2):
        write_text(sheet.cell(row=row, column=1), guide.heading(language))
        sheet.cell(row=row, column=2).number_format = "@"
        if field == "brand" and known.kits:
            write_text(sheet.cell(row=row, column=2), min(known.kits))
        write_text(sheet.cell(row=row, column=4), f"{guide.note_zh} {guide.note_en}")


def _write_notes(sheet: Worksheet) -> None:
    _write_heads(sheet, ("column 列", "说明", "notes"), (26, 70, 70))
    for row, guide in enumerate(COLUMNS.values(), start=2):
        for column, text in enumerate((guide.heading(None), guide.note_zh, guide.note_en), start=1):
            cell = sheet.cell(row=row, column=column)
            write_text(cell, text)
            cell.alignment = Alignment(vertical="top", wrap_text=True)
    fit_rows(sheet, range(2, 2 + len(COLUMNS)))


def _write_heads(sheet: Worksheet, heads: Sequence[str], widths: Sequence[int]) -> None:
    for column, (head, width) in enumerate(zip(heads, widths, strict=True), start=1):
        cell = sheet.cell(row=1, column=column, value=head)
        write_head(cell, _INK)
        cell.fill = PatternFill("solid", start_color=_PAPER)
        sheet.column_dimensions[cell.column_letter].width = width
    sheet.freeze_panes = "A2"
