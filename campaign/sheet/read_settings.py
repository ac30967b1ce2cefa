"""Finds and reads a campaign's settings: a worksheet of keys and values, or a YAML file beside the sheet."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import yaml
from pydantic import ValidationError

from campaign.brief import Problem
from campaign.sheet.campaign import Known
from campaign.sheet.columns import ALIASES, EXTRA, find_field
from campaign.sheet.grid import Grid
from campaign.sheet.header import find_header
from campaign.sheet.problems import fault, note
from campaign.sheet.settings import CampaignSettings
from campaign.sheet.texts import Cell, as_text, as_word, listed
from campaign.sheet.values import CellError, nearest

WORKSHEETS = frozenset({"campaign", "活动", "活动设置", "设置", "settings", "campaign 活动", "campaign活动"})
FILE = "campaign.yaml"
_LARGEST_FILE = 1024**2
_KEYS: dict[str, tuple[str, ...]] = {
    "brand": ("品牌",),
    "policy": ("政策", "审核策略", "策略", "规则"),
    "backend": ("后端", "模型"),
    "aspects": ("画幅", "aspect", "比例", "画面比例"),
    "language": ("语言",),
    "duration": ("时长",),
    "voice": ("配音", "声音", "音色"),
    "voice overrun": ("配音超时",),
    "music": ("音乐", "配乐", "背景音乐"),
    "pace": ("卡点", "节奏"),
    "fit": ("画面适配", "适配"),
    "transition": ("转场", "过渡"),
    "handover": ("工程文件", "交接", "hand over"),
    "variants": ("变体", "版本数", "变体数"),
    "audience": ("受众", "目标受众"),
    "style": ("风格",),
    "account": ("账号", "帐号"),
    "platforms": ("平台", "发布平台", "投放平台", "platform"),
    "hashtags": ("话题", "标签"),
    "size": ("分辨率", "清晰度", "短边", "resolution", "short side"),
    "fps": ("帧率", "frame rate"),
    "retiming": ("变帧", "补帧", "帧率转换"),
    "codec": ("编码", "编码格式"),
    "encoder": ("编码器",),
    "master": ("母版", "母带"),
    "rungs": ("阶段", "rung", "ladder", "制作阶段"),
    "refine": ("精修", "精修强度", "细化"),
    "approval": ("审批", "确认方式", "approve"),
    "budget": ("预算",),
    "publish window": ("发布时段", "发布窗口", "发布时间段"),
    "time zone": ("时区", "timezone", "zone"),
    "worksheet": ("工作表", "sheet"),
    "images": ("图片文件夹", "图片目录", "image folder"),
    "group by": ("分组", "分组依据", "group"),
    "columns": ("列映射", "列对应", "column", "列"),
}
_BY_KEY = {word: key.replace(" ", "_") for key, words in _KEYS.items() for word in (key, *words)}
_HEADINGS = frozenset({"key", "setting", "name", "设置", "项目", "字段", "键", "参数"})
"""First cells that head the list of settings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsFound:
    """A campaign's settings as far as they can be used."""

    settings: CampaignSettings
    problems: tuple[Problem, ...] = ()
    places: Mapping[str, str] = field(default_factory=dict)
    """Setting to where it is written, like ``campaign!B3`` or ``campaign.yaml line 4``."""
    broken: Mapping[str, str] = field(default_factory=dict)
    """Settings that are written but cannot be used, and where."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """One setting as written."""

    key: str
    value: Cell | dict[str, str]
    sheet: str
    cell: str

    @property
    def place(self) -> str:
        return (
            f"{self.sheet}!{self.cell}" if not self.cell.startswith("line") else f"{self.sheet} {self.cell}"
        )


def settings_worksheet(grids: Sequence[Grid]) -> Grid | None:
    """The worksheet that holds settings, if the workbook has one.

    One that is called campaign may hold the rows all the same; its first column tells.
    """
    for grid in grids:
        if as_word(grid.name).casefold() not in WORKSHEETS:
            continue
        words = [as_word(cells[0]) for cells in grid.rows.values() if cells and as_word(cells[0])]
        header = find_header(grid, {})
        if 2 * sum(_key(word) is not None for word in words) > len(words) or not (header and header.usable):
            return grid
    return None


def find_settings(path: Path, worksheet: Grid | None, known: Known) -> SettingsFound:
    """From the workbook's own worksheet; else from ``<stem>.yaml`` or ``campaign.yaml`` beside the sheet."""
    names = dict.fromkeys((path.with_suffix(".yaml"), path.with_name(FILE)))
    beside = [file for file in names if file.is_file()]
    if worksheet is None:
        return settings_of_file(beside[0], known) if beside else SettingsFound(settings=CampaignSettings())
    found = settings_of_worksheet(worksheet, known)
    words = f"The workbook has settings of its own (worksheet {worksheet.name}), so this file is not read."
    notes = [note(file.name, "", words, "Keep one of the two.") for file in beside]
    return replace(found, problems=(*found.problems, *notes))


