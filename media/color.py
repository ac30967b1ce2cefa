"""Colours: reading them, how far apart two are to the eye, and mixing them evenly."""

import numpy as np
from numpy.typing import NDArray
from PIL import ImageColor

Rgb = tuple[float, float, float]
"""sRGB, 0 to 1."""

LUMINANCE = np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)
"""Weights of linear red, green and blue (WCAG 2.2, relative luminance)."""

# OKLab: https://bottosson.github.io/posts/oklab/
_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_YELLOW = 108.0
"""OKLab hue in degrees."""
_LIVELY = 0.11
"""Least chroma of a colour that should be seen first."""
_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def parse_color(text: str) -> Rgb:
    """``#RRGGBB`` as numbers."""
    red, green, blue = ImageColor.getrgb(text)[:3]
    return red / 255, green / 255, blue / 255


def color_name(color: Rgb) -> str:
    """``color`` as ``#RRGGBB``."""
    return "#" + "".join(f"{round(min(max(part, 0), 1) * 255):02X}" for part in color)


def mix(first: Rgb, second: Rgb, share: float) -> Rgb:
    """``share`` of ``second`` in ``first``, even to the eye (straight line in OKLab)."""
    return _from_lab(_to_lab(first) * (1 - share) + _to_lab(second) * share)


def lighter(color: Rgb, by: float) -> Rgb:
    """The same hue, its OKLab lightness moved by ``by`` (0 to 1; negative is darker)."""
    lab = _to_lab(color)
    lab[0] = min(max(lab[0] + by, 0.0), 1.0)
    return _from_lab(lab)


def hues_apart(first: Rgb, second: Rgb) -> float:
    """Degrees between two hues in OKLab, 0 to 180."""
    a, b = (_to_lab(color)[1:] for color in (first, second))
    away = np.degrees(np.arctan2(a[1], a[0]) - np.arctan2(b[1], b[0]))
    return float(abs((away + 180) % 360 - 180))


def colorfulness(color: Rgb) -> float:
    """OKLab chroma: 0 is grey, sRGB's strongest colours have 0.2 to 0.3."""
    return float(np.hypot(*_to_lab(color)[1:]))


def in_hue(color: Rgb, lightness: float, warmer: float) -> Rgb:
    """A colour of that OKLab lightness whose hue lies ``warmer`` degrees nearer to yellow, or is yellow."""
    _, a, b = _to_lab(color)
    hue, chroma = np.degrees(np.arctan2(b, a)), max(np.hypot(a, b), _LIVELY)
    away = (_YELLOW - hue + 180) % 360 - 180
    turned = np.radians(hue + np.clip(away, -warmer, warmer))
    return _from_lab(np.array([lightness, chroma * np.cos(turned), chroma * np.sin(turned)]))


def luminance(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Relative luminance, 0 to 1, of (..., 3) sRGB pixels."""
    linear: NDArray[np.float32] = _LINEAR[rgb] @ LUMINANCE
    return linear


def color_luminance(color: Rgb) -> float:
    """Relative luminance of one colour."""
    return float(luminance(np.rint(np.array(color) * 255).clip(0, 255).astype(np.uint8)))


def contrast(first: float, second: float) -> float:
    """WCAG contrast ratio, 1 to 21, of two relative luminances."""
    low, high = sorted((first, second))
    return (high + 0.05) / (low + 0.05)


def _linear(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


_LINEAR = _linear(np.arange(256) / 255).astype(np.float32)


def _to_lab(color: Rgb) -> NDArray[np.float64]:
    lab: NDArray[np.float64] = _LAB @ np.cbrt(_LMS @ _linear(np.array(color, dtype=np.float64)))
    return lab


def _from_lab(lab: NDArray[np.float64]) -> Rgb:
    linear = np.linalg.inv(_LMS) @ (np.linalg.inv(_LAB) @ lab) ** 3
    linear = np.clip(linear, 0, 1)
    srgb = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return float(srgb[0]), float(srgb[1]), float(srgb[2])
