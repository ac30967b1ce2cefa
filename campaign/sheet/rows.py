"""One entry of the table into one brief, with every problem it has."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from campaign.brief import Brief, Problem, Severity
from campaign.sheet import film, finish, steps, values
from campaign.sheet.campaign import DEFAULT, Known
from campaign.sheet.dates import moment, time_zone
from campaign.sheet.identity import derived_seed
from campaign.sheet.images import Images
from campaign.sheet.markup import is_markup, words_of
from campaign.sheet.read_settings import SettingsFound
from campaign.sheet.settings import OVERRIDABLE
from campaign.sheet.table import Entry, Written
from campaign.sheet.texts import Cell, as_prose, as_word, listed, quoted
from campaign.sheet.values import CellError

OF_KIT, OF_COPY, OF_ID = "brand kit", "found from the copy", "derived from the id"

_PLAIN: dict[str, Callable[[Cell], object]] = {
    "copy": values.copy_text,
    "product": values.name,
    "language": film.language,
    "audience": values.prose,
    "style": values.prose,
    "variants": values.variants,
    "duration": film.duration,
    "aspects": film.aspects,
    "voice_overrun": finish.voice_overrun,
    "pace": finish.pace,
    "fit": finish.fitting,
    "transition": finish.transition,
    "handover": finish.handover,
    "subject": values.prose,
    "action": values.prose,
    "environment": values.prose,
    "seed": values.seed,
    "account": values.name,
    "title": values.name,
    "translation": values.copy_text,
    "lower_third": values.name,
    "price_tag": values.price_tag,
    "qr": values.link,
    "legal": values.name_or_none,
    "cover_title": values.name,
    "hashtags": values.hashtags,
    "evidence": values.name,
    "rungs": steps.rungs,
    "refine": steps.refine,
}
"""Columns whose cells can be read without knowing anything else."""
_MAY_BE_MARKUP = frozenset(
    {"copy", "product", "title", "audience", "style", "subject", "action", "environment"}
)
_BLANK = frozenset({"无", "没有", "暂无", "none", "n/a", "na", "nil", "null", "/", "-", "—", "——"})
"""What people write into cells that they mean to leave empty."""
_SAYS_NOTHING_ITSELF = frozenset({"copy", "voice", "music", "qr", "legal"})
"""Where such a word is an answer, or no answer at all."""
_ATTRIBUTES = {"camera": "cameras", "image": "images"}


class RowReader:
    """Reads the entries of one campaign."""

    def __init__(self, sheet: str, folder: Path, known: Known, found: SettingsFound) -> None:
        self._sheet = sheet
        self._known = known
        self._found = found
        settings = found.settings
        self._images = Images(folder, folder / settings.images if settings.images else None)
        self._today = known.today
        if settings.time_zone:
            self._today = known.today.astimezone(time_zone(settings.time_zone))
        self._parsers: dict[str, Callable[[Cell], object]] = {
            **_PLAIN,
            "brand": lambda cell: values.choice(cell, known.kits, "brand kit"),
            "backend": lambda cell: steps.backends(cell, known.backends),
            "voice": lambda cell: finish.voices(cell, known.voices),
        }

    def read(self, entry: Entry, row_id: str) -> tuple[Brief | None, list[Problem], Mapping[str, str]]:
        """The brief (None when a problem puts it out), its problems, and where each value came from."""
        row = _Row(self._sheet, entry)
        for field, written, words in entry.faults:
            row.tried(field)
            row.refuse(
                written,
                CellError(words, "Type the value itself, or open the file, let it calculate and save."),
            )
        for field in entry.fields:
            if parse := self._parsers.get(field):
                row.take(field, parse)
        self._take_settings(row)
        self._take_ladder(row)
        self._take_music(row)
        self._take_platforms(row)
        row.take_together("camera", film.cameras)
        self._take_images(row)
        self._take_moment(row)
        self._take_required(row, entry)
        if not row.good:
            return None, row.problems, {}
        row.fall_back("seed", derived_seed(row_id), OF_ID)
        for field in ("voice", "music"):
            row.sources.setdefault(field, OF_KIT)
        brief = Brief(id=row_id, row=entry.row, extra=dict(entry.extra), **row.values)
        return brief, row.problems, row.sources

    def _take_settings(self, row: "_Row") -> None:
        settings, places, broken = self._found.settings, self._found.places, self._found.broken
        for field in OVERRIDABLE:
            if row.has(field):
                continue
            if field in places and field not in broken:
                row.fall_back(field, getattr(settings, field), places[field])
        relied_on = [field for field in broken if field not in OVERRIDABLE or not row.has(field)]
        if relied_on:
            said = listed(f"{field.replace('_', ' ')} ({broken[field]})" for field in relied_on)
            row.refuse_whole(f"The campaign's settings cannot be used: {said}.", "Mend them there.")
        row.fall_back("backend", settings.backend, DEFAULT)
        row.fall_back("aspects", settings.aspects, DEFAULT)
        row.fall_back("variants", settings.variants, DEFAULT)
        if len(self._known.kits) == 1 and not row.has("brand"):
            row.fall_back("brand", next(iter(self._known.kits)), "the only brand kit")

    def _take_ladder(self, row: "_Row") -> None:
        """Rungs and backends together; the one or the other may be the campaign's."""
        named, asked = row.values.pop("backend", None), row.values.pop("rungs", ())
        if named is None:
            return
        own = [field for field in ("backend", "rungs") if field in row.entry.fields]
        written = row.entry.fields[own[0]][0] if own else None
        refine = row.entry.fields.get("refine")
        try:
            # Backends that the campaign names for a rung which this row leaves out are not a slip.
            climbed = steps.ladder(asked, named, together=own != ["rungs"])
            if row.values.get("refine") and len(climbed) == 1:
                written = refine[0] if refine else written
                raise CellError(
                    "refine starts from the draft, but this row has none.", "Name the rungs draft, final."
                )
        except CellError as error:
            if written:
                row.refuse(written, error)
            else:
                row.refuse_whole(error.expected, error.remedy)
            return
        row.values["ladder"] = climbed

    def _take_music(self, row: "_Row") -> None:
        """A track's name means something only within the row's kit."""
        brand = row.values.get("brand")
        if not isinstance(brand, str):
            return
        tracks = self._known.music.get(brand, frozenset())

        def parse(cell: Cell) -> str:
            return values.choice_or_none(cell, tracks, f"track in the brand kit {brand}")

        row.take("music", parse)
        setting = row.values.get("music")
        if isinstance(setting, str) and setting and setting not in tracks and "music" not in row.entry.fields:
            try:
                row.values["music"] = parse(setting)
            except CellError as error:
                row.refuse_whole(f"{error.expected} ({row.sources['music']} says {setting!r}.)", error.remedy)

    def _take_platforms(self, row: "_Row") -> None:
        """Apps without a safe area are no mistake: many sheets say where they publish."""
        row.take("platforms", lambda cell: tuple(values.words(cell)))
        asked = row.values.get("platforms", ())
        known = self._known.platforms
        if "platforms" not in row.entry.fields or not asked:
            return
        written = row.entry.fields["platforms"][0]
        row.values["platforms"] = tuple(
            dict.fromkeys(known[word.casefold()] for word in asked if word.casefold() in known)
        )
        if strange := [word for word in asked if word.casefold() not in known]:
            row.note(
                written,
                f"No safe area is known for {listed(strange)}; known: {listed(sorted(set(known.values())))}.",
                "The brand kit's own margins hold there.",
            )

    def _take_images(self, row: "_Row") -> None:
        found: list[Path] = []
        places: list[str] = []
        for written in row.entry.fields.get("image", ()):
            if as_word(written.cell).casefold() in _BLANK:
                continue
            places.append(written.place)
            for name in values.paths(written.cell):
                try:
                    found.append(self._images.find(name))
                except CellError as error:
                    row.refuse(Written(name, written.place, written.row), error)
        if places:
            row.sources["images"] = ", ".join(places)
        row.values["images"] = tuple(dict.fromkeys(found))

    def _take_moment(self, row: "_Row") -> None:
        window = self._found.settings.publish_window
        opens = window.opens if window else None
        row.take("publish_at", lambda cell: moment(cell, self._today, opens))
        asked = row.values.get("publish_at")
        if not isinstance(asked, datetime):
            return
        written = row.entry.fields["publish_at"][0]
        if window and not window.holds(asked.astimezone(self._today.tzinfo)):
            row.refuse(
                written,
                CellError(
                    f"{asked:%Y-%m-%d %H:%M} lies outside the campaign's publish window ({window}).",
                    "Move it inside, or change the window.",
                ),
            )
        elif asked < self._today:
            row.note(
                written,
                f"{asked:%Y-%m-%d %H:%M} is in the past.",
                "The video is made all the same; give it a new time if it is still to be published.",
            )

    def _take_required(self, row: "_Row", entry: Entry) -> None:
        if not row.has("copy"):
            row.refuse_whole("The copy (文案) is missing.", "Write what the video says, or delete the row.")
        elif "copy" in row.values and not row.has("language"):
            try:
                row.fall_back("language", film.detect_language(row.values["copy"]), OF_COPY)
            except CellError as error:
                row.refuse(entry.fields["copy"][0], error)
        else:
            self._compare_language(row)
        if not row.has("brand") and "brand" not in self._found.broken:
            row.refuse_whole(
                f"No brand is named, in the row or in the campaign's settings; brand kits: "
                f"{listed(sorted(self._known.kits))}.",
                "Name one in the brand column or in the campaign worksheet; reelsheet kit new makes one.",
            )

    def _compare_language(self, row: "_Row") -> None:
        """Say when the copy is in another language than is asked for: a voice would read it wrongly."""
        asked, copy = row.values.get("language"), row.values.get("copy")
        if asked is None or copy is None:
            return
        try:
            found = film.detect_language(copy)
        except CellError:
            return
        if found is not asked:
            written = row.entry.fields["copy"][0]
            row.note(
                written, f"The copy reads as {found}, but the language is {asked}.", "Correct one of them."
            )


