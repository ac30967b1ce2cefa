from campaign.brief import Problem
from campaign.sheet.problems import note, told_together


def foreign(column: str, name: str) -> Problem:
    return note("feed.csv", column, "The column is none of ours.", "Nothing to do.", name)


def test_problems_that_differ_in_place_alone_are_told_once() -> None:
    problems = [foreign("D", "Vendor"), note("feed.csv", "7", "Hidden.", "Delete it."), foreign("F", "Type")]
    assert told_together(problems) == [
        "feed.csv!D 'Vendor', F 'Type': The column is none of ours. Nothing to do.",
        "feed.csv!7: Hidden. Delete it.",
    ]


def test_a_problem_of_its_own_reads_as_before() -> None:
    assert told_together([foreign("D", "Vendor")]) == [str(foreign("D", "Vendor"))]
