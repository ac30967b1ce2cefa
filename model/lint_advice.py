"""What the prompt linter says, in both languages."""

from campaign.brief import Language
from campaign.camera import WORDS, CameraMove
from model.lint_words import LintKind

FIELD_NAMES = {
    Language.ZH: {
        "subject": "角色",
        "action": "动作",
        "environment": "环境",
        "camera": "镜头",
        "style": "风格",
    },
    Language.EN: {},
}
MOVE_NAMES = {
    Language.ZH: {move: WORDS[move][0] for move in CameraMove},
    Language.EN: {move: move.value for move in CameraMove},
}

SAID: dict[Language, dict[LintKind, tuple[str, str]]] = {
    Language.ZH: {
        LintKind.VAGUE: (
            "{field}里的“{word}”说的是感受，模型不知道画什么。",
            "改写成看得见的东西：材质、颜色、光线、衣着，例如“米白色亚麻长裙，窗边侧光”。",
        ),
        LintKind.CONTRADICTION: (
            "{field}里的“{word}”和“{other}”互相矛盾，画面会在两者之间跳动。",
            "只保留一个。",
        ),
        LintKind.ACTIONS: (
            "动作里有好几件事（从“{word}”起），一个 5 秒镜头只演得完一件。",
            "一个镜头写一个动作；其余的用“|”分给后面的镜头。",
        ),
        LintKind.TEXT: (
            "{field}里的“{word}”要模型画字，字会写错。",
            "画面里不写字：要说的话放进文案，标题和字幕由后期排版。",
        ),
        LintKind.NEGATION: (
            "{field}里的“{word}”是否定说法，模型会把提到的东西画出来。",
            "直接写画面里有什么，例如用“空旷的街道”代替“没有人的街道”。",
        ),
        LintKind.PERSON: (
            "{field}里的“{word}”指向真实人物，没有授权不能生成。",
            "改写成年龄、发型、衣着、神态，例如“三十岁上下的短发女子，穿灰色西装”。",
        ),
        LintKind.PLACEHOLDER: ("{field}里的“{word}”还没有填。", "写上内容，或整格留空让规则来写。"),
        LintKind.EMPTY: ("这个镜头没有主体。", "在“角色”一列写上谁或什么，例如“一双布满纹路的手”。"),
        LintKind.MOVE: ("这个模型拍不出“{word}”。", "换成它会的：{other}。"),
        LintKind.LENGTH: ("提示词长 {word}，模型只读 {other}。", "先缩短最长的一格：{field}。"),
        LintKind.LANGUAGE: ("这一行是中文，这个模型只读 {other}。", "把这一行写成它读的语言，或换一个后端。"),
    },
    Language.EN: {
        LintKind.VAGUE: (
            "{word!r} in the {field} is a feeling; the model does not know what to draw.",
            "Write what can be seen: material, colour, light, as in 'a cream linen dress in side light'.",
        ),
        LintKind.CONTRADICTION: (
            "{word!r} in the {field} and {other!r} contradict each other.",
            "Keep one of them: the picture would jump between the two.",
        ),
        LintKind.ACTIONS: (
            "The action holds several things (from {word!r} on); a shot of 5 s shows one.",
            "Write one action for a shot; give the others to the next shots with '|'.",
        ),
        LintKind.TEXT: (
            "{word!r} in the {field} asks the model to draw lettering, which it misspells.",
            "Keep words out of the picture: what is to be read goes into the copy and is set as type.",
        ),
        LintKind.NEGATION: (
            "{word!r} in the {field} is a negation, and models draw what is named.",
            "Write what is there instead, as in 'an empty street' for 'a street with no people'.",
        ),
        LintKind.PERSON: (
            "{word!r} in the {field} points at a real person, who has to have agreed.",
            "Write age, hair and clothing, as in 'a woman of about thirty with short hair in a grey suit'.",
        ),
        LintKind.PLACEHOLDER: (
            "{word!r} in the {field} has not been filled in.",
            "Write it, or leave the cell empty for the rules to fill.",
        ),
        LintKind.EMPTY: (
            "This shot has no subject.",
            "Write who or what in the subject column, as in 'a pair of weathered hands'.",
        ),
        LintKind.MOVE: ("This model does not carry out {word!r}.", "Ask for one that it does: {other}."),
        LintKind.LENGTH: (
            "The prompt is {word} long, and the model reads {other}.",
            "Shorten the longest field first: {field}.",
        ),
        LintKind.LANGUAGE: (
            "This row is in English, and this model reads {other}.",
            "Write the row in a language it reads, or take another backend.",
        ),
    },
}
