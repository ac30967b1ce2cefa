"""AI-content labels: the visible one, the ``AIGC`` metadata, and reading both back from a finished file.

GB 45438-2025: 5.4 (visible: from the first frame, at least 2 s, at least 5 % of the short side, legible) and
6.1 with appendix E (metadata: seven string fields, printable ASCII without spaces, once per file).
"""

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path

from campaign.errors import LabelError
from finishing.visible import LabelSight, PixelBox, likeness, see_label
from media.probe import probe

KEY = "AIGC"
SECONDS = 3.0
"""How long the visible label stays; the standard asks for 2 at normal speed."""
INK = 0.05
"""Least height of its letters, of the short side."""
SIZE = 0.075
"""Em height, of the short side: the Latin capitals of common fonts are 0.67 to 0.70 em, so they pass too."""
_CONTRAST = 60.0
"""Least difference of luma, of 219, between the letters and their plate: about 3 : 1 (WCAG 2.2, 1.4.11)."""
_LIKENESS = 0.7
"""Letters that stand still are seen alike at two moments; a moving picture is not."""
_LOOKED_AT = (0.0, 2.0)
"""Seconds at which the visible label is measured."""
_FIELDS = {
    "Label": "label",
    "ContentProducer": "content_producer",
    "ProduceID": "produce_id",
    "ReservedCode1": "reserved_code1",
    "ContentPropagator": "content_propagator",
    "PropagateID": "propagate_id",
    "ReservedCode2": "reserved_code2",
}
"""The standard's names to ours."""
_NEEDED = ("Label", "ContentProducer", "ProduceID")


@dataclass(frozen=True, slots=True, kw_only=True)
class AigcLabel:
    """The implicit label. Nothing in it is ever invented: no producer code, no label."""

    content_producer: str
    """The provider's registered code, from settings."""
    produce_id: str
    """The producer's own number of the content."""
    label: str = "1"
    """1 is, 2 may be, 3 is suspected to be generated."""
    reserved_code1: str = ""
    content_propagator: str = ""
    propagate_id: str = ""
    reserved_code2: str = ""

    def as_metadata(self) -> str:
        """The value of key `KEY`: compact JSON in the standard's order.

        Raises:
            ValueError: a field is missing or has a character that the standard does not allow.
        """
        values = asdict(self)
        fields = {name: values[ours] for name, ours in _FIELDS.items()}
        if problem := _field_problem(fields):
            raise ValueError(problem)
        return json.dumps(fields, separators=(",", ":"))


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelsRead:
    """Both labels as read back from a finished file; an empty problem means that the label is right."""

    aigc: AigcLabel | None
    aigc_problem: str
    visible: tuple[LabelSight, ...]
    visible_problem: str


def read_labels(path: Path, box: PixelBox | None) -> LabelsRead:
    """Read the metadata, and measure the visible label in ``box``, where it was put (None: none was).

    Raises:
        FinishError: the file cannot be read at all.
    """
    aigc, aigc_problem = _read_metadata(path)
    if box is None:
        return LabelsRead(aigc=aigc, aigc_problem=aigc_problem, visible=(), visible_problem="None was drawn.")
    sights = see_label(path, box, _LOOKED_AT)
    return LabelsRead(
        aigc=aigc, aigc_problem=aigc_problem, visible=sights, visible_problem=_visible_problem(sights)
    )


def label_size(short_side: int) -> int:
    """Em height in pixels of the visible label."""
    return math.ceil(SIZE * short_side)


def parse_metadata(text: str, path: Path) -> AigcLabel:
    """The label that a file's ``AIGC`` value holds.

    Raises:
        LabelError: it is not the standard's JSON; says what is wrong.
    """
    try:
        fields = json.loads(text)
    except json.JSONDecodeError as error:
        raise LabelError(path, f"Its {KEY} metadata is not JSON ({error.msg}).") from None
    if not isinstance(fields, dict) or set(fields) != set(_FIELDS):
        found = ", ".join(fields) if isinstance(fields, dict) else type(fields).__name__
        raise LabelError(
            path, f"Its {KEY} metadata must have the fields {', '.join(_FIELDS)}; it has {found}."
        )
    if problem := _field_problem(fields):
        raise LabelError(path, f"Its {KEY} metadata: {problem}")
    return AigcLabel(**{ours: fields[name] for name, ours in _FIELDS.items()})


def count_labels(path: Path) -> int:
    """How many ``AIGC`` keys the MP4's index holds; the standard allows one (6.1 c)."""
    entry = b"mdta" + KEY.encode()
    # An entry of the index's key table is led by its length (QuickTime file format, metadata item keys).
    return _index(path).count((len(entry) + 4).to_bytes(4) + entry)


def _read_metadata(path: Path) -> tuple[AigcLabel | None, str]:
    text = probe(path).metadata.get(KEY)
    if text is None:
        return None, f"It has no {KEY} metadata."
    if (count := count_labels(path)) > 1:
        return None, f"It has {count} {KEY} labels; the standard allows one."
    try:
        return parse_metadata(text, path), ""
    except LabelError as error:
        return None, error.problem


def _visible_problem(sights: tuple[LabelSight, ...]) -> str:
    if not sights:
        return "There is no frame to see it on."
    for sight in sights:
        where = f"At {sight.time:g} s"
        if not sight.plausible or sight.contrast < _CONTRAST:
            return f"{where} no legible letters are in its place (contrast {sight.contrast:.0f} of 219)."
        if sight.ink_share < INK:
            return f"{where} its letters are {sight.ink_share:.1%} of the short side; {INK:.0%} is the least."
    if len(sights) > 1 and (alike := likeness(sights[0], sights[1])) < _LIKENESS:
        return (
            f"What is in its place changes between {sights[0].time:g} and {sights[1].time:g} s ({alike:.0%})."
        )
    return ""


def _field_problem(fields: dict[str, object]) -> str:
    for name, value in fields.items():
        if not isinstance(value, str):
            return f"{name} is {value!r}, but every field is a string."
        wrong = [character for character in value if not "\x21" <= character <= "\x7e"]
        if wrong:
            return f"{name} is {value!r}, but {wrong[0]!r} is not printable ASCII other than space."
        if name in _NEEDED and not value:
            return f"{name} is empty, but it must be given."
    return (
        "" if fields["Label"] in ("1", "2", "3") else f"Label is {fields['Label']!r}, but must be 1, 2 or 3."
    )


def _index(path: Path) -> bytes:
    """The ``moov`` box of an ISO file; empty where there is none."""
    with path.open("rb") as file:
        while len(head := file.read(8)) == 8:
            size, kind = int.from_bytes(head[:4]), head[4:]
            taken = 8
            if size == 1:
                size, taken = int.from_bytes(file.read(8)), 16
            if kind == b"moov":
                return file.read(size - taken)
            if size < taken:
                return b""
            file.seek(size - taken, 1)
    return b""
