"""A moment of publishing, from what people and spreadsheet programs write."""

import re
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from campaign.sheet.texts import Cell, as_word, with_figures
from campaign.sheet.values import CellError, number

_REMEDY = "Write it like 2026-03-08 20:00."
_REMEDY_ZONE = "Write it like 2026-03-08 20:00, with a zone like +08:00 where it needs one."
_SERIAL_ZERO = datetime(1899, 12, 30)  # Serial numbers have no zone; one is given later.
_SERIALS = (36_526, 73_051)
"""Days from 2000 to 2100: outside, a number is no date."""
_MONTHS = {
    name: index
    for index, names in enumerate(
        (
            "jan january",
            "feb february",
            "mar march",
            "apr april",
            "may",
            "jun june",
            "jul july",
            "aug august",
            "sep sept september",
            "oct october",
            "nov november",
            "dec december",
        ),
        start=1,
    )
    for name in names.split()
}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_WEEKDAY = re.compile(
    r"[(]?(?:周|星期|礼拜)[一二三四五六日天][)]?|\b(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b,?"
)
_YEAR_FIRST = re.compile(r"(\d{4})\s*(?:年|[-/.])\s*(\d{1,2})\s*(?:月|[-/.])\s*(\d{1,2})(?!\d)\s*[日号]?")
_COMPACT = re.compile(r"(?<!\d)(20\d{2})(\d{2})(\d{2})(?!\d)")
_MONTH_DAY_ZH = re.compile(r"(?<!\d)(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]?")
_DAY_MONTH_NAME = re.compile(rf"(\d{{1,2}})(?:st|nd|rd|th)?\s+({_MONTH})\b\.?,?(?:\s+(\d{{4}}))?")
_MONTH_NAME_DAY = re.compile(rf"\b({_MONTH})\b\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?\b(?!:),?(?:\s+(\d{{4}}))?")
_FIGURES = re.compile(r"(?<![\d:])(\d{1,2})[-/.](\d{1,2})(?:[-/.](\d{4}))?(?![\d:])")
# Only day-first countries write points before a year.
_DAY_FIRST = re.compile(r"\d{1,2}\.\d{1,2}\.\d{4}")
_CLOCK = re.compile(r"(?<![\d:+-])(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*(am|pm)?")
_SPAN = re.compile(r"(?<![t\d:])(\d{1,2}:\d{2})\s*(?:-|–|—|~|至|到|to)\s*(\d{1,2}:\d{2})")
_HOUR = re.compile(r"(?<!\d)(\d{1,2})\s*(am|pm)\b")
_HOUR_ZH = re.compile(r"(\d{1,2})\s*[点时](?:\s*(半|\d{1,2})\s*分?)?")
_HALF_ZH = re.compile(r"(凌晨|早上|早晨|清晨|上午|中午|下午|傍晚|晚上|晚间|晚)")
_AFTERNOON = frozenset({"下午", "傍晚", "晚上", "晚间", "晚", "pm"})
_EVENING = frozenset({"晚上", "晚间", "晚"})
_NIGHT = frozenset({"凌晨", "am"})
_NOON = range(1, 4)
"""Hours that 中午 is said of besides 11 and 12."""
_OFFSET = re.compile(r"(?:utc|gmt)?\s*([+-])(\d{1,2})(?::?(\d{2}))?$")
_NAMED_ZONE = re.compile(r"\b([a-z]+/[a-z_]+)\b")
_UTC = re.compile(r"(?:(?<=\d)|\b)(?:z|utc|gmt)$")
_YEAR_ZH = re.compile(r"[〇零○一二三四五六七八九]{4}(?=\s*年)")
_FIGURES_ZH = str.maketrans("〇零○一二三四五六七八九", "000123456789")
_BEIJING = re.compile(r"[(]?(?:北京时间|中国时间|beijing time)[)]?")
_FILLER = re.compile(r"\b(?:t|at)\b|[\s,;()]+")
_RELATIVE = re.compile(r"今天|今晚|明天|明晚|后天|下周|本周|today|tomorrow|tonight|next|asap|尽快")


def moment(cell: Cell, today: datetime, default_time: time | None = None) -> datetime:
    """An aware moment; ``today`` gives zone and year where the cell gives none.

    A date without a year is the one nearest to today: reading the same sheet a day later moves nothing.

    Raises:
        CellError: it is no date, could be two dates, or has no time and there is no ``default_time``.
    """
    plain = number(cell)
    if plain is not None and _SERIALS[0] <= plain < _SERIALS[1]:
        cell = _SERIAL_ZERO + timedelta(minutes=round(plain * 1440))
        if plain.is_integer():
            cell = cell.date()
    if isinstance(cell, datetime):
        return cell if cell.tzinfo else cell.replace(tzinfo=today.tzinfo)
    if isinstance(cell, date):
        return datetime.combine(cell, _required(default_time, str(cell)), tzinfo=today.tzinfo)
    text = as_word(cell).casefold()
    if _RELATIVE.search(text):
        raise CellError("A date that does not depend on when the sheet is read is expected.", _REMEDY)
    _refuse_span(text)
    zone, text = _take_zone(text, today.tzinfo)
    text = _YEAR_ZH.sub(lambda year: year[0].translate(_FIGURES_ZH), _WEEKDAY.sub(" ", text))
    text = with_figures(text)
    year, month, day, text = _take_date(text)
    hour_minute, text = _take_time(text)
    if rest := _FILLER.sub(" ", text).strip():
        raise CellError(f"A date and time are expected; {rest!r} is not understood.", _REMEDY_ZONE)
    when = hour_minute or _required(default_time, f"{year or today.year}-{month:02}-{day:02}")
    return _in_year(year, month, day, when, zone, today)


