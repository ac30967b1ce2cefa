"""The port that delivers renditions, and how a release goes through the ledger.

Not covered: publishers that need a person's login. A publisher that cannot tell whether it already has a
delivery must say so by raising in ``find``; then nothing is sent twice and a person decides.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from campaign.content_key import Json
from campaign.errors import PublishError
from campaign.ledger import Ledger, Release, ReleaseState

PUBLISHERS = {
    "folder": "publishing.folder:FolderPublisher",
}
"""Name to "module:class"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One rendition with what lies beside it, ready to go out."""

    rendition: str
    """Content key."""
    place: str
    """Spot and aspect, as `campaign.naming.rendition_stem` writes it; one delivery per place and account."""
    folder: str
    """Name of the spot: deliveries of one spot lie together."""
    files: Mapping[str, Path]
    """By ending (``.mp4``, ``.srt``, ``.jpg`` …)."""
    account: str
    about: Mapping[str, Json]
    """Title, hashtags, prompts and the rest, for the manifest or the platform's fields."""


class Publisher(Protocol):
    """Puts deliveries where people see them."""

    name: str

    def find(self, delivery: Delivery) -> str | None:
        """The remote id if this very rendition is there already, else None.

        Raises:
            PublishError: it cannot be told.
        """
        ...

    def publish(self, delivery: Delivery) -> str:
        """Deliver, replacing an earlier rendition at the same place; returns the remote id."""
        ...

    def read_back(self, remote_id: str, delivery: Delivery) -> str:
        """What is wrong with what is there now, in words; empty when it is as delivered."""
        ...


def load_publisher(name: str, out: Path) -> Publisher:
    """The publisher of that name; ``out`` is the campaign's output folder.

    Raises:
        PublishError: no such publisher.
    """
    if name not in PUBLISHERS:
        raise PublishError(name, "is not known.", f"Known: {', '.join(sorted(PUBLISHERS))}.")
    module, _, cls = PUBLISHERS[name].partition(":")
    return cast(Publisher, getattr(import_module(module), cls)(out))


def already_out(delivery: Delivery, publisher: Publisher, known: Iterable[Release]) -> Release | None:
    """The one of the ``known`` releases by which this delivery went out, where it is still as it was sent.

    So it is with most of an unchanged batch: nothing is written, and no lease has to be asked.
    """
    what = (delivery.rendition, publisher.name, delivery.account, delivery.place)
    for entry in known:
        if (entry.rendition, entry.publisher, entry.account, entry.place) == what:
            return entry if entry.state is ReleaseState.CONFIRMED and publisher.find(delivery) else None
    return None


def release(delivery: Delivery, publisher: Publisher, ledger: Ledger, batch: int) -> Release:
    """Deliver once: intent, send, remote id, read-back, each committed before the next.

    Whatever state an earlier run left behind is taken up: what is there is not sent again.
    """
    entry = ledger.intend_release(batch, delivery.rendition, publisher.name, delivery.account, delivery.place)
    remote_id = publisher.find(delivery)
    if remote_id and entry.state is ReleaseState.CONFIRMED:
        return entry
    if remote_id is None:
        try:
            remote_id = publisher.publish(delivery)
        except PublishError as error:
            ledger.move_release(entry.id, ReleaseState.FAILED, note=str(error))
            raise
    ledger.move_release(entry.id, ReleaseState.SENT, remote_id=remote_id)
    if wrong := publisher.read_back(remote_id, delivery):
        ledger.move_release(entry.id, ReleaseState.FAILED, note=wrong)
        raise PublishError(publisher.name, wrong, "Run the same command again to deliver it anew.")
    return ledger.move_release(entry.id, ReleaseState.CONFIRMED)
