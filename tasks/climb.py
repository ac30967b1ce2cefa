"""Up the ladder: on which rung a spot stands, what a person is shown of it, and what lets it go on.

An approval is a row of the ledger about the very takes and words of a rung. Waiting holds nothing: a later
run finds the decision, or waits again. Once a prompt changes, so do its take and the approval's key.

Both stages look a few rows up: as Prefect tasks they would cost a hundred times what they do.
"""

from dataclasses import replace

from campaign.content_key import content_key
from campaign.errors import ReelsheetError
from campaign.frames import Aspect
from campaign.ladder import Approval, Rung
from campaign.naming import rendition_stem
from campaign.report import RowState
from model.backend import Draft
from tasks.builds import TAKE
from tasks.schedule import show
from tasks.spot import Approved, Chunk, Spot
from tasks.takes import Turn, turns
from tasks.workshop import Workshop

DRAFTS = "drafts"
"""Folder, beside the spots' own, of what is only to be looked at: no publisher writes or reads it."""


def climb(chunk: Chunk, workshop: Workshop) -> Chunk:
    """Put each spot on the lowest rung that nobody has approved yet."""
    return chunk.with_spots(climb_spot(spot, workshop) for spot in chunk.going())


def approve(chunk: Chunk, workshop: Workshop) -> Chunk:
    """Let each spot go on to the next rung, or show what was made and have it wait for a person."""
    return chunk.with_spots(approve_spot(spot, workshop) for spot in chunk.going())


def climb_spot(spot: Spot, workshop: Workshop) -> Spot:
    """The spot on the lowest rung that is not approved, or not there for the next one to be refined from."""
    spot = spot.on(spot.brief.ladder[0].rung).having(approved=(), waits_for="")
    try:
        while spot.rung is not Rung.FINAL:
            asked = tuple(turns(spot, workshop))
            about = approval_key(spot, asked)
            person = workshop.ledger.decision(about)
            if person and person.decision == "refuse":
                said = f"The {spot.rung} was refused by {person.who}: {person.why}"
                return spot.failed(said, RowState.REFUSED)
            higher = above(spot, asked, workshop)
            if person is None or any(draft.path is None for draft in higher.drafts.values()):
                return spot.having(waits_for=about)
            passed = Approved(rung=spot.rung, decision=person)
            spot = replace(higher, approved=(*spot.approved, passed))
    except ReelsheetError as error:
        return spot.failed(str(error))
    return spot


def above(spot: Spot, asked: tuple[Turn, ...], workshop: Workshop) -> Spot:
    """The spot on its next rung, as if this one were approved; its drafts may not be there yet."""
    ladder = spot.brief.ladder
    step = ladder[ladder.index(spot.step) + 1]
    refines = spot.brief.refine is not None and step.rung is Rung.FINAL
    return spot.on(step.rung).having(drafts=_drafts(spot, asked, workshop) if refines else {})


def approval_key(spot: Spot, asked: tuple[Turn, ...]) -> str:
    """What a decision about the spot's rung is about: its takes as they are wanted first, and its words."""
    assert spot.storyboard
    first = [
        next((list(one.keys) for one in turn.before if one.keys), [want.key for want in turn.wants.values()])
        for turn in asked
    ]
    return content_key(
        {
            "approval": spot.rung.value,
            "backends": list(spot.step.backends),
            "takes": first,
            "lines": [shot.line for shot in spot.storyboard.shots],
        }
    )


def _drafts(spot: Spot, asked: tuple[Turn, ...], workshop: Workshop) -> dict[str, Draft]:
    """The rung's takes to start the next from, by shot id; without a path those that are not there."""
    assert spot.brief.refine is not None
    drafts = {}
    for turn in asked:
        want = turn.wants[spot.aspects[0]]
        found = workshop.store.find(want.kind, want.key)
        path = found.file(TAKE) if found else None
        drafts[turn.shot_id] = Draft(key=want.key, path=path, strength=spot.brief.refine)
    return drafts


def approve_spot(spot: Spot, workshop: Workshop) -> Spot:
    if spot.rung is Rung.FINAL:
        return spot
    if spot.approval is Approval.POLICY and workshop.ledger.decision(spot.waits_for) is None:
        why = "The campaign's approval is set to policy."
        workshop.ledger.decide(spot.waits_for, "approve", f"policy {workshop.policy.name}", why)
    risen = climb_spot(spot, workshop)
    if risen.failure or risen.rung is not spot.rung:
        return risen
    try:
        for aspect, rendition in spot.renditions.items():
            show(rendition, workshop.folder / DRAFTS, draft_stem(spot, aspect))
    except ReelsheetError as error:
        return spot.failed(str(error))
    return spot.failed(
        f"The {spot.rung} is made. Look at it and decide: reelsheet review, or reelsheet decide with "
        f"your sheet, {spot.id}, approve or refuse, and --why; the next make goes on from there.",
        RowState.WAITING,
    )


def draft_stem(spot: Spot, aspect: Aspect) -> str:
    """File name without ending: ``tea01-1_9x16_draft``."""
    return f"{rendition_stem(spot.id, aspect)}_{spot.rung}"
