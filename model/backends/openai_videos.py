"""Any server of the ``/v1/videos`` contract through OpenAI's SDK (openai 3.51.0): vLLM-Omni, gateways.

OpenAI's own service of it ended on 2026-09-24, so there is no default address.
"""

import warnings
from collections.abc import AsyncIterator, Callable, Container
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from campaign.hosted_errors import AssetUnreachableError, HostedError
from campaign.money import Money
from model.hosting.answer import Answer, error_of, no_id, unreadable
from model.hosting.backend import HostedBackend
from model.hosting.catalog import Catalog, Mode
from model.hosting.download import KEPT, Source, save_stream
from model.hosting.options import HostedOptions
from model.hosting.vendor import Begun, Found, Job, Report, TaskStatus, Vendor

if TYPE_CHECKING:
    from openai import APIStatusError

P = ParamSpec("P")
T = TypeVar("T")

STATUSES = {
    "queued": TaskStatus.QUEUED,
    "in_progress": TaskStatus.RUNNING,
    "completed": TaskStatus.SUCCEEDED,
    "failed": TaskStatus.FAILED,
    "cancelled": TaskStatus.CANCELLED,
}
UNSAFE = ("moderation", "content_policy")
MOST_LISTED = 2000
"""Tasks that are looked through for a lost one."""


class OpenAIVideosBackend(HostedBackend):
    catalog_name = "openai_videos"

    def connect(self, options: HostedOptions) -> Vendor:
        return OpenAIVideosAccount(self.name, self.catalog, options)


class OpenAIVideosAccount:
    """One key at one server."""

    def __init__(self, backend: str, catalog: Catalog, options: HostedOptions) -> None:
        from openai import AsyncOpenAI  # noqa: PLC0415  # An extra.

        self._backend = backend
        self._catalog = catalog
        self._most_bytes = options.most_bytes
        # Retries of the SDK's own would send the paid request again.
        self._client = AsyncOpenAI(
            api_key=options.key.get_secret_value(),
            base_url=options.base_url or catalog.base_url,
            max_retries=0,
            timeout=60.0,
        )

    async def submit(self, job: Job) -> Begun:
        extra: dict[str, Any] = {**job.fields(), **job.model.fixed}
        sent: dict[str, Any] = {"prompt": job.prompt, "model": job.name}
        if job.model.frames:
            extra |= {"num_frames": str(job.num_frames), "fps": str(job.fps)}
        else:
            sent["seconds"] = str(job.seconds)
        if "size" in extra:
            sent["size"] = extra.pop("size")
        if job.seed is not None:
            extra["seed"] = str(job.seed)
        if job.negative:
            extra["negative_prompt"] = job.negative
        if job.mode is Mode.IMAGE and job.image:
            sent["input_reference"] = job.image
        async with self._asking(paid=True):
            answer: Any = await _quietly(self._client.videos.create, **sent, extra_body=extra)
        task_id = getattr(answer, "id", None)
        if not isinstance(task_id, str) or not task_id:
            raise no_id(self._backend, answer)
        return Begun(task_id=task_id)

    async def poll(self, task_id: str, job: Job) -> Report:  # noqa: ARG002
        async with self._asking(paid=False):
            video: Any = await _quietly(self._client.videos.retrieve, task_id)
        status = getattr(video, "status", None)
        if not isinstance(status, str):
            raise unreadable(self._backend, video)
        error = getattr(video, "error", None)
        code = getattr(error, "code", None) or ""
        known = STATUSES.get(status, TaskStatus.RUNNING)
        refused = known is TaskStatus.FAILED and any(word in code for word in UNSAFE)
        reason = " ".join(part for part in (code, getattr(error, "message", None)) if part)
        return Report(
            task_id=task_id,
            status=TaskStatus.REFUSED if refused else known,
            progress=(getattr(video, "progress", None) or 0) / 100,
            reason=reason if status in STATUSES else f"unknown status {status}",
        )

    async def fetch(self, report: Report, part: Path, most_bytes: int) -> None:
        """The bytes come from the server itself, with the key; no URL is followed."""
        from httpx2 import HTTPError  # noqa: PLC0415  # Comes with openai.

        source = Source(backend=self._backend, loopback=True, most_bytes=most_bytes)
        videos = self._client.videos.with_streaming_response
        try:
            async with (
                self._asking(paid=False),
                _quietly(videos.download_content, report.task_id) as answer,
            ):
                await save_stream(answer.iter_bytes(), answer.headers.get("content-length"), part, source)
        except AssetUnreachableError:
            raise
        except (HTTPError, HostedError) as error:
            raise AssetUnreachableError(
                self._backend, f"its result broke off ({type(error).__name__}).", KEPT
            ) from error

    async def cancel(self, task_id: str) -> bool:
        async with self._asking(paid=False):
            return bool((await _quietly(self._client.videos.delete, task_id)).deleted)

    async def find(self, job: Job, since: datetime, known: Container[str]) -> list[Found]:
        """Newest first, until they are older than ``since``."""
        found: list[Found] = []
        async with self._asking(paid=False):
            page: Any = await _quietly(self._client.videos.list, limit=100, order="desc")
            async for video in page:
                created = datetime.fromtimestamp(video.created_at, UTC)
                if created < since or len(found) == MOST_LISTED:
                    break
                if video.id not in known and getattr(video, "model", None) in (job.name, None):
                    prompt = getattr(video, "prompt", None)
                    found.append(Found(task_id=video.id, created_at=created, prompt=prompt))
        return found

    async def balance(self) -> Money | None:
        return None

    async def close(self) -> None:
        await self._client.close()

    @asynccontextmanager
    async def _asking(self, *, paid: bool) -> AsyncIterator[None]:
        """What the SDK raises, in our words."""
        from openai import APIConnectionError, APIError, APIStatusError  # noqa: PLC0415  # An extra.

        try:
            yield
        except APIStatusError as error:
            raise self._error(_answer(error), paid=paid) from error
        except APIConnectionError as error:
            raise self._error(Answer(status=None, message=str(error), cause=error), paid=paid) from error
        except (APIError, ValueError, AttributeError, TypeError) as error:
            # A body that is not what its header says.
            raise (no_id if paid else unreadable)(self._backend, error) from error

    def _error(self, answer: Answer, *, paid: bool) -> Exception:
        return error_of(self._backend, answer, paid=paid, key_variable=self._catalog.key_variable)


def _quietly(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call without the warning, given by every method, that OpenAI's own service has ended."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return call(*args, **kwargs)


def _answer(error: "APIStatusError") -> Answer:
    return Answer(
        status=error.status_code,
        code=error.code or "",
        message=error.message,
        headers=error.response.headers,
        cause=error,
    )
