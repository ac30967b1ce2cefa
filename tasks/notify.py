"""Messages to people: once per batch and occasion, and never the reason that a batch ends.

httpx is not used here: it logs every address, and these hold tokens.
"""

import logging
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPException
from urllib.parse import urlencode

from campaign.attempt import FOR_A_PERSON
from campaign.attempts import Attempts
from campaign.brief import Language
from campaign.errors import ReelsheetError
from campaign.events import CapReached, Event, listening
from campaign.notices import Notices
from campaign.report import BatchReport
from tasks.channels import Channel, Occasion
from tasks.messages import message_for, refusal_in
from tasks.notices import Notice, notice_of_cap, notice_of_end

WAIT = 10.0
"""Seconds for an answer."""
TRIES = (0.0, 1.0, 4.0)
"""Seconds before each try at a channel that cannot be reached or is busy."""
BUSY = (429, 503)

log = logging.getLogger(__name__)


class People:
    """Whom to tell of one batch."""

    def __init__(
        self,
        channels: Mapping[str, Channel],
        ledger: str,
        batch: int,
        campaign: str,
        languages: Collection[Language],
    ) -> None:
        self._channels = channels
        self._ledger = ledger
        self._batch = batch
        self._campaign = campaign
        self._languages = frozenset(languages)
        self._senders: list[threading.Thread] = []

    def told_of_end(self, report: BatchReport, link: str) -> None:
        """Tell that the batch is over; ``link`` is where its report lies."""
        if self._channels:
            attempts = Attempts(self._ledger)
            unknown = len(attempts.find(FOR_A_PERSON, self._batch))
            attempts.close()
            self._tell(notice_of_end(report, self._languages, self._batch, link, unknown))

    @contextmanager
    def told_of_caps(self) -> Iterator[None]:
        """Tell of the first cap that stops a paid attempt inside the block, without holding up the work."""
        if not self._channels:
            yield
            return
        try:
            with listening(self._hear):
                yield
        finally:
            for sender in self._senders:
                sender.join()

    def _hear(self, event: Event) -> None:
        if isinstance(event, CapReached) and not self._senders:
            notice = notice_of_cap(self._campaign, event.reason, self._languages, self._batch)
            sender = threading.Thread(target=self._tell, args=(notice,), name="notify")
            self._senders.append(sender)
            sender.start()

    def _tell(self, notice: Notice) -> None:
        notices = Notices(self._ledger)
        try:
            for name, channel in self._channels.items():
                if _wants(channel, notice):
                    self._tell_one(notices, name, channel, notice)
        except ReelsheetError as error:
            log.warning("batch %d: nobody is told: %s", self._batch, error)
        finally:
            notices.close()

    def _tell_one(self, notices: Notices, name: str, channel: Channel, notice: Notice) -> None:
        claimed = notices.claim(self._batch, notice.occasion.value, name)
        if claimed is None:
            return
        refusal = send(channel, notice)
        notices.settle(claimed, refusal)
        if refusal:
            log.warning("batch %d: channel %s was not told: %s", self._batch, name, refusal)
        else:
            log.info("batch %d: channel %s was told: %s", self._batch, name, notice.occasion)


def send(channel: Channel, notice: Notice) -> str:
    """Send one message; empty when it arrived, else why it did not. Nothing in it tells the address."""
    refusal = ""
    for pause in TRIES:
        time.sleep(pause)
        message = message_for(channel, notice, time.time())
        url = channel.url.get_secret_value()
        if message.query:
            url += f"{'&' if '?' in url else '?'}{urlencode(message.query)}"
        headers = {"Content-Type": "application/json; charset=utf-8", **message.headers}
        request = urllib.request.Request(url, message.bytes, headers, method="POST")
        try:
            with _opener().open(request, timeout=WAIT) as answer:
                return refusal_in(channel.kind, answer.read(10_000))
        except urllib.error.HTTPError as error:
            refusal = f"HTTP {error.code}"
            error.close()
            if error.code not in BUSY:
                return refusal
        except urllib.error.URLError as error:
            refusal = f"it cannot be reached ({error.reason})"
        except (OSError, HTTPException) as error:
            # It may have arrived: asking again could tell people twice.
            return f"it gave no answer ({error or type(error).__name__})"
    return refusal


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirected POST becomes a GET, and its answer says nothing of the message."""

    def redirect_request(self, *_: object) -> None:
        return None


def _opener() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(_NoRedirects)


def _wants(channel: Channel, notice: Notice) -> bool:
    """Whoever wants to hear of the end hears of it when spots wait, too."""
    if notice.occasion is Occasion.PERSON:
        return bool({Occasion.PERSON, Occasion.ENDED} & set(channel.events))
    return notice.occasion in channel.events
