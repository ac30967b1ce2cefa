"""The sheet, read with what this house knows, into spots."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from campaign.brand_kit import BrandKit, find_kit, kit_names
from campaign.errors import KitError
from campaign.sheet.campaign import Campaign, Known
from campaign.sheet.read import read_campaign
from campaign.sheet.settings import POLICY_FILES
from finishing.delivery import encode_settings
from finishing.safe_areas import platform_words
from finishing.voice import voice_names
from model.registry import backend_names
from moderation.policy import load_policy, policy_names
from tasks.spot import Spot


def known(kit_folders: tuple[Path, ...]) -> Known:
    """The closed sets that a sheet may name things from, as of now."""
    music = {}
    for name in kit_names(kit_folders):
        try:
            music[name] = frozenset(find_kit(name, kit_folders).music)
        except KitError:
            # Said in full for each row that uses the kit.
            music[name] = frozenset()
    return Known(
        kits=frozenset(music),
        backends=backend_names(),
        voices=frozenset(voice_names()),
        music=music,
        today=datetime.now().astimezone(),
        platforms=platform_words(),
        policies=frozenset(policy_names()),
    )


def read(sheet: Path, kit_folders: tuple[Path, ...]) -> Campaign:
    """The campaign in ``sheet``; a policy file that it names is absolute.

    Raises:
        SheetError: the sheet as a whole is not usable.
        FinishError: the encoder that it names does not make the codec that it names.
        PolicyError: the policy file that it names is not there or wrong.
    """
    campaign = read_campaign(sheet, known=known(kit_folders))
    encode_settings(campaign.settings.delivery)
    if not campaign.settings.policy.endswith(POLICY_FILES):
        return campaign
    path = campaign.path.parent / campaign.settings.policy
    load_policy(path)
    return replace(campaign, settings=campaign.settings.model_copy(update={"policy": str(path)}))


def spots_of(campaign: Campaign, kit_folders: tuple[Path, ...]) -> tuple[tuple[Spot, ...], dict[str, str]]:
    """Every variant of every brief, and for each brief whose kit cannot be read the reason by its id."""
    kits: dict[str, BrandKit | KitError] = {}
    spots: list[Spot] = []
    broken: dict[str, str] = {}
    for brief in campaign.briefs:
        kit = kits.get(brief.brand) or kits.setdefault(brief.brand, _kit(brief.brand, kit_folders))
        if isinstance(kit, KitError):
            broken[brief.id] = str(kit)
            continue
        spots += [
            Spot(
                brief=brief,
                variant=n,
                kit=kit,
                size=campaign.settings.size,
                fps=campaign.settings.fps,
                delivery=campaign.settings.delivery,
                approval=campaign.settings.approval,
            )
            for n in range(1, brief.variants + 1)
        ]
    return tuple(spots), broken


def _kit(name: str, kit_folders: tuple[Path, ...]) -> BrandKit | KitError:
    try:
        return find_kit(name, kit_folders)
    except KitError as error:
        return error
