"""The words of headers, and which of our columns each means."""

import re
import unicodedata

from campaign.sheet.values import nearest

ALIASES: dict[str, tuple[str, ...]] = {
    "id": (
        "id", "row id", "编号", "序号", "标识", "行号", "货号", "款号", "商品编码", "任务编号",
        "素材编号", "视频序号", "video id", "item id", "no", "no.", "视频编号", "视频id", "sku",
        "handle",
    ),
    "copy": (
        "copy", "文案", "ad copy", "广告文案", "视频文案", "文案内容", "宣传文案", "口播", "口播文案",
        "口播稿", "口播内容", "口播脚本", "旁白", "旁白文案", "脚本", "视频脚本", "推广文案",
        "营销文案", "短视频文案", "video script", "voiceover script", "ad text", "台词", "script",
        "text", "voiceover", "voice over", "narration", "卖点文案", "正文", "内容", "content",
    ),
    "product": (
        "product", "产品", "商品", "产品名", "产品名称", "商品名", "商品名称", "product name", "品名",
        "款名",
    ),
    "brand": ("brand", "品牌", "品牌名", "所属品牌", "品牌名称", "brand kit", "品牌包"),
    "language": ("language", "语言", "视频语言", "语言版本", "lang", "语种", "locale"),
    "audience": (
        "audience", "受众", "受众人群", "目标客户", "目标客群", "目标受众", "人群", "目标人群",
        "目标用户", "target audience", "target", "用户画像",
    ),
    "style": (
        "style", "风格", "视频风格", "视觉风格", "拍摄风格", "整体风格", "画面风格", "调性",
        "visual style",
    ),
    "variants": (
        "variants", "变体", "视频数量", "视频条数", "生成数量", "versions", "number of versions",
        "变体数", "版本数", "版本数量", "变体数量", "variant count", "条数",
    ),
    "duration": (
        "duration", "时长", "视频时长", "视频长度", "视频秒数", "总时长", "seconds", "秒数", "时间长度",
        "video length", "片长",
    ),
    "aspects": (
        "aspects", "画幅", "画面比例", "视频比例", "视频画幅", "画面尺寸", "屏幕比例", "比例",
        "尺寸比例", "视频尺寸", "aspect", "aspect ratio", "aspect ratios", "ratio", "版式", "横竖屏",
        "宽高比",
    ),
    "subject": (
        "subject", "角色", "主体", "人物", "主角", "人物角色", "出镜人物", "画面主体", "character",
        "who",
    ),
    "action": ("action", "动作", "行为", "动作描述", "what happens"),
    "environment": (
        "environment", "环境", "场景", "背景", "地点", "拍摄场景", "拍摄地点", "画面场景", "setting",
        "location", "background", "场景环境",
    ),
    "camera": (
        "camera", "镜头", "运镜", "镜头语言", "镜头运动", "运镜方式", "拍摄方式", "拍摄镜头", "机位",
        "camera move", "camera moves", "camera movement", "景别", "角度", "拍摄角度", "拍摄手法",
        "shot size", "angle",
    ),
    "image": (
        "image", "图片", "产品图", "商品图", "产品主图", "商品主图", "产品照片", "图片链接", "主图链接",
        "image url", "image link", "picture url", "主图", "参考图", "images", "picture", "pictures",
        "photo", "配图", "素材", "素材图", "产品图片", "商品图片", "product image", "image file", "图",
        "图片路径",
    ),
    "voice": (
        "voice", "配音", "音色", "配音音色", "声线", "声音", "旁白音色", "配音员", "voice name",
        "发音人",
    ),
    "voice_overrun": ("voice overrun", "配音超时", "配音过长", "超时处理", "voice too long"),
    "music": ("music", "音乐", "配乐", "背景音乐", "bgm", "track", "soundtrack"),
    "pace": ("pace", "卡点", "节奏", "剪辑节奏", "踩点", "cut pace", "cut on beat"),
    "fit": ("fit", "画面适配", "适配", "适配方式", "填充方式", "裁切", "fitting", "reframe"),
    "transition": ("transition", "转场", "过渡", "镜头过渡", "crossfade", "叠化"),
    "handover": ("handover", "工程文件", "剪辑工程", "交接", "交付文件", "hand over", "project file"),
    "backend": ("backend", "后端", "模型", "生成模型", "生成引擎"),
    "rungs": ("rungs", "阶段", "rung", "制作阶段", "ladder"),
    "refine": ("refine", "精修", "精修强度", "细化"),
    "seed": ("seed", "种子", "随机种子", "random seed"),
    "publish_at": (
        "publish at", "发布时间", "发布日期", "计划发布时间", "预计发布时间", "投放日期", "上线时间",
        "定时发布", "投放时间", "publish date", "publish time", "publish", "scheduled", "schedule",
        "post at", "post date", "go live", "排期",
    ),
    "account": (
        "account", "账号", "帐号", "发布账号", "账户", "渠道账号", "channel", "发布帐号", "抖音号",
    ),
    "platforms": (
        "platforms", "平台", "platform", "发布平台", "投放平台", "平台名称", "target platform",
    ),
    "translation": (
        "translation", "字幕翻译", "翻译", "译文", "第二字幕", "双语字幕", "英文字幕", "中文字幕",
        "caption 2", "captions 2", "second caption", "second captions", "translated captions",
        "caption translation", "subtitle translation",
    ),
    "lower_third": ("lower third", "人名条", "下三分之一", "名条", "字幕条", "lower 3rd", "name strap"),
    "price_tag": ("price tag", "价签", "价格标签", "画面价格", "到手价"),
    "qr": ("qr", "二维码", "二维码链接", "qr code", "qr link", "扫码链接"),
    "legal": (
        "legal", "法律声明", "声明", "免责声明", "法律文字", "legal line", "disclaimer", "small print",
    ),
    "cover_title": ("cover title", "封面标题", "封面文字", "封面字", "thumbnail title"),
    "title": ("title", "标题", "视频标题", "作品标题", "headline", "发布标题"),
    "hashtags": ("hashtags", "话题", "话题词", "标签", "话题标签", "hashtag", "tags", "tag", "#"),
    "evidence": (
        "evidence", "证据", "依据", "证明", "证明材料", "来源", "出处", "proof", "substantiation",
        "资质",
    ),
}  # fmt: skip
"""Our columns and every header that means them, whatever their case, width and spaces."""

