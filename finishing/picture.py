"""The pictures of a spot's renditions: takes decoded once, then fitted, overlaid and encoded for each."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import cv2

from campaign.errors import ReelsheetError
from campaign.finish import Fitting
from finishing.bare import bare_groups
from finishing.cover import CoverPicker, FilmStrip, place_title
from finishing.cut import Clip, clips_of
from finishing.overlay import Canvas
from finishing.reel import SharedClips
from finishing.rendition import COVER, MASTERS, PICTURE, STRIP, PictureFacts, RenditionJob
from finishing.stack import stack
from media.blend import Layer, laid_over
from media.decode import mix_frames
from media.encode import VideoEncoder
from media.fit import MIDDLE, Fitter, crop_window
from media.follow import follow_subject
from media.planes import planes_of_frame
from media.probe import probe
from media.refusals import saying
from media.subject import find_subject

_MOSTLY = 0.9
"""A crop that keeps this much of the picture needs no thought about where it lies."""


def make_pictures(
    jobs: Sequence[RenditionJob], folders: Sequence[Path]
) -> list[PictureFacts | ReelsheetError]:
    """Write video, cover and film strip of each job into its folder; of one that failed, the reason.

    The jobs have one rate and one way of retiming. They are made one after the other, so that one encoder
    at a time takes memory; a take that several of them show is decoded once. What comes out is the same as
    if each were made alone.
    """
    # One worker runs per core: OpenCV's own threads would only get in each other's way.
    cv2.setNumThreads(1)
    made: list[PictureFacts | ReelsheetError] = []
    with SharedClips(jobs, folders[0]) as shared:
        for job, folder in zip(jobs, folders, strict=True):
            try:
                made.append(_make(job, folder, shared))
            except ReelsheetError as error:
                made.append(error)
    return made


def _make(job: RenditionJob, folder: Path, shared: SharedClips) -> PictureFacts:
    output = _Output(job, folder)
    try:
        for place, clip in enumerate(output.clips):
            for frame in shared.frames(clip):
                output.add(place, frame)
        return output.ended()
    except BaseException:
        output.abandon()
        raise


class _Output:
    """One rendition's pictures on their way to its file."""

    def __init__(self, job: RenditionJob, folder: Path) -> None:
        self.job = job
        self.clips = clips_of(job)
        self._folder = folder
        self._stack, self._title = stack(job), _cover_title(job)
        self._crops = [_crop(clip, job) for clip in self.clips]
        self._cover, self._strip = (
            CoverPicker(job.timeline, job.face_model),
            FilmStrip(job.timeline.num_frames),
        )
        self._number, self._place, self._in_clip = 0, -1, 0
        self._leaving: list[av.VideoFrame] = []
        """What goes on under the clip at `_place`, fitted."""
        self._staying: list[av.VideoFrame] = []
        """What of the clip at `_place` will go on under the next."""
        self._encoder = VideoEncoder(folder / PICTURE, job.width, job.height, job.timeline.fps, job.settings)
        self._master = _master_encoder(job, folder)
        self._encoder.begin()
        if self._master:
            self._master.begin()
        self._copies = bare_groups(self.clips, self._stack, self._encoder)
        """What stands in for encoding, by the number of the frame from which it does."""
        self._copied_until, self._copied = 0, 0

    def add(self, place: int, frame: av.VideoFrame) -> None:
        """The next frame of the clip at ``place``."""
        if place != self._place:
            self._place, self._in_clip = place, 0
            self._leaving, self._staying = self._staying, []
            self._fit = Fitter(self.job.width, self.job.height, _fitting(self._crops[place], self.job))
        number = self._in_clip
        if crop := self._crops[place]:
            self._fit.focus = crop.middles[min(number, len(crop.middles) - 1)]
        fitted = self._fit(frame)
        self._in_clip += 1
        if number >= self.clips[place].num_frames:
            self._staying.append(fitted)
            return
        if number < len(self._leaving):
            fitted = mix_frames(self._leaving[number], fitted, (number + 1) / (len(self._leaving) + 1))
        self._write(fitted)

    def _write(self, frame: av.VideoFrame) -> None:
        number = self._number
        self._cover.consider(number, frame)
        if number in self._copies:
            film, first, end = self._copies[number]
            self._encoder.copy(film, first, end)
            self._copied_until = number + end - first
            self._copied += end - first
        over = [] if number < self._copied_until else self._stack.at(number)
        with laid_over(planes_of_frame(frame), over):
            self._strip.consider(number, frame)
            if number >= self._copied_until:
                self._encoder.write_frame(frame)
            if self._master:
                self._master.write_frame(frame)
        self._number += 1

    def _encoders(self) -> tuple[VideoEncoder, ...]:
        return (self._encoder, self._master) if self._master else (self._encoder,)

    def abandon(self) -> None:
        """Close what is written to, as it is."""
        for encoder in self._encoders():
            encoder.abandon()

    def ended(self) -> PictureFacts:
        """Close the file; what was made of it."""
        for encoder in self._encoders():
            encoder.finish()
        with saying(f"cover and film strip beside {PICTURE}"):
            self._cover.write(self._folder / COVER, (*self._stack.cover, *self._title))
            self._strip.write(self._folder / STRIP)
        job = self.job
        return PictureFacts(
            num_frames=self._number,
            num_copied=self._copied,
            label_box=self._stack.label_box,
            cover_time=round(self._cover.time, 3),
            encoder=", master ".join(str(encoder.settings) for encoder in self._encoders()),
            reframed=tuple(
                f"{clip.name}: cropped to {job.aspect} {crop.why}"
                for clip, crop in zip(self.clips, self._crops, strict=True)
                if crop is not None
            ),
            lost=tuple(
                clip.name for clip, crop in zip(self.clips, self._crops, strict=True) if crop and crop.lost
            ),
        )


