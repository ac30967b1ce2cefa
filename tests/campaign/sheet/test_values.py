import pytest

from campaign.sheet import values
from campaign.sheet.texts import Cell
from campaign.sheet.values import CellError


def test_a_choice_does_not_mind_case_and_width() -> None:
    assert values.choice("ＬＥＡＦ ", {"leaf"}, "brand kit") == "leaf"


def test_an_unknown_choice_lists_the_known_ones_and_the_nearest() -> None:
    with pytest.raises(CellError) as refusal:
        values.choice("laef", {"leaf", "harbor"}, "brand kit")
    assert "harbor, leaf" in refusal.value.expected
    assert refusal.value.remedy == "Did you mean leaf?"


@pytest.mark.parametrize("word", ["none", "无", "静音", "OFF"])
def test_voice_and_music_are_switched_off_in_words(word: str) -> None:
    assert values.choice_or_none(word, {"dawn"}, "track") == "none"


@pytest.mark.parametrize("cell", [42, "42", "12.5", "!!!", "——"])
def test_figures_alone_are_no_copy(cell: Cell) -> None:
    with pytest.raises(CellError, match="Words are expected"):
        values.prose(cell)


def test_copy_keeps_its_own_punctuation_and_line_breaks() -> None:
    assert values.copy_text("  春天，来了！\r\n第２行  \n") == "春天，来了！\n第２行"


def test_a_control_character_in_copy_is_refused_by_name() -> None:
    with pytest.raises(CellError, match=r"U\+0007"):
        values.copy_text("tea\x07")


def test_copy_longer_than_any_spot_is_refused() -> None:
    with pytest.raises(CellError, match="3,001 characters"):
        values.copy_text("茶" * 3001)


@pytest.mark.parametrize(
    ("cell", "tags"),
    [
        ("#tea #spring", ("tea", "spring")),
        ("#春茶#新品", ("春茶", "新品")),
        ("#春茶# #新品#", ("春茶", "新品")),
        ("tea, spring; tea", ("tea", "spring")),
        ("＃春茶、慢生活", ("春茶", "慢生活")),
    ],
)
def test_hashtags_lose_their_signs(cell: str, tags: tuple[str, ...]) -> None:
    assert values.hashtags(cell) == tags


@pytest.mark.parametrize(
    ("cell", "name"), [(1.0, "1"), ("tea-01", "tea-01"), ("茶_1.a", "茶_1.a"), ("Ａ１", "A1")]
)
def test_an_id_of_letters_figures_and_marks_is_taken(cell: Cell, name: str) -> None:
    assert values.row_id(cell) == name


@pytest.mark.parametrize(
    ("cell", "suggestion"),
    [
        ("tea 01", "tea-01"),
        ("a/b", "a-b"),
        ("../etc", "etc"),
        (".hidden", "hidden"),
        ("x" * 61, "x" * 60),
        ("con", "row-con"),
        ("COM1.txt", "row-COM1.txt"),
        ("???", "row"),
    ],
)
def test_an_id_that_no_folder_can_bear_is_refused_with_one_that_can(cell: str, suggestion: str) -> None:
    with pytest.raises(CellError) as refusal:
        values.row_id(cell)
    assert refusal.value.remedy == f"Write {suggestion}."
    assert values.row_id(suggestion) == suggestion


@pytest.mark.parametrize("cell", [0, 21, 1.5, "two", "", "NaN", "1e3", "inf"])
def test_variants_are_a_whole_number_in_range(cell: Cell) -> None:
    with pytest.raises(CellError, match="from 1 to 20"):
        values.variants(cell)


@pytest.mark.parametrize(
    ("cell", "number"), [("1,234", 1234), ("１２", 12), (" 7 ", 7), ("+3", 3), ("-2.5", -2.5)]
)
def test_numbers_as_text_are_numbers(cell: str, number: float) -> None:
    assert values.number(cell) == number


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("a.jpg; b.jpg", ("a.jpg", "b.jpg")),
        ("tea, green.jpg", ("tea, green.jpg",)),
        (
            "https://x.example/a.jpg,https://x.example/b.jpg",
            ("https://x.example/a.jpg", "https://x.example/b.jpg"),
        ),
        (
            "http://x.example/a,1.jpg, http://x.example/b.jpg",
            ("http://x.example/a,1.jpg", "http://x.example/b.jpg"),
        ),
    ],
)
def test_several_files_in_a_cell_are_parted_and_a_name_with_a_comma_is_one(
    cell: str, names: tuple[str, ...]
) -> None:
    assert values.paths(cell) == names


@pytest.mark.parametrize(
    "cell", ["=A1&B1", '=HYPERLINK("http://x")', "= SUM(A1)", "=cmd|'/C calc'!A0", "=-1"]
)
def test_a_formula_in_a_text_file_is_never_spoken(cell: str) -> None:
    for parse in (values.copy_text, values.name):
        with pytest.raises(CellError, match="a formula and not its result"):
            parse(cell)
    assert values.copy_text("=^_^= Taste the spring.") == "=^_^= Taste the spring."
