"""What the stages of a batch work with: the store, the ledger, the pool and the chosen parts of each port."""

from copy import copy
from functools import cached_property
from typing import Self

from campaign.budget import Caps
from campaign.ladder import Rung
from campaign.ledger import Ledger
from campaign.naming import campaign_folder
from campaign.remote import Remote
from campaign.schedule import Schedule
from campaign.shared_store import SharedStore
from campaign.store import Store
from finishing.voice import able_voices
from model.backend import Backend
from model.expander import Endpoint, Expander
from model.registry import load_expander
from moderation.policy import Policy, load_policy
from publishing.publisher import Publisher, load_publisher
from tasks.backends import open_backend
from tasks.pool import BuildAll, Pool, left_to_others
from tasks.setup import Setup
from tasks.spot import Spot


class Workshop:
    """One batch's tools, each opened when first used."""

    def __init__(
        self, setup: Setup, campaign: str, policy: str, caps: Caps | None = None, *, leaves: bool = False
    ) -> None:
        self.setup = setup
        self.store = open_store(setup)
        self.pool = Pool(self.store, setup.workers)
        self.campaign = campaign
        self.folder = campaign_folder(setup.out, campaign)
        self.batch = 0
        """The ledger's number, once the batch has begun."""
        self.content = ""
        """Key of the campaign as it was read for the batch, once that has begun."""
        self.caps = caps or Caps()
        """What the batch may cost."""
        self.leaves = leaves
        """Takes and renditions are left to the work pools."""
        self._policy = policy
        self._whole = self
        self._narrowed: dict[tuple[str, str], Self] = {}
        self._backends: dict[tuple[str, Rung], Backend] = {}
        self._able: set[str] = set()

    @property
    def ledger(self) -> Ledger:
        return self._whole._ledger

    @cached_property
    def _ledger(self) -> Ledger:
        return Ledger(self.setup.ledger)

    @property
    def schedule(self) -> Schedule:
        return self._whole._schedule

    @cached_property
    def _schedule(self) -> Schedule:
        return Schedule(self.setup.ledger)

    @cached_property
    def expander(self) -> Expander:
        setup = self.setup
        endpoint = None
        if setup.llm_url:
            key = setup.llm_key.get_secret_value()
            endpoint = Endpoint(url=setup.llm_url, model=setup.llm_model, key=key)
        return load_expander(setup.expander, endpoint)

    @cached_property
    def policy(self) -> Policy:
        return load_policy(self._policy).with_options(self.setup.checks)

    def for_spot(self, spot: Spot) -> Self:
        """The same workshop, its policy with the lists of the spot's brand and platform only."""
        asked = (spot.kit.name, platform_of(spot.brief.account))
        if asked not in self._narrowed:
            policy = self.policy.narrowed(*asked)
            narrowed = self
            if policy != self.policy:
                narrowed = copy(self)
                narrowed.policy = policy
            self._narrowed[asked] = narrowed
        return self._narrowed[asked]

    @property
    def finishers(self) -> BuildAll:
        """Who mixes, draws and encodes."""
        return left_to_others if self.leaves else self.pool.build_all

    @cached_property
    def publisher(self) -> Publisher:
        return load_publisher(self.setup.publisher, self.folder)

    def backend(self, name: str, rung: Rung = Rung.FINAL) -> Backend:
        """The backend of that name as it is set up for the rung, loaded once.

        Raises:
            BackendMissingError: it is not known or not installed.
        """
        if (name, rung) not in self._backends:
            self._backends[name, rung] = open_backend(name, self.setup, self._whole.batch, self.caps, rung)
        return self._backends[name, rung]

    def check_voices(self, names: str) -> None:
        """Let a spot pass whose voice, or one of the listed ones, can speak on this machine.

        Raises:
            FinishError: none of them can; says why.
        """
        if names not in self._whole._able:
            able_voices(names, self.setup.speech)
            self._whole._able.add(names)

    def close(self) -> None:
        self.pool.close()
        if "_ledger" in self.__dict__:
            self._ledger.close()
        if "_schedule" in self.__dict__:
            self._schedule.close()


def open_store(setup: Setup) -> Store:
    """The machine's folder, in front of the shared store where the settings name one."""
    if not setup.store_url:
        return Store(setup.store)
    options = sorted((name, value.get_secret_value()) for name, value in setup.store_options.items())
    return SharedStore(setup.store, Remote(url=setup.store_url, options=tuple(options)), setup.store_cache)


def platform_of(account: str) -> str:
    """The platform that an account names first, like ``douyin:myshop``; empty where it names none."""
    platform, colon, _ = account.replace("：", ":").partition(":")
    return platform.strip().casefold() if colon else ""
