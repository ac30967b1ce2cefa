"""Alibaba Bailian (Model Studio) through its official SDK's v2 client (dashscope 2.0.2).

The older ``VideoSynthesis`` is not used: it sends a paid request again on a broken connection, and that
cannot be turned off.
"""

from collections.abc import AsyncIterator, Container
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

from campaign.hosted_errors import RefusedError
from campaign.money import Money
from model.hosting.answer import Answer, error_of, no_id, unreadable
from model.hosting.backend import HostedBackend
from model.hosting.catalog import Catalog, Mode
from model.hosting.download import Downloader, Source, is_loopback
from model.hosting.options import HostedOptions
from model.hosting.request import data_uri
from model.hosting.vendor import Begun, Found, Job, Report, TaskStatus, Vendor

STATUSES = {
    "PENDING": TaskStatus.QUEUED,
    "SUSPENDED": TaskStatus.QUEUED,
    "RUNNING": TaskStatus.RUNNING,
    "SUCCEEDED": TaskStatus.SUCCEEDED,
    "FAILED": TaskStatus.FAILED,
    "CANCELED": TaskStatus.CANCELLED,
    # HTTP 200: no such task here, or older than 24 hours.
    "UNKNOWN": TaskStatus.LOST,
}
INSPECTION = "DataInspectionFailed"
PAGE = 100
BEIJING = timezone(timedelta(hours=8))
"""Times in answers carry no zone; they are Beijing's."""


class BailianBackend(HostedBackend):
    catalog_name = "bailian"

    def connect(self, options: HostedOptions) -> Vendor:
        return BailianAccount(self.name, self.catalog, options)


