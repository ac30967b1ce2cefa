import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.normalise import fold, hidden_runs, join, tighten, unknown_words


@pytest.mark.parametrize(
    ("disguised", "plain"),
    [
        ("最 . 佳", "最佳"),
        ("國家級", "国家级"),
        ("ＢＥＳＴ", "best"),
        ("s\u200be\u200bx", "sex"),
        ("Ⓢⓔⓧ", "sex"),
        ("🅂🅴🆇", "sex"),
        ("𝐬𝐞𝐱", "sex"),
        ("рорnо", "popno"),
        ("école", "ecole"),
        ("e\u0301cole", "ecole"),
        ("⼤", "大"),
        ("➕V信", "加v信"),
        ("最\ufe0f佳", "最佳"),
        ("ﬁrst", "first"),
    ],
)
def test_a_disguise_is_taken_off(disguised: str, plain: str) -> None:
    assert join(disguised).text == plain


@given(st.text(alphabet="最佳國ﬁ㍿ a.\u200be\u0301🅂，\n😀", max_size=30), st.data())
def test_every_span_points_to_where_its_characters_come_from(text: str, data: st.DataObject) -> None:
    for form in (fold, join, tighten):
        folded = form(text)
        if not folded.text:
            continue
        start = data.draw(st.integers(0, len(folded.text) - 1))
        end = data.draw(st.integers(start + 1, len(folded.text)))
        first, last = folded.span(start, end)
        assert 0 <= first < last <= len(text)
        assert folded.text[start:end] in form(text[first:last]).text


def test_blanks_beside_chinese_characters_do_not_count() -> None:
    folded = tighten("原价 199 元 now only 99")
    assert folded.text == "原价199元now only 99"
    start = folded.text.index("199")
    assert folded.span(start, start + 3) == (3, 6)


@pytest.mark.parametrize("text", ["Это чай", "شاي أخضر", "שלום", "τσάι", "चाय पानी", "おいしいお茶"])
def test_words_in_other_writings_are_unknown(text: str) -> None:
    assert unknown_words(text)


@pytest.mark.parametrize("text", ["茶 tea café naïve", "茶の道", "β-葡聚糖 α", "10 µm", "Ａ級", "🫖", ""])
def test_chinese_and_latin_words_are_known(text: str) -> None:
    assert not unknown_words(text)


def test_characters_that_hide_are_told_from_those_of_emoji() -> None:
    assert hidden_runs("sm\u200boke") == [(2, 3)]
    assert hidden_runs("\u202eaet") == [(0, 1)]
    assert not hidden_runs("👩‍👩‍👧 ❤️ 茶")
