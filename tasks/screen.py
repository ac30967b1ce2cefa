"""Words and pictures past the policy, before anything is spent on them."""

from prefect import task

from campaign.brief import Language
from campaign.errors import ReelsheetError
from campaign.events import Step, Worked, announce
from moderation.check import Material
from moderation.finding import Stage, Text
from tasks.judge import judge, prefetch
from tasks.policies import NOT_CACHED
from tasks.spot import Chunk, Spot, about
from tasks.words import shown_words
from tasks.workshop import Workshop


@task(name="screen", cache_policy=NOT_CACHED)
def screen(chunk: Chunk, workshop: Workshop) -> Chunk:
    """Hold every word against the policy; a refusal ends the spot, a doubt waits for a person."""
    prefetch(((spot, *asked) for spot in chunk.going() for asked in materials_of(spot).items()), workshop)
    return chunk.with_spots(screen_spot(spot, workshop) for spot in chunk.going())


@about
def screen_spot(spot: Spot, workshop: Workshop) -> Spot:
    try:
        for stage, material in materials_of(spot).items():
            if spot.failure is None:
                spot = judge(spot, stage, material, workshop.for_spot(spot))
    except ReelsheetError as error:
        return spot.failed(str(error))
    announce(Worked(step=Step.SCREEN, spot_id=spot.id, what=spot.id, reused=not spot.made.get("verdict")))
    return spot


def materials_of(spot: Spot) -> dict[Stage, Material]:
    """What the public will read and hear, what a backend will be asked, and the pictures it will get."""
    assert spot.storyboard
    board, brief = spot.storyboard, spot.brief
    shown = {
        "copy": brief.copy,
        "product": brief.product,
        "title": board.title,
        "call to action": board.call_to_action,
        "hashtags": " ".join(brief.hashtags),
    }
    asked = {
        f"shot {number} {part}": getattr(shot.prompt, part)
        for number, shot in enumerate(board.shots, 1)
        for part in ("subject", "action", "environment", "style")
    }
    beside = tuple(
        Text(where=where, text=text, language=language) for where, text, language in shown_words(spot) if text
    )
    materials = {
        Stage.COPY: Material(texts=(*_texts(shown, brief.language), *beside)),
        Stage.PROMPT: Material(texts=_texts(asked, brief.language)),
    }
    if brief.images:
        materials[Stage.IMAGE] = Material(images=brief.images)
    return materials


def _texts(words: dict[str, str], language: Language) -> tuple[Text, ...]:
    return tuple(Text(where=where, text=text, language=language) for where, text in words.items() if text)
