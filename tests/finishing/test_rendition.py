import json
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from campaign.content_key import content_key
from campaign.errors import FinishError, GlyphError
from campaign.finish import Fitting, Retiming
from campaign.timing import TimedShot, Timeline
from finishing.captions import cue_words
from finishing.inspect import inspect
from finishing.labels import KEY
from finishing.rendition import rendition_recipe
from finishing.verify import verify_rendition
from media.decode import decode
from media.encode import EncodeSettings
from media.planes import planes_of_frame
from media.probe import probe
from tests.finishing.conftest import HEIGHT, WIDTH, Made, render, write_take


def lumas(path: Path, count: int | None = None) -> list[np.ndarray]:
    return [planes_of_frame(frame).y.astype(float) for frame in islice(decode(path), count)]


def test_the_delivery_is_what_platforms_take(made: Made) -> None:
    facts = probe(made.video)
    assert facts.faststart
    assert facts.video is not None
    assert facts.sound is not None
    assert (facts.video.width, facts.video.height, facts.video.fps) == (WIDTH, HEIGHT, 24)
    assert facts.video.num_frames == made.timeline.num_frames == len(lumas(made.video))
    assert (facts.video.profile, facts.video.matrix, facts.video.color_range) == ("High", "bt709", "limited")
    assert (facts.sound.codec, facts.sound.profile, facts.sound.sample_rate) == ("aac", "LC", 48000)
    assert abs(facts.sound.duration - made.timeline.duration) < 1 / 24
    assert json.loads(facts.metadata[KEY])["ProduceID"] == "t-1"
    assert facts.metadata["title"] == made.job.title


def test_a_whole_rendition_has_no_problems(made: Made) -> None:
    assert verify_rendition(inspect(made.video, made.facts.label_box), made.facts, made.job.metadata) == ()
    assert made.facts.integrated == pytest.approx(-14, abs=0.5)
    assert made.facts.true_peak is not None
    assert made.facts.true_peak <= -1


def test_captions_cover_and_strip_lie_beside_it(made: Made) -> None:
    assert {path.name for path in made.folder.iterdir()} >= set(made.facts.files)
    assert "199元" in (made.folder / "captions.srt").read_text(encoding="utf-8")
    assert (made.folder / "captions.vtt").read_text(encoding="utf-8").startswith("WEBVTT\n")
    for name, size in (("cover.jpg", (WIDTH, HEIGHT)), ("frames.jpg", (8 * 180, 320))):
        with Image.open(made.folder / name) as picture:
            assert picture.size == size