class BailianAccount:
    """One account in one region."""

    def __init__(self, backend: str, catalog: Catalog, options: HostedOptions) -> None:
        from dashscope.v2.client import AsyncClient  # noqa: PLC0415  # An extra, and 1.2 s to import.

        base_url = options.base_url or catalog.base_url
        self._backend = backend
        self._catalog = catalog
        # Retries of the SDK's own would send the paid request again.
        self._client: Any = AsyncClient(
            api_key=options.key.get_secret_value(), base_url=base_url, max_retries=0, timeout=60.0
        )
        self._downloads = Downloader(
            Source(backend=backend, loopback=is_loopback(base_url), most_bytes=options.most_bytes)
        )
        self._prompts: dict[str, str | None] = {}
        """Of tasks that were looked up to find a lost one."""

    async def submit(self, job: Job) -> Begun:
        parameters: dict[str, Any] = {**job.fields(), **job.model.fixed, "duration": job.seconds}
        if job.seed is not None:
            parameters["seed"] = job.seed
        if job.model.audio == "optional":
            parameters["audio"] = False
        async with self._asking(paid=True):
            answer = await self._client.videos.jobs.create(
                model=job.name,
                prompt=job.prompt,
                image_url=data_uri(job.image) if job.mode is Mode.IMAGE and job.image else None,
                extra_input={"negative_prompt": job.negative} if job.negative else None,
                parameters=parameters,
            )
        if not answer.task_id:
            raise no_id(self._backend, answer.request_id)
        return Begun(task_id=answer.task_id)

    async def poll(self, task_id: str, job: Job) -> Report:  # noqa: ARG002
        answer = await self._task(task_id)
        output = answer.get("output") or {}
        status, code = output.get("task_status"), output.get("code") or ""
        if not isinstance(status, str):
            raise unreadable(self._backend, answer)
        known = STATUSES.get(status, TaskStatus.RUNNING)
        reason = " ".join(part for part in (code, output.get("message")) if part)
        return Report(
            task_id=task_id,
            status=TaskStatus.REFUSED if known is TaskStatus.FAILED and INSPECTION in code else known,
            reason=reason if status in STATUSES else f"unknown status {status}",
            seconds=_seconds(answer.get("usage")) if known is TaskStatus.SUCCEEDED else None,
            url=output.get("video_url") or "",
        )

    async def fetch(self, report: Report, part: Path, most_bytes: int) -> None:  # noqa: ARG002
        await self._downloads.fetch(report.url, part)

    async def cancel(self, task_id: str) -> bool:
        """Only a task that waits can be stopped."""
        async with self._asking(paid=False):
            await self._client.videos.jobs.cancel(task_id)
        return True

    async def find(self, job: Job, since: datetime, known: Container[str]) -> list[Found]:
        """Tasks of this model in the last 24 hours. The list has no prompts, so each is looked up once."""
        found = []
        for task_id, created in await self._listed(job.name):
            if created < since or task_id in known:
                continue
            if task_id not in self._prompts:
                output = (await self._task(task_id)).get("output") or {}
                self._prompts[task_id] = output.get("orig_prompt")
            found.append(Found(task_id=task_id, created_at=created, prompt=self._prompts[task_id]))
        return found

    async def balance(self) -> Money | None:
        return None

    async def close(self) -> None:
        await self._client.aclose()
        await self._downloads.close()

    async def _listed(self, model: str) -> list[tuple[str, datetime]]:
        """Ids and times of begin.

        Read from the answer itself: the SDK's ``jobs.list`` looks for ``tasks``, but the service answers
        ``data``, so that every list would look empty and a paid task like one that was never begun.
        """
        listed: list[tuple[str, datetime]] = []
        page, pages = 1, 1
        while page <= pages:
            query = {"model_name": model, "page_no": page, "page_size": PAGE}
            answer = await self._get("/tasks", query)
            rows = answer.get("data", answer.get("tasks"))
            if not isinstance(rows, list) or (answer.get("total") and not rows and page == 1):
                raise unreadable(self._backend, answer)
            listed += [(row["task_id"], _begun(row)) for row in rows]
            pages = int(answer.get("total_page") or -(-int(answer.get("total") or 0) // PAGE))
            page += 1
        return listed

    async def _task(self, task_id: str) -> dict[str, Any]:
        """The task as it is. ``jobs.fetch`` raises for FAILED and drops what the failure says."""
        return await self._get(f"/tasks/{task_id}", None)

    async def _get(self, path: str, query: dict[str, Any] | None) -> dict[str, Any]:
        from dashscope.v2.errors import error_from_status  # noqa: PLC0415  # An extra.

        async with self._asking(paid=False):
            response = await self._client.transport.request("GET", path, params=query, sdk_module="aigc")
            body = response.json()
            if response.status_code >= 400:
                raise error_from_status(
                    response.status_code, message=response.text, body=body, headers=response.headers
                )
        if not isinstance(body, dict):
            raise unreadable(self._backend, body)
        return body

    @asynccontextmanager
    async def _asking(self, *, paid: bool) -> AsyncIterator[None]:
        """What the SDK raises, in our words."""
        from dashscope.v2.errors import APIConnectionError, DashScopeError  # noqa: PLC0415  # An extra.

        try:
            yield
        except APIConnectionError as error:
            answer = Answer(status=None, message=error.message, cause=error)
            raise error_of(
                self._backend, answer, paid=paid, key_variable=self._catalog.key_variable
            ) from error
        except DashScopeError as error:
            raise self._error(error, paid=paid) from error
        except (ValueError, AttributeError, TypeError) as error:
            # HTML where JSON was due.
            raise (no_id if paid else unreadable)(self._backend, error) from error

    def _error(self, error: Any, *, paid: bool) -> Exception:
        code = error.code or ""
        if INSPECTION in code:
            return RefusedError(
                self._backend,
                f"its safety check refused the request ({code}).",
                "Change the row's words or picture.",
            )
        answer = Answer(
            # A business error that came with HTTP 200 is a refusal like any other.
            status=400 if error.status_code in (None, 200) else error.status_code,
            code=code,
            message=error.message,
            headers=error.headers,
            cause=error,
        )
        return error_of(self._backend, answer, paid=paid, key_variable=self._catalog.key_variable)


def _seconds(usage: Any) -> Decimal | None:
    """Billed seconds; older models say ``video_duration``, newer ``duration``."""
    if not isinstance(usage, dict):
        return None
    found = usage.get("video_duration", usage.get("duration"))
    return None if found is None else Decimal(str(found)) * int(usage.get("video_count") or 1)


def _begun(row: dict[str, Any]) -> datetime:
    created = row.get("gmt_create") or row.get("start_time")
    if isinstance(created, int | float):
        return datetime.fromtimestamp(created / 1000, UTC)
    text = str(row.get("submit_time"))
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)
