"""What a campaign would make and cost, before anything is spent."""

from pathlib import Path

from prefect import flow

from campaign.naming import campaign_folder
from flows.machine import setup_for
from flows.settings import load_settings
from tasks.folders import brought
from tasks.plan import plan as foresee_all

FILE = "plan.json"


@flow(name="plan")
def plan(sheet: str) -> Path:
    """Foresee the batch and write its plan beside its report; returns the file.

    Args:
        sheet: Path of the campaign's spreadsheet, or a URL that fsspec knows.

    Raises:
        SheetError: the sheet as a whole is not usable.
    """
    settings = load_settings()
    here = brought(sheet, settings.home)
    setup = setup_for(settings, here)
    foreseen = foresee_all(here, setup)
    folder = campaign_folder(setup.out, foreseen.campaign)
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"{FILE}.part"
    with part.open("w", encoding="utf-8") as file:
        foreseen.write_json(file)
    return part.replace(folder / FILE)
