"""Write the example campaign as a marketing team would keep it.

    python examples/spring_tea/make_sheet.py

writes ``spring_tea.xlsx``: twelve rows, of which ten are good, one has a wrong cell (X01, its length) and one
is refused by the starter policy (X02, words that advertising law forbids).
"""

from datetime import UTC, datetime
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

HERE = Path(__file__).parent

COLUMNS = {
    "编号": 8,
    "文案": 54,
    "产品": 16,
    "品牌": 17,
    "语言": 7,
    "受众": 16,
    "风格": 20,
    "时长": 10,
    "画幅": 17,
    "变体": 7,
    "主体": 24,
    "动作": 26,
    "环境": 26,
    "镜头": 22,
    "图片": 24,
    "音乐": 15,
    "标题": 24,
    "话题": 24,
    "账号": 18,
    "字幕翻译": 40,
    "价签": 16,
    "二维码": 26,
    "法律声明": 26,
    "人名条": 22,
    "封面标题": 20,
}
"""Header to width in characters."""

ROWS: list[dict[str, str | int]] = [
    {
        "编号": "T01",
        "文案": "清明前的雨，落在山坡上。我们采下一芽两叶，手工炒青，装进这只绿罐。打开它，春天就在杯里。",
        "产品": "春茶 100 克罐装",
        "受众": "喜欢喝茶的上班族",
        "风格": "清新、自然光",
        "时长": 12,
        "画幅": "9:16, 16:9, 1:1",
        "图片": "images/tea_tin.png",
        "标题": "打开一罐春天",
        "话题": "#春茶 #明前茶",
        "字幕翻译": "Rain before Qingming falls on the hillside. We pick one bud and two leaves, "
        "fire them by hand, and fill this green tin. Open it, and spring is in your cup.",
    },
    {
        "编号": "T02",
        "文案": "水温八十五度，高冲低斟。茶叶慢慢舒展，热气里有青草和豆花的香。",
        "产品": "青瓷盖碗",
        "风格": "静谧、暖色晨光",
        "时长": 10,
        "画幅": "9:16, 1:1",
        "主体": "一只青瓷盖碗，盖子斜倚在碗边",
        "动作": "热水注入，茶叶舒展，热气缓缓升起",
        "环境": "晨光里的木桌，窗外竹影落在墙上",
        "镜头": "推近，特写；环绕",
        "图片": "images/gaiwan.png",
        "标题": "八十五度的早晨",
        "话题": "#盖碗 #泡茶",
    },
    {
        "编号": "T03",
        "文案": "下班路上，给自己一口山里的凉。原叶冷泡八小时，不加糖，只留茶的清甜。",
        "产品": "冷泡春茶 350 毫升",
        "受众": "通勤的年轻人",
        "风格": "明快、夏日",
        "时长": 10,
        "画幅": "竖屏",
        "变体": 2,
        "图片": "images/cold_brew.png",
        "音乐": "first_flush",
        "标题": "一口山里的凉",
        "话题": "#冷泡茶 #下班喝什么",
        "账号": "douyin:清和茶事",
        "价签": "¥12｜尝鲜价",
        "封面标题": "一口山里的凉",
    },
    {
        "编号": "T04",
        "文案": "把春天寄给想念的人。一盒新茶，两只小罐，附一张手写卡片。现在下单，清明前送到。",
        "产品": "春茶礼盒",
        "受众": "送礼的人",
        "风格": "雅致、喜庆",
        "时长": 12,
        "画幅": "16:9, 1:1",
        "图片": "images/gift_box.png",
        "标题": "把春天寄给想念的人",
        "话题": "#春茶礼盒 #送长辈",
        "二维码": "https://shop.example/qinghe/gift",
        "法律声明": "礼盒以收到的实物为准，送达时间以快递为准。",
    },
    {
        "编号": "T05",
        "文案": "早会前三分钟，一袋原叶，一杯热水。桌上就有一座茶山。",
        "产品": "原叶茶包 15 袋",
        "受众": "办公室",
        "时长": "8秒",
        "画幅": "9:16",
        "图片": "images/tea_bags.png",
        "音乐": "first_flush",
        "标题": "桌上的茶山",
        "话题": "#办公室好物",
    },
    {
        "编号": "T06",
        "文案": "透明的杯子，看得见茶的脾气。起起落落，像极了今天。喝一口，慢下来。",
        "产品": "散装春茶",
        "风格": "纪实、安静",
        "时长": 10,
        "画幅": "9:16, 1:1",
        "镜头": "镜头升起，近景；固定",
        "图片": "images/glass_cup.png",
        "标题": "喝一口，慢下来",
        "话题": "#慢生活",
    },
    {
        "编号": "T07",
        "文案": "Picked before the April rain. Pan-fired by hand the same evening. "
        "Open the tin, add hot water, and let spring take its time.",
        "产品": "Spring tea, 100 g tin",
        "语言": "en",
        "受众": "tea lovers abroad",
        "风格": "calm, natural light",
        "时长": 12,
        "画幅": "16:9, 9:16",
        "图片": "images/tea_tin.png",
        "标题": "Let spring take its time",
        "话题": "#springtea #greentea",
        "字幕翻译": "谷雨之前采下，当晚手工炒青。打开茶罐，注入热水，让春天慢慢来。",
    },
    {
        "编号": "T08",
        "文案": "Eight hours in cold water. No sugar, no hurry. Just leaves, and a long, clean sip of green.",
        "产品": "Cold-brew green tea",
        "语言": "en",
        "时长": 10,
        "画幅": "1:1",
        "变体": 2,
        "主体": "a chilled bottle of cold-brew green tea",
        "动作": "drops run down the glass as a hand sets it on a stone ledge",
        "环境": "a shaded courtyard at noon, bamboo behind",
        "镜头": "push in, close-up; truck right",
        "图片": "images/cold_brew.png",
        "音乐": "first_flush",
        "标题": "No sugar, no hurry",
        "话题": "#coldbrew #icedtea",
    },
    {
        "编号": "H01",
        "文案": "Thrown in the morning, fired by the sea. A teapot made for slow hands and long talks.",
        "产品": "Clay teapot",
        "品牌": "harbor_ceramics",
        "语言": "en",
        "风格": "warm, documentary",
        "时长": 10,
        "画幅": "16:9",
        "镜头": "orbit; static, close-up",
        "图片": "images/teapot.png",
        "音乐": "harbor_morning",
        "标题": "Made for long talks",
        "话题": "#handmade #teapot",
        "二维码": "https://harbor.example/teapot",
        "价签": "$48 | first firing",
    },
    {
        "编号": "T09",
        "文案": "海拔八百米的山坡，云雾比闹钟先到。采茶人一筐一筐往下走，"
        "炒茶锅从傍晚亮到天明。清和茶事，今春新茶已经上市。",
        "产品": "品牌片",
        "风格": "辽阔、晨雾",
        "时长": 15,
        "画幅": "横屏",
        "镜头": "航拍，远景；左移；推近",
        "图片": "images/tea_hills.jpg；images/still_life.jpg",
        "标题": "云雾比闹钟先到",
        "话题": "#茶山 #清和茶事",
        "人名条": "云雾茶园｜海拔八百米",
    },
    {
        "编号": "X01",
        "文案": "春茶上新，第二罐半价，本周六截止。",
        "产品": "春茶 100 克罐装",
        "时长": "十秒左右",
        "画幅": "9:16",
        "图片": "images/tea_tin.png",
        "标题": "周六截止",
        "话题": "#春茶",
    },
    {
        "编号": "X02",
        "文案": "国家级茶园出品，最佳品质，全网销量第一，一杯喝出好气色。",
        "产品": "春茶礼盒",
        "时长": 8,
        "画幅": "9:16",
        "图片": "images/gift_box.png",
        "标题": "最佳春茶",
        "话题": "#春茶礼盒",
    },
]

