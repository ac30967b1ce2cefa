import pickle
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from campaign.brief import Language, Severity
from campaign.camera import Angle, CameraMove, ShotSize
from campaign.frames import Aspect
from campaign.sheet.campaign import Campaign

Read = Callable[[Path | str], Campaign]


def errors(campaign: Campaign) -> list[tuple[str, str]]:
    return [(problem.cell, f"{problem.expected} {problem.remedy}") for problem in campaign.errors]


def test_every_column_reaches_the_brief(read: Read, tmp_path: Path) -> None:
    Image.new("RGB", (40, 40)).save(tmp_path / "cup.png")
    campaign = read(
        "id,copy,product,brand,language,audience,style,variants,duration,aspects,subject,action,environment,"
        "camera,image,voice,music,backend,seed,publish at,account,title,hashtags,evidence,price\n"
        't1,Taste the spring.,Green tea,leaf,en,office,morning light,3,15,"9:16, 1:1",a cup,steam rises,'
        "a window,"
        "push in; close-up,cup.png,none,dawn,wan,7,2026-03-08 20:00,main,Spring,#tea #spring,report 7,12\n"
    )
    assert campaign.errors == ()
    brief = campaign.briefs[0]
    assert (brief.id, brief.row, brief.copy, brief.product, brief.brand) == (
        "t1",
        2,
        "Taste the spring.",
        "Green tea",
        "leaf",
    )
    assert (brief.language, brief.audience, brief.style) == (Language.EN, "office", "morning light")
    assert (brief.variants, brief.duration, brief.aspects) == (3, 15.0, (Aspect.TALL, Aspect.SQUARE))
    assert (brief.subject, brief.action, brief.environment) == ("a cup", "steam rises", "a window")
    assert [c.move for c in brief.cameras] == [CameraMove.PUSH_IN, CameraMove.STATIC]
    assert brief.cameras[1].size is ShotSize.CLOSE_UP
    assert brief.images == ((tmp_path / "cup.png").resolve(),)
    assert (brief.voice, brief.music, brief.backend, brief.seed) == ("none", "dawn", "wan", 7)
    assert (brief.account, brief.title, brief.hashtags, brief.evidence) == (
        "main",
        "Spring",
        ("tea", "spring"),
        "report 7",
    )
    assert brief.extra == {"price": "12"}
    assert campaign.sources["t1"]["aspects"] == "J2"


def test_a_bad_row_is_out_with_all_its_problems_and_the_good_rows_go_on(read: Read) -> None:
    campaign = read(
        "编号,文案,品牌,时长,画幅,变体数\nt1,42,laef,10000,9:15,0\nt2,春天的茶。,leaf,15,9:16,1\n"
    )
    assert [brief.id for brief in campaign.briefs] == ["t2"]
    assert [cell for cell, _ in errors(campaign)] == ["B2", "C2", "D2", "E2", "F2"]
    assert [(row.number, row.id) for row in campaign.rows] == [(2, "t1"), (3, "t2")]
    assert [row.number for row in campaign.rows_out] == [2]


def test_a_problem_reads_as_place_value_what_is_right_and_what_to_do(read: Read) -> None:
    problem = read("编号,文案,品牌\nt1,春天的茶。,laef\n").errors[0]
    assert str(problem) == (
        "sheet.csv!C2: 'laef' There is no brand kit of that name; known: harbor, leaf. Did you mean leaf?"
    )


def test_what_a_row_leaves_open_is_given_and_its_origin_told(read: Read) -> None:
    campaign = read("编号,文案,品牌\nt1,春天的茶。,leaf\n")
    brief = campaign.briefs[0]
    assert (brief.language, brief.backend, brief.aspects, brief.variants) == (
        Language.ZH,
        "animatic",
        (Aspect.TALL,),
        1,
    )
    assert (brief.voice, brief.music, brief.duration) == ("", "", None)
    sources = campaign.sources["t1"]
    assert sources["copy"] == "B2"
    assert sources["language"] == "found from the copy"
    assert sources["seed"] == "derived from the id"
    assert sources["voice"] == "brand kit"
    assert sources["backend"] == "default"


