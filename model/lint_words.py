"""What the prompt linter looks for, in both languages. Tables only."""

import re
from enum import StrEnum

from campaign.brief import Language
from campaign.camera import CameraMove

ZH, EN = Language.ZH, Language.EN


class LintKind(StrEnum):
    VAGUE = "vague"
    CONTRADICTION = "contradiction"
    ACTIONS = "several actions"
    TEXT = "text in the picture"
    NEGATION = "negation"
    PERSON = "real person"
    PLACEHOLDER = "placeholder"
    EMPTY = "empty"
    MOVE = "camera move"
    LENGTH = "too long"
    LANGUAGE = "language"


def _any(words: str) -> re.Pattern[str]:
    return re.compile(words, re.IGNORECASE)


VAGUE = {
    ZH: _any(
        "好看|漂亮|美丽|美好|唯美|绝美|精美|精致|高端|大气|上档次|高档|高级感|高级|有质感|质感十足|震撼|完美|温馨|"
        "梦幻|氛围感|时尚|酷炫|炫酷|有创意|独特|非凡|优雅|奢华|舒服|开心|幸福感|幸福|品质感|品质|不错|很棒"
    ),
    EN: _any(
        r"\b(?:nice|beautiful|pretty|lovely|good[- ]looking|great|amazing|awesome|stunning|gorgeous|premium|"
        r"high[- ]end|luxur(?:y|ious)|classy|epic|perfect|cool(?! colou?rs?| tones?| light)|stylish|"
        r"elegant|attractive|unique|special|happy|wonderful|incredible|breathtaking|quality|happiness)\b"
    ),
}
LITTLE_ELSE = {ZH: 6, EN: 4}
"""A field with no more characters or words than this beside its vague ones shows a camera nothing."""

CAMERA_PHRASES: tuple[tuple[CameraMove, re.Pattern[str]], ...] = (
    (
        CameraMove.STATIC,
        _any(
            r"固定镜头|固定机位|定机位|镜头不动|静止镜头|\b(?:static|fixed|locked(?:-off)?) (?:camera|shot)"
        ),
    ),
    (
        CameraMove.PUSH_IN,
        _any(
            r"镜头(?:缓慢|慢慢)?推|推镜|推近|\bpush(?:es|ing)?[- ]in\b|\bdolly(?:ing)? in\b"
            r"|\bzoom(?:s|ing)? in\b"
        ),
    ),
    (
        CameraMove.PULL_OUT,
        _any(
            r"镜头(?:缓慢|慢慢)?(?:拉远|后拉)|拉镜|\bpull(?:s|ing)? (?:out|back)\b|"
            r"\bdolly(?:ing)? out\b|\bzoom(?:s|ing)? out\b"
        ),
    ),
    (CameraMove.PAN_LEFT, _any(r"镜头(?:缓慢)?左摇|向左摇|\bpan(?:s|ning)? left\b")),
    (CameraMove.PAN_RIGHT, _any(r"镜头(?:缓慢)?右摇|向右摇|\bpan(?:s|ning)? right\b")),
    (CameraMove.TILT_UP, _any(r"镜头(?:缓慢)?上摇|\bcamera tilts? up\b|\btilt up\b")),
    (CameraMove.TILT_DOWN, _any(r"镜头(?:缓慢)?下摇|\bcamera tilts? down\b|\btilt down\b")),
    (CameraMove.FOLLOW, _any(r"跟拍|镜头跟随|跟镜|\btracking shot\b|\bcamera follows\b|\bfollow shot\b")),
    (CameraMove.ORBIT, _any(r"镜头环绕|环绕拍摄|绕拍|\borbit(?:s|ing)?\b|\barc shot\b")),
    (CameraMove.AERIAL, _any(r"航拍|无人机视角|\baerial\b|\bdrone (?:shot|view)\b")),
    (CameraMove.HANDHELD, _any(r"手持镜头|手持拍摄|\bhand-?held\b|\bshaky\b")),
    (CameraMove.CRANE_UP, _any(r"镜头(?:缓慢)?升起|\bcrane up\b|\bcamera rises\b")),
    (CameraMove.CRANE_DOWN, _any(r"镜头(?:缓慢)?下降|\bcrane down\b|\bcamera descends\b")),
)
"""Camera moves that stand in a text field, where they can pull against the camera column."""