DROP_DOWNS = {
    "品牌": "qinghe_tea,harbor_ceramics",
    "语言": "zh,en",
    "变体": "1,2,3",
    "音乐": "spring_mist,first_flush,harbor_morning,clay_wheel,none",
}

SETTINGS = {
    "brand": ("qinghe_tea", "品牌：没写品牌的行用它，brand_kits/ 里的文件夹名"),
    "policy": ("starter", "投放前审核的规则"),
    "aspects": ("9:16", "画幅：没写画幅的行用它"),
    "duration": (10, "时长：没写时长的行用它，秒，含片尾 2 秒"),
    "size": (720, "短边像素：720 或 1080"),
    "fps": (24, "成片帧率：24、25 或 30"),
    "time_zone": ("Asia/Shanghai", "发布时间所在时区"),
}

INK, PAPER, GREEN, LINE = "1E3B2C", "F6F1E4", "2A5740", "D8D2BF"


def fill_rows(sheet: Worksheet) -> None:
    header = list(COLUMNS)
    sheet.append(header)
    for row in ROWS:
        sheet.append([{"品牌": "qinghe_tea", "语言": "zh", "变体": 1, **row}.get(name) for name in header])
    thin = Border(bottom=Side(style="thin", color=LINE))
    for cell in sheet[1]:
        cell.font = Font(name="Microsoft YaHei", bold=True, color="FFFFFF", size=11)
        cell.fill = PatternFill("solid", fgColor=GREEN)
        cell.alignment = Alignment(horizontal="center", vertical="center")
    for number, cells in enumerate(sheet.iter_rows(min_row=2, max_row=sheet.max_row), start=2):
        sheet.row_dimensions[number].height = 48
        for cell in cells:
            cell.font = Font(name="Microsoft YaHei", size=10, color=INK)
            cell.alignment = Alignment(wrap_text=True, vertical="center")
            cell.border = thin
            if number % 2:
                cell.fill = PatternFill("solid", fgColor=PAPER)
    for index, width in enumerate(COLUMNS.values(), start=1):
        sheet.column_dimensions[get_column_letter(index)].width = width
    sheet.row_dimensions[1].height = 26
    sheet.freeze_panes = "C2"
    sheet.auto_filter.ref = sheet.dimensions


