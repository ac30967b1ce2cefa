"""Which words of a prompt call for which stage and which emblem, in both languages: data.

A longer word counts more than a shorter one that it holds, so that 茶园 is a field before it is a drink.
"""

from collections.abc import Iterable, Mapping

STAGE_WORDS: Mapping[str, tuple[str, ...]] = {
    "ridges": (
        "山", "江南", "水墨", "国风", "云海", "山水", "湖", "江边", "雾", "烟雨", "雪", "高原", "峡谷", "古镇", "月", "星空",
        "mountain", "ridge", "peak", "valley", "mist", "fog", "lake", "river", "snow", "highland", "ink wash", "canyon",
    ),
    "terraces": (
        "茶园", "茶山", "梯田", "田野", "田", "农场", "草原", "果园", "麦", "稻",
        "tea field", "tea garden", "tea hill", "terrace", "field", "farm", "meadow", "orchard", "plantation", "vineyard",
    ),
    "sea": ("海", "沙滩", "海边", "港", "海港", "岛", "海岸", "sea", "ocean", "beach", "harbor", "harbour", "coast", "island", "shore", "bay"),
    "grove": ("竹", "竹林", "森林", "树林", "林间", "雨林", "bamboo", "forest", "grove", "woods", "jungle", "trees"),
    "window": (
        "窗", "窗边", "晨光", "清晨", "室内", "家", "客厅", "厨房", "卧室", "书房", "餐桌", "木桌", "桌", "茶室", "咖啡馆", "店",
        "window", "morning light", "home", "kitchen", "living room", "bedroom", "table", "tabletop", "desk", "tea room",
        "cafe", "café", "shop", "interior", "workshop", "counter",
    ),
    "studio": ("影棚", "棚", "纯色", "背景", "展台", "台", "极简", "studio", "seamless", "backdrop", "plinth", "pedestal", "minimal", "plain"),
    "skyline": (
        "城市", "街", "街头", "都市", "夜景", "楼", "霓虹", "天台", "写字楼", "办公", "地铁",
        "city", "street", "urban", "downtown", "skyline", "neon", "rooftop", "office", "night",
    ),
    "garden": ("花园", "花", "庭院", "植物", "绿植", "春天", "garden", "flower", "floral", "courtyard", "plants", "botanical", "spring", "leaves"),
    "glow": ("光", "科技", "未来", "梦幻", "渐变", "太空", "light", "glow", "gradient", "tech", "futuristic", "space", "abstract"),
    "flatlay": ("平铺", "俯视", "桌面", "布面", "flat lay", "flatlay", "linen", "from above"),
}
"""Stage to words that call for it."""

EMBLEM_WORDS: Mapping[str, tuple[str, ...]] = {
    "cup": ("茶", "杯", "盖碗", "茶汤", "咖啡", "茶具", "壶", "tea", "cup", "mug", "coffee", "latte", "teapot", "brew", "pour"),
    "sprig": ("茶芽", "嫩芽", "茶叶", "叶", "芽", "草本", "leaf", "leaves", "bud", "sprig", "herb", "harvest", "plant"),
    "bottle": (
        "瓶", "精华", "面霜", "香水", "酒", "饮料", "洗发", "护肤", "油", "奶",
        "bottle", "serum", "perfume", "wine", "drink", "juice", "lotion", "oil", "shampoo", "cream", "sauce",
    ),
    "box": ("礼盒", "盒", "包装", "套装", "箱", "茶罐", "罐", "gift", "box", "package", "set", "tin", "carton"),
    "bowl": ("碗", "面条", "米饭", "汤", "菜", "食", "陶", "瓷", "bowl", "noodle", "rice", "soup", "dish", "food", "salad", "ceramic", "pottery", "plate"),
    "fruit": ("果", "橙", "桃", "苹果", "草莓", "荔枝", "fruit", "orange", "peach", "apple", "berry", "citrus"),
    "device": ("手机", "电脑", "耳机", "平板", "屏", "app", "phone", "laptop", "tablet", "screen", "device", "earbuds", "watch"),
    "bag": ("包包", "背包", "手提袋", "购物袋", "衣", "裙", "鞋", "bag", "tote", "backpack", "dress", "shirt", "shoe", "sneaker"),
    "flower": ("花", "玫瑰", "百合", "flower", "rose", "lily", "bouquet", "petal"),
    "figure": (
        "人", "女", "男", "孩", "妈妈", "师傅", "模特", "姑娘", "采茶", "匠",
        "person", "people", "woman", "man", "girl", "boy", "model", "potter", "maker", "farmer", "picker", "chef", "hands",
    ),
}
"""Emblem to words that call for it."""


def called_for(texts: Iterable[str], table: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Keys of ``table`` that the texts call for, strongest first; an earlier text weighs more."""
    scores: dict[str, float] = {}
    for order, text in enumerate(texts):
        lowered = text.casefold()
        for key, words in table.items():
            found = [word for word in words if _holds(lowered, word)]
            score = sum(len(word) if word.isascii() else 4 * len(word) for word in found) / (1 + 2 * order)
            if score:
                scores[key] = scores.get(key, 0.0) + score
    return sorted(scores, key=lambda key: -scores[key])


def _holds(text: str, word: str) -> bool:
    if not word.isascii():
        return word in text
    at = text.find(word)
    while at >= 0:
        before = text[at - 1] if at else " "
        after = text[at + len(word)] if at + len(word) < len(text) else " "
        # A plural is the same word; "steam" is not "tea".
        if not _latin(before) and (not _latin(after) or after == "s"):
            return True
        at = text.find(word, at + 1)
    return False


def _latin(character: str) -> bool:
    return character.isascii() and character.isalpha()