class _Row:
    """What is known of an entry while it is read."""

    def __init__(self, sheet: str, entry: Entry) -> None:
        self.sheet = sheet
        self.entry = entry
        self.values: dict[str, Any] = {}
        self.sources: dict[str, str] = {}
        self.problems: list[Problem] = []
        self.good = True
        self._tried: set[str] = set()

    def has(self, field: str) -> bool:
        """Whether the row says something about ``field``, usable or not."""
        return field in self._tried or field in self.values

    def tried(self, field: str) -> None:
        """The row has a cell for ``field``: no default takes its place, and it is not missing."""
        self._tried.add(field)

    def take(self, field: str, parse: Callable[[Cell], object]) -> None:
        """Read the row's own cell of ``field``, where there is one."""
        cells = self.entry.fields.get(field)
        if not cells:
            return
        written = cells[0]
        if field not in _SAYS_NOTHING_ITSELF and as_word(written.cell).casefold() in _BLANK:
            return
        self.tried(field)
        self._check_agreement(field, cells)
        cell = written.cell
        if field in _MAY_BE_MARKUP and isinstance(cell, str) and is_markup(cell):
            cell = words_of(cell)
        try:
            value = parse(cell)
        except CellError as error:
            self.refuse(written, error)
            return
        attribute = _ATTRIBUTES.get(field, field)
        self.values[attribute] = value
        self.sources[attribute] = written.place

    def take_together(self, field: str, parse: Callable[..., object]) -> None:
        """Read all cells of ``field`` in the entry's first row as one value."""
        cells = [
            written
            for written in self.entry.fields.get(field, ())
            if written.row == self.entry.row and as_word(written.cell).casefold() not in _BLANK
        ]
        if not cells:
            return
        attribute = _ATTRIBUTES.get(field, field)
        try:
            self.values[attribute] = parse(*(written.cell for written in cells))
            self.sources[attribute] = ", ".join(written.place for written in cells)
        except CellError as error:
            self.refuse(cells[0], error)

    def fall_back(self, field: str, value: object, source: str) -> None:
        """Take ``value`` where the row itself says nothing."""
        if not self.has(field):
            self.values[field] = value
            self.sources[field] = source

    def refuse(self, written: Written, error: CellError) -> None:
        self._say(written.place, written.row, written.cell, error.expected, error.remedy, Severity.ERROR)

    def refuse_whole(self, expected: str, remedy: str) -> None:
        self._say(str(self.entry.row), self.entry.row, "", expected, remedy, Severity.ERROR)

    def note(self, written: Written, expected: str, remedy: str) -> None:
        self._say(written.place, written.row, written.cell, expected, remedy, Severity.NOTE)

    def _check_agreement(self, field: str, cells: Iterable[Written]) -> None:
        first, *others = cells
        for other in others:
            if as_prose(other.cell) == as_prose(first.cell):
                continue
            if other.row == first.row:
                self.refuse(
                    other,
                    CellError(
                        f"The row's {field} is written twice, here and in {first.place}, and differs.",
                        "Keep one of the two columns.",
                    ),
                )
            else:
                self.note(
                    other,
                    f"Rows {first.row} and {other.row} are one product but differ in {field}.",
                    f"The first one counts ({first.place}).",
                )
            return

    def _say(self, place: str, row: int, cell: Cell, expected: str, remedy: str, severity: Severity) -> None:
        self.good = self.good and severity is not Severity.ERROR
        self.problems.append(
            Problem(
                sheet=self.sheet,
                cell=place,
                row=row,
                value=quoted(cell),
                expected=expected,
                remedy=remedy,
                severity=severity,
            )
        )
