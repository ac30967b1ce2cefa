"""Layers as a viewer sees them: on decoded frames, in every aspect and both languages."""

from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest

from campaign.brand_kit import BrandKit
from campaign.brief import Language
from campaign.cue import Cue
from campaign.frames import Aspect, frame_size
from campaign.timing import TimedShot, Timeline
from finishing.end_card import EndCardJob, draw_end_card
from finishing.kit_sheet import LINK, SAMPLES
from finishing.overlay import Canvas
from finishing.rendition import RenditionJob
from finishing.safe_areas import read_safe_areas, safe_area
from finishing.sound import SoundJob, mix_sound
from finishing.stack import Extras, plan_layers
from media.decode import decode
from media.planes import Bytes, rgb_of_frame
from moderation.ocr import reader, share_read
from tests.finishing.conftest import render, rendition_job, write_take

FRAMES, SEEN = 36, 30
NOISE = 22
"""Of 255, that encoding at crf 20 may move a pixel of the smooth take by."""


@pytest.fixture(scope="module")
def silence(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("silence")
    return (
        folder / mix_sound(SoundJob(lines=(), music=None, music_level=-20, duration=FRAMES / 24), folder).file
    )


def decoded(picture: Bytes) -> str:
    """As a phone sees it on a screen, which is larger than 360 lines."""
    shown = cv2.resize(picture, None, fx=1080 / min(picture.shape[:2]), fy=1080 / min(picture.shape[:2]))
    return str(cv2.QRCodeDetector().detectAndDecode(shown)[0])


Shoot = Callable[..., tuple[RenditionJob, Bytes, Bytes]]


@pytest.fixture
def shoot(kit: BrandKit, silence: Path, tmp_path: Path) -> Shoot:
    """A rendition with every layer: its job, the take's picture and the finished one, in the middle."""

    def shooting(
        aspect: Aspect, language: Language, side: int = 360, *apps: str
    ) -> tuple[RenditionJob, Bytes, Bytes]:
        width, height = frame_size(aspect, side)
        take = write_take(tmp_path / "take.mp4", width=width, height=height, frames=FRAMES)
        shot = TimedShot(shot_id="s1", first_frame=0, num_frames=FRAMES, voice_start=None, voice_duration=0.0)
        sample = SAMPLES[language]
        job = replace(
            rendition_job(kit, Timeline(fps=24, shots=(shot,), end_card_frames=0), (take,), silence),
            aspect=aspect,
            width=width,
            height=height,
            language=language,
            label_words=kit.ai_label.words.of(language),
            cues=(Cue(start=0.0, end=1.5, text=sample.captions[0]),),
            second=(Cue(start=0.0, end=1.5, text=sample.second),),
            extras=Extras(
                lower_third=sample.lower_third,
                price_tag=sample.price_tag,
                legal=sample.legal,
                qr=LINK,
            ),
            safe_area=safe_area(kit.safe_area, aspect, apps),
        )
        render(job, tmp_path)
        before, after = (
            rgb_of_frame(list(islice(decode(path), SEEN))[-1]) for path in (take, tmp_path / "video.mp4")
        )
        return job, before, after

    return shooting


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("aspect", list(Aspect))
def test_what_is_drawn_stays_in_the_safe_area_and_each_mark_in_its_box(
    aspect: Aspect, language: Language, shoot: Shoot
) -> None:
    job, before, after = shoot(aspect, language)
    assert job.safe_area
    changed = np.abs(before.astype(int) - after).max(axis=2) > NOISE
    canvas = Canvas(width=job.width, height=job.height, margins=job.safe_area)
    left, top, right, bottom = (round(side) for side in canvas.safe)
    inside = np.zeros_like(changed)
    inside[top - 2 : bottom + 2, left - 2 : right + 2] = True
    assert not (changed & ~inside).any()
    plan = plan_layers(job.kit, canvas, job.label_words, job.extras, job.cues, job.second)
    assert len(plan.marks) == 6
    for name, placed in plan.marks.items():
        box = tuple(
            slice(int(a), int(b))
            for a, b in ((placed.box.top, placed.box.bottom), (placed.box.left, placed.box.right))
        )
        assert changed[box].mean() > 0.25, name
    words = plan.captions.place(job.cues[0]).box
    assert changed[int(words.top) : int(words.bottom), int(words.left) : int(words.right)].mean() > 0.25
    assert decoded(after) == LINK


@pytest.mark.parametrize("app", list(read_safe_areas().platforms))
@pytest.mark.parametrize("language", list(Language))
def test_nothing_lies_where_an_app_lays_its_own(app: str, language: Language, kit: BrandKit) -> None:
    width, height = frame_size(Aspect.TALL, 720)
    canvas = Canvas(width=width, height=height, margins=safe_area(kit.safe_area, Aspect.TALL, (app,)))
    sample = SAMPLES[language]
    cues, second = ((Cue(start=0.0, end=1.0, text=text),) for text in (sample.captions[0], sample.second))
    extras = Extras(lower_third=sample.lower_third, price_tag=sample.price_tag, legal=sample.legal)
    plan = plan_layers(kit, canvas, kit.ai_label.words.of(language), extras, cues, second)
    margins = read_safe_areas().margins(app)
    for placed in (*plan.marks.values(), plan.captions.place(cues[0]), plan.second.place(second[0])):
        assert placed.box.top >= margins.top / 1920 * height - 1, placed.name
        assert placed.box.bottom <= height - margins.bottom / 1920 * height + 1, placed.name
        assert placed.box.left >= margins.left / 1080 * width - 1, placed.name
        assert placed.box.right <= width - margins.right / 1080 * width + 1, placed.name


@pytest.mark.parametrize("language", list(Language))
def test_every_word_is_read_back_and_the_code_is_decoded(language: Language, shoot: Shoot) -> None:
    _, _, after = shoot(Aspect.TALL, language, 720)
    sample = SAMPLES[language]
    shown = "".join(line.text for line in reader()(after)).replace(" ", "")
    for words in (sample.captions[0], sample.second, sample.lower_third, sample.price_tag):
        wanted = "".join(character for character in words if character.isalnum())
        assert share_read(wanted, shown) > 0.9, (words, shown)
    assert decoded(after) == LINK


@pytest.mark.parametrize("aspect", list(Aspect))
@pytest.mark.parametrize("apps", [(), ("youtube-shorts",)])
def test_the_end_cards_code_is_decoded_in_every_aspect(
    aspect: Aspect, apps: tuple[str, ...], kit: BrandKit
) -> None:
    width, height = frame_size(aspect, 720)
    job = EndCardJob(
        kit=kit,
        language=Language.ZH,
        call_to_action="今春新茶，已经上市",
        width=width,
        height=height,
        fps=24,
        num_frames=48,
        qr=LINK,
        safe_area=safe_area(kit.safe_area, aspect, apps) if apps else None,
    )
    assert decoded(draw_end_card(job)) == LINK


@pytest.mark.parametrize(
    "text",
    [
        "it's {50%}: a\\b, <i>c</i>",
        'C:\\Nice, says "Mara" #1 & more!',
        "第一壶水：八十度，刚好\\{100%}",
        "line one\nline two, {\\fs200}",
    ],
)
def test_hostile_words_are_read_back_from_the_finished_file_as_they_were_written(
    text: str, kit: BrandKit, silence: Path, tmp_path: Path
) -> None:
    width, height = frame_size(Aspect.TALL, 720)
    # A name that would have to be escaped twice in a filter graph.
    folder = tmp_path / "it's, a: [we,ird] 品牌"
    folder.mkdir()
    take = write_take(folder / "take.mp4", width=width, height=height, frames=12)
    shot = TimedShot(shot_id="s1", first_frame=0, num_frames=12, voice_start=None, voice_duration=0.0)
    job = rendition_job(kit, Timeline(fps=24, shots=(shot,), end_card_frames=0), (take,), silence)
    cue = Cue(start=0.0, end=0.5, text=text)
    render(replace(job, width=width, height=height, label_words="", cues=(cue,)), folder)
    picture = rgb_of_frame(list(islice(decode(folder / "video.mp4"), 7))[-1])
    lines = [line.text.replace(" ", "") for line in reader()(picture[height // 2 :])]
    assert lines == [line.replace(" ", "") for line in text.split("\n")]
