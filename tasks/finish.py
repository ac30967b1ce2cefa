"""Takes to renditions: the sound once, an end card per aspect, then each rendition."""

from prefect import task

from campaign.errors import ReelsheetError
from campaign.frames import Aspect
from campaign.store import Artefact
from tasks.policies import NOT_CACHED
from tasks.pool import Wanted, obtain
from tasks.spot import Chunk
from tasks.workshop import Workshop

SILENCE = "none"


@task(name="finish", cache_policy=NOT_CACHED)
def finish(chunk: Chunk, workshop: Workshop) -> Chunk:
    """Cut, mix, brand, caption, label and encode every rendition of the chunk."""
    spots = {spot.id: spot for spot in chunk.going()}
    sounds: dict[str, Artefact] = {}
    cards: dict[tuple[str, Aspect], Artefact] = {}
    parts: dict[tuple[str, Aspect | None], Wanted] = {}
    for spot in spots.values():
        parts[spot.id, None] = wanted_sound(spot)
        parts |= {(spot.id, aspect): want for aspect, want in wanted_cards(spot).items()}
    for (name, aspect), made in obtain(workshop.store, parts, workshop.pool.build_all):
        if isinstance(made, ReelsheetError):
            spots[name] = spots[name].failed(str(made))
            continue
        spots[name] = spots[name].counting(made)
        if aspect is None:
            sounds[name] = made
        else:
            cards[name, aspect] = made
    renditions = {
        (name, aspect): want
        for name, spot in spots.items()
        if spot.failure is None
        for aspect, want in wanted_renditions(
            spot, sounds[name], {a: card for (n, a), card in cards.items() if n == name}, workshop
        ).items()
    }
    for (name, aspect), made in obtain(workshop.store, renditions, workshop.pool.build_all):
        spots[name] = _with_rendition(spots[name], aspect, made)
    return chunk.with_spots(spots.values())
