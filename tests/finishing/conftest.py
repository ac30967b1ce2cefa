"""A small spot, made once: two shots, real voice, real music, real kit."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from campaign.brand_kit import BrandKit, read_kit
from campaign.brief import Language
from campaign.camera import Camera
from campaign.cue import Cue
from campaign.errors import ReelsheetError
from campaign.frames import Aspect
from campaign.storyboard import Shot, ShotPrompt, Storyboard
from campaign.timing import Timeline, fit
from finishing.captions import make_cues
from finishing.end_card import EndCardJob, make_end_card
from finishing.labels import AigcLabel
from finishing.picture import make_pictures
from finishing.rendition import COVER, MASTERS, PICTURE, STRIP, RenditionFacts, RenditionJob, make_rendition
from finishing.sound import PlacedLine, SoundFacts, SoundJob, mix_sound
from finishing.voice import SpeechOptions, SpokenLine, load_voice
from media.encode import EncodeSettings, VideoEncoder
from media.planes import planes_from_rgb

KITS = Path(__file__).parents[2] / "brand_kits"
WIDTH, HEIGHT = 270, 480
FINE = EncodeSettings(crf=12)
LINES = ("新茶上市，只要199元。", "一年一次。")


def storyboard(lines: tuple[str, ...], language: Language = Language.ZH, end_card: float = 1.0) -> Storyboard:
    prompt = ShotPrompt(subject="茶", action="", environment="", camera=Camera(), style="", negative="")
    shots = tuple(
        Shot(id=f"t-1-s{n}", prompt=prompt, duration=1.5, line=line, headline="")
        for n, line in enumerate(lines, start=1)
    )
    return Storyboard(
        spot_id="t-1",
        row_id="t",
        variant=1,
        language=language,
        brand="qinghe_tea",
        title="t",
        call_to_action="今春新茶",
        end_card=end_card,
        duration=None,
        voice="",
        music="",
        seed=1,
        shots=shots,
    )


@pytest.fixture(scope="session")
def kit() -> BrandKit:
    return read_kit(KITS / "qinghe_tea")


def write_take(
    path: Path,
    *,
    width: int = WIDTH,
    height: int = HEIGHT,
    fps: int = 24,
    frames: int = 120,
    settings: EncodeSettings = FINE,
) -> Path:
    """A soft gradient that drifts, without noise, so that pictures compare well after encoding."""
    columns, rows = np.meshgrid(np.linspace(0, 3, width), np.linspace(0, 3, height))
    with VideoEncoder(path, width, height, fps, settings) as encoder:
        for number in range(frames):
            drift = number / 40
            waves = [np.sin(columns + drift), np.sin(rows + 2 * drift), np.sin(columns + rows - drift)]
            encoder.write(planes_from_rgb(np.stack([90 + 60 * w for w in waves], axis=-1).astype(np.uint8)))
    return path


def render(job: RenditionJob, folder: Path) -> RenditionFacts:
    """Pictures and rendition in one folder, as the line makes them in two."""
    (drawn,) = make_pictures([job], [folder])
    if isinstance(drawn, ReelsheetError):
        raise drawn
    pictures = folder / "pictures"
    pictures.mkdir(exist_ok=True)
    masters = (MASTERS[job.master.codec],) if job.master else ()
    for name in (PICTURE, COVER, STRIP, *masters):
        (folder / name).replace(pictures / name)
    return make_rendition(job, pictures, drawn, folder)


@dataclass(frozen=True)
class Made:
    """A finished rendition with everything that went into it."""

    folder: Path
    job: RenditionJob
    facts: RenditionFacts
    sound: SoundFacts
    timeline: Timeline
    spoken: dict[str, SpokenLine]

    @property
    def video(self) -> Path:
        return self.folder / "video.mp4"


@pytest.fixture(scope="session")
def made(kit: BrandKit, tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("rendition")
    board, voice = storyboard(LINES), load_voice("espeak:cmn", SpeechOptions())
    spoken = {s.id: voice.speak(s.line, Language.ZH, folder / f"{s.id}.wav") for s in board.shots}
    timeline = fit(board, {name: line.duration for name, line in spoken.items()}, 24)
    track = kit.music["spring_mist"]
    lines = tuple(
        PlacedLine(path=folder / f"{shot.shot_id}.wav", start=shot.voice_start or 0.0)
        for shot in timeline.shots
    )
    sound = mix_sound(
        SoundJob(lines=lines, music=track.file, music_level=-20, bpm=track.bpm, duration=timeline.duration),
        folder,
    )
    card = make_end_card(
        EndCardJob(
            kit=kit,
            language=Language.ZH,
            call_to_action="今春新茶",
            width=WIDTH,
            height=HEIGHT,
            fps=24,
            num_frames=timeline.end_card_frames,
        ),
        folder,
    )
    job = rendition_job(
        kit,
        timeline,
        (write_take(folder / "a.mp4"),) * 2,
        folder / sound.file,
        make_cues(board, timeline, spoken),
    )
    job = RenditionJob(**{**fields(job), "end_card": card})
    facts = render(job, folder)
    return Made(folder, job, facts, sound, timeline, spoken)


def fields(job: RenditionJob) -> dict[str, object]:
    return {name: getattr(job, name) for name in RenditionJob.__slots__}


def rendition_job(
    kit: BrandKit, timeline: Timeline, clips: tuple[Path, ...], sound: Path, cues: tuple[Cue, ...] = ()
) -> RenditionJob:
    return RenditionJob(
        kit=kit,
        language=Language.ZH,
        timeline=timeline,
        clips=clips,
        aspect=Aspect.TALL,
        width=WIDTH,
        height=HEIGHT,
        cues=cues,
        sound=sound,
        end_card=None,
        label_words="AI生成",
        metadata=AigcLabel(content_producer="00119111010100000000", produce_id="t-1"),
        title="新茶: 50% {off}, it's \\ here",
    )
