"""A crop's window that goes with what moves: where the subject is in each moment, and a calm path after."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from campaign.file_cache import cached_by_file
from media.decode import decode
from media.faces import FaceFinder
from media.fit import MIDDLE
from media.planes import planes_of_frame, rgb_of_frame
from media.subject import even_frame, find_subject, headed, often_enough, standing_out

VERSION = 2
"""Of the path. Raise it when the same take would be followed otherwise."""
SPEED, ACCELERATION = 1.0, 2.0
"""The most, in windows a second, and a second squared: what an operator's pan does not exceed."""

_PER_SECOND = 8
_FLOW_SIDE = 160
"""Pixels of the longer side at which motion is looked for."""
_STILL = 0.6
"""Pixels there by which something must move otherwise than the picture as a whole."""
_MOVING = 2.0
"""How much more what moves counts than what stands out."""
_STEADY = 0.25
"""Seconds over which what is seen is averaged."""
_RELUCTANCE = 0.004
"""Share of the subject that a move by one step must win, times the step squared."""
_CUT_THROUGH = 0.2
"""As in `media.subject`."""
_MIDDLE = 0.5
"""How much less counts what is at a window's edge."""
_WORTH = 1.12
"""How much more of the subject a moving window must hold than the best still one."""
_SMOOTH, _SMOOTHER = 0.35, 1.2
"""Standard deviation in seconds by which a path is smoothed, and how much more until it is slow enough."""

