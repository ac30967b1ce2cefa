"""The backend port over a hosted vendor."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Iterator, Sequence
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar, TypeVar

from campaign.attempt import Intent
from campaign.content_key import Json, as_json, content_key
from campaign.database import now
from campaign.errors import BackendMissingError, ReelsheetError
from campaign.frames import Aspect, FrameSpec
from campaign.hosted_errors import InvalidRequestError
from campaign.money import Money
from model.backend import Estimate, Progress, RunsOn, TakeOutcome, TakeRequest, refuse_draft
from model.hosting.catalog import Catalog, read_catalog, shipped_catalog
from model.hosting.desk import Terms
from model.hosting.gate import Pace, pace_of
from model.hosting.loop import HOLDER
from model.hosting.options import MOST_ATTEMPTS, HostedOptions
from model.hosting.request import chosen_model, job_of, price_of, smallest_spec
from model.hosting.vault import Vault
from model.hosting.vendor import Job, Vendor
from model.hosting.wave import Account, Asked, make_wave

VERSION = 1
"""Of what is asked of a vendor for the same request; a change remakes, and pays, every take."""

T = TypeVar("T")


class HostedBackend:
    """One model of one vendor. A vendor's own class names its catalog and connects to it."""

    catalog_name: ClassVar[str]
    runs_on = RunsOn.HERE
    draws_every_aspect = False

    def __init__(self, name: str, options: HostedOptions | None = None) -> None:
        """``name`` is the vendor, or vendor and model: ``runway``, ``runway:veo3.1``.

        Without options everything works but `make`: a plan needs no key.

        Raises:
            BackendMissingError: the vendor's SDK is not installed.
            ModelRetiredError, InvalidRequestError: the model is not served, or not known.
        """
        self.name = name
        self.options = options
        self.catalog: Catalog = (
            read_catalog(options.catalog)
            if options and options.catalog
            else shipped_catalog(self.catalog_name)
        )
        if find_spec(self.catalog.package) is None:
            raise BackendMissingError(
                name, f"needs the package {self.catalog.package}.", "Install it: pip install '.[hosted]'."
            )
        self.model_name = name.partition(":")[2] or self.catalog.default
        self.model = chosen_model(self.catalog, self.model_name, name, now().date())

    def connect(self, options: HostedOptions) -> Vendor:
        """The vendor's account, in the running event loop."""
        raise NotImplementedError

    def frame_spec(self, aspect: Aspect, short_side: int, duration: float) -> FrameSpec:
        return smallest_spec(self.model, self.name, aspect, short_side, duration)

    def job(self, request: TakeRequest) -> Job:
        """The request as the vendor is asked.

        Raises:
            InvalidRequestError, PromptLengthError: it cannot be met.
        """
        prices = dict(self.options.prices) if self.options else {}
        refuse_draft(self.name, request)
        price = price_of(self.model, self.model_name, self.name, prices)
        return job_of(request, self.model_name, self.model, self.catalog.account, price, self.name)

    def check(self, request: TakeRequest) -> None:
        self.job(request)

    def recipe(self, request: TakeRequest) -> dict[str, Json]:
        job = self.job(request)
        return {
            "backend": f"hosted {self.catalog.vendor}",
            "version": VERSION,
            "model": job.name,
            "mode": job.mode.value,
            "prompt": job.prompt,
            "negative": job.negative,
            "width": job.width,
            "height": job.height,
            "num_frames": job.num_frames,
            "fps": job.fps,
            # Also where the model takes none: another seed is another take.
            "seed": request.seed,
            "image": as_json(job.image),
            "fixed": as_json(dict(sorted(self.model.fixed.items()))),
        }

    def estimate(self, request: TakeRequest) -> Estimate:
        job = self.job(request)
        # The port counts in floats for a table; what is set aside in the ledger is the exact amount.
        tries = self.options.most_attempts if self.options else MOST_ATTEMPTS
        return Estimate(
            money=float(job.estimate.amount),
            most=float(job.estimate.amount * tries),
            currency=job.estimate.currency,
            basis=self._basis(job),
        )

    def outlook(self) -> str:
        pace = self._pace()
        said = f"{pace.open_tasks} takes at once, {pace.submits_per_second * 60:g} begun a minute"
        options = self.options
        missing = []
        if options is None or not options.key.get_secret_value():
            missing.append(f"a key ({self.catalog.key_variable})")
        if not (self.catalog.base_url or (options and options.base_url)):
            missing.append("a base_url")
        lacks = f"; without {' and '.join(missing)} it makes nothing" if missing else ""
        return f"{self.name}: {said}{lacks}"

    def _pace(self) -> Pace:
        if self.options and self.options.pace:
            return self.options.pace
        return pace_of(self.catalog.account, self.options.open_tasks if self.options else None)

    def _basis(self, job: Job) -> str:
        tier, _ = self.model.tier_of(job.width, job.height, job.mode)
        second = self.model.cost(tier, Decimal(1), job.price)
        named = f"{self.name.partition(':')[0]}:{job.name}"
        notes = [f"{named}: {second} a second at {tier}, as of {job.price.as_of} ({job.price.source})."]
        if self.model.negative is None:
            notes.append("It takes no negative prompt: what should not be seen is left unsaid.")
        if self.model.seed_most is None:
            notes.append("It takes no seed.")
        if self.model.audio == "always":
            notes.append("It always makes sound, which is dropped.")
        return " ".join(notes)

    def make(self, wave: Sequence[TakeRequest], folder: Path, progress: Progress) -> Iterator[TakeOutcome]:
        """Make the wave; outcomes come in the order of their ends.

        What is under way when the caller stops listening is left to a later call, which goes on with it.
        """
        asked: list[Asked] = []
        for request in wave:
            try:
                asked.append(self._asked(request))
            except ReelsheetError as error:
                yield TakeOutcome(request=request, path=None, error=error)
        waiting = {id(take.request): take.request for take in asked}
        try:
            for outcome in make_wave(self._account(), asked, folder, progress):
                waiting.pop(id(outcome.request), None)
                yield outcome
        except ReelsheetError as error:
            # No key or no ledger: nothing of the wave can be made, which each take is told.
            for request in waiting.values():
                yield TakeOutcome(request=request, path=None, error=error)

    def balance(self) -> Money | None:
        """What is left on the account; None where the vendor does not say.

        Raises:
            HostedError: the account cannot be asked.
        """
        return asyncio.run(self._ask(lambda account: account.balance()))

    def cancel(self, task_id: str) -> bool:
        """Ask the vendor to stop a task; what the catalog says of ``cancel`` is all that can be hoped for.

        Raises:
            HostedError: it cannot be asked, or will not.
        """
        return asyncio.run(self._ask(lambda account: account.cancel(task_id)))

    async def _ask(self, question: Callable[[Vendor], Awaitable[T]]) -> T:
        account = self.connect(self._ready())
        try:
            return await question(account)
        finally:
            await account.close()

    def _ready(self) -> HostedOptions:
        options = self.options
        if options is None or not options.key.get_secret_value():
            raise BackendMissingError(
                self.name, "has no key.", f"Set {self.catalog.key_variable} in the environment."
            )
        if not (options.base_url or self.catalog.base_url):
            raise InvalidRequestError(
                self.name,
                "has no base_url, and there is no default.",
                f"Set it in reelsheet.toml under [backends.{self.name.partition(':')[0]}] to your server's, "
                "ending in /v1.",
            )
        return options

    def _asked(self, request: TakeRequest) -> Asked:
        options = self._ready()
        job = self.job(request)
        intent = Intent(
            fingerprint=content_key(self.recipe(request)),
            batch=options.batch,
            brand=request.kit.name,
            row=request.shot.id.rsplit("-", 2)[0],
            shot=request.shot.id,
            backend=self.name,
            vendor=self.catalog.vendor,
            place=options.base_url or self.catalog.base_url,
            model=job.name,
            likeness=content_key([self.catalog.vendor, job.name, job.prompt]),
            estimate=job.estimate,
            holder=HOLDER.name,
        )
        return Asked(request=request, job=job, intent=intent)

    def _account(self) -> Account:
        options = self._ready()
        vault = Vault(folder=options.vault)
        vault.sweep()
        digest = hashlib.sha256(options.key.get_secret_value().encode()).hexdigest()
        return Account(
            key=(options.base_url or self.catalog.base_url, digest),
            ledger=options.ledger,
            pace=self._pace(),
            connect=lambda: self.connect(options),
            terms=Terms(
                backend=self.name,
                account=self.catalog.account,
                caps=options.caps,
                most_attempts=options.most_attempts,
                vault=vault,
                most_bytes=options.most_bytes,
            ),
        )
