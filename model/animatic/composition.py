"""A shot composed: stage, subject, type and camera, and its frames one after another."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256

import numpy as np

from campaign.camera import Angle, ShotSize
from campaign.frames import FrameSpec
from media.draw import Box
from media.planes import Planes, blank_planes
from media.warp import Lens, Matrix, Plate, Pose, Surface, lay_plate, plate_homography
from model.animatic.camera import Path, camera_path
from model.animatic.choice import Choice, choose
from model.animatic.emblems import EMBLEMS, paint_emblem
from model.animatic.headline import Headline, finish_headline
from model.animatic.layout import within
from model.animatic.palette import palette_of
from model.animatic.picture import Picture, filled, framed, read_picture, stand
from model.animatic.setting import set_headline
from model.animatic.shadow import lying_shadow, standing_shadow
from model.animatic.site import Piece, Site, Sway, over_floor
from model.animatic.stages import STAGES
from model.backend import TakeRequest

SCALES = {
    ShotSize.CLOSE_UP: 1.22,
    ShotSize.MEDIUM_CLOSE: 1.10,
    ShotSize.MEDIUM: 1.0,
    ShotSize.FULL: 0.88,
    ShotSize.WIDE: 0.72,
}
"""How large the subject is drawn, of the box it has in the layout."""
HORIZONS = {Angle.EYE_LEVEL: 0.52, Angle.HIGH: 0.36, Angle.LOW: 0.62, Angle.TOP: 0.50}
"""Row of the horizon, of the height: a camera that looks down sees more ground."""
_FOCAL = 1.35
"""Of the long side: a field of 40 degrees, as of a 50 mm lens on film."""
_LAG = 0.12
"""Share of the camera's way that a followed subject falls behind."""
_LOOKED_AT = (0.08, 0.5, 0.95)
"""Moments of a shot at which the ground of its type is measured."""
_SOFT = {ShotSize.CLOSE_UP: 0.012, ShotSize.MEDIUM_CLOSE: 0.008, ShotSize.MEDIUM: 0.004}
"""Standard deviation of the background's blur, of the short side: the nearer the subject, the softer."""


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """A piece ready to be seen."""

    plate: Plate
    surface: Surface
    sway: Sway | None
    pivot: tuple[float, float]
    carried: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Composition:
    """Everything drawn; `frames` moves it."""

    spec: FrameSpec
    choice: Choice
    lens: Lens
    path: Path
    behind: tuple[Placed, ...]
    """From the farthest on."""
    before: tuple[Placed, ...]
    """The subject, and what is nearer."""
    product: Box
    """Where the subject stands at rest, in pixels."""
    headline: Headline | None = None

    def frames(self) -> Iterator[Planes]:
        """Each frame in turn. The planes are written over for the next one."""
        planes = blank_planes(self.spec.width, self.spec.height)
        for index in range(self.spec.num_frames):
            self.lay(planes, index)
            yield planes

    def lay(self, planes: Planes, index: int) -> None:
        """Draw frame ``index`` over whatever is in ``planes``."""
        time = index / self.spec.fps
        pose = self.path(index / max(self.spec.num_frames - 1, 1))
        self._lay_behind(planes, pose, time)
        if self.headline is not None:
            self.headline.lay_scrim(planes, time)
        for placed in self.before:
            lay_plate(planes, placed.plate, self.homography(placed, pose, time))
        if self.headline is not None:
            self.headline.lay(planes, time)

    def _lay_behind(self, planes: Planes, pose: Pose, time: float) -> None:
        views = [(placed.plate, self.homography(placed, pose, time)) for placed in self.behind]
        rows = [float(plate.hidden_below(homography)) for plate, homography in views]
        for order, (plate, homography) in enumerate(views):
            # What a floor hides later need not be drawn first.
            bottom = min([*rows[order + 1 :], self.spec.height]) + 4
            lay_plate(planes, plate, homography, clip=Box(0, 0, self.spec.width, bottom))

    def homography(self, placed: Placed, pose: Pose, time: float) -> Matrix:
        """Where the plate is seen from ``pose`` at ``time`` seconds."""
        seen = pose._replace(x=pose.x * _LAG) if placed.carried else pose
        matrix = plate_homography(seen, placed.surface, self.lens)
        return matrix if placed.sway is None else matrix @ placed.sway.at(time, placed.pivot)


def compose(request: TakeRequest) -> Composition:
    """Everything that the shot needs, drawn.

    Raises:
        GenerationError: its picture cannot be read.
        GlyphError: the display font lacks a character of the headline.
        TextFitError: the headline is too long for any size.
    """
    shot, spec, kit = request.shot, request.spec, request.kit
    picture = read_picture(shot.image) if shot.image is not None else None
    choice = choose(request, picture)
    setting = None
    if shot.headline.strip() and any(choice.layout.type_box):
        setting = set_headline(
            shot.headline.strip(), kit.fonts.display.file, choice.layout, spec.width, spec.height
        )
    site = _site(request, choice, picture, setting.box if setting else Box(0, 0, 0, 0))
    behind, before = _pieces(site, choice, picture)
    made = Composition(
        spec=spec,
        choice=choice,
        lens=site.lens,
        path=camera_path(shot.prompt.camera.move, spec.duration, request.seed),
        behind=tuple(_place(site, piece, salt) for salt, piece in enumerate(behind)),
        before=tuple(_place(site, piece, salt) for salt, piece in enumerate(before, start=len(behind))),
        product=site.product,
    )
    if setting is None:
        return made
    grounds = []
    for share in _LOOKED_AT:
        planes = blank_planes(spec.width, spec.height)
        made.lay(planes, round(share * (spec.num_frames - 1)))
        grounds.append(planes)
    headline = finish_headline(setting, site.palette, grounds, spec.duration, site.with_rng(99).rng)
    return replace(made, headline=headline)