Profile = NDArray[np.float64]
_UNKNOWN: Any = None
"""No flow to begin from; OpenCV's stubs do not allow the None that it takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """What a crop keeps from frame to frame."""

    middles: tuple[tuple[float, float], ...]
    """Of the window, as shares of width and height; a single one where a still window keeps as much."""
    faces: bool
    """Whether faces decided it."""
    found: bool
    """Whether there is a subject at all; without one it is the middle."""

    @property
    def moves(self) -> bool:
        return len(self.middles) > 1


def follow_subject(
    path: Path, width: int, height: int, fps: int, num_frames: int, face_model: Path | None = None
) -> Following:
    """The path of a window of aspect ``width`` : ``height``, for each frame at ``fps``.

    The path that keeps most of the subject, by dynamic programming, smoothed until it is no faster than
    `SPEED` and `ACCELERATION`. Where a still window keeps about as much, it is that of `find_subject`.

    Raises:
        FinishError: the take cannot be decoded, or the face model not be loaded.
    """
    seen = _looked_at(path, face_model)
    columns, rows = seen.columns.shape[1], seen.rows.shape[1]
    across, down = min(columns, rows * width / height), min(rows, columns * height / width)
    sideways = columns - across >= rows - down
    profiles, length = (seen.columns, across) if sideways else (seen.rows, down)
    track = _track(profiles, round(length))
    if track is None:
        still = find_subject(path, width, height, face_model)
        middle = still.focus if still else MIDDLE
        return Following(middles=(middle,), faces=seen.faces, found=bool(profiles.any()))
    times = np.arange(num_frames) / fps
    share = length / profiles.shape[1]
    along = np.interp(times, seen.times, (track + length / 2) / profiles.shape[1])
    calm = _calm(np.clip(along, share / 2, 1 - share / 2), fps, share)
    places = [float(place) for place in calm]
    middles = [(place, 0.5) if sideways else (0.5, place) for place in places]
    return Following(middles=tuple(middles), faces=seen.faces, found=True)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Looked:
    times: Profile
    """Seconds, (looks,)."""
    columns: Profile
    """How much each column draws the eye, (looks, columns); each look sums to 1, or to 0."""
    rows: Profile
    faces: bool


@cached_by_file(16)
def _looked_at(path: Path, face_model: Path | None) -> _Looked:
    finder = FaceFinder(face_model) if face_model else None
    times, weights, heads = list[float](), list[Profile](), list[Profile]()
    before, due, zero = None, 0.0, None
    for frame in decode(path):
        zero = frame.time if zero is None else zero
        if frame.time - zero < due - 1e-3:
            continue
        due = frame.time - zero + 1 / _PER_SECOND
        weight, small = standing_out(frame), _gray(frame)
        times.append(frame.time - zero)
        weights.append(_shared(weight) + _MOVING * _shared(_motion(before, small, weight.shape)))
        before = small
        if finder is not None:
            heads.append(headed(weight.shape, finder.find(rgb_of_frame(even_frame(frame)))))
    faces = bool(heads) and often_enough(sum(bool(head.any()) for head in heads), len(heads))
    used = np.stack(heads if faces else weights)
    return _Looked(
        times=np.array(times),
        columns=_averaged(used.sum(axis=1)),
        rows=_averaged(used.sum(axis=2)),
        faces=faces,
    )


def _gray(frame: av.VideoFrame) -> NDArray[np.uint8]:
    scale = _FLOW_SIDE / max(frame.width, frame.height)
    size = (max(round(frame.width * scale), 16), max(round(frame.height * scale), 16))
    luma = planes_of_frame(even_frame(frame)).y
    return np.asarray(cv2.resize(luma, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _motion(before: NDArray[np.uint8] | None, now: NDArray[np.uint8], shape: tuple[int, ...]) -> Profile:
    """How much each place moves otherwise than the camera makes the whole picture move."""
    if before is None:
        return np.zeros(shape)
    flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST).calc(now, before, _UNKNOWN)
    rows, columns = now.shape
    places = np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), axis=-1).reshape(-1, 2)
    known = np.column_stack([places, np.ones(len(places))])
    moved = flow.reshape(-1, 2).astype(np.float64)
    ground = np.ones(len(places), dtype=bool)
    apart = np.zeros(len(places))
    # What moves by itself is left out of the camera's motion, step by step.
    for _ in range(3):
        camera, *_ = np.linalg.lstsq(known[ground], moved[ground], rcond=None)
        apart = np.hypot(*(moved - known @ camera).T)
        ground = apart <= max(1.5 * float(np.median(apart)), 1e-6)
    own = np.maximum(apart - _STILL, 0).reshape(rows, columns)
    return np.asarray(cv2.resize(own, shape[::-1], interpolation=cv2.INTER_AREA), dtype=np.float64)


def _shared(weight: Profile) -> Profile:
    """With a sum of 1; nothing stays nothing."""
    total = weight.sum()
    return weight / total if total > 1e-9 else weight


def _averaged(profiles: Profile) -> Profile:
    """Each look with its neighbours in time, every one of them counting alike."""
    totals = profiles.sum(axis=1, keepdims=True)
    shares = np.divide(profiles, totals, out=np.zeros_like(profiles), where=totals > 1e-9)
    return _blurred(shares, _STEADY * _PER_SECOND)


def _track(profiles: Profile, size: int) -> Profile | None:
    """First place of the window in each look; None where a still one is as good."""
    if size >= profiles.shape[1] or len(profiles) < 2 or not profiles.any():
        return None
    # What is in its middle counts most, so that the subject has air on both sides.
    counts = 1 - _MIDDLE * np.linspace(-1, 1, size) ** 2
    held = np.stack([np.convolve(profile, counts, "valid") for profile in profiles])
    held -= _CUT_THROUGH * size * (profiles[:, : held.shape[1]] + profiles[:, size - 1 :])
    reach = max(round(SPEED * size / _PER_SECOND), 1)
    places = np.arange(held.shape[1])
    step = np.abs(places[:, None] - places[None, :])
    cost = np.where(step <= reach, _RELUCTANCE * step**2, np.inf)
    best, came = held[0], np.zeros(held.shape, dtype=int)
    for look in range(1, len(held)):
        options = best[None, :] - cost
        came[look] = options.argmax(axis=1)
        best = options.max(axis=1) + held[look]
    track = [int(best.argmax())]
    for look in range(len(held) - 1, 0, -1):
        track.append(int(came[look][track[-1]]))
    track.reverse()
    kept = held[np.arange(len(held)), track].sum()
    return np.array(track, dtype=np.float64) if kept > _WORTH * held.sum(axis=0).max() else None


def _calm(path: Profile, fps: int, window: float) -> Profile:
    """``path`` smoothed until it is slow enough; ``window`` is a window's length in the same unit."""
    sigma, calm = _SMOOTH * fps, path
    # A path that is smoothed over all its length stands still.
    while sigma < 40 * len(path):
        calm = _blurred(path[:, None], sigma)[:, 0]
        speed = np.abs(np.diff(calm)) * fps
        change = np.abs(np.diff(calm, 2)) * fps**2
        if max(speed, default=0) <= SPEED * window and max(change, default=0) <= ACCELERATION * window:
            return calm
        sigma *= _SMOOTHER
    return np.full_like(path, path.mean())


def _blurred(values: Profile, sigma: float) -> Profile:
    """Along the first axis; the ends are held."""
    radius = max(round(3 * sigma), 1)
    kernel = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    padded = np.pad(values, ((radius, radius), (0, 0)), mode="edge")
    kernel /= kernel.sum()
    return np.stack([np.convolve(column, kernel, "valid") for column in padded.T], axis=1)
