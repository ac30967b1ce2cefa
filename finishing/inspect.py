"""What a finished file is, for a person: streams, tags, loudness, labels, cues beside it, and its frames."""

from dataclasses import dataclass
from pathlib import Path

import pysrt
from PIL import Image, ImageDraw, ImageFont

from campaign.cue import Cue
from campaign.errors import FinishError
from finishing.labels import LabelsRead, read_labels
from finishing.visible import PixelBox
from media.decode import decode
from media.fit import Fitter, even
from media.heard import loudness_of
from media.loudness import Loudness
from media.planes import rgb_of_frame
from media.probe import MediaFacts, probe

_WIDTH = 360
"""Pixels of a contact sheet's longer picture side."""
_GAP = 6
_QUALITY = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """Everything that can be told of a file without knowing what it should be."""

    path: Path
    media: MediaFacts
    loudness: Loudness | None
    """None where there is no sound stream."""
    labels: LabelsRead
    cues: tuple[Cue, ...]
    """From a ``captions.srt`` or a ``.srt`` of the same name beside the file."""
    findings: tuple[str, ...]
    """What is not as a delivery should be."""


def inspect(path: Path, label_box: PixelBox | None = None) -> Inspection:
    """Read, measure and decode what is needed of ``path``.

    ``label_box`` is where the visible label should be; without it only the metadata label is read.

    Raises:
        FinishError: the file cannot be read.
    """
    media = probe(path)
    loudness = loudness_of(path) if media.sound else None
    return Inspection(
        path=path,
        media=media,
        loudness=loudness,
        labels=read_labels(path, label_box),
        cues=_cues_beside(path),
        findings=tuple(delivery_problems(media, loudness)),
    )


def delivery_problems(media: MediaFacts, loudness: Loudness | None) -> list[str]:
    """Where a file is not what short-video platforms take without conversion."""
    problems = []
    video, sound = media.video, media.sound
    if video is None:
        return ["It has no pictures."]
    if video.pixel_format != "yuv420p":
        problems.append(f"Its pixels are {video.pixel_format}; yuv420p plays everywhere.")
    tags = {video.primaries, video.transfer, video.matrix}
    if tags != {"bt709"} or video.color_range != "limited":
        problems.append(f"Its colours are tagged {', '.join(sorted(tags))}, {video.color_range}; not bt709.")
    if not media.faststart:
        problems.append("Its index comes after its data, so it plays only when it is loaded whole.")
    if sound is None:
        problems.append("It has no sound stream.")
    elif abs(sound.duration - video.duration) > 1 / float(video.fps):
        problems.append(f"Its sound is {sound.duration:.3f} s long, its picture {video.duration:.3f} s.")
    if sound is not None and sound.sample_rate != 48_000:
        problems.append(f"Its sound has {sound.sample_rate} samples a second, not 48000.")
    if loudness is not None and loudness.integrated == float("-inf"):
        problems.append("There is nothing to hear.")
    if loudness is not None and loudness.true_peak > -1.0:
        problems.append(f"Its true peak is {loudness.true_peak:.1f} dBTP; -1 is the most.")
    return problems


def contact_sheet(path: Path, target: Path, columns: int = 4, rows: int = 2) -> None:
    """Frames at even times with the second under each, as the picture ``target`` (PNG or JPEG by its name).

    Raises:
        FinishError: the file cannot be decoded.
    """
    facts = probe(path).video
    if facts is None or not facts.num_frames:
        raise FinishError(f"contact sheet of {path.name}", "the file has no pictures.")
    count = min(columns * rows, facts.num_frames)
    wanted = [round((index + 0.5) * facts.num_frames / count - 0.5) for index in range(count)]
    scale = _WIDTH / max(facts.width, facts.height)
    width, height = even(facts.width * scale), even(facts.height * scale)
    fit = Fitter(width, height)
    font = ImageFont.load_default(15)
    strip = 24
    used_rows = -(-count // columns)
    sheet = Image.new(
        "RGB",
        (columns * (width + _GAP) + _GAP, used_rows * (height + strip + _GAP) + _GAP),
        (24, 24, 24),
    )
    draw = ImageDraw.Draw(sheet)
    placed = 0
    for number, frame in enumerate(decode(path)):
        if placed < count and number == wanted[placed]:
            left = _GAP + placed % columns * (width + _GAP)
            top = _GAP + placed // columns * (height + strip + _GAP)
            picture = Image.fromarray(rgb_of_frame(fit(frame)))
            sheet.paste(picture, (left, top))
            draw.text(
                (left + 4, top + height + 3), f"{number / float(facts.fps):.2f} s", (230, 230, 230), font
            )
            placed += 1
    sheet.save(target, quality=_QUALITY)


def _cues_beside(path: Path) -> tuple[Cue, ...]:
    for source in (path.with_suffix(".srt"), path.parent / "captions.srt"):
        if source.is_file():
            items = pysrt.open(str(source), encoding="utf-8")
            return tuple(
                Cue(start=item.start.ordinal / 1000, end=item.end.ordinal / 1000, text=item.text)
                for item in items
            )
    return ()
