"""A campaign as it was read, kept in the store, so that any machine can go on with its batch.

What was read is kept, not only the sheet: another machine has other kits and voices, and tomorrow "Friday"
is another day. Pictures, brand kits and the policy's file go along as a parcel. A policy with lists of its
own lies in a folder of its own, which goes along whole.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from functools import cache
from pathlib import Path
from typing import Any, get_type_hints

from pydantic import BaseModel, ConfigDict, create_model

from campaign.brief import Brief
from campaign.content_key import Json, file_digest
from campaign.errors import StoreError
from campaign.parcel import pack, unpack
from campaign.sheet.campaign import Campaign
from campaign.sheet.original import changed
from campaign.sheet.settings import POLICY_FILES, CampaignSettings
from campaign.store import Store
from tasks.read import spots_of
from tasks.spot import Spot

KIND, FILE = "campaign", "campaign.json"
VERSION = 2


def keep(campaign: Campaign, spots: tuple[Spot, ...], store: Store) -> tuple[Campaign, str]:
    """The campaign with its sheet as it lies in the store, and the key under which `restore` finds all of it.

    Raises:
        SheetError: the sheet has changed since it was read.
        StoreError: something cannot be read, or the store refused it.
    """
    kits = {spot.kit.folder: None for spot in spots}
    pictures = [path for brief in campaign.briefs for path in _paths_of(brief)]
    parcel = pack(store, [campaign.original, *kits, *pictures, *_policy_files(campaign)])
    original = unpack(store, parcel)[campaign.original]
    if file_digest(original) != campaign.digest:
        raise changed(campaign.path)
    read = _as_json(campaign)
    recipe: dict[str, Json] = {
        "version": VERSION,
        "parcel": parcel,
        "campaign": hashlib.sha256(read.encode()).hexdigest(),
    }

    def write(folder: Path) -> dict[str, Json]:
        (folder / FILE).write_text(read, encoding="utf-8")
        return {"parcel": parcel}

    return replace(campaign, original=original), store.make(KIND, recipe, write).key


def restore(store: Store, key: str) -> tuple[Campaign, tuple[Spot, ...], dict[str, str]]:
    """The campaign with every path as it is here, and what `spots_of` makes of it.

    Raises:
        StoreError: the store does not have all of it.
    """
    kept = store.find(KIND, key)
    if kept is None:
        raise StoreError(
            str(store.root),
            f"the campaign {key[:12]}, from which a batch was begun, is not there.",
            "Let all machines use one store, then start the batch again where its sheet lies.",
        )
    places = unpack(store, kept.facts["parcel"])
    read = json.loads(kept.file(FILE).read_text(encoding="utf-8"))
    settings = _values(_bare_settings().model_validate(read["settings"]))
    campaign = Campaign(
        settings=CampaignSettings.model_construct(**settings),
        **_values(_bare_campaign().model_validate(read["campaign"])),
    )
    campaign = replace(
        campaign,
        original=places[campaign.original],
        briefs=tuple(_moved(brief, places) for brief in campaign.briefs),
        settings=campaign.settings.model_copy(update={"policy": _policy_here(campaign, places)}),
    )
    kits = tuple({place.parent: None for place in places.values() if (place / "kit.yaml").is_file()})
    return campaign, *spots_of(campaign, kits)


def _policy_files(campaign: Campaign) -> list[Path]:
    if not campaign.settings.policy.endswith(POLICY_FILES):
        return []
    file = Path(campaign.settings.policy)
    return [file if file.parent == campaign.path.parent else file.parent]


def _policy_here(campaign: Campaign, places: Mapping[Path, Path]) -> str:
    packed = _policy_files(campaign)
    if not packed:
        return campaign.settings.policy
    file = Path(campaign.settings.policy)
    return str(places[packed[0]] / file.relative_to(packed[0]))


def _as_json(campaign: Campaign) -> str:
    read = {field.name: getattr(campaign, field.name) for field in fields(campaign)}
    settings = _bare_settings()(**dict(campaign.settings)).model_dump_json()
    del read["settings"]
    # Not by way of plain data, which takes fifty megabytes for ten thousand rows.
    return f'{{"campaign": {_bare_campaign()(**read).model_dump_json()}, "settings": {settings}}}'


@cache
def _bare_campaign() -> type[BaseModel]:
    types = {name: kind for name, kind in get_type_hints(Campaign).items() if name != "settings"}
    return _bare("CampaignRead", types)


@cache
def _bare_settings() -> type[BaseModel]:
    """Settings by their types alone: as a model they want cells, in any of a person's spellings."""
    types = {name: field.annotation for name, field in CampaignSettings.model_fields.items()}
    return _bare("SettingsRead", types)


def _bare(name: str, types: Mapping[str, Any]) -> type[BaseModel]:
    required: dict[str, Any] = {field: (kind, ...) for field, kind in types.items()}
    return create_model(name, __config__=ConfigDict(arbitrary_types_allowed=True), **required)


def _values(model: BaseModel) -> dict[str, Any]:
    return {name: getattr(model, name) for name in type(model).model_fields}


def _paths_of(brief: Brief) -> Iterator[Path]:
    for field in fields(brief):
        value = getattr(brief, field.name)
        yield from (
            part for part in (value if isinstance(value, tuple) else (value,)) if isinstance(part, Path)
        )


def _moved(brief: Brief, places: Mapping[Path, Path]) -> Brief:
    """The brief with its pictures where they lie here."""
    changed: dict[str, Any] = {}
    for field in fields(brief):
        value = getattr(brief, field.name)
        if isinstance(value, Path):
            changed[field.name] = places[value]
        elif isinstance(value, tuple) and value and isinstance(value[0], Path):
            changed[field.name] = tuple(places[path] for path in value)
    return replace(brief, **changed)
