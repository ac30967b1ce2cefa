"""A spot's shots in order, with voice-over lines and captions."""

from dataclasses import dataclass
from pathlib import Path

from campaign.brief import Language
from campaign.camera import Camera


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotPrompt:
    """What the picture shows, as data. A backend's dialect renders it into a sentence."""

    subject: str
    action: str
    environment: str
    camera: Camera
    style: str
    negative: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One continuous picture, as asked for."""

    id: str
    """``<spot id>-s<number from 1>``."""
    prompt: ShotPrompt
    duration: float
    """Seconds as planned from reading and speaking time; the voice's real length may move it."""
    line: str
    """Voice-over of this shot; may be empty."""
    headline: str
    """A few words that a designed picture may set as type; never the whole line. May be empty."""
    image: Path | None = None
    """A picture that the shot must show."""
    translation: str = ""
    """The line in the other language, for a second line of captions; may be empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Storyboard:
    """One spot, decided but not yet made."""

    spot_id: str
    """``<row id>-<variant from 1>``."""
    row_id: str
    variant: int
    language: Language
    brand: str
    title: str
    call_to_action: str
    """Words of the end card."""
    end_card: float
    """Seconds of the end card after the last shot; 0 for none."""
    duration: float | None
    """Seconds asked for the whole spot; None leaves it to the copy."""
    intro: float = 0.0
    """Seconds before the first shot."""
    outro: float = 0.0
    """Seconds after the end card."""
    voice: str
    music: str
    seed: int
    shots: tuple[Shot, ...]

    @property
    def around(self) -> float:
        """Seconds of the whole spot that are not shots."""
        return self.intro + self.end_card + self.outro