def add_drop_downs(sheet: Worksheet) -> None:
    for header, words in DROP_DOWNS.items():
        letter = get_column_letter(list(COLUMNS).index(header) + 1)
        choice = DataValidation(type="list", formula1=f'"{words}"', allow_blank=True, showErrorMessage=False)
        sheet.add_data_validation(choice)
        choice.add(f"{letter}2:{letter}200")


def fill_settings(sheet: Worksheet) -> None:
    for key, (value, note) in SETTINGS.items():
        sheet.append([key, value, note])
    for row in sheet.iter_rows():
        row[0].font = Font(name="Microsoft YaHei", bold=True, color=GREEN)
        row[2].font = Font(name="Microsoft YaHei", italic=True, color="8A8570")
    for letter, width in (("A", 12), ("B", 28), ("C", 52)):
        sheet.column_dimensions[letter].width = width


def main() -> None:
    book = Workbook()
    book.properties.creator = "reelsheet"
    # Fixed, so that the same rows make the same file.
    book.properties.created = book.properties.modified = datetime(2026, 3, 1, tzinfo=UTC).replace(tzinfo=None)
    rows = book.active
    assert rows is not None
    rows.title = "春茶上新"
    fill_rows(rows)
    add_drop_downs(rows)
    fill_settings(book.create_sheet("campaign"))
    book.save(HERE / "spring_tea.xlsx")
    print(f"spring_tea.xlsx: {len(ROWS)} rows")


if __name__ == "__main__":
    main()
