"""How long each shot is planned, and how many there are."""

from dataclasses import dataclass

from campaign.brief import Brief, Language
from campaign.timing import FASTEST_VOICE, LEAD_IN, READING_RATE, SHORTEST_SHOT, TAIL
from model.expansion.lines import cut_lines, spoken_units

SPEAKING_RATE = {Language.ZH: 4.2, Language.EN: 2.4}
"""Characters or words a second of the offline voice, rests included: measured 4.2 to 4.9 and 2.2 to 3.5 over
lines of advertisements, so that a plan is rather too long than too short."""
SILENT_SHOT = 1.8
"""Seconds that a shot without a line needs to be looked at."""
SHORTEST_SPOT = 6.0
"""Seconds of picture below which a spot without an asked duration gets silent shots: less is a slide."""

FEWEST_SHOTS = 2
"""An opening and the product."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """A rhythm of cutting."""

    line: dict[Language, float]
    """Wished characters or words of a line."""
    longest_shot: float
    """Seconds; a shot that would be longer is joined by a silent one. Video models make 5 s in one piece."""


PACES = (
    Pace(line={Language.ZH: 13.0, Language.EN: 8.0}, longest_shot=4.2),
    Pace(line={Language.ZH: 8.0, Language.EN: 5.0}, longest_shot=3.0),
    Pace(line={Language.ZH: 18.0, Language.EN: 11.0}, longest_shot=5.0),
)
"""Measured, quick and calm, dealt to the variants in turn."""


def pace_lines(
    brief: Brief, pace: Pace, room: float | None, *, voiced: bool
) -> tuple[tuple[str, ...], list[float]]:
    """Lines, silent ones among them, and seconds planned for each."""

    def needs_of(lines: tuple[str, ...]) -> list[float]:
        return [line_need(line, brief.language, voiced) for line in lines]

    lines = cut_lines(brief.copy, brief.language, pace.line[brief.language]) or ("",)
    if room is not None and sum(needs_of(lines)) > room:
        # Every cut costs air around the voice: where time is short, longer lines.
        lines = cut_lines(brief.copy, brief.language, max(p.line[brief.language] for p in PACES)) or ("",)
    wanted = wanted_room(needs_of(lines), room)
    lines = with_silent_shots(lines, needs_of(lines), wanted, pace)
    return lines, planned_durations(needs_of(lines), wanted)


def speaking_time(line: str, language: Language) -> float:
    """Seconds that the offline voice takes for ``line``, estimated."""
    return spoken_units(line, language) / SPEAKING_RATE[language]


def line_need(line: str, language: Language, voiced: bool) -> float:
    """Seconds that a shot with this line cannot go below."""
    if not line:
        return SILENT_SHOT
    spoken = LEAD_IN + speaking_time(line, language) + TAIL if voiced else 0.0
    return max(spoken, len(line) / READING_RATE[language], SHORTEST_SHOT)


def wanted_room(needs: list[float], asked: float | None) -> float:
    """Seconds of picture: what was asked, else what the lines need, and never a single shot or a slide."""
    if asked is not None:
        return asked
    return max(SHORTEST_SPOT, sum(needs) + (SILENT_SHOT if len(needs) == 1 else 0.0))


def with_silent_shots(lines: tuple[str, ...], needs: list[float], room: float, pace: Pace) -> tuple[str, ...]:
    """``lines`` with empty ones among them where the room asks for more pictures than there are lines.

    The first silent shot opens the spot, the second closes it, the rest lie evenly between.
    """
    spare = room - sum(needs)
    wanted = max(-int(-room // pace.longest_shot), FEWEST_SHOTS) - len(lines)
    extra = max(0, min(wanted, int((spare + 1e-6) / SILENT_SHOT)))
    result = list(lines)
    inner = max(0, extra - 2)
    for index in range(inner):
        result.insert(round((index + 1) * len(result) / (inner + 1)), "")
    return (*([""] if extra else []), *result, *([""] if extra > 1 else []))


def planned_durations(needs: list[float], room: float) -> list[float]:
    """Seconds of each shot: what it needs, and the rest of the room dealt out, the shortest shots first.

    Where the needs are more than the room they shrink as far as a voice may be sped up; the final fit refuses
    what is longer still.
    """
    if sum(needs) > room:
        scale = max(room / sum(needs), 1 / FASTEST_VOICE)
        return [round(need * scale, 3) for need in needs]
    spare = max(0.0, room - sum(needs))
    level = _level(sorted(needs), spare)
    return [round(max(need, level), 3) for need in needs]


def _level(needs: list[float], spare: float) -> float:
    """The length to which ``spare`` seconds raise all shorter shots, as water finds its level."""
    for count, need in enumerate(needs[1:], start=1):
        step = (need - needs[count - 1]) * count
        if step > spare:
            return needs[count - 1] + spare / count
        spare -= step
    return needs[-1] + spare / len(needs)
