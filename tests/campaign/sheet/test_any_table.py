"""Whatever text a table holds, reading it gives briefs and problems, or one sentence."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from campaign.brief import Severity
from campaign.errors import SheetError
from campaign.sheet.campaign import Campaign, Known
from campaign.sheet.columns import ALIASES
from campaign.sheet.read import read_campaign
from campaign.sheet.save import save_workbook, write_text
from campaign.sheet.status import RowStatus, write_status

KNOWN = Known(
    kits=frozenset({"leaf"}),
    backends=frozenset({"animatic"}),
    voices=frozenset({"espeak:cmn"}),
    music={"leaf": frozenset({"dawn"})},
    today=datetime(2026, 3, 1, 9, 0, tzinfo=UTC),
)
LIKELY = (
    "leaf", "animatic", "t1", "春天的茶。", "Taste the spring.", "9:16", "16：9，竖屏", "15", "15秒",
    "00:15", "0", "10000", "3月8日 20:00", "2026-03-08 20:00 +08:00", "46089.5", "推近；环绕", "none",
    "1,234", "=1+1", "@x", "-", "#a#b", "a.jpg;b.jpg", "https://x.example/a.jpg", "<p>tea</p>", "编号",
    "文案", "NaN", "1e999", "２０", "\u200b", "01:02:03",
)  # fmt: skip
texts = st.one_of(
    st.sampled_from(LIKELY),
    st.text(max_size=12),
    st.text(alphabet="0123456789:年月日.-/ +点半", max_size=14),
)
headers = st.one_of(st.sampled_from(sorted({a for aliases in ALIASES.values() for a in aliases})), texts)
tables = st.tuples(
    st.lists(headers, min_size=1, max_size=8),
    st.lists(st.lists(texts, max_size=8), max_size=5),
    st.booleans(),
)
quick = settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def check(path: Path, then: Callable[[Campaign], None]) -> None:
    try:
        campaign = read_campaign(path, known=KNOWN)
    except SheetError as error:
        assert error.problem
        assert error.remedy
        return
    ids = [brief.id for brief in campaign.briefs]
    assert len(ids) == len(set(ids))
    good = {brief.row for brief in campaign.briefs}
    out = {problem.row for problem in campaign.problems if problem.severity is Severity.ERROR}
    numbers = [row.number for row in campaign.rows]
    assert len(numbers) == len(set(numbers))
    assert good.isdisjoint(out)
    assert set(numbers) == good | out
    assert all(problem.expected and problem.remedy for problem in campaign.problems)
    then(campaign)


def len_of_rows(campaign: Campaign) -> None:
    assert len(campaign.rows) >= len(campaign.briefs)


def with_header(table: tuple[list[str], list[list[str]], bool]) -> list[list[str]]:
    header, rows, ours = table
    return [[*(["文案", "品牌"] if ours else []), *header], *rows]


@quick
@given(
    table=tables,
    delimiter=st.sampled_from(",;\t"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_any_delimited_text_gives_briefs_or_problems(
    tmp_path: Path, table: tuple[list[str], list[list[str]], bool], delimiter: str, encoding: str
) -> None:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter).writerows(with_header(table))
    path = tmp_path / "any.csv"
    path.write_bytes(buffer.getvalue().encode(encoding, "replace"))
    check(path, len_of_rows)


@settings(quick, max_examples=80)
@given(table=tables)
def test_any_workbook_gives_briefs_or_problems_and_can_be_annotated(
    tmp_path: Path, table: tuple[list[str], list[list[str]], bool]
) -> None:
    workbook = Workbook()
    for row, cells in enumerate(with_header(table), start=1):
        for column, text in enumerate(cells, start=1):
            write_text(workbook.worksheets[0].cell(row=row, column=column), text)
    path = tmp_path / "any.xlsx"
    save_workbook(workbook, path)

    def annotate(campaign: Campaign) -> None:
        rows = {row.number: RowStatus(status="done", reason=str(row.id)) for row in campaign.rows}
        write_status(campaign, rows, tmp_path / "status.xlsx")
        assert campaign.sheet in load_workbook(tmp_path / "status.xlsx").sheetnames

    check(path, annotate)


@quick
@given(content=st.binary(max_size=400))
def test_any_bytes_give_briefs_problems_or_one_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "any.xlsx"
    path.write_bytes(content)
    check(path, len_of_rows)
