"""The expander that needs no model: rules and picture tables, the same storyboard every time."""

import random
from dataclasses import dataclass
from pathlib import Path

from campaign.brand_kit import BrandKit
from campaign.brief import Brief, Language
from campaign.camera import Camera
from campaign.content_key import Json, as_json, content_key
from campaign.storyboard import Shot, ShotPrompt, Storyboard
from model.expansion.coverage import COVERAGES, LIGHT, Coverage, plan_cameras
from model.expansion.headline import fits_as_headline, headline
from model.expansion.lines import cut_lines
from model.expansion.pacing import PACES, SHORTEST_SPOT, Pace, line_need, planned_durations, with_silent_shots
from model.expansion.people import person_for
from model.expansion.pictures import Category, Picture, Time, categories, common_pictures, detect_category
from model.expansion.selection import choose_pictures, roles_of, time_in

VERSION = 1
"""Of these rules; the picture tables take part in the recipe by themselves."""
SILENCE = "none"
CALL_TO_ACTION_COLUMNS = ("cta", "call to action", "call_to_action", "行动号召", "行动语")
SEED_STEP = 1_000_003
"""A prime, so that variants of rows whose seeds are neighbours do not share one."""
SEED_RANGE = 2**31
"""Bailian takes seeds from 0 to 2^31 - 1, the narrowest range of the backends."""