def _site(request: TakeRequest, choice: Choice, picture: Picture | None, type_box: Box) -> Site:
    shot, spec = request.shot, request.spec
    camera = shot.prompt.camera
    slot = choice.layout.box(choice.layout.product, spec.width, spec.height)
    proportion = picture.proportion if picture else EMBLEMS[choice.emblem or "forms"][1]
    if picture and not picture.cut_out:
        proportion = _print_proportion(proportion, slot)
    scale = SCALES[camera.size]
    if picture and not picture.cut_out:
        scale = max(scale, 1.0)
    elif choice.emblem == "figure":
        # A person cut off at the chest stands before the camera, not on the ground.
        slot = slot._replace(top=max(slot.top, 0.26 * spec.height), bottom=1.01 * spec.height)
        scale = 1.0
    product = _clear_of(type_box, within(slot, proportion, scale), 0.03 * spec.short_side)
    lens = Lens(
        _FOCAL * max(spec.width, spec.height), product.center[0], HORIZONS[camera.angle] * spec.height
    )
    path = camera_path(camera.move, spec.duration, request.seed)
    steps = min(spec.num_frames, 25)
    poses = [path(index / max(steps - 1, 1)) for index in range(steps)]
    seed = int.from_bytes(sha256(f"{request.seed}/{choice.stage}/{choice.turn.number}".encode()).digest()[:8])
    return Site(
        width=spec.width,
        height=spec.height,
        palette=palette_of(request.kit.colors, dark=choice.dark),
        lens=over_floor(lens, poses, product.bottom, Box(0, 0, spec.width, spec.height)),
        poses=poses,
        product=product,
        type_box=type_box,
        grounded=picture is not None or choice.emblem not in ("", "figure"),
        soft=_SOFT.get(camera.size, 0.0) * min(spec.width, spec.height),
        seed=seed,
        rng=np.random.default_rng(seed),
    )


def _clear_of(type_box: Box, product: Box, gap: float) -> Box:
    """The product no larger than leaves room for the type: below it or to its left, whichever leaves more."""
    apart = type_box.right + gap < product.left or type_box.left - gap > product.right
    if apart or product.top >= type_box.bottom + gap:
        return product
    below = (product.bottom - type_box.bottom - gap) / product.height
    room = type_box.left - 4 * gap
    if room / product.width <= below:
        return _scaled(product, below, product.center[0])
    return _scaled(product, min(room / product.width, 1.0), 3 * gap + room / 2)


def _scaled(box: Box, scale: float, x: float) -> Box:
    half = box.width * scale / 2
    return Box(x - half, box.bottom - box.height * scale, x + half, box.bottom)


def _print_proportion(proportion: float, slot: Box) -> float:
    """A print's shape: the picture's own, cropped by at most a quarter towards that of its place."""
    wanted = slot.width / slot.height
    return min(max(wanted, proportion * 0.75, 0.6), proportion / 0.75, 1.8)


def _pieces(site: Site, choice: Choice, picture: Picture | None) -> tuple[list[Piece], list[Piece]]:
    """What stands behind the type's shade, and what before it."""
    if choice.stage == "photo":
        assert picture is not None
        return [_photo(site, picture)], []
    stage = STAGES[choice.stage](site.with_rng(1))
    subject = _subject(site, choice, picture)
    return list(stage.behind), [*([subject] if subject else []), *stage.before]


def _subject(site: Site, choice: Choice, picture: Picture | None) -> Piece | None:
    p = site.palette
    if picture is not None and not picture.cut_out:
        cel = framed(picture, site.product, site.unit * 0.022, p.shadow, p.light)
        return Piece(cel=cel, depth=1.0, sway=Sway(y=site.unit * 0.003, period=6.0), carried=choice.follows)
    if picture is not None:
        subject = stand(picture, site.product)
    elif choice.emblem:
        subject = paint_emblem(choice.emblem, site.product, p)
    else:
        return None
    cast = lying_shadow if choice.stage == "flatlay" else standing_shadow
    return Piece(cel=cast(subject, site.product, p.shadow), depth=1.0, carried=choice.follows)


def _photo(site: Site, picture: Picture) -> Piece:
    cel = site.backdrop(1.0, site.palette.ground)
    cel.paint(filled(picture, cel.width, cel.height), np.ones_like(cel.alpha))
    return Piece(cel=cel, depth=1.0, hides_from=0)


def _place(site: Site, piece: Piece, salt: int) -> Placed:
    rng = np.random.default_rng([site.seed, 7, salt])
    plate = Plate.from_cel(piece.cel, rng, hides_from=piece.hides_from)
    pivot = piece.pivot or piece.cel.box.center
    return Placed(plate, site.surface(piece.depth), piece.sway, pivot, piece.carried)
