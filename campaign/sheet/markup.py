"""Shop systems export descriptions as HTML; a campaign needs their words."""

import re
from html.parser import HTMLParser

_TAG = re.compile(
    r"</?(?:p|div|br|span|ul|ol|li|strong|b|em|i|u|h[1-6]|table|tbody|tr|td|th|a|img|font|meta|style|script|hr|"
    r"section|article|blockquote|small|sup|sub|html|body|video|iframe)\b[^<>]*>|<!--",
    re.IGNORECASE,
)
_ENTITY = re.compile(
    r"&(?:nbsp|amp|lt|gt|quot|apos|hellip|mdash|ndash|rsquo|lsquo|ldquo|rdquo|middot|#\d{1,6}|#x[\da-f]{1,5});",
    re.IGNORECASE,
)
_BREAKS = frozenset(
    {
        "p",
        "div",
        "br",
        "li",
        "ul",
        "ol",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "tr",
        "table",
        "hr",
        "section",
        "article",
        "blockquote",
    }
)
_UNSEEN = frozenset({"style", "script", "iframe", "head", "video"})


def is_markup(text: str) -> bool:
    return bool(_TAG.search(text) or _ENTITY.search(text))


def words_of(markup: str) -> str:
    """The visible words; blocks and line breaks become line breaks."""
    parser = _Words()
    parser.feed(markup)
    parser.close()
    lines = (" ".join(line.split()) for line in "".join(parser.words).split("\n"))
    return "\n".join(line for line in lines if line)


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002  # The base class's.
        self._unseen += tag in _UNSEEN
        if tag in _BREAKS:
            self.words.append("\n")
        elif tag in ("td", "th"):
            self.words.append(" ")

    def handle_endtag(self, tag: str) -> None:
        self._unseen -= tag in _UNSEEN and self._unseen > 0
        if tag in _BREAKS:
            self.words.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            # A line break in the source is only white space to a browser.
            self.words.append(data.replace("\n", " "))
