"""What can be shown of one delivered video: made from what, by what, allowed by whom, labelled how."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import orjson

from campaign.content_key import Json, as_json, file_digest
from campaign.frames import Aspect
from campaign.kit_parts import Asset
from campaign.ledger import Ledger
from campaign.store import MANIFEST, Artefact
from finishing.rendition import VIDEO
from tasks.check import labels_seen
from tasks.finish import take_for
from tasks.spot import Judged, Spot
from tasks.workshop import Workshop

VERSION = 1
"""Of the file's form."""
FORM = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
"""To be read by people. An unchanged batch writes every proof again to see that none has changed, for which
Python's own encoder takes ten times as long."""


def proof_of(spot: Spot, aspect: Aspect, rendition: Artefact, workshop: Workshop) -> dict[str, Json]:
    """The proof of one rendition. The same rendition, verdicts and decisions give the same proof.

    Files are named as they were given and told apart by the SHA-256 of their bytes.
    """
    assert spot.storyboard
    board, brief = spot.storyboard, spot.brief
    video = rendition.file(VIDEO)
    return {
        "proof": VERSION,
        "spot": spot.id,
        "video": {
            "rendition": rendition.key,
            "sha256": file_digest(video),
            "bytes": video.stat().st_size,
            "aspect": aspect.value,
            "encoder": rendition.facts["encoder"],
        },
        "labels": _labels(rendition),
        "inputs": {
            "copy": brief.copy,
            "product": brief.product,
            "evidence": brief.evidence,
            "language": brief.language.value,
            "images": [_named(image) for image in brief.images],
        },
        "storyboard": {"title": board.title, "call_to_action": board.call_to_action, "seed": board.seed},
        "shots": list[Json](_shots(spot, aspect)),
        "brand": {"kit": spot.kit.name, "assets": dict(_assets(spot))},
        "voices": list[Json](sorted({line.voice for line in spot.spoken.values()})),
        **({"degraded": list[Json](spot.degraded)} if spot.degraded else {}),
        "policy": {"name": workshop.policy.name, "market": workshop.policy.market},
        "approved": [
            {
                "rung": one.rung.value,
                "who": one.decision.who,
                "why": one.decision.why,
                "at": one.decision.at.isoformat(),
            }
            for one in spot.approved
        ],
        "verdicts": [_verdict(judged, workshop.ledger) for judged in spot.judged],
    }


def write_proof(proof: Mapping[str, Json], path: Path) -> None:
    path.write_bytes(orjson.dumps(proof, option=FORM))


def _labels(rendition: Artefact) -> dict[str, Json]:
    seen = as_json(labels_seen(rendition))
    assert isinstance(seen, dict)
    return {name: value for name, value in seen.items() if name not in ("file", "name")}


def _shots(spot: Spot, aspect: Aspect) -> Iterable[dict[str, Json]]:
    """Each shot as it was asked for, and its take as the store has it."""
    assert spot.storyboard
    for shot in spot.storyboard.shots:
        take = take_for(spot, aspect, shot.id)
        manifest: Mapping[str, Any] = json.loads((take.parent / MANIFEST).read_text(encoding="utf-8"))
        yield {
            "shot": shot.id,
            "prompt": as_json(shot.prompt),
            "headline": shot.headline,
            "line": shot.line,
            "image": _named(shot.image) if shot.image else None,
            "backend": spot.used[shot.id],
            **({"degraded": spot.stood_in[shot.id]} if shot.id in spot.stood_in else {}),
            "take": {
                "key": manifest["key"],
                "sha256": manifest["files"][take.name]["sha256"],
                "recipe": manifest["recipe"],
                "facts": manifest["facts"],
            },
        }


def _assets(spot: Spot) -> Iterable[tuple[str, Json]]:
    """What of the kit is in the video, by its place in kit.yaml, with its licence."""
    assert spot.storyboard
    for where, asset in spot.kit.assets().items():
        kind, _, name = where.partition(".")
        if kind != "music" or name == spot.storyboard.music:
            yield where, _licensed(asset)


def _licensed(asset: Asset) -> Json:
    return {
        **_named(asset.file),
        "licence": _named(asset.licence),
        "expires": asset.expires.isoformat() if asset.expires else None,
    }


def _named(file: Path) -> dict[str, Json]:
    return {"file": file.name, "sha256": file_digest(file)}


def _verdict(judged: Judged, ledger: Ledger) -> Json:
    verdict: dict[str, Any] = json.loads(judged.verdict.to_json())
    for finding in verdict["findings"]:
        # A picture kept as evidence is named, not located: the proof travels.
        if still := (finding["evidence"] or {}).get("file"):
            finding["evidence"]["file"] = Path(still).name
    person = ledger.decision(judged.subject) if judged.subject else None
    return {
        "stage": judged.stage.value,
        "decision": judged.verdict.decision.value,
        "findings": verdict["findings"],
        "reports": verdict["reports"],
        "person": {
            "decision": person.decision,
            "who": person.who,
            "why": person.why,
            "at": person.at.isoformat(),
        }
        if person
        else None,
    }
