"""The report as one page: videos by relative path, and pictures inside, unless they are very many."""

import base64
import io
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from PIL import Image

from campaign.report import BatchReport
from publishing.page.words import STATE_WORDS, size

POSTER_HEIGHT = 320
"""Pixels; large enough to judge a frame, small enough for hundreds on a page."""

MOST_INSIDE = 100
"""Videos of which a page holds the pictures. With a thousand it would have 70 MB and take 20 s to write; a
larger page names them by relative path, as it names the videos."""


def write_page(report: BatchReport, folder: Path) -> Path:
    """Write ``report.html`` into the campaign's output folder, whole or not at all."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=select_autoescape(("html", "j2")),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    inside = sum(len(spot.renditions) for row in report.rows for spot in row.spots) <= MOST_INSIDE
    environment.filters["picture"] = lambda name: _picture(folder / name) if inside else quote(name)
    environment.filters["size"] = size
    page = environment.get_template("report.html.j2").stream(report=report, words=STATE_WORDS)
    page.enable_buffering()
    target = folder / "report.html"
    part = target.with_suffix(".part")
    page.dump(str(part), "utf-8")
    part.replace(target)
    return target


def _picture(path: Path) -> str:
    """A small copy of the picture as a data URI; empty when it is gone."""
    if not path.is_file():
        return ""
    with Image.open(path) as image:
        # Lets the JPEG decoder leave out what the small copy would throw away.
        image.draft("RGB", (4 * POSTER_HEIGHT, POSTER_HEIGHT))
        image.thumbnail((4 * POSTER_HEIGHT, POSTER_HEIGHT), Image.Resampling.LANCZOS)
        buffer = io.BytesIO()
        image.convert("RGB").save(buffer, "JPEG", quality=78, optimize=True)
    return f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}"
