"""Make the kits' fonts: subsets of Noto CJK that cover ordinary Chinese and English copy.

    python brand_kits/make_fonts.py /usr/share/fonts/opentype/noto

reads the TTC files of Debian's fonts-noto-cjk and fonts-noto-cjk-extra (Noto Sans CJK 2.004, Noto Serif
CJK 2.001) and writes ``<kit>/fonts/*.otf``. Same input, same bytes.
"""

import sys
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTCollection, TTFont

HERE = Path(__file__).parent

FONTS = {
    "qinghe_tea/fonts/text.otf": ("NotoSansCJK-Medium.ttc", "Reelsheet Sans SC", "Medium"),
    "qinghe_tea/fonts/display.otf": ("NotoSerifCJK-Bold.ttc", "Reelsheet Serif SC", "Bold"),
    "harbor_ceramics/fonts/text.otf": ("NotoSansCJK-Medium.ttc", "Reelsheet Sans SC", "Medium"),
    "harbor_ceramics/fonts/display.otf": ("NotoSansCJK-Black.ttc", "Reelsheet Sans SC", "Black"),
}
"""Written file to source file, and the family and style it is renamed to.

The name is changed so that a subset is never taken for the whole Noto font on a machine that has both, and
so that it bears neither Google's trademark nor Adobe's reserved "Source".
"""

SIGNS = (
    "，。、；：？！…—·～“”‘’（）《》〈〉「」『』【】〔〕［］｛｝〖〗％‰℃℉￥€£¥"
    "＄＃＆＊＋－＝＜＞＠／＼｜＿＂＇｀＾　"
    "©®™×÷±≈≠≤≥√∞→←↑↓↗↘•●○◎■□◆◇▲△▼▽★☆✓✕♥♡†‡§¶№№′″"
    "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳⑴⑵⑶⑷⑸ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ㈠㈡㈢"
    "０１２３４５６７８９–‒―\u2010\u2011\u2028\u202f\u2009\u200b½¼¾⅓⅔¹²³⁰⁴⁵⁶⁷⁸⁹₀₁₂₃"
    "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜüńňǹĀÁǍÀ‹›„‚"
)
"""Beyond GB 2312, ASCII and Latin-1: what people type in advertising copy."""

FEATURES = ["kern", "palt", "halt", "liga", "calt", "ccmp", "locl", "mark"]
"""Horizontal setting only; vertical and ruby forms are left out."""


def gb2312_hanzi() -> str:
    """The 6763 hanzi of GB 2312-1980: rows 16 to 87."""
    pairs = (bytes((row + 0xA0, cell + 0xA0)) for row in range(16, 88) for cell in range(1, 95))
    return "".join(pair.decode("gb2312", errors="ignore") for pair in pairs)


def characters() -> set[int]:
    """Every code point that the subsets keep, where Noto has it."""
    ascii_and_latin = set(range(0x20, 0x7F)) | set(range(0xA0, 0x100))
    return ascii_and_latin | {ord(c) for c in gb2312_hanzi() + SIGNS}


def make_font(source: Path, family: str, style: str) -> TTFont:
    """The simplified-Chinese face of ``source``, subset, renamed and without hints."""
    faces = TTCollection(source).fonts
    face = next(
        f
        for f in faces
        if " CJK SC" in f["name"].getDebugName(1) and "Mono" not in str(f["name"].getDebugName(1))
    )
    options = Options(layout_features=FEATURES, hinting=False, name_IDs=["*"], notdef_outline=True)
    options.drop_tables += ["vhea", "vmtx", "VORG", "BASE"]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=characters())
    subsetter.subset(face)
    _rename(face, family, style)
    face.recalcTimestamp = False
    return face


def _rename(face: TTFont, family: str, style: str) -> None:
    post_script = f"{family}-{style}".replace(" ", "")
    names = face["name"]
    copyright_line = names.getDebugName(0)
    names.names = [n for n in names.names if n.nameID in (8, 9, 11, 12, 13, 14) and n.langID == 0x409]
    words = {
        0: f"{copyright_line} Subset and renamed for reelsheet.",
        1: f"{family} {style}",
        2: "Regular",
        3: f"reelsheet;{post_script}",
        4: f"{family} {style}",
        5: str(face["head"].fontRevision),
        6: post_script,
        16: family,
        17: style,
    }
    for name_id, text in words.items():
        names.setName(text, name_id, 3, 1, 0x409)
    top = face["CFF "].cff
    top.fontNames = [post_script]
    for field, text in (("FullName", words[4]), ("FamilyName", family)):
        if hasattr(top.topDictIndex[0], field):
            setattr(top.topDictIndex[0], field, text)


def main(folder: Path) -> None:
    for target, (source, family, style) in FONTS.items():
        path = HERE / target
        path.parent.mkdir(parents=True, exist_ok=True)
        make_font(folder / source, family, style).save(path)
        print(f"{target}: {path.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