def settings_of_worksheet(grid: Grid, known: Known) -> SettingsFound:
    """From rows of key and value; ``columns`` may stand in several rows, with header and field beside it."""
    lines: list[_Line] = []
    for number, cells in grid.rows.items():
        key, value, second = (*cells, "", "", "")[:3]
        if as_word(key) == "" or _HEADINGS.issuperset(as_word(key).casefold().split()):
            continue
        if grid.faults.get((number, 1)):
            lines.append(_Line(key=as_word(key), value="", sheet=grid.name, cell=grid.place(number, 1)))
        elif as_text(value):
            pair = (
                {as_text(value): as_word(second)}
                if _key(as_word(key)) == "columns" and as_text(second)
                else value
            )
            lines.append(_Line(key=as_word(key), value=pair, sheet=grid.name, cell=grid.place(number, 1)))
    return _found(lines, known)


def settings_of_file(path: Path, known: Known) -> SettingsFound:
    """From YAML; every scalar is taken as the text it is written as, so that ``9:16`` stays a shape."""
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise yaml.YAMLError(f"it has more than {_LARGEST_FILE:,} bytes")
        root = yaml.compose(path.read_text(encoding="utf-8-sig"), Loader=yaml.BaseLoader)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, OSError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f"line {mark.line + 1}" if mark else "line 1"
        what = getattr(error, "problem", None) or str(error)
        return _unusable(path.name, line, f"The file is not YAML: {what}.")
    if root is None:
        return SettingsFound(settings=CampaignSettings())
    if not isinstance(root, yaml.MappingNode):
        return _unusable(path.name, "line 1", "Lines of key and value are expected.")
    lines = []
    for key, value in root.value:
        where = f"line {key.start_mark.line + 1}"
        lines.append(_Line(key=str(key.value), value=_plain(value), sheet=path.name, cell=where))
    return _found([line for line in lines if line.value != ""], known)


def _unusable(sheet: str, cell: str, words: str) -> SettingsFound:
    problem = _problem(
        _Line(key="", value="", sheet=sheet, cell=cell), words, "Write lines like brand: leaf."
    )
    return SettingsFound(
        settings=CampaignSettings(), problems=(problem,), broken={"settings file": f"{sheet} {cell}"}
    )