def _master_encoder(job: RenditionJob, folder: Path) -> VideoEncoder | None:
    if job.master is None:
        return None
    path = folder / MASTERS[job.master.codec]
    return VideoEncoder(path, job.width, job.height, job.timeline.fps, job.master)


def _cover_title(job: RenditionJob) -> tuple[Layer, ...]:
    if not job.cover_title:
        return ()
    canvas = Canvas(width=job.width, height=job.height, margins=job.safe_area or job.kit.safe_area)
    return (place_title(job.kit, job.cover_title, canvas).layer,)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Crop:
    """What is kept of a take that loses much to the delivery's aspect."""

    middles: tuple[tuple[float, float], ...]
    """Of the window by frame, as shares of width and height; the last holds for all that come after."""
    why: str
    fitting: Fitting = Fitting.CROP
    lost: bool = False
    """It was to follow something, and there is nothing."""


def _crop(clip: Clip, job: RenditionJob) -> _Crop | None:
    """None for a take that is shown whole or nearly so."""
    if job.fitting is Fitting.PAD or not _loses_much(clip.path, job):
        return None
    unsought = "" if job.face_model else "; faces are not looked for"
    if job.fitting is Fitting.FOLLOW:
        return _following(clip, job, unsought)
    found = find_subject(clip.path, job.width, job.height, job.face_model)
    if found is None:
        return _Crop(middles=(MIDDLE,), why=f"in the middle: no subject stands out{unsought}")
    by = "the faces in it" if found.faces else f"what stands out{unsought}"
    return _Crop(middles=(found.focus,), why=f"about {found.focus[0]:.0%}, {found.focus[1]:.0%}: {by}")


def _fitting(crop: _Crop | None, job: RenditionJob) -> Fitting:
    """Of a take: a window moves only where there is something to go with."""
    if crop is not None:
        return crop.fitting
    return Fitting.PAD if job.fitting is Fitting.PAD else Fitting.CROP


def _following(clip: Clip, job: RenditionJob, unsought: str) -> _Crop:
    found = follow_subject(
        clip.path, job.width, job.height, job.timeline.fps, clip.num_frames + clip.fade_out, job.face_model
    )
    by = "the faces in it" if found.faces else f"what stands out and moves{unsought}"
    if not found.found:
        return _Crop(middles=(MIDDLE,), why=f"in the middle: there is nothing to follow{unsought}", lost=True)
    first, last = (f"{place[0]:.0%}, {place[1]:.0%}" for place in (found.middles[0], found.middles[-1]))
    if not found.moves:
        return _Crop(middles=found.middles, why=f"about {first}: {by}, which stays there")
    return _Crop(middles=found.middles, why=f"from {first} to {last}, following {by}", fitting=Fitting.FOLLOW)


def _loses_much(path: Path, job: RenditionJob) -> bool:
    video = probe(path).video
    if video is None:
        return False
    window = crop_window(video.width, video.height, job.width, job.height)
    return window.width * window.height < _MOSTLY * video.width * video.height
