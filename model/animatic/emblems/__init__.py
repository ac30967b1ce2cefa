"""Drawn subjects, for shots without a picture: a cup, a bottle, a box … as a set designer would model them.

Each stands in a box, its foot on the box's bottom, and is lit from the left like the stages.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from media.cel import Cel
from media.draw import Box
from model.animatic.emblems.alive import figure, flower, forms, sprig
from model.animatic.emblems.goods import bag, bottle, box, device
from model.animatic.emblems.town import book, car, cat, shoe, shop
from model.animatic.emblems.ware import bowl, cup, fruit
from model.animatic.palette import Palette

EMBLEMS: Mapping[str, tuple[Callable[[Cel, Box, Palette], None], float]] = MappingProxyType(
    {
        "cup": (cup, 1.30),
        "bowl": (bowl, 1.45),
        "sprig": (sprig, 0.95),
        "bottle": (bottle, 0.42),
        "box": (box, 0.86),
        "fruit": (fruit, 1.05),
        "device": (device, 0.52),
        "bag": (bag, 0.82),
        "flower": (flower, 0.86),
        "figure": (figure, 0.80),
        "car": (car, 2.05),
        "shoe": (shoe, 1.75),
        "book": (book, 1.40),
        "shop": (shop, 1.10),
        "cat": (cat, 0.78),
        "forms": (forms, 1.15),
    }
)
"""Name to painter and to width over height."""


def paint_emblem(name: str, place: Box, palette: Palette) -> Cel:
    """The emblem of that name as a clear cel around ``place``."""
    margin = 0.12 * max(place.width, place.height)
    cel = Cel(Box(place.left - margin, place.top - margin, place.right + margin, place.bottom + margin))
    EMBLEMS[name][0](cel, place, palette)
    return cel
