"""Fetching a result by its URL: https only, from public addresses only, whole or not at all.

httpcore instead of httpx: httpx writes every URL to the log, and a result's URL is a key to it.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpcore

from campaign.hosted_errors import AssetUnreachableError

_TIMEOUTS = {"connect": 10.0, "read": 60.0, "write": 30.0, "pool": 60.0}
_MOST_REDIRECTS = 3
KEPT = "Run the same command again: the paid task is kept."


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """From where a vendor's results may come."""

    backend: str
    loopback: bool
    """Only where the vendor itself is on this machine."""
    most_bytes: int


def is_loopback(url: str) -> bool:
    return urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1")


class Downloader:
    """Connections to where results lie."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._pool = httpcore.AsyncConnectionPool(
            max_connections=8, network_backend=_PublicNetwork(source.loopback)
        )

    async def close(self) -> None:
        await self._pool.aclose()

    async def fetch(self, url: str, part: Path) -> None:
        """The file at ``url`` into ``part``; what was there is overwritten.

        Raises:
            AssetUnreachableError: it is not whole, too large, not there, or nothing that we fetch from.
        """
        for _ in range(_MOST_REDIRECTS + 1):
            self._check(url)
            try:
                async with self._pool.stream(
                    "GET", url, headers={"accept": "video/*,*/*"}, extensions={"timeout": _TIMEOUTS}
                ) as answer:
                    headers = {
                        name.decode().lower(): value.decode("latin-1") for name, value in answer.headers
                    }
                    if answer.status in (301, 302, 303, 307, 308):
                        url = urljoin(url, headers.get("location", ""))
                        continue
                    if answer.status != 200:
                        raise self._error(f"its result answers {answer.status}")
                    await self._save(answer.aiter_stream(), headers.get("content-length"), part)
                    return
            except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException) as error:
                raise self._error(f"its result broke off ({type(error).__name__}: {error})") from error
        raise self._error(f"its result is redirected more than {_MOST_REDIRECTS} times")

    async def _save(self, chunks: Any, length: str | None, part: Path) -> None:
        await save_stream(chunks, length, part, self._source)

    def _check(self, url: str) -> None:
        try:
            parts = urlsplit(url)
        except ValueError as error:
            raise self._error("its result lies at what is no address") from error
        local = self._source.loopback and parts.hostname in ("127.0.0.1", "localhost", "::1")
        if parts.scheme != "https" and not (parts.scheme == "http" and local):
            raise self._error(f"its result lies at {parts.scheme}://{parts.hostname}, which is not https")

    def _error(self, problem: str) -> AssetUnreachableError:
        return AssetUnreachableError(self._source.backend, f"{problem}.", KEPT)


async def save_stream(chunks: Any, length: str | None, part: Path, source: Source) -> None:
    """Write a body that must be as long as its header says, and no longer than ``source`` allows.

    Raises:
        AssetUnreachableError: it is not.
    """
    written = 0
    expected = int(length) if length and length.isdigit() else None
    if expected is not None and expected > source.most_bytes:
        raise AssetUnreachableError(source.backend, f"its result has {expected} bytes.", _too_large(source))
    with part.open("wb") as file:
        async for chunk in chunks:
            written += len(chunk)
            if written > source.most_bytes:
                raise AssetUnreachableError(source.backend, "its result has no end.", _too_large(source))
            file.write(chunk)
    if expected is not None and written != expected:
        raise AssetUnreachableError(
            source.backend, f"its result has {written} bytes, but said {expected}.", KEPT
        )
    if not written:
        raise AssetUnreachableError(source.backend, "its result is empty.", KEPT)


def _too_large(source: Source) -> str:
    return f"At most {source.most_bytes} are fetched; raise the limit in the settings if that is right."


class _PublicNetwork(httpcore.AsyncNetworkBackend):
    """Connects to the address that was checked, so that a name cannot change between check and connect."""

    def __init__(self, loopback: bool) -> None:
        self._loopback = loopback
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise httpcore.ConnectError(f"{host} has no address now ({error})") from error
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        for address in addresses:
            ip = ipaddress.ip_address(address)
            if not (ip.is_global or (self._loopback and ip.is_loopback)):
                raise httpcore.ConnectError(f"{host} is at {address}, which is not a public address")
        return await self._inner.connect_tcp(addresses[0], port, timeout, local_address, socket_options)

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)