NEGATIVE = {
    Language.ZH: "文字，字幕，水印，标志变形，产品形状改变，画面闪烁，物体穿插",
    Language.EN: "text, subtitles, watermark, distorted logo, product changing shape, flicker, "
    "objects passing through each other",
}
NEGATIVE_OF_PEOPLE = {
    Language.ZH: "面部变形，多余的手指，手部畸形，肢体比例失调",
    Language.EN: "distorted face, extra fingers, malformed hands, wrong body proportions",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a variant of a brief settles before its shots are written."""

    category: Category
    coverage: Coverage
    pace: Pace
    time: Time
    product: str
    """The product as a subject: "一盏雨前龙井", "a pair of Lark headphones"."""
    thing: str
    """The same within a phrase: "雨前龙井", "the Lark headphones"."""
    person: str


class RulesExpander:
    """Storyboards from rules and tables, in Chinese and English."""

    name = "rules"

    def recipe(self, brief: Brief, kit: BrandKit, variant: int) -> dict[str, Json]:
        return {
            "expander": self.name,
            "version": VERSION,
            "tables": _tables_key(),
            "variant": variant,
            "brief": {name: as_json(getattr(brief, name)) for name in BRIEF_FIELDS},
            "kit": {
                "name": kit.name,
                "title": {"zh": kit.title.zh, "en": kit.title.en},
                "call_to_action": as_json(
                    {"zh": kit.end_card.call_to_action.zh, "en": kit.end_card.call_to_action.en}
                ),
                "end_card": kit.end_card.seconds,
                "voices": {"zh": kit.voices.zh, "en": kit.voices.en},
                "music": list(kit.music),
            },
        }

    def expand(self, brief: Brief, kit: BrandKit, variant: int) -> Storyboard:
        spot_id = f"{brief.id}-{variant}"
        voice = brief.voice or (kit.voices.zh if brief.language is Language.ZH else kit.voices.en)
        end_card = kit.end_card.seconds
        plan = plan_variant(brief, variant)
        room = None if brief.duration is None else max(0.0, brief.duration - end_card)
        lines, durations = pace_lines(brief, plan.pace, room, voiced=voice != SILENCE)
        rng = random.Random(f"{brief.seed}/{variant}")
        pictures = choose_pictures(lines, roles_of(lines), plan.category, brief, rng)
        cameras = brief.cameras or tuple(plan_cameras(pictures, plan.coverage, rng))
        heads = _headlines(lines, brief, kit)
        shots = []
        image = 0
        for index, (line, picture) in enumerate(zip(lines, pictures, strict=True)):
            shown: Path | None = None
            if brief.images and (picture.shows_product or brief.subject):
                shown = brief.images[image % len(brief.images)]
                image += 1
            shots.append(
                Shot(
                    id=f"{spot_id}-s{index + 1}",
                    prompt=write_prompt(brief, plan, picture, line, cameras[index % len(cameras)], index),
                    duration=durations[index],
                    line=line,
                    headline=heads[index],
                    image=shown,
                )
            )
        return Storyboard(
            spot_id=spot_id,
            row_id=brief.id,
            variant=variant,
            language=brief.language,
            brand=brief.brand,
            title=brief.title or brief.product or headline(brief.copy, brief.language, ()) or lines[0],
            call_to_action=_call_to_action(brief, kit),
            end_card=end_card,
            duration=brief.duration,
            voice=voice,
            music=brief.music or next(iter(kit.music), SILENCE),
            seed=(brief.seed + SEED_STEP * (variant - 1)) % SEED_RANGE,
            shots=tuple(shots),
        )


BRIEF_FIELDS = (
    "id", "copy", "product", "brand", "language", "audience", "style", "duration", "subject", "action",
    "environment", "cameras", "images", "voice", "music", "seed", "title", "extra",
)  # fmt: skip
"""What of a brief decides its storyboard."""


def _tables_key() -> str:
    tables = {name: category.model_dump(mode="json") for name, category in categories().items()}
    return content_key({"tables": tables, "common": [p.model_dump(mode="json") for p in common_pictures()]})


def plan_variant(brief: Brief, variant: int) -> Plan:
    """Category, camera, rhythm and light of a variant, counted from 1."""
    category = detect_category(brief.product, brief.title, brief.copy)
    product, thing = product_phrases(brief, category)
    time = time_in(f"{brief.copy} {brief.style}")
    return Plan(
        category=category,
        coverage=COVERAGES[(variant - 1) % len(COVERAGES)],
        pace=PACES[(variant - 1) % len(PACES)],
        time=time or category.times[(variant - 1) % len(category.times)],
        product=product,
        thing=thing,
        person=person_for(brief.audience, brief.language) or category.person.of(brief.language),
    )


def product_phrases(brief: Brief, category: Category) -> tuple[str, str]:
    """The product as a subject with its measure or article, and as part of a phrase."""
    name = brief.product.strip()
    own = bool(category.words.found(name))
    kind = category.kind(name) if own else category.kind(name, brief.title, brief.copy)
    measure, noun = kind.zh if brief.language is Language.ZH else kind.en
    named = noun.casefold() in name.casefold() or bool(kind.words.found(name))
    if category.abstract and not named:
        name = ""
    glue = "" if brief.language is Language.ZH else " "
    thing = name if name and (named or own) else f"{name}{glue}{noun}".strip()
    if brief.language is Language.ZH:
        return f"{measure}{thing}", thing
    if measure in ("a", "an"):
        measure = "an" if thing[0].casefold() in "aeiou" else "a"
    return f"{measure} {thing}", f"the {thing}"


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
    wanted = max(SHORTEST_SPOT, sum(needs_of(lines))) if room is None else room
    lines = with_silent_shots(lines, needs_of(lines), wanted, pace)
    return lines, planned_durations(needs_of(lines), wanted)


def write_prompt(
    brief: Brief, plan: Plan, picture: Picture, line: str, camera: Camera, index: int
) -> ShotPrompt:
    """The prompt of one shot: the row's own words where it has them, else the picture's."""
    words = picture.words(brief.language)
    subject, action, place = (
        part.format(product=plan.product if part == "{product}" else plan.thing, person=plan.person)
        for part in words
    )
    light = LIGHT[time_in(line) or picture.time or plan.time, picture.setting][brief.language]
    comma = "，" if brief.language is Language.ZH else ", "
    people = picture.shows_person or bool(brief.subject)
    negative = [NEGATIVE[brief.language], *([NEGATIVE_OF_PEOPLE[brief.language]] if people else [])]
    return ShotPrompt(
        subject=_of_shot(brief.subject, index) or subject,
        action=_of_shot(brief.action, index) or action,
        environment=_of_shot(brief.environment, index) or f"{place}{comma}{light}",
        camera=camera,
        style=brief.style or plan.coverage.look[brief.language],
        negative=comma.join(negative),
    )


def _of_shot(column: str, index: int) -> str:
    """The words of a column that ``|`` may divide among the shots, as `Brief.cameras` are."""
    parts = [part.strip() for part in column.replace("｜", "|").split("|") if part.strip()]
    return parts[index % len(parts)] if parts else ""


def _headlines(lines: tuple[str, ...], brief: Brief, kit: BrandKit) -> list[str]:
    """One per shot: the title or product first, then each line's own, the brand at a silent end."""
    found: list[str] = []
    for index, line in enumerate(lines):
        names: tuple[str, ...] = ()
        if index == 0:
            names = (brief.title, brief.product)
        elif index == len(lines) - 1 and not line:
            names = (brief.product, kit.title.of(brief.language))
        fitting = [name for name in names if name not in found and fits_as_headline(name, brief.language)]
        found.append(fitting[0] if fitting else headline(line, brief.language, tuple(found)))
    return found


def _call_to_action(brief: Brief, kit: BrandKit) -> str:
    for header, value in brief.extra.items():
        if header.strip().casefold() in CALL_TO_ACTION_COLUMNS and value.strip():
            return value.strip()
    return kit.end_card.call_to_action.of(brief.language)
