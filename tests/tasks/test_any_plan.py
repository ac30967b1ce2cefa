"""Whatever text a table holds, a plan of it is made and written, or one sentence says why not."""

import csv
import io
import json
import shutil
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaign.errors import SheetError
from campaign.report import RowState
from campaign.sheet.columns import ALIASES
from tasks.plan import plan
from tasks.setup import Setup

KITS = Path(__file__).parent.parent.parent / "brand_kits"
LIKELY = (
    "qinghe_tea", "harbor_ceramics", "animatic", "runway", "wan", "draft, final", "0.6", "t1", "t2",
    "春天的第一口茶，慢下来。", "国家级最佳第一品牌！", "Slow mornings start with a warm cup.", "9:16",
    "16：9，竖屏", "15", "15秒", "3", "2099-03-08 20:00", "推近；环绕", "none", "¥68｜尝鲜价", "抖音",
    "https://shop.example/tea", "espeak:cmn", "crossfade", "beat", "follow", "otio", "zh", "en", "=1+1",
    "#NAME?", "<p>茶</p>", "\u200b", "合计", "😀😀",
)  # fmt: skip
texts = st.one_of(st.sampled_from(LIKELY), st.text(max_size=30))
headers = st.sampled_from(sorted({a for aliases in ALIASES.values() for a in aliases}))
freely = ("product", "audience", "style", "subject", "environment", "title", "hashtags", "价签", "封面标题")
"""Columns that take nearly any words: these tables are planned to the end."""
heads = st.one_of(st.lists(headers, max_size=7), st.lists(st.sampled_from(freely), max_size=7, unique=True))
rows = st.lists(st.lists(texts, max_size=9), min_size=1, max_size=3)
copies = st.one_of(st.sampled_from(LIKELY), st.text(min_size=1, max_size=300))


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(head=heads, rows=rows, copy=copies)
def test_any_table_of_text_becomes_a_plan_or_one_sentence(
    tmp_path: Path, head: list[str], rows: list[list[str]], copy: str
) -> None:
    shutil.rmtree(tmp_path / "store", ignore_errors=True)
    buffer = io.StringIO()
    csv.writer(buffer).writerows([["文案", "品牌", *head], *([copy, "qinghe_tea", *cells] for cells in rows)])
    sheet = tmp_path / "any.csv"
    sheet.write_bytes(buffer.getvalue().encode("utf-8", "replace"))
    setup = Setup(
        store=tmp_path / "store",
        ledger=f"sqlite:///{tmp_path / 'ledger.db'}",
        out=tmp_path / "out",
        kit_folders=(KITS,),
        workers=1,
        chunk=12,
    )
    try:
        foreseen = plan(sheet, setup)
    except SheetError as error:
        assert error.problem
        assert error.remedy
        return
    written = io.StringIO()
    foreseen.write_json(written)
    assert len(json.loads(written.getvalue())["rows"]) == len(foreseen.rows)
    for row in foreseen.rows:
        assert row.state is RowState.DONE or row.reason or row.problems
