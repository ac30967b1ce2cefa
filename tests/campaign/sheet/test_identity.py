import random
from collections.abc import Callable

from campaign.sheet.campaign import Campaign

Read = Callable[[str], Campaign]
HEADER = "文案,产品,品牌,图片,发布时间\n"
LINES = [f"第{n}款春天的茶。,绿茶,leaf,,\n" for n in range(12)]


def test_a_sheet_without_ids_gets_ones_that_survive_sorting_and_inserting(read: Read) -> None:
    before = {brief.copy: (brief.id, brief.seed) for brief in read(HEADER + "".join(LINES)).briefs}
    moved = [*LINES, "新的一款茶。,绿茶,leaf,,\n"]
    random.Random(3).shuffle(moved)
    after = {brief.copy: (brief.id, brief.seed) for brief in read(HEADER + "".join(moved)).briefs}
    assert len(before) == len(LINES)
    assert before.items() <= after.items()


def test_a_derived_id_is_a_pinned_name(read: Read) -> None:
    assert read(HEADER + LINES[0]).briefs[0].id == "绿茶-ba9a412acc"


def test_a_new_time_of_publishing_keeps_the_name(read: Read) -> None:
    first = read(HEADER + "春天的茶。,绿茶,leaf,,\n").briefs[0]
    second = read(HEADER + "春天的茶。 ,绿茶,leaf,,2026-03-08 20:00\n").briefs[0]
    assert (first.id, first.seed) == (second.id, second.seed)


def test_two_rows_that_say_the_same_are_a_problem_on_both(read: Read) -> None:
    campaign = read(HEADER + LINES[0] + LINES[1] + LINES[0])
    assert [brief.row for brief in campaign.briefs] == [3]
    assert [(p.cell, p.expected) for p in campaign.errors] == [
        ("2", "The row says the same as row 4, so they cannot be told apart."),
        ("4", "The row says the same as row 2, so they cannot be told apart."),
    ]


def test_a_duplicate_id_is_a_problem_on_every_row_that_has_it(read: Read) -> None:
    campaign = read("编号,文案,品牌\nA1,一。茶,leaf\na1,二。茶,leaf\nb,三。茶,leaf\nA1,四。茶,leaf\n")
    assert [brief.id for brief in campaign.briefs] == ["b"]
    assert [problem.cell for problem in campaign.errors] == ["A2", "A3", "A5"]
    assert "rows 3, 5; capitals do not tell ids apart" in campaign.errors[0].expected


def test_an_id_missing_among_others_is_a_problem_with_a_suggestion(read: Read) -> None:
    campaign = read("编号,文案,品牌\nt1,一。茶,leaf\n,二。茶,leaf\n")
    assert campaign.errors[0].row == 3
    assert "Write one that stays, like 二-茶-" in campaign.errors[0].remedy
    assert campaign.rows[1].id is None


def test_an_empty_id_column_counts_as_none(read: Read) -> None:
    campaign = read("编号,文案,品牌\n,一。茶,leaf\n,二。茶,leaf\n")
    assert len(campaign.briefs) == 2


def test_a_seed_comes_from_the_id_alone(read: Read) -> None:
    first = read("编号,文案,品牌\nt1,一。茶,leaf\n").briefs[0]
    second = read("编号,文案,品牌\nt1,另一。茶,harbor\n").briefs[0]
    assert first.seed == second.seed == 1842211194
