"""Segments of a long shot: kept until all are there, then one file."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import av

from campaign.errors import FinishError
from model.wan.clip import Clip, ClipResult

_REORDERED = 4
"""Frames by which decoding may run ahead of showing: more than x264's presets use."""


def join_files(segments: Sequence[Path], target: Path, fps: int) -> None:
    """Copy the packets of ``segments``, all of one size and encoding, one after the other.

    Raises:
        FinishError: FFmpeg could not read or write; carries its words.
    """
    try:
        with av.open(str(target), "w", format="mp4", options={"movflags": "+faststart"}) as written:
            stream = None
            shown = 0
            for segment in segments:
                with av.open(str(segment)) as opened:
                    source = opened.streams.video[0]
                    stream = stream or written.add_stream_from_template(source)
                    assert source.time_base
                    frame = round(1 / (fps * source.time_base))
                    first = shown
                    for packet in opened.demux(source):
                        # A demuxer ends with an empty packet.
                        if packet.pts is not None:
                            # Counted through: segments of other length may reorder by another depth.
                            packet.dts = (shown - _REORDERED) * frame
                            packet.pts += first * frame
                            packet.stream = stream
                            written.mux(packet)
                            shown += 1
    except av.FFmpegError as error:
        raise FinishError(f"segments of {target.name}", str(error)) from error


def keep_segment(result: ClipResult, folder: Path) -> ClipResult:
    """Move a finished segment to where the next run finds it; the facts are written last."""
    assert result.path
    assert result.last_image
    folder.mkdir(parents=True, exist_ok=True)
    path, picture, facts = _files(result.clip, folder)
    shutil.move(result.path, path)
    shutil.move(result.last_image, picture)
    temporary = facts.with_suffix(".part")
    temporary.write_text(json.dumps(result.facts), encoding="utf-8")
    temporary.replace(facts)
    return ClipResult(clip=result.clip, path=path, last_image=picture, facts=result.facts)


def find_segment(clip: Clip, folder: Path) -> ClipResult | None:
    """The segment, if an earlier run made it."""
    path, picture, facts = _files(clip, folder)
    if not facts.is_file():
        return None
    read = json.loads(facts.read_text(encoding="utf-8"))
    return ClipResult(clip=clip, path=path, last_image=picture, facts=read)


def drop_segment(segment: ClipResult, folder: Path) -> None:
    """Forget it."""
    for file in reversed(_files(segment.clip, folder)):
        file.unlink(missing_ok=True)


def _files(clip: Clip, folder: Path) -> tuple[Path, Path, Path]:
    return folder / f"{clip.key}.mp4", folder / f"{clip.key}.png", folder / f"{clip.key}.json"
