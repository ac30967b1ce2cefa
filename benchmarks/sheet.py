"""Reading and annotating campaign sheets: CPU seconds and peak memory by number of rows.

Run: python -m benchmarks.sheet
"""

import resource
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from openpyxl import Workbook
from PIL import Image

from campaign.sheet.campaign import Known
from campaign.sheet.read import read_campaign
from campaign.sheet.status import RowStatus, write_status

ROWS = (100, 1_000, 10_000)
HEADER = (
    "编号", "文案", "产品", "受众", "风格", "变体数", "时长", "画幅", "角色", "动作", "环境", "镜头",
    "图片", "音乐", "发布时间", "账号", "标题", "话题", "备注",
)  # fmt: skip
KNOWN = Known(
    kits=frozenset({"leaf"}),
    backends=frozenset({"animatic", "wan"}),
    voices=frozenset({"espeak:cmn"}),
    music={"leaf": frozenset({"dawn"})},
    today=datetime(2026, 3, 1, tzinfo=UTC),
)


def write_sheet(path: Path, rows: int) -> None:
    """A sheet as a team writes one, three variants a row; ten product pictures are shared."""
    for number in range(10):
        Image.new("RGB", (800, 800), (40, 20 * number, 90)).save(path.with_name(f"tea{number}.jpg"))
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet("文案表")
    sheet.append(HEADER)
    for n in range(rows):
        sheet.append(
            (
                f"tea{n:05}", f"第{n}款春茶，清晨采摘，午后到家。三分钟，慢下来，喝一口春天。",
                "明前绿茶", "年轻人", "晨光", 3, "15秒", "9:16，1:1", "白瓷盖碗", "热水注入", "临窗木桌",
                "推近，特写；环绕", f"tea{n % 10}.jpg", "dawn", "2026-03-08 20:00", "main", f"春天 {n}",
                "#春茶 #慢生活", f"第 {n} 行",
            )
        )  # fmt: skip
    workbook.save(path)


def measure(path: Path) -> None:
    """One line: CPU seconds of reading and of writing the status copy, and the peak in MB."""
    start = time.process_time()
    campaign = read_campaign(path, known=KNOWN)
    read = time.process_time() - start
    peak_of_reading = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    start = time.process_time()
    done = RowStatus(status="done", files=(path,), columns={"seed": "1"})
    rows = {row.number: done for row in campaign.rows}
    write_status(campaign, rows, path.with_name("status.xlsx"))
    written = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    figures = f"{read:.2f} | {peak_of_reading:.0f} | {written:.2f} | {peak:.0f}"
    print(f"| {len(campaign.briefs):,} | {figures} |", flush=True)


def main() -> None:
    print("| rows | read, CPU s | peak then, MB | status copy, CPU s | peak then, MB |")
    print("|---:|---:|---:|---:|---:|", flush=True)
    with TemporaryDirectory() as folder:
        for rows in ROWS:
            path = Path(folder) / f"{rows}.xlsx"
            write_sheet(path, rows)
            # A process of its own: the peak of memory is that of the whole life of one.
            subprocess.run([sys.executable, "-m", "benchmarks.sheet", str(path)], check=True)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        measure(Path(sys.argv[1]))
    else:
        main()