REQUIRED = ("copy",)
MARK = "reelsheet: "
"""Begins the header of every column that reelsheet adds; such columns are not read back."""
EXTRA = "extra"
"""In a mapping: keep this column apart, whatever its header."""

_BY_ALIAS = {
    alias: field for field, aliases in ALIASES.items() for alias in (field.replace("_", " "), *aliases)
}
_BRACKETS = re.compile(r"[(\[{【<〔「].*?[)\]}】>〕」]")
_MARKS = re.compile(r"[*★☆:!?。…\"'`]+|必填|选填|可选|\brequired\b|\boptional\b")
_CJK = 0x3400
_SLIP = 2
_NUMBERED_IMAGE = re.compile(r"(.*?\D)\s*\d{1,2}")
_SPREAD = re.compile(r"(?<=[\u3400-\u9fff]) (?=[\u3400-\u9fff])")
_SCRIPTS = re.compile(r"[\u3400-\u9fff]+|[^\u3400-\u9fff]+")


def find_field(header: str) -> str | None:
    """Our column that ``header`` means, None when it is foreign.

    Understood besides the aliases: "Copy *", "时长（秒）", "copy 文案", "文案/copy", "图片2".
    """
    bare = _bare(header)
    if not bare:
        return _BY_ALIAS.get(_fold(header).strip())
    if bare in _BY_ALIAS:
        return _BY_ALIAS[bare]
    numbered = _NUMBERED_IMAGE.fullmatch(bare)
    if numbered and _BY_ALIAS.get(numbered[1].strip()) == "image":
        return "image"
    return _of_parts(re.split(r"[/|\n]", bare)) or _of_parts(_SCRIPTS.findall(bare))


def near_field(header: str) -> tuple[str, str] | None:
    """Our column and the alias that ``header`` was most likely meant to be."""
    bare = _bare(header)
    if all(ord(character) > _CJK for character in bare):
        near = [alias for alias in _BY_ALIAS if _near_chinese(bare, alias)]
        # What a Chinese word is about stands at its end.
        near += sorted((alias for alias in _BY_ALIAS if len(alias) > 1 and bare.endswith(alias)), key=len)[
            -1:
        ]
        return (_BY_ALIAS[near[0]], near[0]) if near else None
    alias = nearest(bare, _BY_ALIAS, 0.78)
    # A slip is a letter or two; more are another word, as in "variant sku".
    return (_BY_ALIAS[alias], alias) if alias and abs(len(alias) - len(bare)) <= _SLIP else None


def _near_chinese(word: str, alias: str) -> bool:
    """One wrong character in a word of the same length; in a word of two, only the second may be wrong."""
    if len(word) != len(alias) or len(word) < 2 or word[0] != alias[0]:
        return False
    return sum(a != b for a, b in zip(word, alias, strict=True)) == 1


def is_ours(header: str) -> bool:
    """Whether reelsheet added this column to a status copy."""
    return header.casefold().startswith(MARK.strip())


def _of_parts(parts: list[str]) -> str | None:
    """The one column that all parts mean, where there are several."""
    words = [part.strip(" -_·") for part in parts if part.strip(" -_·")]
    fields = {_BY_ALIAS.get(word) for word in words}
    return fields.pop() if len(words) > 1 and len(fields) == 1 else None


def _fold(header: str) -> str:
    return unicodedata.normalize("NFKC", header).casefold()


def _bare(header: str) -> str:
    text = _MARKS.sub(" ", _BRACKETS.sub(" ", _fold(header).replace("_", " ").replace("-", " ")))
    # Two characters are often spread apart to look like the three of their neighbours: 编　号.
    return _SPREAD.sub("", re.sub(r"[^\S\n]+", " ", text)).strip()
