"""Frames out of a video file, at the rate that is asked for."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import av
import cv2

from campaign.errors import FinishError
from campaign.finish import Retiming
from media.fit import To709
from media.interpolate import Between
from media.planes import new_frame, planes_of_frame
from media.probe import probe

_ROUNDING = 1e-3
"""Seconds; time stamps are rounded to the container's clock, which in Matroska is 1 ms."""
_HDR = {16: "PQ", 18: "HLG"}
"""FFmpeg's AVColorTransferCharacteristic of pictures for which BT.709 has no values (ITU-R BT.2100)."""


def decode(path: Path) -> Iterator[av.VideoFrame]:
    """Every frame in order of display.

    Raises:
        FinishError: no such file, no pictures in it, or they cannot be decoded.
    """
    return _decoded(path, "DEFAULT")


def glance(path: Path) -> Iterator[av.VideoFrame]:
    """The frames that are not predicted from both sides: of H.264 about every fourth, for half the time.

    Enough to see what a film shows. Other codecs may give every frame.

    Raises:
        The same as `decode`.
    """
    return _decoded(path, "BIDIR")


def _decoded(path: Path, skipped: Literal["DEFAULT", "BIDIR"]) -> Iterator[av.VideoFrame]:
    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                raise FinishError(f"pictures of {path.name}", "the file has no video stream.")
            stream = container.streams.video[0]
            # One worker per core: threads inside a worker only cost.
            stream.codec_context.thread_count = 1
            stream.codec_context.skip_frame = skipped
            for frame in container.decode(stream):
                if frame.pts is None:
                    raise FinishError(
                        f"pictures of {path.name}", "its frames have no times. Remux it as MP4."
                    )
                yield frame
    except (av.FFmpegError, OSError) as error:
        raise FinishError(f"pictures of {path.name}", str(error)) from error


def check_plain(path: Path) -> None:
    """Refuse a film whose pictures are not to be shown as they are decoded.

    Raises:
        FinishError: says what they are, and how to make another film of it.
    """
    _check_plain(path, next(decode(path), None))


def _check_plain(path: Path, first: av.VideoFrame | None) -> None:
    video = probe(path).video
    if first is None or video is None:
        return
    if first.rotation:
        reason = f"is shown turned by {first.rotation} degrees. Write it upright: ffmpeg -i in.mp4 out.mp4."
    elif video.pixel_aspect != 1:
        reason = (
            f"has pixels of {video.pixel_aspect}. Make them square: ffmpeg -i in.mp4 "
            "-vf scale=iw*sar:ih,setsar=1 out.mp4."
        )
    elif first.interlaced_frame:
        reason = "is interlaced. Make whole pictures of it: ffmpeg -i in.mp4 -vf bwdif out.mp4."
    elif kind := _HDR.get(int(first.color_trc)):
        reason = f"is HDR ({kind}). Export it in BT.709."
    else:
        return
    raise FinishError(f"film {path.name}", f"it {reason}")


def take_frames(path: Path, fps: int, num_frames: int, retiming: Retiming) -> Iterator[av.VideoFrame]:
    """Exactly ``num_frames`` frames at ``fps`` from the start of ``path``: yuv420p BT.709, in its size.

    They may be the decoder's own, which it still predicts from, and may come more than once: what is drawn on
    one must be taken off again (`media.blend.laid_over`).

    Frames are placed by their own times, so a variable rate keeps its motion.

    Raises:
        FinishError: the take is too short, and by how much; or it is one that `check_plain` refuses.
    """
    done, zero = 0, 0.0
    to_709 = To709()
    shown: _Arrived | None = None
    for frame in decode(path):
        if shown is None:
            _check_plain(path, frame)
            zero = frame.time
        arriving = _Arrived(frame, frame.time - zero, to_709)
        if shown is not None:
            shares = []
            while done < num_frames and done / fps < arriving.start - _ROUNDING:
                shares.append((done / fps - shown.start) / (arriving.start - shown.start))
                done += 1
            yield from _between(shown, arriving, shares, retiming)
        # A frame that is due exactly is passed on before the next is decoded, while it is in the cache.
        if done < num_frames and done / fps < arriving.start + _ROUNDING:
            yield arriving.picture
            done += 1
        if done == num_frames:
            return
        shown = arriving
    while shown is not None and done < num_frames and done / fps < shown.end - _ROUNDING:
        yield shown.picture
        done += 1
    if done == num_frames:
        return
    raise FinishError(
        f"take {path.name}",
        f"it ends after {done / fps:.2f} s, but the cut needs {num_frames / fps:.2f} s of it. "
        "Make the take longer or the shot shorter.",
    )


def mix_frames(first: av.VideoFrame, second: av.VideoFrame, share: float) -> av.VideoFrame:
    """A new frame with ``share`` (0 to 1) of ``second``, the rest of ``first``."""
    mixed = new_frame(first.width, first.height)
    planes = zip(planes_of_frame(mixed), planes_of_frame(first), planes_of_frame(second), strict=True)
    for target, one, other in planes:
        cv2.addWeighted(one, 1 - share, other, share, 0, dst=target)
    return mixed


class _Arrived:
    """A decoded frame with its second from the first one's, converted when it is first asked for."""

    def __init__(self, frame: av.VideoFrame, start: float, convert: To709) -> None:
        self.start = start
        self._frame, self._convert = frame, convert
        self._picture: av.VideoFrame | None = None

    @property
    def picture(self) -> av.VideoFrame:
        if self._picture is None:
            self._picture = self._convert(self._frame)
        return self._picture

    @property
    def end(self) -> float:
        """Seconds, as the file says how long the frame lasts."""
        return self.start + (float((self._frame.duration or 0) * (self._frame.time_base or 0)) or 1 / 24)


def _between(
    shown: _Arrived, following: _Arrived, shares: list[float], retiming: Retiming
) -> Iterator[av.VideoFrame]:
    """Pictures at those shares of the way from one frame to the next."""
    if not shares:
        return
    if retiming is Retiming.DUPLICATE:
        yield from (shown.picture for _ in shares)
        return
    between = Between(shown.picture, following.picture) if retiming is Retiming.MOTION else None
    for share in shares:
        yield between.at(share) if between else mix_frames(shown.picture, following.picture, share)
