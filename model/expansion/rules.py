"""The expander that needs no model: rules and picture tables, the same storyboard every time."""

import random
import re
from dataclasses import dataclass
from functools import lru_cache

from campaign.brand_kit import BrandKit
from campaign.brief import Brief, Language
from campaign.camera import Camera
from campaign.content_key import Json, content_key
from campaign.storyboard import Storyboard
from model.expansion.assembly import (
    SILENCE,
    Draft,
    assemble,
    headlines,
    picture_room,
    shared_recipe,
    voice_of,
)
from model.expansion.coverage import COVERAGES, LIGHT, Coverage, plan_cameras
from model.expansion.pacing import PACES, Pace, pace_lines
from model.expansion.people import person_for
from model.expansion.pictures import (
    GENERIC,
    Category,
    Picture,
    Time,
    categories,
    common_pictures,
    detect_category,
)
from model.expansion.selection import choose_pictures, roles_of, time_in

VERSION = 2
"""Of these rules; the tables take part in the recipe by themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a variant of a brief settles before its shots are written."""

    language: Language
    category: Category
    coverage: Coverage
    pace: Pace
    time: Time
    """Of the spot; a line may name its own."""
    style_time: Time | None
    """That the style names: it holds for every shot."""
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
            **shared_recipe(brief, kit, variant),
        }

    def expand(self, brief: Brief, kit: BrandKit, variant: int) -> Storyboard:
        plan = plan_variant(brief, kit, variant)
        voiced = voice_of(brief, kit) != SILENCE
        lines, durations = pace_lines(brief, plan.pace, picture_room(brief, kit), voiced=voiced)
        salt = f"{brief.seed}/{variant}"
        pictures = choose_pictures(lines, roles_of(lines), plan.category, brief, salt)
        parts = zip(
            lines,
            durations,
            pictures,
            plan_cameras(pictures, plan.coverage, random.Random(salt)),
            headlines(lines, brief, kit),
            strict=True,
        )
        drafts = [
            _draft(plan, picture, camera, line, duration, head)
            for line, duration, picture, camera, head in parts
        ]
        return assemble(brief, kit, variant, drafts)


@lru_cache(maxsize=1)
def _tables_key() -> str:
    tables = {name: category.model_dump(mode="json") for name, category in categories().items()}
    common = [picture.model_dump(mode="json") for picture in common_pictures()]
    return content_key({"own": tables, "common": common, "film": (COVERAGES, LIGHT, PACES)})


def plan_variant(brief: Brief, kit: BrandKit, variant: int) -> Plan:
    """Category, camera, rhythm and light of a variant, counted from 1."""
    category = detect_category(brief.product, f"{brief.title} {brief.copy}", kit.title.of(brief.language))
    product, thing = product_phrases(brief, category)
    style_time = time_in(brief.style)
    time = style_time or time_in(f"{brief.title} {brief.copy}")
    return Plan(
        language=brief.language,
        category=category,
        coverage=COVERAGES[(variant - 1) % len(COVERAGES)],
        pace=PACES[(variant - 1) % len(PACES)],
        time=time or category.times[(variant - 1) % len(category.times)],
        style_time=style_time,
        product=product,
        thing=thing,
        person=person_for(brief.audience, brief.language) or category.person.of(brief.language),
    )


_PACK = re.compile(
    r"[,，(（]?\s*\d+(?:\.\d+)?\s*(?:克|千克|公斤|斤|毫升|升|袋|片|支|瓶|罐|盒|枚|粒|只|件|条|包|寸|英寸|码|"
    r"(?:g|kg|ml|l|oz|cl|cm|inch|pcs?|packs?|bags?|bottles?|sachets?|capsules?)\b)[^,，]*"
    r"|[罐袋盒瓶散]装",
    re.IGNORECASE,
)
_NO_THING = re.compile(
    r"^(?:品牌片|宣传片|形象片|系列|合集|全场|brand film|brand|campaign|collection)$", re.IGNORECASE
)


@lru_cache(maxsize=64)
def plain_name(product: str) -> str:
    """A product's name without its pack size, which a model would paint; empty where it names no thing."""
    name = " ".join(_PACK.sub(" ", product).split()).strip(" ,，()（）")
    return "" if _NO_THING.match(name) else name


def product_phrases(brief: Brief, category: Category) -> tuple[str, str]:
    """The product as a subject with its measure or article, and as part of a phrase."""
    return _phrases(brief.product, brief.title, brief.copy, brief.language, category.name)


# A row's variants have the same.
@lru_cache(maxsize=16)
def _phrases(product: str, title: str, copy: str, language: Language, category_name: str) -> tuple[str, str]:
    category = categories()[category_name]
    name = plain_name(product)
    own = bool(category.words.found(name))
    kind = category.kind(product) if own else category.kind(product, title, copy)
    measure, noun = kind.zh if language is Language.ZH else kind.en
    named = noun.casefold() in name.casefold() or bool(kind.words.found(product))
    if category.abstract and (kind.symbol or not named):
        name = ""
    if category.name == GENERIC and name:
        noun = ""
    glue = "" if language is Language.ZH else " "
    thing = name if name and (named or own) else f"{name}{glue}{noun}".strip()
    if language is Language.ZH:
        return f"{measure}{thing}", thing
    if measure in ("a", "an"):
        measure = "an" if thing[0].casefold() in "aeiou" else "a"
    return f"{measure} {thing}", f"the {thing}"


def _draft(plan: Plan, picture: Picture, camera: Camera, line: str, duration: float, head: str) -> Draft:
    subject, action, place = (
        part.format(product=plan.product if part == "{product}" else plan.thing, person=plan.person)
        for part in picture.words(plan.language)
    )
    light = LIGHT[plan.style_time or time_in(line) or picture.time or plan.time, picture.setting][
        plan.language
    ]
    comma = "，" if plan.language is Language.ZH else ", "
    return Draft(
        line=line,
        duration=duration,
        subject=subject,
        action=action,
        environment=f"{place}{comma}{light}",
        camera=camera,
        style=plan.coverage.look[plan.language],
        headline=head,
        shows_product=picture.shows_product,
        shows_people=picture.shows_person,
    )
