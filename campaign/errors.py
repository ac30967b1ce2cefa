"""The one tree of errors that reelsheet raises on purpose.

ReelsheetError
├── InputError                 something a person wrote or sent
│   ├── SheetError             the spreadsheet as a whole cannot be read
│   ├── KitError               a brand kit's file, path or value
│   ├── PolicyError            a policy or lexicon file
│   ├── SettingsError          reelsheet.toml or REELSHEET_*
│   ├── TimingError            the copy does not fit the asked duration
│   └── OverrunError           a voice line does not fit its shot: in campaign.timing
├── ExpansionError             copy could not be made a storyboard
│   └── ExpanderBusyError      its service did not answer this time
├── GenerationError            a take could not be made
│   ├── FrameGridError         the frame count is off the backend's grid
│   ├── FrameSizeError         the size is one the backend cannot draw
│   ├── PromptLengthError      the prompt is longer than the model reads
│   ├── BackendMissingError    a backend's packages or weights are not here
│   ├── CheckpointError        weights are missing, partial or of another model
│   ├── DeviceError            no such device, or its memory does not suffice
│   │   └── DeviceFullError    its memory ran out while it worked
│   ├── RequestError           a take is asked for that the backend cannot make as asked
│   ├── BrokenTakeError        a take was made and is not usable
│   └── HostedError            a vendor's model: its own branch, in campaign.hosted_errors
├── CheckError                 a check could not look
│   ├── CheckMissingError      its packages or weights are not here
│   └── CheckFailedError       what it was given, or what its model answered, cannot be read
├── FinishError                an encoder, voice or probe failed
│   ├── CommandError           ffmpeg returned non-zero
│   ├── GlyphError             the font lacks a character
│   └── TextFitError           type does not fit where it must stand
├── LabelError                 an AI-content label is missing or wrong
├── PublishError               a release could not be made
├── FleetError                 several machines or people at one batch: campaign.fleet_errors
└── StoreError                 the store or the ledger refused
    └── StoreBusyError         it did not answer this time

Fields go to ``super().__init__``, words come from ``__str__``, so every error pickles as it is.
"""

from collections.abc import Sequence
from pathlib import Path


class ReelsheetError(Exception):
    """Base of all; its text is one or two sentences for a person."""

    transient = False
    """Whether the same call may succeed a little later."""


class InputError(ReelsheetError):
    """Something a person wrote or sent is not usable."""


class SheetError(InputError):
    """The spreadsheet as a whole cannot be read."""

    def __init__(self, path: Path, problem: str, remedy: str) -> None:
        super().__init__(path, problem, remedy)
        self.path = path
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.path}: {self.problem} {self.remedy}"


class KitError(InputError):
    """A brand kit's file, path or value is wrong."""

    def __init__(self, path: Path, problem: str, remedy: str) -> None:
        super().__init__(path, problem, remedy)
        self.path = path
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.path}: {self.problem} {self.remedy}"


class PolicyError(InputError):
    """A policy or lexicon file is wrong."""

    def __init__(self, path: Path, problem: str, remedy: str) -> None:
        super().__init__(path, problem, remedy)
        self.path = path
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.path}: {self.problem} {self.remedy}"


class SettingsError(InputError):
    """A setting is wrong; ``where`` is the file or the variable."""

    def __init__(self, where: str, problem: str, remedy: str) -> None:
        super().__init__(where, problem, remedy)
        self.where = where
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.where}: {self.problem} {self.remedy}"


class TimingError(InputError):
    """The copy cannot be spoken in the asked duration."""

    def __init__(self, needed: float, asked: float, characters: int) -> None:
        super().__init__(needed, asked, characters)
        self.needed = needed
        self.asked = asked
        self.characters = characters

    def __str__(self) -> str:
        keep = int(self.characters * self.asked / self.needed)
        return (
            f"The copy takes {self.needed:.1f} s to show and speak, but the duration is {self.asked:g} s. "
            f"Shorten it to about {keep} characters (it has {self.characters}) "
            f"or ask for {int(self.needed) + 1} s."
        )


class ExpansionError(ReelsheetError):
    """An expander is not known, cannot be reached or gave no usable storyboard."""

    def __init__(self, expander: str, problem: str, remedy: str) -> None:
        super().__init__(expander, problem, remedy)
        self.expander = expander
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        return f"Expander {self.expander!r} {self.problem} {self.remedy}"


class ExpanderBusyError(ExpansionError):
    """The service behind an expander is down, overloaded or too slow."""

    transient = True


class GenerationError(ReelsheetError):
    """A take could not be made."""


