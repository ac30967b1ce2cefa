"""Files that the page hands out. A report names them; what a request says only picks one of those."""

import re
from collections.abc import Mapping
from pathlib import Path

from campaign.report import RenditionResult, SpotResult
from reelsheet.review.shelf import Entry

TYPES = {
    ".mp4": "video/mp4",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".srt": "text/plain; charset=utf-8",
    ".otio": "application/json",
}
"""Kinds of file that are handed out; no other is, whatever a report says."""
KINDS = ("file", "cover", "frames", "captions", "project")
"""Fields of a rendition that name a file."""
FINISHED = "video.mp4"
"""A finished video in the store, and so in evidence; in a take, its own seconds are counted."""
_CUE = re.compile(r"(\d+):(\d\d):(\d\d)[,.](\d{1,3})\s*-->[^\n]*\n(.*?)(?=\n\s*\n|\Z)", re.DOTALL)
LARGEST_CAPTIONS = 1_000_000
"""Bytes; what is longer is no spot's captions."""


def rendition_file(entry: Entry, query: Mapping[str, str]) -> Path | None:
    """The file of kind ``k`` of the ``n``-th rendition of spot ``s``; None where the report names none."""
    kind = query.get("k", "")
    spot = _spot(entry, query.get("s", ""))
    number = _number(query.get("n", ""))
    if spot is None or kind not in KINDS or number is None or number >= len(spot.renditions):
        return None
    return inside(entry.folder, getattr(spot.renditions[number], kind))


def evidence_file(entry: Entry, query: Mapping[str, str]) -> Path | None:
    """The picture of the ``f``-th finding on spot ``s``; None where the report names none."""
    spot = _spot(entry, query.get("s", ""))
    number = _number(query.get("f", ""))
    if spot is None or number is None or number >= len(spot.findings):
        return None
    return inside(entry.folder, spot.findings[number].picture)


def inside(folder: Path, name: str) -> Path | None:
    """The file of that name, which a report gives, if it is one of the campaign's own."""
    if not name:
        return None
    path = (folder / name).resolve()
    known = path.suffix.lower() in TYPES
    return path if known and path.is_relative_to(folder.resolve()) and path.is_file() else None


def captions_of(folder: Path, rendition: RenditionResult) -> list[tuple[float, str]]:
    """When each caption begins, in seconds, and what it says; none where there is no file."""
    path = inside(folder, rendition.captions)
    if path is None or path.stat().st_size > LARGEST_CAPTIONS:
        return []
    text = path.read_text(encoding="utf-8", errors="replace").replace("\r\n", "\n")
    return [
        (int(h) * 3600 + int(m) * 60 + int(s) + int(ms.ljust(3, "0")) / 1000, words.strip())
        for h, m, s, ms, words in _CUE.findall(text)
    ]


def _spot(entry: Entry, spot_id: str) -> SpotResult | None:
    rows = entry.report.rows if entry.report else []
    return next((spot for row in rows for spot in row.spots if spot.spot_id == spot_id), None)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else None
