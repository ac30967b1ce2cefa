from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from campaign.brand_kit import BrandKit
from campaign.brief import Language
from campaign.content_key import content_key
from campaign.errors import GlyphError, TextFitError
from finishing.end_card import EndCardJob, end_card_recipe, make_end_card
from media.decode import decode
from media.planes import rgb_of_frame


@pytest.fixture
def job(kit: BrandKit) -> EndCardJob:
    return EndCardJob(
        kit=kit, language=Language.ZH, call_to_action="今春新茶", width=180, height=320, fps=24, num_frames=40
    )


@pytest.mark.parametrize(("width", "height"), [(320, 180), (180, 320), (240, 240), (240, 300)])
def test_it_has_paper_above_brand_colour_below_and_settles(
    width: int, height: int, job: EndCardJob, tmp_path: Path
) -> None:
    path = make_end_card(replace(job, width=width, height=height), tmp_path)
    frames = [rgb_of_frame(frame) for frame in decode(path)]
    assert len(frames) == 40
    paper, brand = ((0xF6, 0xF1, 0xE4), (0x2A, 0x57, 0x40))
    assert np.abs(frames[-1][4, 4].astype(int) - paper).max() <= 6
    assert np.abs(frames[-1][-4, 4].astype(int) - brand).max() <= 6
    assert np.abs(frames[0][-4, 4].astype(int) - paper).max() <= 6
    assert np.abs(frames[-1].astype(int) - frames[-2]).max() <= 6


def test_words_that_the_font_lacks_or_that_do_not_fit_are_refused(job: EndCardJob, tmp_path: Path) -> None:
    with pytest.raises(GlyphError):
        make_end_card(replace(job, call_to_action="新茶🍵"), tmp_path)
    with pytest.raises(TextFitError):
        make_end_card(replace(job, call_to_action="今春新茶" * 12), tmp_path)


def test_a_card_without_words_is_the_logo_alone(job: EndCardJob, tmp_path: Path) -> None:
    assert make_end_card(replace(job, call_to_action=""), tmp_path).is_file()


def test_the_recipe_goes_by_words_colours_and_size(job: EndCardJob) -> None:
    changes: list[dict[str, object]] = [{"call_to_action": "来"}, {"width": 182}, {"num_frames": 41}]
    keys = {content_key(end_card_recipe(replace(job, **change))) for change in changes}
    assert len(keys | {content_key(end_card_recipe(job))}) == 4
