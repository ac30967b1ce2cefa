"""Planning large campaigns: wall and CPU seconds and peak memory of ``reelsheet plan`` by number of rows.

Run from the repository: ``python -m benchmarks.plan [ROWS ...]``. Wall seconds mean something on a quiet
machine only, so the load average is shown beside them. CPU seconds and memory are of the whole process tree,
looked at ten times a second; the first process reads the sheet and writes the plan. Memory is the largest sum
of resident memory, pages that processes share counted once for each.
"""

import json
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from openpyxl import Workbook

ROWS = (100, 1_000, 10_000)
VARIANTS = 3
EVERY = 0.1

HEADER = (
    "编号",
    "文案",
    "产品",
    "品牌",
    "语言",
    "变体",
    "时长",
    "画幅",
    "风格",
    "标题",
    "话题",
    "镜头",
    "音乐",
    "备注",
)
ASPECTS = ("9:16", "9:16, 1:1", "16:9", "竖屏", "4:5, 9:16")
DURATIONS = (None, None, "12秒", 15, "10s", 18)

PRODUCTS_ZH = (
    "明前绿茶",
    "春茶礼盒 250 克",
    "冷泡茶包 15 袋",
    "白瓷盖碗",
    "手冲咖啡豆",
    "羊绒围巾",
    "轻薄羽绒服",
    "无线降噪耳机",
    "保湿面霜 50 毫升",
    "柔雾口红",
    "坚果礼盒",
    "低糖酸奶",
    "猫咪冻干",
    "婴儿背带",
    "露营帐篷",
    "智能台灯",
    "乳胶枕",
    "记账软件",
    "英语口语课",
    "云南旅行团",
    "电动汽车",
    "银耳钉",
)
PRODUCTS_EN = (
    "Spring tea, 100 g tin",
    "Dipped mug",
    "Spiral bowl",
    "Single-origin coffee",
    "Merino scarf",
    "Rain jacket",
    "Noise-cancelling headphones",
    "Face cream",
    "Matte lipstick",
    "Trail mix",
    "Cat treats",
    "Tent for two",
    "Desk lamp",
    "Wool duvet",
    "Language course",
    "Silver ring",
)
OPENINGS_ZH = (
    "清明前的雨，落在山坡上",
    "早会前三分钟",
    "下班路上，给自己一口凉",
    "窗外还在下雨",
    "周末的第一缕光",
    "孩子睡着以后",
    "走进山里，风是甜的",
    "灯一亮，家就近了",
    "凌晨四点，师傅已经开炉",
    "搬进新家的那天",
)
MIDDLES_ZH = (
    "{product}，一芽一叶都是手工",
    "把{product}放在桌上，慢慢打开",
    "我们花了 {n} 天，只做好一件{product}",
    "{n} 道工序，藏在看不见的地方",
    "从产地到你手里，不超过 {n} 小时",
    "轻轻一按，{product}就准备好了",
    "朋友来了，先聊聊{product}",
    "每一件{product}都有自己的编号 {n}",
)
ENDINGS_ZH = (
    "慢下来，喝一口春天",
    "今天也要好好照顾自己",
    "送给想念的人",
    "现在下单，三天到家",
    "留一点时间给喜欢的事",
    "你值得这样的早晨",
    "故事从这里开始",
)
OPENINGS_EN = (
    "Picked before the April rain",
    "Deep blue on bare clay",
    "Six in the morning, the kettle is on",
    "The trail starts behind the house",
    "Rain on the window, nobody in a hurry",
    "Made slowly, by two people",
    "One branch is enough",
    "The city is loud today",
)
MIDDLES_EN = (
    "we spent {n} days on the {product}",
    "the {product} does the rest",
    "open it, and take {n} minutes",
    "every {product} carries its number, {n}",
    "put the {product} where the light falls",
    "it left the workshop {n} hours ago",
)
ENDINGS_EN = (
    "Your coffee will not mind",
    "Let the day take its time",
    "Keep it for the ones you love",
    "It will be there tomorrow",
    "Try it on a slow Sunday",
)
CLAIMS = ("国家级工艺", "全网最低价", "这是最好的{product}", "七天治愈失眠", "顶级品质，绝无仅有")
CLAIMS_EN = ("the best {product} in the world", "guaranteed to cure insomnia", "100% risk-free")
STYLES = ("", "晨光，安静", "雅致、喜庆", "纪实、安静", "calm, natural light", "still, wide, airy")
CAMERAS = ("", "", "推近，特写；环绕", "镜头升起，近景；固定", "push in, close-up; orbit")
BAD_CELLS = {"品牌": "qinghe_te", "时长": "很长", "画幅": "5:7", "文案": "", "变体": "三百"}
VIOLATIONS, BAD = 0.06, 0.02
"""Share of rows with a claim that the law forbids, and with a cell that cannot be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One plan, measured."""

    wall: float
    cpu: float
    first: float
    """CPU seconds of the first process alone."""
    memory: float
    """MB."""
    spots: int
    out: int
    """Rows that do not go on."""


