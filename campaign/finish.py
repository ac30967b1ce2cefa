"""What a row may choose of how its spot is finished: closed sets."""

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
    PAD = "pad"
    """The whole picture over a blurred copy of itself."""


class Handover(StrEnum):
    """What an editor gets beside the finished videos."""

    OTIO = "otio"
    """An OpenTimelineIO file with the untouched takes, the sound and the cues."""
