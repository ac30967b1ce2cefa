import codecs
from collections.abc import Callable
from pathlib import Path

import pytest

from campaign.errors import SheetError
from campaign.sheet import delimited
from campaign.sheet.campaign import Campaign

Read = Callable[[str | bytes], Campaign]
TABLE = "编号,文案,品牌\nt1,春天的第一口茶。,leaf\nt2,Taste the spring.,harbor\n"


@pytest.mark.parametrize(
    "content",
    [
        TABLE.encode(),
        codecs.BOM_UTF8 + TABLE.encode(),
        TABLE.encode("gb18030"),
        TABLE.encode("gbk"),
        TABLE.encode("utf-16"),
        codecs.BOM_UTF16_BE + TABLE.encode("utf-16-be"),
        TABLE.encode("utf-16-le"),
        TABLE.encode("utf-16-be"),
        TABLE.replace(",", ";").encode(),
        TABLE.replace(",", "\t").encode(),
        TABLE.replace("\n", "\r\n").encode(),
        TABLE.replace("\n", "\r").encode(),
        f"sep=;\n{TABLE.replace(',', ';')}".encode(),
    ],
)
def test_text_is_read_in_every_encoding_and_with_every_delimiter(read: Read, content: bytes) -> None:
    campaign = read(content)
    assert [(b.id, b.copy, b.brand) for b in campaign.briefs] == [
        ("t1", "春天的第一口茶。", "leaf"),
        ("t2", "Taste the spring.", "harbor"),
    ]
    assert campaign.problems == ()


def test_a_line_that_names_the_delimiter_takes_up_a_row(read: Read) -> None:
    assert [row.number for row in read(f"sep=;\n{TABLE.replace(',', ';')}").rows] == [3, 4]


def test_a_quoted_cell_may_hold_line_breaks_commas_and_quotes(read: Read) -> None:
    campaign = read('编号,文案,品牌\nt1,"第一行，\n第二行, ""好茶""。",leaf\n\nt2,Second,leaf\n')
    assert campaign.briefs[0].copy == '第一行，\n第二行, "好茶"。'
    assert [row.number for row in campaign.rows] == [2, 4]


def test_commas_in_copy_do_not_hide_the_true_delimiter(read: Read) -> None:
    campaign = read("id;copy;brand\nt1;One, two, three, four, five;leaf\n")
    assert campaign.briefs[0].copy == "One, two, three, four, five"


def test_one_column_of_copy_needs_no_delimiter(read: Read) -> None:
    campaign = read("文案\n春天的第一口茶。\nTaste the spring.\n")
    assert [row.number for row in campaign.rows] == [2, 3]
    assert campaign.briefs == ()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("id,copy\nt1,Café à la crème brûlée déjà vu\n".encode("latin-1"), "encoding UTF-8"),
        ("id,copy\nt1,臺灣烏龍茶的滋味與春天的氣息\n".encode("big5"), "encoding UTF-8"),
        ("id,copy\nt1,春のお茶を飲みましょう\n".encode("shift-jis"), "encoding UTF-8"),
        (b'id,copy\nt1,"never closed' + b" tea" * 40_000, "line 2"),
        (b"\x00" * 500, "encoding UTF-8"),
        (TABLE.encode("utf-32"), "encoding UTF-8"),
        (bytes(range(256)) * 20, "encoding UTF-8"),
        (TABLE.encode() * 10 + "茶".encode()[:2], "cut off"),
        (TABLE.encode("utf-16")[:-1], "encoding UTF-8"),
    ],
)
def test_text_that_cannot_be_told_is_refused_with_a_remedy(read: Read, content: bytes, words: str) -> None:
    with pytest.raises(SheetError, match=words):
        read(content)


def test_more_cells_than_can_be_held_are_refused_before_they_are_held(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delimited, "MOST_CELLS", 1000)
    with pytest.raises(SheetError, match=r"more than 1,000 cells in 101 rows\. Take out columns"):
        read(
            "id,copy"
            + "," * 8
            + "\n"
            + ",".join("0123456789") * 1
            + "\n"
            + (",".join("0123456789") + "\n") * 200
        )


@pytest.mark.parametrize(
    "word",
    ["#NAME?", "#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "Err:508", " #REF! "],
)
def test_an_error_that_a_program_exported_is_never_copy(read: Read, word: str) -> None:
    campaign = read(f"id,copy,brand\nt1,{word},leaf\n")
    assert campaign.briefs == ()
    assert [(p.cell, p.value, p.expected) for p in campaign.problems] == [
        ("B2", word.strip(), "The cell's formula gives an error.")
    ]


def test_a_row_whose_copy_spilt_over_at_its_commas_is_out_and_not_made_with_half_of_it(read: Read) -> None:
    campaign = read("id,brand,copy\nt1,leaf,Taste the spring.\nt2,leaf,Taste, slowly, the summer.\n")
    assert [brief.id for brief in campaign.briefs] == ["t1"]
    (problem,) = campaign.problems
    assert (problem.cell, problem.row, problem.value) == ("D3", 3, "slowly")
    assert "quotation marks around the cell that holds a comma" in problem.remedy


def test_a_column_that_a_program_wrote_without_a_header_is_only_noted(read: Read) -> None:
    campaign = read("id,brand,copy,\nt1,leaf,Taste the spring.,\nt2,leaf,Taste the summer.,ask Li\n")
    assert [brief.id for brief in campaign.briefs] == ["t1", "t2"]
    assert [(p.cell, p.value) for p in campaign.problems] == [("D3", "ask Li")]


@pytest.mark.parametrize("sign", ["，", "；", "、"])
def test_columns_parted_with_full_width_signs_are_refused_with_the_sign(read: Read, sign: str) -> None:
    with pytest.raises(SheetError, match=f"parts its columns with '{sign}' in row 2"):
        read(f"春茶\n编号{sign}文案{sign}品牌\nt1{sign}茶来了。{sign}leaf\n")


def test_a_product_is_out_when_one_of_its_rows_spilt_over_and_a_stray_space_is_nothing(
    read: Read, tmp_path: Path
) -> None:
    (tmp_path / "campaign.yaml").write_text("group by: id\n")
    campaign = read("id,brand,copy\nt1,leaf,Tea.\nt1,leaf,Tea, again.\nt2,leaf,Taste the spring., \n")
    assert [brief.id for brief in campaign.briefs] == ["t2"]
    assert [(p.row, p.cell) for p in campaign.errors] == [(2, "D3")]
