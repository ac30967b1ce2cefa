"""What the report page and the review page share: the names and colours of states, and sizes of files."""

from pathlib import Path

from campaign.report import RowState

PALETTE = Path(__file__).with_name("palette.css")
"""Colours by light and dark, and those of the states."""

STATE_WORDS = {
    RowState.DONE: ("done", "完成"),
    RowState.REVIEW: ("needs review", "待审核"),
    RowState.WAITING: ("waiting for approval", "待确认"),
    RowState.SCHEDULED: ("scheduled", "待发布"),
    RowState.REFUSED: ("refused", "已拒绝"),
    RowState.FAILED: ("failed", "失败"),
    RowState.PROBLEM: ("problem in the sheet", "表格有误"),
}
"""English, then Chinese."""


def size(count: int) -> str:
    """Of a file, from its bytes."""
    return f"{count / 1e6:.1f} MB" if count >= 1e5 else f"{count / 1e3:.0f} kB"
