"""``reelsheet inspect``."""

from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from campaign.errors import FinishError
from finishing.inspect import Inspection, contact_sheet, inspect


def run(file: Path, picture: Path | None) -> int:
    """Print what the video is; 1 when it is not as a delivery should be."""
    if not file.is_file():
        raise FinishError(str(file), "is not there. Name a video.")
    seen = inspect(file)
    target = picture or file.with_name(f"{file.stem}.frames.png")
    contact_sheet(file, target)
    console = Console()
    table = Table(box=None, pad_edge=False, show_header=False)
    for name, value in _facts(seen):
        table.add_row(f"[dim]{name}[/]", escape(value))
    console.print(table)
    for cue in seen.cues:
        console.print(f"[dim]{cue.start:6.2f} – {cue.end:6.2f} s[/]  {escape(cue.text)}")
    for finding in seen.findings:
        console.print(f"[yellow]![/] {escape(finding)}")
    console.print(f"frames  {escape(str(target))}")
    return int(bool(seen.findings))


def _facts(seen: Inspection) -> list[tuple[str, str]]:
    media, heard = seen.media, seen.loudness
    facts = [("file", f"{media.container}, {media.size / 1e6:.2f} MB, {media.duration:.3f} s")]
    if video := media.video:
        facts += [
            (
                "video",
                f"{video.codec} {video.profile} {video.pixel_format}, {video.width}x{video.height}, "
                f"{float(video.fps):g} frames/s, {video.num_frames} frames, "
                f"{video.bit_rate / 1e6:.2f} Mbit/s",
            ),
            ("colour", f"{video.primaries}, {video.transfer}, {video.matrix}, {video.color_range} range"),
        ]
    if sound := media.sound:
        facts.append(
            ("sound", f"{sound.codec} {sound.profile}, {sound.sample_rate} Hz, {sound.channels} channels")
        )
    if heard:
        facts.append(("loudness", f"{heard.integrated:.1f} LUFS, true peak {heard.true_peak:.1f} dBTP"))
    aigc = seen.labels.aigc
    facts.append(("AIGC", aigc.as_metadata() if aigc else seen.labels.aigc_problem))
    facts += [(name, value) for name, value in media.metadata.items() if name != "AIGC"]
    return facts