def write_sheet(path: Path, rows: int) -> None:
    """A sheet of two brands and two languages, no copy like another."""
    rng = random.Random(7)
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet("文案表")
    sheet.append(HEADER)
    for number in range(1, rows + 1):
        cells = dict(zip(HEADER, _row(rng, number), strict=True))
        if rng.random() < BAD:
            name = rng.choice(sorted(BAD_CELLS))
            cells[name] = BAD_CELLS[name]
        sheet.append([cells[name] for name in HEADER])
    workbook.save(path)


def _row(rng: random.Random, number: int) -> tuple[object, ...]:
    chinese = rng.random() < 0.7
    product = rng.choice(PRODUCTS_ZH if chinese else PRODUCTS_EN)
    parts = [
        rng.choice(OPENINGS_ZH if chinese else OPENINGS_EN),
        *rng.sample(MIDDLES_ZH if chinese else MIDDLES_EN, rng.choice((1, 2, 2, 3))),
        rng.choice(ENDINGS_ZH if chinese else ENDINGS_EN),
    ]
    if rng.random() < VIOLATIONS:
        parts.insert(1, rng.choice(CLAIMS if chinese else CLAIMS_EN))
    copy = ("。" if chinese else ". ").join(
        part.format(
            product=product.split()[0] if chinese else product.split(",")[0].lower(),
            n=rng.randrange(2, 5_000),
        )
        for part in parts
    )
    return (
        f"r{number:05}",
        f"{copy}。" if chinese else f"{copy}.",
        product,
        "qinghe_tea" if chinese else "harbor_ceramics",
        "zh" if chinese else "en",
        VARIANTS,
        rng.choice(DURATIONS) if len(copy) < 60 else None,
        rng.choice(ASPECTS),
        rng.choice(STYLES),
        rng.choice((f"春天 {number}", product, "", "")),
        "#春茶 #慢生活" if chinese else "#slow #handmade",
        rng.choice(CAMERAS),
        rng.choice(("", "", "none")),
        f"第 {number} 行",
    )


def measured(folder: Path, sheet: Path) -> Run:
    """Run ``reelsheet plan --json`` in ``folder``.

    Raises:
        RuntimeError: it ended with an error.
    """
    start = time.perf_counter()
    output = folder / "plan.json"
    with output.open("wb") as out, (folder / "errors.txt").open("wb") as errors:
        command = [sys.executable, "-m", "reelsheet", "plan", str(sheet), "--json"]
        process = subprocess.Popen(command, cwd=folder, stdout=out, stderr=errors, env=_environment())
        seen = watched(process)
    code = process.wait()
    wall = time.perf_counter() - start
    if code not in (0, 1):
        raise RuntimeError((folder / "errors.txt").read_text(encoding="utf-8"))
    rows = json.loads(output.read_bytes())["rows"]
    return Run(
        wall=wall,
        cpu=sum(seen.cpu.values()),
        first=seen.cpu[process.pid],
        memory=seen.peak / 2**20,
        spots=sum(len(row["spots"]) for row in rows),
        out=sum(row["state"] != "done" for row in rows),
    )


def _environment() -> dict[str, str]:
    root = Path(__file__).parent.parent
    return {**os.environ, "PYTHONPATH": str(root)}


@dataclass(slots=True)
class Seen:
    """What was seen of a process tree."""

    cpu: dict[int, float] = field(default_factory=dict)
    """CPU seconds by process id."""
    peak: int = 0
    """Bytes."""


def watched(process: "subprocess.Popen[bytes]") -> Seen:
    """Look at the process and its children until it ends."""
    seen = Seen()
    tree = psutil.Process(process.pid)
    while process.poll() is None:
        total = 0
        # A process may end while it is looked at; what was seen of it before counts.
        with suppress(psutil.NoSuchProcess):
            for one in (tree, *tree.children(recursive=True)):
                used = one.cpu_times()
                seen.cpu[one.pid] = used.user + used.system
                total += one.memory_info().rss
        seen.peak = max(seen.peak, total)
        time.sleep(EVERY)
    return seen


def main() -> None:
    sizes = [int(argument) for argument in sys.argv[1:]] or list(ROWS)
    print(f"Python {platform.python_version()}, {psutil.cpu_count()} cores\n")
    print("| rows | spots | rows out | wall s | CPU s | first process | peak MB | load |")
    print("|---:|---:|---:|---:|---:|---:|---:|---:|", flush=True)
    for rows in sizes:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            write_sheet(folder / "campaign.xlsx", rows)
            run = measured(folder, folder / "campaign.xlsx")
        cells = (f"{rows:,}", f"{run.spots:,}", f"{run.out:,}", f"{run.wall:.1f}", f"{run.cpu:.1f}")
        print(
            f"| {' | '.join(cells)} | {run.first:.1f} | {run.memory:.0f} | {os.getloadavg()[0]:.1f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
