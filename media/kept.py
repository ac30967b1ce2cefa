"""Pictures that are needed again, in a file without a name rather than in memory."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import av

from media.planes import frame_of, new_frame, planes_of_frame

_SHARE = 4
"""One part in so many of the free disk is taken at most: other workers write there too."""


class KeptFrames:
    """Yuv420p BT.709 frames of one size, written once, read in the same order as often as is asked.

    A frame of 720p takes 1.4 MB of the disk, one of 1080p 3.1 MB. They are read by calls and not mapped, so
    that no resident memory is taken. The file goes with this object, and with a process that is killed.
    """

    def __init__(self, folder: Path) -> None:
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  # `close` closes it.
        self._places: list[int] = []
        """Where each frame begins in the file; one that came twice running is there once."""
        self._last: av.VideoFrame | None = None
        self._size = (0, 0)

    @staticmethod
    def has_room(frame: av.VideoFrame, count: int, folder: Path) -> bool:
        """Whether ``count`` frames of that size may be kept in ``folder``."""
        return count * _num_bytes(frame.width, frame.height) <= shutil.disk_usage(folder).free // _SHARE

    def add(self, frame: av.VideoFrame) -> None:
        """Keep the frame as it is at this moment.

        Raises:
            OSError: it cannot be written.
        """
        if frame is not self._last:
            self._places.append(self._file.tell())
            # With rows as long as those of the frames into which it is read.
            for plane in frame_of(planes_of_frame(frame)).planes:
                self._file.write(plane)
            self._size, self._last = (frame.width, frame.height), frame
        else:
            self._places.append(self._places[-1])

    def __iter__(self) -> Iterator[av.VideoFrame]:
        self._file.flush()
        read, frame = -1, new_frame(*self._size)
        for place in self._places:
            if place != read:
                read, frame = place, new_frame(*self._size)
                os.preadv(self._file.fileno(), [memoryview(plane) for plane in frame.planes], place)
            yield frame

    def close(self) -> None:
        self._last = None
        self._file.close()


def _num_bytes(width: int, height: int) -> int:
    return width * height * 3 // 2