def test_a_missing_copy_is_a_problem_of_its_row(read: Read) -> None:
    assert ("2", "The copy (文案) is missing. Write what the video says, or delete the row.") in errors(
        read("编号,文案,品牌\nt1,,leaf\n")
    )


def test_a_missing_brand_is_a_problem_with_the_kits_that_there_are(read: Read) -> None:
    assert "brand kits: harbor, leaf" in errors(read("编号,文案\nt1,春天的茶。\n"))[0][1]


def test_a_track_is_looked_for_in_the_rows_own_kit(read: Read) -> None:
    campaign = read("编号,文案,品牌,音乐\nt1,春天的茶。,leaf,dawn\nt2,海边的茶。,harbor,dawn\n")
    assert [brief.music for brief in campaign.briefs] == ["dawn"]
    assert errors(campaign)[0][0] == "D3"
    assert "track in the brand kit harbor" in errors(campaign)[0][1]


def test_an_unknown_column_is_kept_and_said_once(read: Read) -> None:
    campaign = read("编号,文案,品牌,备注,时常\nt1,春天的茶。,leaf,a,15\nt2,来了。,leaf,b,15\n")
    assert [brief.extra for brief in campaign.briefs] == [
        {"备注": "a", "时常": "15"},
        {"备注": "b", "时常": "15"},
    ]
    notes = [(p.cell, p.severity, p.remedy) for p in campaign.problems]
    assert [(cell, severity) for cell, severity, _ in notes] == [("D", Severity.NOTE), ("E", Severity.NOTE)]
    assert "Did you mean 时长?" in notes[1][2]


def test_two_columns_that_say_the_same_thing_differently_are_a_problem(read: Read) -> None:
    campaign = read("编号,文案,copy,品牌\nt1,春天的茶。,Spring tea.,leaf\nt2,春天的茶。,春天的茶。,leaf\n")
    assert [brief.id for brief in campaign.briefs] == ["t2"]
    assert errors(campaign)[0][0] == "C2"
    assert "written twice" in errors(campaign)[0][1]


def test_a_header_in_two_languages_is_read_once(read: Read) -> None:
    campaign = read("id,copy,brand\n编号,文案,品牌\nt1,春天的茶。,leaf\n")
    assert [brief.id for brief in campaign.briefs] == ["t1"]
    assert [(p.cell, p.severity) for p in campaign.problems] == [("2", Severity.NOTE)]


def test_a_header_of_groups_above_columns_is_read_as_one(read: Read) -> None:
    campaign = read("编号,文案,品牌,画面,,\n,,,角色,动作,环境\nt1,春天的茶。,leaf,盖碗,注水,窗前\n")
    brief = campaign.briefs[0]
    assert (brief.id, brief.subject, brief.action, brief.environment) == ("t1", "盖碗", "注水", "窗前")
    assert campaign.header_row == 2


def test_a_moment_in_the_past_is_noted_and_the_row_goes_on(read: Read) -> None:
    campaign = read("编号,文案,品牌,发布时间\nt1,春天的茶。,leaf,2026-02-01 20:00\n")
    assert len(campaign.briefs) == 1
    assert "is in the past" in campaign.problems[0].expected


def test_html_in_a_cell_becomes_its_words(read: Read) -> None:
    campaign = read(
        'id,copy,brand\nt1,"<p>Picked at <b>dawn</b>,&nbsp;in your cup.</p><style>p{}</style>'
        '<p>Sip.</p>",leaf\n'
    )
    assert campaign.briefs[0].copy == "Picked at dawn, in your cup.\nSip."


def test_copy_with_signs_that_are_no_markup_stays_as_it_is(read: Read) -> None:
    assert read("id,copy,brand\nt1,Tea & more for <3 people who care,leaf\n").briefs[0].copy == (
        "Tea & more for <3 people who care"
    )


