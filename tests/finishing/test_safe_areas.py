import pytest

from campaign.brand_kit import SafeArea
from campaign.errors import FinishError
from campaign.frames import Aspect
from finishing.safe_areas import read_safe_areas, safe_area

OWN = SafeArea(top=0.1, bottom=0.07, left=0.045, right=0.045)


def test_the_widest_margin_of_all_wins() -> None:
    area = safe_area(OWN, Aspect.TALL, ("tiktok", "youtube-shorts"))
    assert area == SafeArea(top=288 / 1920, bottom=672 / 1920, left=60 / 1080, right=192 / 1080)


def test_an_app_without_a_figure_adds_nothing() -> None:
    assert safe_area(OWN, Aspect.TALL, ("douyin",)) == OWN


@pytest.mark.parametrize("aspect", [aspect for aspect in Aspect if aspect is not Aspect.TALL])
def test_only_tall_pictures_are_covered(aspect: Aspect) -> None:
    assert safe_area(OWN, aspect, ("tiktok",)) == OWN


def test_an_unknown_platform_is_refused_with_the_known_ones() -> None:
    with pytest.raises(FinishError, match=r"'vine': is not known. Known: youtube-shorts"):
        safe_area(OWN, Aspect.TALL, ("vine",))


def test_every_figure_has_a_source_and_leaves_room() -> None:
    areas = read_safe_areas()
    for platform in areas.platforms.values():
        assert platform.source
        assert platform.top + platform.bottom < areas.reference.height / 1.5
        assert platform.left + platform.right < areas.reference.width / 2