class FrameGridError(GenerationError, ValueError):
    """``num_frames`` does not fit the backend's grid."""

    def __init__(self, num_frames: int, stride: int) -> None:
        super().__init__(num_frames, stride)
        self.num_frames = num_frames
        self.stride = stride

    def __str__(self) -> str:
        below = max((self.num_frames - 1) // self.stride * self.stride + 1, 1)
        return (
            f"num_frames is {self.num_frames}, but this backend makes {self.stride}k+1 frames. "
            f"Ask for {below} or {below + self.stride}."
        )


class FrameSizeError(GenerationError, ValueError):
    """Width or height is one the backend cannot draw."""

    def __init__(self, width: int, height: int, multiple: int) -> None:
        super().__init__(width, height, multiple)
        self.width = width
        self.height = height
        self.multiple = multiple

    def __str__(self) -> str:
        width, height = (max(round(s / self.multiple), 1) * self.multiple for s in (self.width, self.height))
        return (
            f"The frame is {self.width}x{self.height}, but both sides must be multiples of {self.multiple} "
            f"and positive. Ask for {width}x{height}."
        )


class PromptLengthError(GenerationError, ValueError):
    """A rendered prompt is longer than the model reads; what is over would be dropped unseen."""

    def __init__(self, field: str, length: int, limit: int, text: str) -> None:
        super().__init__(field, length, limit, text)
        self.field = field
        self.length = length
        self.limit = limit
        self.text = text

    def __str__(self) -> str:
        return (
            f"The {self.field} is {self.length} long, but the model reads {self.limit}: {self.text[:60]!r}… "
            "Shorten the row's subject, action, environment or style."
        )


class BackendMissingError(GenerationError):
    """A backend is named that is not known, or whose packages or weights are not here."""

    def __init__(self, name: str, problem: str, remedy: str) -> None:
        super().__init__(name, problem, remedy)
        self.name = name
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        return f"Backend {self.name!r} {self.problem} {self.remedy}"


class CheckpointError(GenerationError):
    """Weights are missing, partial or of another model; ``where`` is a folder, a file or a Hub id."""

    def __init__(self, where: str, problem: str, remedy: str) -> None:
        super().__init__(where, problem, remedy)
        self.where = where
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.where}: {self.problem} {self.remedy}"


class DeviceError(GenerationError):
    """The device that is asked for is not here, or its memory does not suffice."""

    def __init__(self, device: str, problem: str, remedy: str) -> None:
        super().__init__(device, problem, remedy)
        self.device = device
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        return f"Device {self.device}: {self.problem} {self.remedy}"


class DeviceFullError(DeviceError):
    """The device's memory ran out although a plan had counted on it."""


class RequestError(GenerationError, ValueError):
    """A take is asked for that the backend cannot make as asked; ``what`` is the value in hand."""

    def __init__(self, what: str, right: str, remedy: str) -> None:
        super().__init__(what, right, remedy)
        self.what = what
        self.right = right
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.what}, but {self.right}. {self.remedy}"


class BrokenTakeError(GenerationError):
    """A take was made and is not usable: not a number, black, or undecodable."""

    def __init__(self, shot: str, stage: str, problem: str) -> None:
        super().__init__(shot, stage, problem)
        self.shot = shot
        self.stage = stage
        self.problem = problem

    def __str__(self) -> str:
        return f"Take of {self.shot}, {self.stage}: {self.problem} Try another seed; the other takes went on."


class CheckError(ReelsheetError):
    """A check could not look; ``problem`` says why, ``remedy`` what to do."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem, remedy)
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.problem} {self.remedy}"


class CheckMissingError(CheckError):
    """Packages or weights of a check are not here."""


class CheckFailedError(CheckError):
    """What a check was given, or what its model answered, cannot be read."""


class FinishError(ReelsheetError):
    """A voice, an encoder or a probe failed; ``what`` says which and on what file."""

    def __init__(self, what: str, cause: str) -> None:
        super().__init__(what, cause)
        self.what = what
        self.cause = cause

    def __str__(self) -> str:
        return f"{self.what}: {self.cause}"


class CommandError(FinishError):
    """A command returned non-zero; carries the command and its own last words."""

    def __init__(self, command: Sequence[str], output: str) -> None:
        ReelsheetError.__init__(self, tuple(command), output)
        self.command = tuple(command)
        self.output = output

    def __str__(self) -> str:
        return f"`{' '.join(self.command)}` failed: {self.output.strip()[-800:]}"


class GlyphError(FinishError):
    """The font lacks characters of the text; nothing is drawn as an empty box."""

    def __init__(self, characters: str, font: str, text: str) -> None:
        ReelsheetError.__init__(self, characters, font, text)
        self.characters = characters
        self.font = font
        self.text = text

    def __str__(self) -> str:
        named = ", ".join(f"{c} (U+{ord(c):04X})" for c in dict.fromkeys(self.characters))
        return (
            f"{self.font} has no glyph for {named} in {self.text!r}. "
            "Take the character out of the copy or add a font that has it to the brand kit."
        )


class TextFitError(FinishError):
    """Type does not fit the width and the lines it is given; ``found`` says what it does instead."""

    def __init__(self, text: str, size: float, max_width: float, max_lines: int, found: str) -> None:
        ReelsheetError.__init__(self, text, size, max_width, max_lines, found)
        self.text = text
        self.size = size
        self.max_width = max_width
        self.max_lines = max_lines
        self.found = found

    def __str__(self) -> str:
        lines = "1 line" if self.max_lines == 1 else f"{self.max_lines} lines"
        return (
            f"{self.text!r} at {self.size:g} px {self.found}, but there is room for {lines} of "
            f"{self.max_width:.0f} px. Shorten it, or set it in smaller type."
        )


class LabelError(ReelsheetError):
    """An AI-content label is missing from a finished file, or wrong."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(path, problem)
        self.path = path
        self.problem = problem

    def __str__(self) -> str:
        return f"{self.path.name}: {self.problem} It is not published."


class PublishError(ReelsheetError):
    """A release could not be made."""

    def __init__(self, publisher: str, problem: str, remedy: str) -> None:
        super().__init__(publisher, problem, remedy)
        self.publisher = publisher
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        return f"Publisher {self.publisher!r}: {self.problem} {self.remedy}"


class StoreError(ReelsheetError):
    """The store or the ledger refused a read or a write."""

    def __init__(self, where: str, problem: str, remedy: str) -> None:
        super().__init__(where, problem, remedy)
        self.where = where
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.where}: {self.problem} {self.remedy}"


class StoreBusyError(StoreError):
    """The shared store or the ledger's server did not answer, or was cut off."""

    transient = True
