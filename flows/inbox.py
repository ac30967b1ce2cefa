"""A watched folder: every new or changed sheet in it becomes a batch, once."""

import hashlib
import logging

from prefect import flow

from campaign.errors import ReelsheetError
from campaign.fleet_errors import BusyError
from campaign.inbox import Inbox
from flows.batch import make
from flows.settings import load_settings
from tasks.dispatch import send_batch
from tasks.folders import SETTLES, digest_of, settled
from tasks.setup import Dispatch

log = logging.getLogger(__name__)


@flow(name="scan-inbox")
def scan(folder: str) -> list[str]:
    """Make a batch of every sheet in ``folder`` that is new or has changed; returns their addresses.

    A sheet that is still being copied is left to the next scan, as is one whose campaign somebody makes now.

    Args:
        folder: Path, or a URL that fsspec knows, like s3://bucket/campaigns.

    Raises:
        StoreError: the folder is not there, or may not be read.
    """
    settings = load_settings()
    inbox = Inbox(settings.ledger_url)
    taken = []
    try:
        for sheet in settled(folder, SETTLES):
            digest = digest_of(sheet.address)
            if inbox.has(sheet.address, digest):
                continue
            note = ""
            try:
                _begin(sheet.address, digest, settings.dispatch)
            except BusyError as error:
                log.info("%s is left: %s", sheet.address, error)
                continue
            except ReelsheetError as error:
                # It would fail again with each scan until it is changed; then it is another content.
                note = str(error)
                log.warning("%s", error)
            inbox.take(sheet.address, digest, note)
            taken.append(sheet.address)
    finally:
        inbox.close()
    return taken


def _begin(address: str, digest: str, dispatch: Dispatch) -> None:
    """A batch of its own on the pools, or made here before the next."""
    if dispatch is Dispatch.POOLS:
        send_batch(address, f"inbox-{hashlib.sha256(address.encode()).hexdigest()[:12]}-{digest}")
    else:
        make(address)