def test_move_size_and_angle_may_stand_in_columns_of_their_own(read: Read) -> None:
    header = "编号,文案,品牌,景别,运镜,角度\n"
    campaign = read(
        header
        + "t1,春天的茶。,leaf,特写；远景,推近；环绕,俯拍\nt2,来了。,leaf,特写；远景；中景,推近；环绕,\n"
    )
    first, second = campaign.briefs[0].cameras
    assert (first.move, first.size, first.angle) == (CameraMove.PUSH_IN, ShotSize.CLOSE_UP, Angle.HIGH)
    assert (second.move, second.size, second.angle) == (CameraMove.ORBIT, ShotSize.WIDE, Angle.HIGH)
    assert campaign.sources["t1"]["cameras"] == "D2, E2, F2"
    assert errors(campaign) == [
        ("D3", "The camera columns name 3, 2 shots. Name as many in each, or one for all.")
    ]


def test_a_campaign_travels_between_processes(read: Read) -> None:
    campaign = read("编号,文案,品牌,备注,发布时间\nt1,春天的茶。,leaf,a,2026-03-08 20:00\n")
    assert pickle.loads(pickle.dumps(campaign)) == campaign


@pytest.mark.parametrize("word", ["无", "/", "N/A", "-", "——", "none"])
def test_words_for_an_empty_cell_leave_it_empty(read: Read, word: str) -> None:
    header = "编号,文案,品牌,时长,画幅,图片,镜头,风格,发布时间,种子,音乐\n"
    campaign = read(f"{header}t1,春天的茶。,leaf,{','.join([word] * 7)},none\n")
    assert campaign.problems == ()
    brief = campaign.briefs[0]
    assert (brief.duration, brief.images, brief.cameras, brief.style) == (None, (), (), "")
    assert brief.music == "none"


def test_copy_in_another_language_than_asked_is_noted(read: Read) -> None:
    campaign = read("编号,文案,品牌,语言\nt1,春天的第一口茶。,leaf,en\nt2,Taste the spring.,leaf,en\n")
    assert [(p.cell, p.expected) for p in campaign.problems] == [
        ("B2", "The copy reads as zh, but the language is en.")
    ]


def test_a_row_of_totals_is_left_out_and_that_is_said(read: Read) -> None:
    campaign = read('编号,文案,品牌,备注,预算\nt1,春天的茶。,leaf,,500\n,,,合计：,"1,500"\n')
    assert [brief.id for brief in campaign.briefs] == ["t1"]
    assert [row.number for row in campaign.rows] == [2]
    said = [(p.cell, p.value, p.severity) for p in campaign.problems if p.cell == "3"]
    assert said == [("3", "合计：", Severity.NOTE)]


def test_a_row_with_words_in_foreign_columns_alone_is_one_problem_and_not_lost(read: Read) -> None:
    campaign = read("编号,文案,品牌,备注\nt1,春天的茶。,leaf,\n,,,夏天的茶。\n")
    assert [(row.number, row.id) for row in campaign.rows] == [(2, "t1"), (3, None)]
    assert [(p.row, p.value, p.expected) for p in campaign.errors] == [
        (3, "夏天的茶。", "The row says nothing in the columns that are read.")
    ]


def test_rows_of_nothing_but_spaces_are_blank(read: Read, xlsx: Callable[..., Path]) -> None:
    path = xlsx(rows=[["编号", "文案", "品牌"], ["t1", "春天的茶。", "leaf"], [" ", "  ", "\u3000"]])
    campaign = read(path)
    assert [row.number for row in campaign.rows] == [2]
    assert campaign.problems == ()


def test_how_much_is_refined_is_refused_at_its_own_cell(read: Read) -> None:
    campaign = read("编号,文案,品牌,后端,精修\nt1,春天的茶。,leaf,animatic,0.6\n")
    assert [(p.cell, p.value) for p in campaign.errors] == [("E2", "0.6")]
