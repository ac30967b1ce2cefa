"""What a row or a campaign may choose of how spots are finished and delivered: closed sets."""

from dataclasses import dataclass
from enum import StrEnum


class VoiceOverrun(StrEnum):
    """What is done about a voice line that is longer than its shot was planned."""

    EXTEND = "extend"
    """The cut moves. Only where the asked duration leaves no room are all lines sped up alike."""
    FASTER = "faster"
    """The cut stays: that line is sped up, at most by `campaign.timing.FASTEST_VOICE`."""
    REFUSE = "refuse"
    """The cut stays, and the row is told by how much it is too long."""


class CutPace(StrEnum):
    """Where cuts fall."""

    FREE = "free"
    """Where the voice and the reader need them."""
    BEAT = "beat"
    """On the music's beats."""


class Fitting(StrEnum):
    """What is done with a picture of another aspect."""

    CROP = "crop"
    """The part that holds most of the subject."""
    FOLLOW = "follow"
    """The same, and the window goes with a subject that moves."""
    PAD = "pad"
    """The whole picture over a blurred copy of itself."""


class Handover(StrEnum):
    """What an editor gets beside the finished videos."""

    OTIO = "otio"
    """An OpenTimelineIO file with the untouched takes, the sound and the cues."""


CROSSFADE = 0.4
"""Seconds of a cross-fade that no length is named for."""


class Retiming(StrEnum):
    """How a take of another frame rate comes to the delivery's."""

    DUPLICATE = "duplicate"
    """The latest frame is shown again: sharp, with the judder of the take's own rate."""
    BLEND = "blend"
    """Neighbours are mixed by nearness in time: smooth, with a soft double edge on fast motion."""
    MOTION = "motion"
    """Neighbours are carried along their motion: smooth and sharp, at about thrice the cost of encoding."""


class Codec(StrEnum):
    """How the pictures of a delivery are compressed."""

    H264 = "h264"
    HEVC = "hevc"
    AV1 = "av1"


class Encoder(StrEnum):
    """What compresses them."""

    SOFTWARE = "software"
    NVENC = "nvenc"
    QSV = "qsv"
    VIDEOTOOLBOX = "videotoolbox"


class MasterForm(StrEnum):
    """A mezzanine beside the delivery, for editors and archives."""

    PRORES = "prores"
    """ProRes 422 HQ, 10 bits, in QuickTime."""
    X264 = "x264"
    """H.264 at crf 12."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryForm:
    """What the campaign's settings say of every file that goes out."""

    codec: Codec = Codec.H264
    encoder: Encoder = Encoder.SOFTWARE
    master: MasterForm | None = None
    retiming: Retiming = Retiming.MOTION
