from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from campaign.sheet.dates import moment
from campaign.sheet.texts import Cell
from campaign.sheet.values import CellError

SHANGHAI = ZoneInfo("Asia/Shanghai")
TODAY = datetime(2026, 3, 1, 9, 0, tzinfo=SHANGHAI)
EVENING = datetime(2026, 3, 8, 20, 0, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    "cell",
    [
        datetime(2026, 3, 8, 20, 0),  # As a spreadsheet stores it.
        46089 + 20 / 24,
        "46089.8333333333",
        "2026-03-08 20:00",
        "2026/3/8 20:00:00",
        "2026.3.8 20:00",
        "2026-03-08T20:00",
        "20260308 20:00",
        "2026年3月8日 20:00",
        "2026年3月8日20点",
        "2026年3月8日 晚上8点",
        "3月8日 20:00",
        "三月八日 晚上八点",
        "３月８日　２０：００",
        "3月8号 下午8时",
        "3月8日（周日） 20:00",
        "March 8, 2026 8 pm",
        "8 Mar 2026, 20:00",
        "08.03.2026 20:00",
        "Sunday, March 8 2026 at 8:00 PM",
        "2026-03-08 20:00 +08:00",
        "2026-03-08T20:00:00+0800",
        "2026-03-08T12:00:00Z",
        "2026-03-08 12:00 UTC",
        "2026-03-08 20:00 (GMT+8)",
        "2026-03-08 20:00 北京时间",
        "2026-03-08 13:00 Europe/Berlin",
        "二〇二六年三月八日 20:00",
        "二零二六年3月8日 晚8点",
        "2026-03-08T07:00-05:00",
        "2026-03-08 at 20:00",
    ],
)
def test_a_moment_is_understood_however_it_is_written(cell: Cell) -> None:
    assert moment(cell, TODAY) == EVENING


def test_a_half_hour_in_chinese_is_half_past() -> None:
    assert moment("3月8日 下午3点半", TODAY) == datetime(2026, 3, 8, 15, 30, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("cell", "hour"),
    [
        ("3月8日 凌晨12点", 0),
        ("3月8日 凌晨1点", 1),
        ("3月8日 中午12点", 12),
        ("3月8日 中午1点半", 13),
        ("3月8日 晚上11点", 23),
    ],
)
def test_the_hour_of_a_part_of_the_day_is_the_one_meant(cell: str, hour: int) -> None:
    assert moment(cell, TODAY).hour == hour


@pytest.mark.parametrize("cell", ["3月8日 晚上12点", "3月8日晚上1点", "3月8日 晚12:30"])
def test_an_hour_of_the_night_that_could_be_of_two_days_is_refused(cell: str) -> None:
    with pytest.raises(CellError, match="of this day or the next"):
        moment(cell, TODAY)


@pytest.mark.parametrize("cell", ["2026-03-08 20:00-22:00", "2026-03-08 08:00 - 10:00", "3月8日 9:00至11:00"])
def test_a_time_from_and_to_is_refused_and_not_taken_for_a_zone(cell: str) -> None:
    with pytest.raises(CellError, match="reads as a time from and to"):
        moment(cell, TODAY)


@pytest.mark.parametrize(
    ("cell", "word"),
    [("Mar 8, 2026 8pm PST", "pst"), ("2026-03-08 20:00左右", "左右"), ("2026-03-08 20.00", "20.00")],
)
def test_what_is_not_understood_beside_a_moment_is_named(cell: str, word: str) -> None:
    with pytest.raises(CellError, match=f"{word!r} is not understood"):
        moment(cell, TODAY)


def test_a_written_zone_is_kept() -> None:
    assert moment("2026-03-08 20:00 -05:00", TODAY).utcoffset() == timedelta(hours=-5)
    assert moment("2026-03-08 20:00", TODAY).tzinfo is SHANGHAI


@pytest.mark.parametrize(
    ("today", "year"),
    [
        (datetime(2026, 3, 9, tzinfo=UTC), 2026),
        (datetime(2026, 12, 1, tzinfo=UTC), 2027),
        (datetime(2026, 1, 2, tzinfo=UTC), 2026),
    ],
)
def test_a_date_without_a_year_is_the_nearest_one(today: datetime, year: int) -> None:
    assert moment("3月8日 20:00", today).year == year


@pytest.mark.parametrize("cell", ["3/8 20:00", "08/03/2026 20:00", "3-4 9:00"])
def test_a_date_that_could_be_two_is_refused(cell: str) -> None:
    with pytest.raises(CellError, match="could be day"):
        moment(cell, TODAY)


def test_figures_that_can_only_be_one_date_are_taken() -> None:
    assert moment("15/3/2026 20:00", TODAY) == moment("3/15/2026 20:00", TODAY)


@pytest.mark.parametrize("cell", ["明天 20:00", "tomorrow", "ASAP", "下周一"])
def test_a_date_relative_to_the_reading_is_refused(cell: str) -> None:
    with pytest.raises(CellError, match="does not depend"):
        moment(cell, TODAY)


@pytest.mark.parametrize("cell", ["2026-03-08", date(2026, 3, 8), 46089, "3月8日"])
def test_a_day_without_a_time_needs_the_window_of_the_campaign(cell: Cell) -> None:
    with pytest.raises(CellError, match="not the time of day"):
        moment(cell, TODAY)
    assert moment(cell, TODAY, time(9, 30)) == datetime(2026, 3, 8, 9, 30, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    "cell",
    [
        "soon", "20:00", "2026-02-30 10:00", "2026-13-01 10:00", "3月8日 25:00", "12", 99999999,
        "2026-03-08 20:00 Mars/Base", "", time(9, 0), "3月8日 20:00 或 21:00", "0000-01-01 00:00",
    ],
)  # fmt: skip
def test_what_is_no_moment_is_refused(cell: Cell) -> None:
    with pytest.raises(CellError):
        moment(cell, TODAY)


def test_offsets_beyond_the_world_are_refused() -> None:
    with pytest.raises(CellError, match="14 hours"):
        moment("2026-03-08 20:00 +25:00", TODAY)
    assert moment("2026-03-08 20:00 +14:00", TODAY).tzinfo == timezone(timedelta(hours=14))