def _plain(node: yaml.Node) -> Cell | dict[str, str]:
    if isinstance(node, yaml.MappingNode):
        return {str(key.value): str(_plain(value)) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return "; ".join(str(item.value) for item in node.value)
    text = str(node.value)
    return "" if text in ("null", "~") else text


def _found(lines: Iterable[_Line], known: Known) -> SettingsFound:
    problems: list[Problem] = []
    data: dict[str, Cell | dict[str, str]] = {}
    at: dict[str, _Line] = {}
    broken: dict[str, str] = {}
    for line in lines:
        key = _key(line.key)
        if key is None:
            near = nearest(line.key, _BY_KEY)
            remedy = f"Did you mean {near}?" if near else f"Settings are: {listed(list(_KEYS), 40)}."
            problems.append(_problem(line, f"{line.key!r} is not a setting.", remedy))
            broken[line.key] = line.place
        elif key == "columns":
            pairs = line.value if isinstance(line.value, dict) else _pairs(as_text(line.value))
            at.setdefault(key, line)
            data[key] = {**_mapping(data.get(key)), **_checked(pairs, line, problems, broken)}
        elif key in data:
            problems.append(_problem(line, f"{key} is set twice, first in {at[key].place}.", "Keep one."))
            broken[key] = line.place
        else:
            value = line.value
            data[key] = _joined(value) if isinstance(value, dict) else value
            at[key] = line
    settings, refused = _validate(data, known)
    for key, error in refused.items():
        problems.append(_problem(at[key], error.expected, error.remedy))
        broken[key] = at[key].place
    places = {key: line.place for key, line in at.items() if key not in broken}
    return SettingsFound(settings=settings, problems=tuple(problems), places=places, broken=broken)


def _validate(
    data: dict[str, Cell | dict[str, str]], known: Known
) -> tuple[CampaignSettings, dict[str, CellError]]:
    """The settings without those that cannot be used, and why they cannot."""
    try:
        return CampaignSettings.model_validate(data, context=known), {}
    except ValidationError as error:
        refused = {}
        for detail in error.errors():
            cause = detail.get("ctx", {}).get("error")
            refused[str(detail["loc"][0])] = (
                cause if isinstance(cause, CellError) else CellError(f"{detail['msg']}.", "Correct it.")
            )
    usable = {key: value for key, value in data.items() if key not in refused}
    return CampaignSettings.model_validate(usable, context=known), refused


def _checked(
    pairs: Mapping[str, str], line: _Line, problems: list[Problem], broken: dict[str, str]
) -> dict[str, str]:
    """Header to our field, for those pairs whose field is one of ours."""
    checked = {}
    for header, word in pairs.items():
        field = EXTRA if word.casefold() in (EXTRA, "") else find_field(word)
        if field:
            checked[header] = field
            continue
        near = nearest(word, ALIASES)
        problems.append(
            _problem(
                line,
                f"{header!r} is mapped to {word!r}, none of our columns: {listed(list(ALIASES), 40)}.",
                f"Did you mean {near}?" if near else "Write one of those, or extra to keep it apart.",
            )
        )
        broken["columns"] = line.place
    return checked


def _pairs(text: str) -> dict[str, str]:
    """From ``Title = product; Body (HTML) = copy``, one per line or with semicolons."""
    pairs = {}
    for part in text.replace("；", ";").replace("\n", ";").split(";"):
        for arrow in ("=>", "->", "→", "＝", "="):
            header, found, field = part.rpartition(arrow)
            if found:
                pairs[header.strip()] = field.strip()
                break
        else:
            if part.strip():
                pairs[part.strip()] = "(nothing)"
    return pairs


def _joined(pairs: Mapping[str, str]) -> str:
    """A mapping as one would write it into a cell: ``draft: bailian; final: wan``."""
    return "; ".join(f"{name}: {said}" for name, said in pairs.items())


def _mapping(value: object) -> dict[str, str]:
    return value if isinstance(value, dict) else {}


def _key(text: str) -> str | None:
    folded = unicodedata.normalize("NFKC", text).casefold().replace("_", " ").replace("-", " ").strip(" :*")
    if folded in _BY_KEY:
        return _BY_KEY[folded]
    # "brand 品牌", as the template writes it.
    keys = {_BY_KEY.get(part.strip()) for part in (folded.rpartition(" ")[0], folded.rpartition(" ")[2])}
    return keys.pop() if len(keys) == 1 else None


def _problem(line: _Line, expected: str, remedy: str) -> Problem:
    value = "" if isinstance(line.value, dict) else line.value
    return fault(line.sheet, line.cell, None, value, expected, remedy)