def test_pictures_outside_every_layer_are_the_takes_own(made: Made) -> None:
    first = made.timeline.shots[0]
    take, finished = lumas(made.job.clips[0], 40), lumas(made.video, first.num_frames)
    middle = (slice(HEIGHT // 3, HEIGHT // 2), slice(None))
    for number in (0, 10, 39):
        error = np.mean((take[number][middle] - finished[number][middle]) ** 2)
        assert 10 * np.log10(219**2 / max(error, 1e-9)) > 40


def test_the_logo_is_where_the_kit_says_and_nowhere_else(made: Made, tmp_path: Path) -> None:
    bare_kit = made.job.kit.model_copy(update={"logo": made.job.kit.logo.model_copy(update={"opacity": 0.0})})
    render(replace(made.job, kit=bare_kit), tmp_path)
    number = made.timeline.shots[0].num_frames - 20
    difference = np.abs(lumas(made.video)[number] - lumas(tmp_path / "video.mp4")[number]) > 24
    safe, size = made.job.kit.safe_area, made.job.kit.logo.height * WIDTH
    left, top = round(safe.left * WIDTH), round(safe.top * HEIGHT)
    corner = difference[top - 2 : round(top + size) + 2, left - 2 : round(left + 4 * size)]
    assert corner.sum() > 0.3 * size * size
    # What is left is the encoder's, which spends its bits otherwise.
    assert difference.sum() - corner.sum() < 0.01 * corner.sum()


def test_a_rendition_without_its_visible_label_is_caught(made: Made, tmp_path: Path) -> None:
    render(replace(made.job, label_words=""), tmp_path)
    seen = inspect(tmp_path / "video.mp4", made.facts.label_box)
    problems = verify_rendition(seen, made.facts, made.job.metadata)
    assert any("Visible AI label" in problem for problem in problems)


def test_a_rendition_without_its_metadata_is_caught(made: Made, tmp_path: Path) -> None:
    render(replace(made.job, metadata=None), tmp_path)
    seen = inspect(tmp_path / "video.mp4", made.facts.label_box)
    problems = verify_rendition(seen, made.facts, made.job.metadata)
    assert problems == ("AIGC metadata: It has no AIGC metadata.",)


def test_the_end_card_follows_the_last_shot(made: Made) -> None:
    last = lumas(made.video)[-1]
    card = lumas(made.folder / "end_card.mp4")[-1]
    assert np.abs(last - card).mean() < 3


@pytest.mark.parametrize("fitting", list(Fitting))
@pytest.mark.parametrize("retiming", list(Retiming))
def test_takes_of_another_rate_and_shape_fill_the_delivery_exactly(
    made: Made, tmp_path: Path, fitting: Fitting, retiming: Retiming
) -> None:
    wide = write_take(tmp_path / "wide.mp4", width=320, height=180, fps=16, frames=20)
    shot = TimedShot(shot_id="s1", first_frame=0, num_frames=28, voice_start=None, voice_duration=0.0)
    job = replace(
        made.job,
        timeline=Timeline(fps=24, shots=(shot,), end_card_frames=0),
        clips=(wide,),
        cues=(),
        end_card=None,
        fitting=fitting,
        retiming=retiming,
    )
    facts = render(job, tmp_path)
    assert facts.num_frames == len(lumas(tmp_path / "video.mp4")) == 28


def test_the_end_cards_pictures_are_taken_over_where_nothing_lies_over_them(made: Made) -> None:
    assert made.facts.num_copied == made.timeline.end_card_frames - 6
    card, finished = lumas(made.folder / "end_card.mp4"), lumas(made.video)
    start = made.timeline.pictures_end
    assert all(np.array_equal(card[n], finished[start + n]) for n in range(6, made.timeline.end_card_frames))


def test_a_bare_takes_groups_are_taken_over_and_the_rest_is_encoded(made: Made, tmp_path: Path) -> None:
    bare_kit = made.job.kit.model_copy(update={"logo": made.job.kit.logo.model_copy(update={"seconds": 0.6})})
    take = write_take(tmp_path / "take.mp4", settings=EncodeSettings(crf=12, keyframe_seconds=0.5))
    job = replace(made.job, clips=(take, take), kit=bare_kit, cues=(), label_words="")
    facts = render(job, tmp_path)
    first, second = (shot.num_frames // 12 * 12 for shot in made.timeline.shots)
    assert facts.num_copied == first - 24 + second + made.timeline.end_card_frames - 6
    assert facts.num_frames == len(lumas(tmp_path / "video.mp4")) == made.timeline.num_frames


def test_a_take_for_every_shot_is_asked_for(made: Made, tmp_path: Path) -> None:
    with pytest.raises(FinishError, match="1 takes for 2 shots"):
        render(replace(made.job, clips=made.job.clips[:1]), tmp_path)


def test_a_character_that_the_font_lacks_is_named_before_anything_is_encoded(
    made: Made, tmp_path: Path
) -> None:
    cue = replace(made.job.cues[0], text="好茶🍵")
    with pytest.raises(GlyphError, match=r"🍵 \(U\+1F375\)"):
        render(replace(made.job, cues=(cue,)), tmp_path)
    assert not (tmp_path / "video.mp4").exists()


def test_hostile_text_is_drawn_and_kept_as_it_is_written(made: Made, tmp_path: Path) -> None:
    text = "it's {50%}: a\\b, <i>c</i>"
    cue = replace(made.job.cues[0], text=text)
    render(replace(made.job, cues=(cue,)), tmp_path)
    assert text in (tmp_path / "captions.srt").read_text(encoding="utf-8")
    assert "&lt;i&gt;c&lt;/i&gt;" in (tmp_path / "captions.vtt").read_text(encoding="utf-8")


def test_the_word_that_is_spoken_is_shown_in_the_accent(made: Made, tmp_path: Path) -> None:
    words = cue_words(made.job.cues, made.timeline, made.spoken)
    render(replace(made.job, words=words), tmp_path)
    word = words[0][0]
    number = round((word.start + word.end) / 2 * 24)
    lit, still = (lumas(path)[number] for path in (tmp_path / "video.mp4", made.video))
    rows, _ = np.nonzero(np.abs(lit - still) > 20)
    assert len(rows) > 20
    assert rows.min() > HEIGHT / 2
    with pytest.raises(FinishError, match="words are given for 1 of"):
        render(replace(made.job, words=words[:1]), tmp_path)


def test_the_recipe_knows_every_part_that_decides_the_bytes(made: Made, tmp_path: Path) -> None:
    other_sound = tmp_path / "sound.m4a"
    other_sound.write_bytes(made.job.sound.read_bytes() + b"x")
    colors = made.job.kit.colors.model_copy(update={"ink": "#000001"})
    changes = [
        {"sound": other_sound},
        {"label_words": "AI合成"},
        {"metadata": None},
        {"title": "other"},
        {"cues": ()},
        {"kit": made.job.kit.model_copy(update={"colors": colors})},
        {"fitting": Fitting.PAD},
        {"settings": replace(made.job.settings, crf=21)},
        {"end_card": made.job.clips[0]},
    ]
    keys = {content_key(rendition_recipe(replace(made.job, **change))) for change in changes}
    assert len(keys | {content_key(rendition_recipe(made.job))}) == len(changes) + 1
