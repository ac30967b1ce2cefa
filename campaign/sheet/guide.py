"""What each column and each setting is for, in both languages: the words of the template and of the docs."""

from dataclasses import dataclass

from campaign.brief import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide:
    """One column or setting, explained."""

    en: str
    zh: str
    note_en: str
    note_zh: str
    width: int = 14
    """Of the template's column, in characters."""

    def heading(self, language: Language | None, between: str = " ") -> str:
        """The header; both languages when none is chosen."""
        match language:
            case Language.EN:
                return self.en
            case Language.ZH:
                return self.zh
            case None:
                return f"{self.en}{between}{self.zh}"

    def note(self, language: Language) -> str:
        return self.note_zh if language is Language.ZH else self.note_en


COLUMNS: dict[str, Guide] = {
    "id": Guide(
        en="id", zh="编号", width=14,
        note_en="A name that stays: letters, figures, - _ . inside, at most 60. It names the folder. "
        "Leave the whole column out to have names derived from the content.",
        note_zh="固定的名称：文字、数字、中间可用 - _ .，最多 60 个字符，用作文件夹名。"
        "整列不要时由内容自动生成。",
    ),
    "copy": Guide(
        en="copy", zh="文案", width=48,
        note_en="Required. What the video says, in full sentences.",
        note_zh="必填。视频要说的话，完整句子。",
    ),
    "product": Guide(
        en="product", zh="产品", width=18, note_en="What is sold.", note_zh="卖的是什么。",
    ),
    "brand": Guide(
        en="brand", zh="品牌",
        note_en="Name of a brand kit. May be set once for all rows in the campaign worksheet.",
        note_zh="品牌包名称。可在 campaign 工作表里为所有行统一设置。",
    ),
    "language": Guide(
        en="language", zh="语言", width=10,
        note_en="zh or en. Found from the copy when empty.", note_zh="zh 或 en。留空则按文案判断。",
    ),
    "audience": Guide(
        en="audience", zh="受众", width=18, note_en="Whom it is for.", note_zh="给谁看。",
    ),
    "style": Guide(
        en="style", zh="风格", width=18,
        note_en="How the picture looks: ink wash, morning light, film grain …",
        note_zh="画面样式：水墨、晨光、胶片颗粒……",
    ),
    "variants": Guide(
        en="variants", zh="变体数", width=10,
        note_en="How many different versions, 1 to 20.", note_zh="做几个不同版本，1 到 20。",
    ),
    "duration": Guide(
        en="duration", zh="时长", width=10,
        note_en="Seconds, 3 to 180: 15, 15s, 00:15. Fits the copy when empty.",
        note_zh="秒数，3 到 180：15、15秒、00:15。留空则按文案决定。",
    ),
    "aspects": Guide(
        en="aspects", zh="画幅",
        note_en="Shapes, several with commas: 9:16, 16:9, 1:1, 4:5, 3:4.",
        note_zh="画面比例，多个用逗号：9:16，16:9，1:1，4:5，3:4；也可写竖屏、横屏、方形。",
    ),
    "subject": Guide(
        en="subject", zh="角色", width=20, note_en="Who or what is seen.", note_zh="画面里是谁、是什么。",
    ),
    "action": Guide(
        en="action", zh="动作", width=20, note_en="What happens.", note_zh="在做什么。",
    ),
    "environment": Guide(
        en="environment", zh="环境", width=20, note_en="Where it is.", note_zh="在哪里。",
    ),
    "camera": Guide(
        en="camera", zh="镜头", width=20,
        note_en="Move, size and angle, with commas; semicolons between shots: push in, close-up; orbit.",
        note_zh="运镜、景别、角度，用逗号；多个镜头用分号：推近，特写；环绕。",
    ),
    "image": Guide(
        en="image", zh="图片", width=22,
        note_en="Product pictures, by their path from this file; several with semicolons.",
        note_zh="产品图，相对本文件的路径；多张用分号。",
    ),
    "voice": Guide(
        en="voice", zh="配音",
        note_en="Name of a voice, or none; several with commas are tried in order. "
        "The brand kit's when empty.",
        note_zh="音色名称，不要配音写 无；多个用逗号，依次尝试。留空用品牌包的。",
    ),
    "voice_overrun": Guide(
        en="voice overrun", zh="配音超时", width=12,
        note_en="A line longer than its shot: extend moves the cut, faster speeds the line up by at most "
        "15 %, refuse stops the row. The brand kit's when empty.",
        note_zh="配音比镜头长时：extend 延长镜头，faster 加快配音（最多 15%），refuse 退回该行。"
        "留空用品牌包的。",
    ),
    "music": Guide(
        en="music", zh="音乐",
        note_en="Name of a track in the brand kit, or none. The kit's first when empty.",
        note_zh="品牌包里的曲名，不要音乐写 无。留空用第一首。",
    ),
    "pace": Guide(
        en="pace", zh="卡点", width=10,
        note_en="beat puts cuts on the music's beats; free when empty.",
        note_zh="beat：剪辑点落在音乐节拍上；留空为 free。",
    ),
    "fit": Guide(
        en="fit", zh="画面适配", width=10,
        note_en="Takes of another shape: crop about the subject, follow a subject that moves, "
        "or pad with a blurred copy.",
        note_zh="画面比例不符时：crop 围绕主体裁切，follow 跟随移动的主体裁切，pad 用模糊背景填充。",
    ),
    "transition": Guide(
        en="transition", zh="转场", width=12,
        note_en="Between shots: cut when empty, crossfade, or its seconds like 0.5.",
        note_zh="镜头之间：留空为硬切，crossfade 或 叠化，也可写秒数如 0.5。",
    ),
    "handover": Guide(
        en="handover", zh="工程文件", width=10,
        note_en="For editors: otio adds an OpenTimelineIO project with takes, sound and cues.",
        note_zh="给剪辑师：otio 附上 OpenTimelineIO 工程，含素材、声音和字幕。",
    ),
    "backend": Guide(
        en="backend", zh="后端", width=20,
        note_en="What makes the pictures. Several stand in for one another in this order: wan, bailian. "
        "By rung: draft: bailian; final: wan.",
        note_zh="用什么生成画面。写多个时前者不行才用后者：wan，bailian。可分阶段：样片：bailian；成片：wan。",
    ),
    "rungs": Guide(
        en="rungs", zh="阶段",
        note_en="Steps with an approval between: animatic, draft, final. Straight to the final when empty.",
        note_zh="分步制作，每步之间确认：分镜、样片、成片。留空直接做成片。",
    ),
    "refine": Guide(
        en="refine", zh="精修", width=10,
        note_en="How much of the draft the final makes anew: 0.6. Empty: all of it, same words and seed.",
        note_zh="成片在样片基础上重做的比例：0.6。留空则用同样的文字和种子全部重做。",
    ),
    "seed": Guide(
        en="seed", zh="种子", width=10,
        note_en="A whole number. The same seed gives the same picture. Derived from the id when empty.",
        note_zh="整数。种子相同画面相同。留空由编号算出。",
    ),
    "publish_at": Guide(
        en="publish at", zh="发布时间", width=20,
        note_en="Date and time: 2026-03-08 20:00.", note_zh="日期和时间：2026-03-08 20:00 或 3月8日 20:00。",
    ),
    "account": Guide(
        en="account", zh="账号", note_en="Where it is published.", note_zh="发布到哪个账号。",
    ),
    "platforms": Guide(
        en="platforms", zh="平台",
        note_en="Apps that must not cover words and marks: douyin, reels … "
        "One that the account names counts by itself.",
        note_zh="文字和标志须避开哪些平台的界面：抖音、快手、小红书、B站……账号里写了平台的不用再写。",
    ),
    "translation": Guide(
        en="translation", zh="字幕翻译", width=40,
        note_en="The copy in the other language: a second line under the captions, and files of its own.",
        note_zh="文案的另一种语言：显示在字幕下方，并另存字幕文件。句数与文案一致时逐句对应。",
    ),
    "lower_third": Guide(
        en="lower third", zh="人名条", width=20,
        note_en="A name and a line under it: Lin Qing | tea master.",
        note_zh="姓名和一行说明：林青｜制茶师。",
    ),
    "price_tag": Guide(
        en="price tag", zh="价签", width=12,
        note_en="As it should be seen, with a small line under it if wanted: $19.99 | this week.",
        note_zh="按显示的样子写，可加一行小字：¥68｜尝鲜价。",
    ),
    "qr": Guide(
        en="qr", zh="二维码", width=22,
        note_en="A link. The brand kit's when empty, or none.",
        note_zh="链接。留空用品牌包的，不要写 无。",
    ),
    "legal": Guide(
        en="legal", zh="法律声明", width=24,
        note_en="Small print under all pictures. The brand kit's when empty, or none.",
        note_zh="画面底部小字。留空用品牌包的，不要写 无。",
    ),
    "cover_title": Guide(
        en="cover title", zh="封面标题", width=20,
        note_en="Words on the cover picture; none when empty.", note_zh="封面上的大字，留空则没有。",
    ),
    "title": Guide(
        en="title", zh="标题", width=22, note_en="Title of the post.", note_zh="发布时的标题。",
    ),
    "hashtags": Guide(
        en="hashtags", zh="话题", width=20, note_en="With or without #.", note_zh="带不带 # 都可以。",
    ),
    "evidence": Guide(
        en="evidence", zh="证据", width=20,
        note_en="Where the proof of a claim is kept, when the copy makes one.",
        note_zh="文案中的说法有何证明、存放在哪里。",
    ),
}  # fmt: skip
"""By field, in the order of the template."""

