"""The animatic: a designed moving storyboard of brand colours, product picture, words and camera move.

Needs no model and no GPU. It shows composition, pace and words; it does not show the subject's own action.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from math import ceil
from pathlib import Path

import cv2

from campaign.content_key import Json, as_json
from campaign.errors import FrameSizeError, GenerationError, ReelsheetError
from campaign.frames import Aspect, FrameSpec, frame_size
from media.encode import EncodeSettings, VideoEncoder
from model.animatic.choice import turn_of
from model.animatic.composition import compose
from model.backend import Estimate, Progress, RunsOn, TakeOutcome, TakeRequest, refuse_draft

FPS = 24
"""Cinema's rate, and slow enough that type and camera read as film."""
SHORTEST_SIDE, LONGEST_SIDE = 360, 1080
"""Pixels of the short side; drawing is made for this range."""
LONGEST = 60.0
"""Seconds; a storyboard's shot is never this long, a slip of the pen may be."""
VERSION = 6
"""Of the drawing. Raise it when the same request would look different."""
ENCODING = EncodeSettings(preset="veryfast", crf=14)
"""Good enough to be cut and encoded again without a visible loss."""

_PROGRESS_EVERY = 12
"""Frames."""
_FRAME_SECONDS, _DRAW_SECONDS = 0.026, 0.5
"""CPU seconds per frame of 720x1280 pixels, encoding included, and once per take for drawing
(benchmarks/animatic.py on two busy cores of an AMD Zen 5)."""
_MEASURED_PIXELS = 720 * 1280
_BASIS = f"measured: {_FRAME_SECONDS * 1000:.0f} ms of CPU a frame and {_DRAW_SECONDS:g} s a take at 720x1280"


class AnimaticBackend:
    """Draws takes on the CPU."""

    name = "animatic"
    runs_on = RunsOn.CPU_POOL
    draws_every_aspect = True

    def frame_spec(self, aspect: Aspect, short_side: int, duration: float) -> FrameSpec:
        """The smallest take of at least ``duration`` seconds, at 24 fps.

        Raises:
            FrameSizeError: an odd short side.
            GenerationError: a side or a duration that it does not draw.
        """
        if not SHORTEST_SIDE <= short_side <= LONGEST_SIDE:
            raise GenerationError(
                f"The short side is {short_side} pixels, but the animatic draws {SHORTEST_SIDE} to "
                f"{LONGEST_SIDE}. Ask for 720 and let the finisher scale it."
            )
        if short_side % 2:
            raise FrameSizeError(*frame_size(aspect, short_side), 2)
        if not 0 < duration <= LONGEST:
            raise GenerationError(
                f"The shot lasts {duration:g} s, but the animatic draws more than 0 and at most "
                f"{LONGEST:g} s. Split it into shorter shots."
            )
        width, height = frame_size(aspect, short_side)
        # Binary fractions of a second may lie a hair above a whole frame.
        return FrameSpec(width=width, height=height, num_frames=ceil(duration * FPS - 1e-6), fps=FPS)

    def check(self, request: TakeRequest) -> None:
        """Raises `RequestError` where it is to start from a draft."""
        refuse_draft(self.name, request)

    def recipe(self, request: TakeRequest) -> dict[str, Json]:
        """Shot, colours and fonts. The logo is not in it: finishing adds that."""
        shot, kit = request.shot, request.kit
        over: dict[str, Json] = {"margins": request.margins.model_dump()} if request.margins else {}
        if request.marks:
            over["marks"] = as_json(request.marks)
        return {
            **over,
            "backend": self.name,
            "version": VERSION,
            "encoding": _encoding(),
            "turn": as_json(turn_of(shot.id)),
            "prompt": as_json(shot.prompt),
            "headline": shot.headline,
            "image": as_json(shot.image),
            "language": as_json(request.language),
            "spec": as_json(request.spec),
            "seed": request.seed,
            "colors": kit.colors.model_dump(),
            "display": as_json(kit.fonts.display.file),
        }

    def estimate(self, request: TakeRequest) -> Estimate:
        spec = request.spec
        scale = spec.width * spec.height / _MEASURED_PIXELS
        seconds = scale * (_DRAW_SECONDS + spec.num_frames * _FRAME_SECONDS)
        return Estimate(
            cpu_seconds=seconds,
            basis=_BASIS,
        )

    def outlook(self) -> str:
        return ""

    def make(self, wave: Sequence[TakeRequest], folder: Path, progress: Progress) -> Iterator[TakeOutcome]:
        """Draw each take in turn; a request that cannot be drawn is an outcome with its error."""
        # One worker runs per core: OpenCV's own threads would only get in each other's way.
        cv2.setNumThreads(1)
        for request in wave:
            try:
                yield TakeOutcome(request=request, path=_make_one(request, folder, progress))
            except ReelsheetError as error:
                yield TakeOutcome(request=request, path=None, error=error)


# Of every take, and a plan asks for as many recipes as there are takes.
@lru_cache(maxsize=1)
def _encoding() -> Json:
    return as_json(ENCODING)


def _make_one(request: TakeRequest, folder: Path, progress: Progress) -> Path:
    shot, spec = request.shot, request.spec
    composition = compose(request)
    name = f"{shot.id}-{spec.width}x{spec.height}-{request.seed}"
    unfinished, path = folder / f"{name}.part", folder / f"{name}.mp4"
    try:
        with VideoEncoder(unfinished, spec.width, spec.height, spec.fps, ENCODING) as encoder:
            for done, planes in enumerate(composition.frames(), start=1):
                encoder.write(planes)
                if done % _PROGRESS_EVERY == 0 or done == spec.num_frames:
                    progress(shot.id, done, spec.num_frames)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return path
