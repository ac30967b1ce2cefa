"""Runway, and the models it resells, through its official SDK (runwayml 5.24.0).

Task states and failure codes: https://docs.dev.runwayml.com/errors/task-failures. ``wait_for_task_output`` is
not used: it never stops on CANCELLED.
"""

from collections.abc import AsyncIterator, Container
from contextlib import asynccontextmanager
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from campaign.hosted_errors import AssetUnreachableError
from campaign.money import Money
from model.hosting.answer import Answer, error_of, no_id, unreadable
from model.hosting.backend import HostedBackend
from model.hosting.catalog import Catalog, Mode
from model.hosting.download import Downloader, Source, is_loopback
from model.hosting.options import HostedOptions
from model.hosting.request import data_uri
from model.hosting.vendor import Begun, Found, Job, Report, TaskStatus, Vendor

if TYPE_CHECKING:
    from runwayml import APIStatusError

CREDIT = Decimal("0.01")
"""USD (https://docs.dev.runwayml.com/guides/pricing)."""
STATUSES = {
    "PENDING": TaskStatus.QUEUED,
    "THROTTLED": TaskStatus.QUEUED,
    "RUNNING": TaskStatus.RUNNING,
    "SUCCEEDED": TaskStatus.SUCCEEDED,
    "FAILED": TaskStatus.FAILED,
    "CANCELLED": TaskStatus.CANCELLED,
}
SAFETY = "SAFETY."
"""Begin of every failure code that must not be tried again."""


class RunwayBackend(HostedBackend):
    catalog_name = "runway"

    def connect(self, options: HostedOptions) -> Vendor:
        return RunwayAccount(self.name, self.catalog, options)


class RunwayAccount:
    """One organization at Runway."""

    def __init__(self, backend: str, catalog: Catalog, options: HostedOptions) -> None:
        from runwayml import AsyncRunwayML  # noqa: PLC0415  # An extra.

        base_url = options.base_url or catalog.base_url
        self._backend = backend
        self._catalog = catalog
        # Retries of the SDK's own would send the paid request again.
        self._client = AsyncRunwayML(api_key=options.key.get_secret_value(), base_url=base_url, max_retries=0)
        self._downloads = Downloader(
            Source(backend=backend, loopback=is_loopback(base_url), most_bytes=options.most_bytes)
        )

    async def submit(self, job: Job) -> Begun:
        body: dict[str, Any] = {
            "model": job.name,
            "prompt_text": job.prompt,
            "duration": job.seconds,
            **job.fields(),
            "extra_body": job.model.fixed,
        }
        if job.seed is not None:
            body["seed"] = job.seed
        if job.negative:
            body["negative_prompt"] = job.negative
        if job.model.audio == "optional":
            body["audio"] = False
        if job.mode is Mode.IMAGE:
            assert job.image
            body["prompt_image"] = await self._picture(job.image)
        async with self._asking(paid=True):
            create = (
                self._client.image_to_video.create
                if job.mode is Mode.IMAGE
                else self._client.text_to_video.create
            )
            answer: Any = await create(**body)
        task_id = getattr(answer, "id", None)
        if not isinstance(task_id, str) or not task_id:
            raise no_id(self._backend, answer)
        return Begun(task_id=task_id, estimate=_credits(getattr(answer, "estimated_cost", None)))

    async def poll(self, task_id: str, job: Job) -> Report:  # noqa: ARG002  # The cost comes from Runway.
        async with self._asking(paid=False):
            task: Any = await self._client.tasks.retrieve(task_id)
        status = getattr(task, "status", None)
        if not isinstance(status, str):
            raise unreadable(self._backend, task)
        code = getattr(task, "failure_code", None) or ""
        reason = " ".join(part for part in (code, getattr(task, "failure", None)) if part)
        known = STATUSES.get(status, TaskStatus.RUNNING)
        urls = getattr(task, "output", None) or [""]
        return Report(
            task_id=task_id,
            status=TaskStatus.REFUSED if known is TaskStatus.FAILED and code.startswith(SAFETY) else known,
            progress=float(getattr(task, "progress", None) or 0.0),
            reason=reason if status in STATUSES else f"unknown status {status}",
            cost=_credits(getattr(task, "cost", None)),
            url=urls[0],
        )

    async def fetch(self, report: Report, part: Path, most_bytes: int) -> None:  # noqa: ARG002
        await self._downloads.fetch(report.url, part)

    async def cancel(self, task_id: str) -> bool:
        """Runway stops what is queued; what runs may go on, and is not refunded."""
        async with self._asking(paid=False):
            await self._client.tasks.delete(task_id)
        return True

    async def find(self, job: Job, since: datetime, known: Container[str]) -> list[Found]:
        raise NotImplementedError("Runway lists no tasks; the catalog says so, and the driver does not ask")

    async def balance(self) -> Money | None:
        async with self._asking(paid=False):
            organization = await self._client.organization.retrieve()
        return Money(organization.credit_balance * CREDIT, "USD")

    async def close(self) -> None:
        await self._client.close()
        await self._downloads.close()

    async def _picture(self, path: Path) -> str:
        """Inline where it is small, else as an upload that expires by itself. Neither is paid."""
        inline = data_uri(path)
        if len(inline) <= self._catalog.account.data_uri_most:
            return inline
        async with self._asking(paid=False):
            return (await self._client.uploads.create_ephemeral(file=path)).uri

    @asynccontextmanager
    async def _asking(self, *, paid: bool) -> AsyncIterator[None]:
        """What the SDK raises, in our words."""
        from runwayml import APIConnectionError, APIError, APIStatusError  # noqa: PLC0415  # An extra.

        try:
            yield
        except APIStatusError as error:
            raise self._error(_answer(error), paid=paid) from error
        except APIConnectionError as error:
            raise self._error(Answer(status=None, message=str(error), cause=error), paid=paid) from error
        except (APIError, ValueError, AttributeError) as error:
            # A body that is not what its header says.
            raise (no_id if paid else unreadable)(self._backend, error) from error

    def _error(self, answer: Answer, *, paid: bool) -> Exception:
        said = answer.message.casefold()
        if answer.status == 400 and ("promptimage" in said or "asset" in said):
            return AssetUnreachableError(
                self._backend, f"cannot read the picture ({answer.words}).", "Replace it."
            )
        return error_of(self._backend, answer, paid=paid, key_variable=self._catalog.key_variable)


def _answer(error: "APIStatusError") -> Answer:
    body = error.body if isinstance(error.body, dict) else {}
    return Answer(
        status=error.status_code,
        message=str(body.get("error") or error.message),
        headers=error.response.headers,
        cause=error,
    )


def _credits(cost: Any) -> Money | None:
    found = getattr(cost, "credits", None)
    return None if found is None else Money(Decimal(str(found)) * CREDIT, "USD")
