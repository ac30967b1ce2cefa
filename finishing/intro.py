"""The composed opening: logo and a line on the kit's paper, moved by MoviePy.

Made once per kit, language and size, then decoded into every rendition that opens with it.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from moviepy import VideoClip
from PIL import ImageColor

from campaign.brand_kit import BrandKit
from campaign.brief import Language
from campaign.content_key import Json, as_json
from campaign.errors import FinishError
from campaign.file_cache import cached_by_file
from campaign.frames import Aspect
from campaign.kit_parts import BrandClip
from finishing.moving import joined, logo_within, moved, paper, picture_at, words_within, write_film
from media.decode import check_plain
from media.planes import Bytes
from media.probe import probe

RECIPE_VERSION = 4
FILE = "intro.mp4"

_SETTLED = 0.9
"""Seconds after which nothing moves any more."""
_LOGO_HEIGHT, _LOGO_WIDTH = 0.28, 0.7
"""The most that the logo takes of the short side and of the width."""
_LINE_SIZES = ((1, (0.05, 0.045, 0.04, 0.035)), (2, (0.04, 0.035, 0.03)))
_TEXT_WIDTH = 0.8
_LOGO_MOVE, _BAR_MOVE, _LINE_MOVE = (0.0, 0.5), (0.2, 0.4), (0.3, 0.45)


@dataclass(frozen=True, slots=True, kw_only=True)
class IntroJob:
    """Everything that decides a composed opening."""

    kit: BrandKit
    language: Language
    width: int
    height: int
    fps: int
    num_frames: int

    @property
    def line(self) -> str:
        return self.kit.intro.line.of(self.language) if self.kit.intro else ""


def film_for(film: BrandClip | None, aspect: Aspect) -> Path | None:
    """The kit's film for ``aspect``, else the one of the nearest shape; None where it has none."""
    if film is None or not film.clips:
        return None
    across, down = aspect.ratio
    nearest = min(film.clips, key=lambda other: abs(np.log(other.ratio[0] * down / other.ratio[1] / across)))
    return film.clips[nearest].file


def check_films(kit: BrandKit, aspect: Aspect) -> None:
    """Refuse a film of the kit that is too short, or that `media.decode.check_plain` refuses.

    Raises:
        FinishError: names the film and both lengths, or what it is.
    """
    for part, film in (("intro", kit.intro), ("outro", kit.outro)):
        path = film_for(film, aspect)
        if film is None or path is None:
            continue
        length = _seconds(path)
        if length < film.seconds - 1e-3:
            raise FinishError(
                f"{part} {path.name}",
                f"it lasts {length:.2f} s, but {part}.seconds is {film.seconds:g}. Correct the brand kit.",
            )


@cached_by_file(32)
def _seconds(path: Path) -> float:
    check_plain(path)
    video = probe(path).video
    return float(video.duration) if video else 0.0


def intro_recipe(job: IntroJob) -> dict[str, Json]:
    """Everything that decides the bytes; files by digest."""
    kit = job.kit
    return {
        "intro": RECIPE_VERSION,
        "logo": as_json(kit.logo.file),
        "font": as_json(kit.fonts.text.file),
        "colors": [kit.colors.background, kit.colors.accent, kit.colors.ink],
        "line": job.line,
        "size": [job.width, job.height, job.fps, job.num_frames],
    }


def make_intro(job: IntroJob, folder: Path) -> Path:
    """Write ``folder/intro.mp4``: `num_frames` frames, no sound.

    Raises:
        GlyphError: the kit's text font lacks a character.
        TextFitError: the line does not fit at the smallest size.
    """
    write_film(_film(job), folder / FILE, job.fps, job.num_frames, _SETTLED)
    return folder / FILE


def draw_intro(job: IntroJob) -> Bytes:
    """The opening when everything has come to rest, (height, width, 3) uint8 RGB.

    Raises:
        The same as `make_intro`.
    """
    film = _film(job)
    still = picture_at(film, min(_SETTLED + 0.1, film.duration - 1 / job.fps))
    film.close()
    return still


def _film(job: IntroJob) -> VideoClip:
    kit, width, height = job.kit, job.width, job.height
    short = min(width, height)
    logo = logo_within(kit, _LOGO_WIDTH * width, _LOGO_HEIGHT * short)
    sizes = tuple((most, tuple(em * short for em in ems)) for most, ems in _LINE_SIZES)
    line = words_within(job.line, kit.fonts.text.file, sizes, kit.colors.ink, width * _TEXT_WIDTH)
    rows = [(logo, 0.04, _LOGO_MOVE)]
    if line.size:
        bar = np.zeros((max(round(short * 0.006), 2), round(short * 0.12), 4), dtype=np.uint8)
        bar[...] = (*ImageColor.getrgb(kit.colors.accent)[:3], 255)
        rows += [(bar, 0.0, _BAR_MOVE), (line, 0.03, _LINE_MOVE)]
    gap = round(short * 0.05)
    top = round(height * 0.48 - (sum(p.shape[0] for p, *_ in rows) + gap * (len(rows) - 1)) / 2)
    parts = [paper(width, height, kit.colors.background)]
    for pixels, rise, move in rows:
        parts.append(moved(pixels, ((width - pixels.shape[1]) // 2, top), short * rise, move))
        top += pixels.shape[0] + gap
    return joined(parts, width, height, job.num_frames / job.fps)
