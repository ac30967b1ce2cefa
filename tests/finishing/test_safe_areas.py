import pytest

from campaign.errors import FinishError
from campaign.frames import Aspect
from campaign.kit_parts import SafeArea
from finishing.safe_areas import platform_words, read_safe_areas, safe_area

OWN = SafeArea(top=0.1, bottom=0.07, left=0.045, right=0.045)


def test_the_widest_margin_of_all_wins() -> None:
    area = safe_area(OWN, Aspect.TALL, ("tiktok", "youtube-shorts"))
    assert area == SafeArea(top=288 / 1920, bottom=672 / 1920, left=60 / 1080, right=192 / 1080)


def test_without_a_platform_the_kits_own_margins_hold() -> None:
    assert safe_area(OWN, Aspect.TALL, ()) == OWN


def test_an_app_without_a_figure_is_kept_as_free_as_the_one_it_is_like() -> None:
    assert safe_area(OWN, Aspect.TALL, ("kuaishou",)) == safe_area(OWN, Aspect.TALL, ("douyin",)) != OWN


def test_people_may_write_an_app_in_either_language() -> None:
    words = platform_words()
    assert {words[word] for word in ("抖音", "douyin")} == {"douyin"}
    assert all(word == word.casefold() for word in words)


@pytest.mark.parametrize("aspect", [aspect for aspect in Aspect if aspect is not Aspect.TALL])
def test_only_tall_pictures_are_covered(aspect: Aspect) -> None:
    assert safe_area(OWN, aspect, ("tiktok",)) == OWN


def test_an_unknown_platform_is_refused_with_the_known_ones() -> None:
    with pytest.raises(FinishError, match=r"'vine': is not known. Known: youtube-shorts"):
        safe_area(OWN, Aspect.TALL, ("vine",))


def test_every_figure_has_a_source_and_leaves_room() -> None:
    areas = read_safe_areas()
    for name, platform in areas.platforms.items():
        margins = areas.margins(name)
        assert platform.source
        assert margins.top + margins.bottom < areas.reference.height / 1.5
        assert margins.left + margins.right < areas.reference.width / 2
