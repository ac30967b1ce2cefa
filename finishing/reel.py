"""The clips of a spot, for one rendition after the other."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import av

from campaign.errors import FinishError
from finishing.cut import Clip, clip_frames, clips_of
from finishing.rendition import RenditionJob
from media.kept import KeptFrames


class SharedClips:
    """Frames of clips. What several renditions show is decoded, and brought to their rate, once.

    Until the last of them had it, it is kept on the disk of ``folder``; where that has no room, it is decoded
    for each.
    """

    def __init__(self, jobs: Sequence[RenditionJob], folder: Path) -> None:
        self._fps, self._retiming = jobs[0].timeline.fps, jobs[0].retiming
        self._folder = folder
        self._to_come: Counter[Clip] = Counter()
        """How often each will be asked for."""
        for job in jobs:
            # What is wrong with a job is said when it is made.
            with suppress(FinishError):
                self._to_come.update(clips_of(job))
        self._kept: dict[Clip, KeptFrames] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for kept in self._kept.values():
            kept.close()

    def frames(self, clip: Clip) -> Iterator[av.VideoFrame]:
        """The clip's frames and those of its fade; see `finishing.cut.clip_frames`.

        Raises:
            FinishError: the take is too short, cannot be read, or cannot be kept.
        """
        self._to_come[clip] -= 1
        if clip not in self._kept:
            decoded = clip_frames(clip, self._fps, self._retiming)
            yield from self._keeping(clip, decoded) if self._to_come[clip] else decoded
            return
        yield from self._kept[clip]
        if not self._to_come[clip]:
            self._kept.pop(clip).close()

    def _keeping(self, clip: Clip, frames: Iterator[av.VideoFrame]) -> Iterator[av.VideoFrame]:
        """``frames``; once all have passed they are kept."""
        kept: KeptFrames | None = None
        try:
            for number, frame in enumerate(frames):
                if number == 0 and KeptFrames.has_room(frame, clip.num_frames + clip.fade_out, self._folder):
                    kept = KeptFrames(self._folder)
                if kept:
                    kept.add(frame)
                yield frame
            if kept:
                self._kept[clip] = kept
        except OSError as error:
            raise FinishError(f"frames of {clip.path.name}, kept in {self._folder}", str(error)) from error
        finally:
            if kept and clip not in self._kept:
                kept.close()