def _in_year(
    year: int | None, month: int, day: int, when: time, zone: tzinfo | None, today: datetime
) -> datetime:
    years = (year,) if year is not None else (today.year - 1, today.year, today.year + 1)
    moments = []
    for candidate in years:
        try:
            moments.append(datetime.combine(date(candidate, month, day), when, tzinfo=zone))
        except ValueError:
            continue
    if not moments:
        raise CellError(f"There is no day {day} in month {month}.", _REMEDY)
    return min(moments, key=lambda found: abs(found - today))


def _refuse_span(text: str) -> None:
    """Two times of day are no moment. With a T before it, 07:00-08:00 is one with a zone."""
    match = _SPAN.search(text)
    if match is None:
        return
    first, last = (tuple(map(int, part.split(":"))) for part in match.groups())
    if last > first or last > (14, 0):
        raise CellError(
            f"One moment is expected; {match[0]!r} reads as a time from and to.",
            f"Write the one it goes out at, like {match[1]}; a zone is written as UTC-08:00.",
        )


def _take_zone(text: str, default: tzinfo | None) -> tuple[tzinfo | None, str]:
    if _BEIJING.search(text):
        return ZoneInfo("Asia/Shanghai"), _BEIJING.sub(" ", text)
    if named := _NAMED_ZONE.search(text):
        return time_zone(named[1]), text.replace(named[0], " ")
    bare = text.rstrip(") ").replace("(", " ")
    # Without a clock before it, "-08" belongs to a date.
    if (offset := _OFFSET.search(bare)) and _CLOCK.search(bare[: offset.start()]):
        minutes = int(offset[2]) * 60 + int(offset[3] or 0)
        if minutes > 14 * 60:
            raise CellError("A zone is at most 14 hours from UTC.", _REMEDY)
        sign = 1 if offset[1] == "+" else -1
        return timezone(timedelta(minutes=sign * minutes)), bare[: offset.start()]
    if _UTC.search(bare):
        return timezone.utc, _UTC.sub("", bare)  # noqa: UP017  # One word for the zone as for the offsets above.
    return default, text


def time_zone(name: str) -> ZoneInfo:
    """A zone by its IANA name, whatever its case."""
    proper = "/".join("_".join(part.capitalize() for part in piece.split("_")) for piece in name.split("/"))
    for spelling in (name, proper):
        try:
            return ZoneInfo(spelling)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
    raise CellError(f"{name!r} is not a time zone.", "Write one like Asia/Shanghai or +08:00.")


def _take_date(text: str) -> tuple[int | None, int, int, str]:
    """Year (if any), month, day and the rest of ``text``."""
    for pattern in (_YEAR_FIRST, _COMPACT):
        if match := pattern.search(text):
            return int(match[1]), int(match[2]), int(match[3]), _without(text, match)
    if match := _MONTH_DAY_ZH.search(text):
        return None, int(match[1]), int(match[2]), _without(text, match)
    if match := _DAY_MONTH_NAME.search(text):
        return _year(match[3]), _MONTHS[match[2]], int(match[1]), _without(text, match)
    if match := _MONTH_NAME_DAY.search(text):
        return _year(match[3]), _MONTHS[match[1]], int(match[2]), _without(text, match)
    if match := _FIGURES.search(text):
        first, second = int(match[1]), int(match[2])
        if _DAY_FIRST.fullmatch(match[0]):
            return int(match[3]), second, first, _without(text, match)
        if first <= 12 and second <= 12 and first != second:
            raise CellError(
                f"{match[0]!r} could be day {second} of month {first} or day {first} of month {second}.",
                "Write the year first, like 2026-03-08 20:00.",
            )
        month, day = (first, second) if first <= 12 else (second, first)
        return _year(match[3]), month, day, _without(text, match)
    raise CellError("A date and time are expected.", _REMEDY)


def _take_time(text: str) -> tuple[time | None, str]:
    match = _CLOCK.search(text)
    if match:
        hour, minute, second, half = int(match[1]), int(match[2]), int(match[3] or 0), match[4]
    elif match := _HOUR_ZH.search(text):
        hour, minute, second, half = int(match[1]), 30 if match[2] == "半" else int(match[2] or 0), 0, None
    elif match := _HOUR.search(text):
        hour, minute, second, half = int(match[1]), 0, 0, match[2]
    else:
        return None, text
    text = _without(text, match)
    if word := _HALF_ZH.search(text):
        half, text = word[1], _without(text, word)
    hour = _of_day(hour, half)
    if hour > 23 or minute > 59 or second > 59:
        raise CellError(f"There is no time {hour}:{minute:02d}.", _REMEDY)
    return time(hour, minute, second), text


def _of_day(hour: int, half: str | None) -> int:
    """The hour as clocks of 24 hours show it."""
    if half in _EVENING and (hour in (0, 12) or hour < 4):
        raise CellError(
            f"{half}{hour}点 could be of this day or the next.",
            "Write it with 24 hours, like 2026-03-08 23:30.",
        )
    if half in _NIGHT and hour == 12:
        return 0
    if (half in _AFTERNOON and hour < 12) or (half == "中午" and hour in _NOON):
        return hour + 12
    return hour


def _without(text: str, match: re.Match[str]) -> str:
    return f"{text[: match.start()]} {text[match.end() :]}"


def _year(text: str | None) -> int | None:
    return int(text) if text else None


def _required(default: time | None, day: str) -> time:
    if default is None:
        raise CellError(
            "The day is there but not the time of day.",
            f"Write it like {day} 20:00, or give the campaign a publish window with hours.",
        )
    return default