SETTINGS: dict[str, Guide] = {
    "brand": Guide(
        en="brand", zh="品牌",
        note_en="Brand kit of all rows.", note_zh="所有行的品牌包。",
    ),
    "policy": Guide(
        en="policy", zh="政策",
        note_en="Rules that screen copy and pictures.", note_zh="审核文案和画面的规则。",
    ),
    "backend": Guide(
        en="backend", zh="后端",
        note_en="What makes the pictures.", note_zh="用什么生成画面。",
    ),
    "aspects": Guide(
        en="aspects", zh="画幅",
        note_en="Shapes of all rows.", note_zh="所有行的画面比例。",
    ),
    "language": Guide(
        en="language", zh="语言",
        note_en="zh or en.", note_zh="zh 或 en。",
    ),
    "duration": Guide(
        en="duration", zh="时长",
        note_en="Seconds.", note_zh="秒数。",
    ),
    "voice": Guide(
        en="voice", zh="配音",
        note_en="Voice of all rows, or none.", note_zh="所有行的配音，或 无。",
    ),
    "voice_overrun": Guide(
        en="voice overrun", zh="配音超时",
        note_en="A line longer than its shot: extend, faster or refuse.",
        note_zh="配音比镜头长时：extend、faster 或 refuse。",
    ),
    "music": Guide(
        en="music", zh="音乐",
        note_en="Track of all rows, or none.", note_zh="所有行的音乐，或 无。",
    ),
    "pace": Guide(
        en="pace", zh="卡点",
        note_en="beat: cuts on the music's beats.", note_zh="beat：剪辑点落在节拍上。",
    ),
    "fit": Guide(
        en="fit", zh="画面适配",
        note_en="Takes of another shape: crop, follow or pad.",
        note_zh="画面比例不符时：crop、follow 或 pad。",
    ),
    "transition": Guide(
        en="transition", zh="转场",
        note_en="Between shots: cut, or crossfade with its seconds.", note_zh="镜头之间：cut 或 crossfade。",
    ),
    "handover": Guide(
        en="handover", zh="工程文件",
        note_en="For editors: otio.", note_zh="给剪辑师：otio。",
    ),
    "variants": Guide(
        en="variants", zh="变体数",
        note_en="Versions of each row.", note_zh="每行的版本数。",
    ),
    "audience": Guide(
        en="audience", zh="受众",
        note_en="Whom all rows are for.", note_zh="所有行的受众。",
    ),
    "style": Guide(
        en="style", zh="风格",
        note_en="Style of all rows.", note_zh="所有行的风格。",
    ),
    "account": Guide(
        en="account", zh="账号",
        note_en="Where all rows are published.", note_zh="所有行的发布账号。",
    ),
    "platforms": Guide(
        en="platforms", zh="平台",
        note_en="Apps that must not cover words and marks, for all rows.",
        note_zh="所有行的文字和标志须避开哪些平台的界面。",
    ),
    "hashtags": Guide(
        en="hashtags", zh="话题",
        note_en="Hashtags of all rows.", note_zh="所有行的话题。",
    ),
    "size": Guide(
        en="size", zh="分辨率",
        note_en="Short side in pixels: 720 or 1080.", note_zh="短边像素：720 或 1080。",
    ),
    "fps": Guide(
        en="fps", zh="帧率",
        note_en="Frames per second: 24, 25 or 30.", note_zh="每秒帧数：24、25 或 30。",
    ),
    "retiming": Guide(
        en="retiming", zh="补帧",
        note_en="Takes of another frame rate: motion, blend or duplicate.",
        note_zh="素材帧率不同时：motion 运动补偿，blend 混合，duplicate 重复。",
    ),
    "codec": Guide(
        en="codec", zh="编码", note_en="h264, hevc or av1.", note_zh="h264、hevc 或 av1。",
    ),
    "encoder": Guide(
        en="encoder", zh="编码器",
        note_en="software, or nvenc, qsv, videotoolbox where the machine has it.",
        note_zh="software；机器支持时可用 nvenc、qsv、videotoolbox。",
    ),
    "master": Guide(
        en="master", zh="母版",
        note_en="A mezzanine beside each video: prores or x264.",
        note_zh="每条视频另存母版：prores 或 x264。",
    ),
    "rungs": Guide(
        en="rungs", zh="阶段",
        note_en="Steps with an approval between: animatic, draft, final.",
        note_zh="分步制作，每步之间确认：分镜、样片、成片。",
    ),
    "refine": Guide(
        en="refine", zh="精修",
        note_en="How much of the draft a final makes anew, like 0.6.", note_zh="成片重做样片的比例，如 0.6。",
    ),
    "approval": Guide(
        en="approval", zh="审批",
        note_en="Who lets a draft go on: person, or policy to stop at none.",
        note_zh="由谁确认样片：人工，或自动（审核策略通过即继续）。",
    ),
    "budget": Guide(
        en="budget", zh="预算",
        note_en="The most the batch may cost: 500 CNY.", note_zh="整批花费上限：500 元。",
    ),
    "publish_window": Guide(
        en="publish window", zh="发布时段",
        note_en="Hours, days or both: 2026-03-01..2026-03-15 09:00-22:00.",
        note_zh="时段、日期或两者：2026-03-01..2026-03-15 09:00-22:00。",
    ),
    "time_zone": Guide(
        en="time zone", zh="时区",
        note_en="For dates without one: Asia/Shanghai.", note_zh="日期未写时区时用：Asia/Shanghai。",
    ),
    "worksheet": Guide(
        en="worksheet", zh="工作表",
        note_en="The one with the rows, if several could be.", note_zh="放数据行的工作表。",
    ),
    "images": Guide(
        en="images", zh="图片文件夹",
        note_en="Folder with the pictures that the sheet gives as web addresses.",
        note_zh="表中图片为网址时，已下载图片所在的文件夹。",
    ),
    "group_by": Guide(
        en="group by", zh="分组",
        note_en="A column; rows with the same value in it are one product.",
        note_zh="按此列分组：同值的行是同一个产品。",
    ),
    "columns": Guide(
        en="columns", zh="列映射",
        note_en="For sheets with other headers, one per row: the header in B, our column in C.",
        note_zh="表头不同时，每行一条：B 写原表头，C 写我们的列名。",
    ),
}  # fmt: skip
"""By setting, in the order of the template."""
