import asyncio
from pathlib import Path

import pytest

from campaign.hosted_errors import AssetUnreachableError
from model.hosting.download import Downloader, Source
from tests.contract.vendors.runway import RunwayServer
from tests.contract.vendors.wire import Task

FILM = Task("film", "gen4.5", "a cup", 64, 64, 1.0, 8, 1)


def fetched(url: str, folder: Path, *, loopback: bool, most: int = 1 << 20) -> bytes:
    async def go() -> None:
        downloader = Downloader(Source(backend="runway", loopback=loopback, most_bytes=most))
        try:
            await downloader.fetch(url, folder / "film.part")
        finally:
            await downloader.close()

    asyncio.run(go())
    return (folder / "film.part").read_bytes()


def test_a_vendor_on_this_machine_may_be_fetched_from_without_tls(tmp_path: Path) -> None:
    with RunwayServer() as server:
        server.tasks["film"] = FILM
        assert fetched(server.signed(FILM), tmp_path, loopback=True).endswith(b"film")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://example.com/film.mp4", "is not https"),
        ("http://127.0.0.1:9/film.mp4", "is not https"),
        ("ftp://example.com/film.mp4", "is not https"),
        ("file:///etc/passwd", "is not https"),
        ("https://127.0.0.1:9/film.mp4", "not a public address"),
        ("https://localhost:9/film.mp4", "not a public address"),
        ("https://10.0.0.1/film.mp4", "not a public address"),
        ("https://169.254.169.254/latest/meta-data", "not a public address"),
        ("https://[::1]:9/film.mp4", "not a public address"),
        ("https://[fd00::1]/film.mp4", "not a public address"),
        ("https://[::ffff:10.0.0.1]/film.mp4", "not a public address"),
        ("https://[nowhere/film.mp4", "no address"),
        ("https://nowhere.invalid/film.mp4", "has no address now"),
    ],
)
def test_nothing_is_fetched_but_over_https_from_public_addresses(url: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(AssetUnreachableError, match=said):
        fetched(url, tmp_path, loopback=False)


def test_a_redirect_to_a_private_address_is_not_followed_even_from_this_machine(tmp_path: Path) -> None:
    with RunwayServer() as server:
        server.tasks["film"] = FILM
        server.order("download", "redirect to private")
        with pytest.raises(AssetUnreachableError, match=r"http://10\.0\.0\.1, which is not https"):
            fetched(server.signed(FILM), tmp_path, loopback=True)


def test_redirects_come_to_an_end(tmp_path: Path) -> None:
    with RunwayServer() as server:
        server.tasks["film"] = FILM
        server.order("download", "redirect to itself", 9)
        with pytest.raises(AssetUnreachableError, match="redirected more than 3 times"):
            fetched(server.signed(FILM), tmp_path, loopback=True)
        assert server.counts["downloads"] == 4


def test_what_is_longer_than_allowed_is_not_written(tmp_path: Path) -> None:
    with RunwayServer() as server:
        server.tasks["film"] = FILM
        with pytest.raises(AssetUnreachableError, match="At most 100"):
            fetched(server.signed(FILM), tmp_path, loopback=True, most=100)
    assert not (tmp_path / "film.part").exists()