CONTRADICTIONS: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = (
    (
        _any(r"夜晚|深夜|午夜|夜色|星空|月光|\bnight(?:time)?\b|\bmidnight\b|\bmoonlight\b"),
        _any(
            r"正午|烈日|阳光|晴天|蓝天|日光|湛蓝|\bnoon\b|\bmidday\b|"
            r"\bsun(?:light|ny|shine|lit)\b|\bbright sun\b|\bdaylight\b|\bblue sky\b"
        ),
    ),
    (
        _any(r"日出|清晨|晨光|晨间|晨雾|破晓|\bsunrise\b|\bdawn\b|\bmorning\b"),
        _any(r"日落|黄昏|傍晚|夕阳|\bsunset\b|\bdusk\b|\bevening\b"),
    ),
    (
        _any(r"大雨|暴雨|下雨|雨中|\brain(?:y|ing|storm)?\b"),
        _any(r"晴天|晴空|烈日|湛蓝|\bclear (?:blue )?sk(?:y|ies)\b|\bsunny\b"),
    ),
    (
        _any(r"黑白|\bblack[- ]and[- ]white\b|\bmonochrome\b"),
        _any(r"鲜艳|多彩|五彩|暖色调|\bvivid colou?rs?\b|\bcolou?rful\b|\bwarm colou?rs?\b"),
    ),
    (
        _any(r"浅景深|背景虚化|\bshallow depth of field\b|\bbokeh\b"),
        _any(r"全景深|前后都清晰|大景深|\bdeep focus\b|\beverything in focus\b"),
    ),
    (
        _any(r"慢动作|慢镜头|\bslow[- ]motion\b"),
        _any(r"快进|快节奏|延时|\btime-?lapse\b|\bfast[- ]motion\b|\bhyperlapse\b"),
    ),
    (
        _any(r"暖色调|\bwarm colou?rs?\b|\bwarm tones?\b"),
        _any(r"冷色调|\bcool colou?rs?\b|\bcold tones?\b|\bcool tones?\b"),
    ),
    (
        _any(r"空无一人|无人的|\bdeserted\b|\bempty of people\b"),
        _any(r"人群|人来人往|熙熙攘攘|\bcrowd(?:ed|s)?\b|\bbusy\b"),
    ),
    (
        _any(r"动漫|二次元|手绘插画|水墨|\banime\b|\bcartoon\b|\bwatercolou?r\b|\bink wash\b"),
        _any(r"写实摄影|写实商业|照片级|纪实|\bphoto-?realis(?:m|tic)\b|\brealistic\b|\bdocumentary\b"),
    ),
)
"""Pairs that cannot both be in one picture."""

NEXT_ACTION = {
    ZH: _any("然后|接着|随后|之后|紧接着|最后|再转身|同时又|先.{1,12}再"),
    EN: _any(
        r"\b(?:then|after that|afterwards|finally|next(?! to)|followed by|while also|"
        r"before (?:he|she|they|it))\b"
    ),
}
MOST_CLAUSES = 3
"""Parts between commas of an action that one shot of 5 s still shows."""

TEXT = {
    ZH: _any('写着|字样|文字|标语|字幕|标题|大字|二维码|条形码|海报上|印着[“"「]|显示[“"「]|logo|商标|水印'),
    EN: _any(
        r"\b(?:text|words?|letters|lettering|captions?|subtitles?|title card|slogan|logo|qr code|"
        r"watermark|typography)\b|"
        r"\b(?:sign|label|screen|banner|poster) (?:that )?(?:says|reads|saying|reading)\b"
    ),
}
NEGATION = {
    ZH: _any("不要|没有|避免|禁止|不含|不出现|不能有|不带|无(?=文字|水印|人物|字幕|人(?!机)|logo|杂物|背景)"),
    EN: _any(r"\b(?:no(?!\.? ?\d)|not|without|don't|do not|avoid|never|none|free of)\b"),
}

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔"
    "钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
PERSON = {
    ZH: re.compile(
        rf"(?:像|酷似|神似|长得像|形似|扮演)(?:明星|演员|歌手)?(?P<a>[{_SURNAMES}][\u4e00-\u9fff]{{1,2}})(?=一样|那样|般|的|，|。|$)"
        rf"|(?P<b>[{_SURNAMES}][\u4e00-\u9fff]{{1,2}})同款|(?P<c>明星|网红|偶像|名人)(?:同款|脸|相貌)"
    ),
    EN: re.compile(
        r"(?:\b(?:[Ll]ike|[Rr]esembling|[Ll]ooks like|[Ll]ookalike of|"
        r"[Pp]layed by|[Ii]n the style of|[Aa]s worn by)"
        r"\s+(?P<a>[A-Z][\w'’.-]+(?:\s[A-Z][\w'’.-]+)+))"
        r"|(?P<b>[A-Z][\w'’.-]+(?:\s[A-Z][\w'’.-]+)+)[ -]look-?alike"
        r"|\b(?P<c>celebrity|influencer|movie star) look-?alike"
    ),
}
PLACEHOLDER = re.compile(
    r"\{[^}]*\}|\[[^\]]{1,40}\]|<[^>]{1,40}>|【[^】]{1,20}】|\bTODO\b|\bTBD\b|待定|XXX|xxx"
)
