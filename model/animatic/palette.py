"""The brand's colours and what is mixed from them. Only skin has a colour of its own."""

from dataclasses import dataclass

from campaign.kit_parts import Colors
from media.color import Rgb, color_luminance, hues_apart, lighter, mix, parse_color

_GREYING = 95.0
"""Degrees of hue beyond which a mixture of two colours passes close by grey."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """A brand's five colours; ``dark`` says whether pictures stand on its primary or on its paper."""

    paper: Rgb
    ink: Rgb
    primary: Rgb
    accent: Rgb
    light: Rgb
    dark: bool

    @property
    def ground(self) -> Rgb:
        """What large areas begin from."""
        return self.primary if self.dark else self.paper

    @property
    def sky(self) -> Rgb:
        """The brightest part of an outdoor picture."""
        return self.leaf(0.30) if self.dark else mix(self.paper, self.light, 0.6)

    def leaf(self, share: float) -> Rgb:
        """The primary turned towards the accent; only lightened where the two would mix to grey."""
        if hues_apart(self.primary, self.accent) > _GREYING:
            return lighter(self.primary, 0.42 * share)
        return mix(self.primary, self.accent, share)

    @property
    def deep(self) -> Rgb:
        """The darkest part of a picture."""
        return lighter(mix(self.primary, self.ink, 0.5), -0.06)

    @property
    def shadow(self) -> Rgb:
        """What shade multiplies with: never black, so that shadows stay in the palette."""
        return mix(lighter(self.primary, -0.12), (0.05, 0.05, 0.06), 0.35)

    def tint(self, share: float) -> Rgb:
        """The primary laid thinly on the ground, or the paper on the primary in dark pictures."""
        return mix(self.ground, self.paper if self.dark else self.primary, share)

    def glow(self, share: float) -> Rgb:
        """The ground warmed by the accent."""
        return mix(self.ground, self.accent, share)


def palette_of(colors: Colors, *, dark: bool) -> Palette:
    """The kit's colours; ``dark`` asks for pictures on the primary."""
    paper, ink, primary, accent, light = (
        parse_color(c) for c in (colors.background, colors.ink, colors.primary, colors.accent, colors.light)
    )
    # A kit whose primary is itself light has no dark pictures of its own: its ink carries them.
    if color_luminance(primary) > 0.35 and dark:
        primary = mix(ink, primary, 0.25)
    return Palette(paper=paper, ink=ink, primary=primary, accent=accent, light=light, dark=dark)
