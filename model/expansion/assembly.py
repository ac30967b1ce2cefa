"""What every expander does alike: the shared recipe, the row's own words over a draft, the storyboard."""

from collections.abc import Sequence
from dataclasses import dataclass

from campaign.brand_kit import BrandKit
from campaign.brief import Brief, Language
from campaign.camera import Camera
from campaign.content_key import Json, as_json
from campaign.storyboard import Shot, ShotPrompt, Storyboard
from model.expansion.headline import fits_as_headline, headline

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
BRIEF_FIELDS = (
    "id", "copy", "product", "brand", "language", "audience", "style", "duration", "subject", "action",
    "environment", "cameras", "images", "seed", "title",
)  # fmt: skip
"""What of a brief decides its storyboard, beside voice, music and call to action."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A shot as an expander thinks of it, before the row's own columns."""

    line: str
    duration: float
    subject: str
    action: str
    environment: str
    camera: Camera
    style: str
    headline: str
    shows_product: bool
    shows_people: bool


def shared_recipe(brief: Brief, kit: BrandKit, variant: int) -> dict[str, Json]:
    """What decides any expander's storyboard of this brief."""
    bookends: dict[str, Json] = {"bookends": list(kit.bookends)} if any(kit.bookends) else {}
    return {
        "variant": variant,
        "brief": {name: as_json(getattr(brief, name)) for name in BRIEF_FIELDS},
        "title": kit.title.of(brief.language),
        "call_to_action": call_to_action(brief, kit),
        "end_card": kit.end_card.seconds,
        **bookends,
        "voice": voice_of(brief, kit),
        "music": music_of(brief, kit),
    }


def assemble(brief: Brief, kit: BrandKit, variant: int, drafts: Sequence[Draft]) -> Storyboard:
    """The storyboard of ``drafts``; where the row has a column of its own, that column."""
    spot_id = f"{brief.id}-{variant}"
    shots = []
    pictures = 0
    for index, draft in enumerate(drafts):
        shown = bool(brief.images) and (draft.shows_product or bool(brief.subject))
        shots.append(
            Shot(
                id=f"{spot_id}-s{index + 1}",
                prompt=_prompt(brief, draft, index),
                duration=draft.duration,
                line=draft.line,
                headline=draft.headline,
                image=brief.images[pictures % len(brief.images)] if shown else None,
            )
        )
        pictures += shown
    return Storyboard(
        spot_id=spot_id,
        row_id=brief.id,
        variant=variant,
        language=brief.language,
        brand=brief.brand,
        title=brief.title or brief.product or headline(brief.copy, brief.language, ()) or drafts[0].line,
        call_to_action=call_to_action(brief, kit),
        end_card=kit.end_card.seconds,
        duration=brief.duration,
        intro=kit.bookends[0],
        outro=kit.bookends[1],
        voice=voice_of(brief, kit),
        music=music_of(brief, kit),
        seed=(brief.seed + SEED_STEP * (variant - 1)) % SEED_RANGE,
        shots=tuple(shots),
    )


def _prompt(brief: Brief, draft: Draft, index: int) -> ShotPrompt:
    comma = "，" if brief.language is Language.ZH else ", "
    people = draft.shows_people or bool(brief.subject)
    negative = [NEGATIVE[brief.language], *([NEGATIVE_OF_PEOPLE[brief.language]] if people else [])]
    return ShotPrompt(
        subject=_of_shot(brief.subject, index) or draft.subject,
        action=_of_shot(brief.action, index) or draft.action,
        environment=_of_shot(brief.environment, index) or draft.environment,
        camera=brief.cameras[index % len(brief.cameras)] if brief.cameras else draft.camera,
        style=brief.style or draft.style,
        negative=comma.join(negative),
    )


def _of_shot(column: str, index: int) -> str:
    """The words of a column that ``|`` may divide among the shots, as `Brief.cameras` are."""
    if not column:
        return ""
    parts = [part.strip() for part in column.replace("｜", "|").split("|") if part.strip()]
    return parts[index % len(parts)] if parts else ""


def headlines(lines: Sequence[str], brief: Brief, kit: BrandKit) -> list[str]:
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


def picture_room(brief: Brief, kit: BrandKit) -> float | None:
    """Seconds for shots in the asked duration; None where none is asked."""
    around = kit.end_card.seconds + sum(kit.bookends)
    return None if brief.duration is None else max(0.0, brief.duration - around)


def voice_of(brief: Brief, kit: BrandKit) -> str:
    return brief.voice or kit.voices.of(brief.language)


def music_of(brief: Brief, kit: BrandKit) -> str:
    return brief.music or next(iter(kit.music), SILENCE)


def call_to_action(brief: Brief, kit: BrandKit) -> str:
    """Words of the end card: the row's own column, else the kit's."""
    for header, value in brief.extra.items():
        if header.strip().casefold() in CALL_TO_ACTION_COLUMNS and value.strip():
            return value.strip()
    return kit.end_card.call_to_action.of(brief.language)
