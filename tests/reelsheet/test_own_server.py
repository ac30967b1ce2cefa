from pathlib import Path

import httpx
import pytest

from campaign.fleet_errors import ServerError
from reelsheet import own_server
from reelsheet.own_server import OwnServer

TALK = "import sys; print('ImportError: no module'); print(); sys.exit(3)"
SLEEP = "import time; time.sleep(600)"


@pytest.fixture
def serving(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that is started has a database of its own."""
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path))
    monkeypatch.delenv("PREFECT_API_URL", raising=False)


def test_it_answers_with_prefects_version_and_is_gone_when_it_was_stopped(
    tmp_path: Path, serving: None
) -> None:
    own = OwnServer(tmp_path)
    try:
        url = own.ready()
        assert url.startswith("http://127.0.0.1:")
        assert httpx.get(f"{url}/admin/version").json().startswith("3.")
    finally:
        own.stop()
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/health")
    own.stop()


def test_a_server_that_ends_is_told_with_its_last_words_and_where_all_of_them_are(
    tmp_path: Path, serving: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_server, "SERVE", ("-c", TALK))
    with pytest.raises(ServerError, match=r"exit code 3 \(ImportError: no module\)\. .*server\.log"):
        OwnServer(tmp_path).ready()


def test_a_server_that_never_answers_is_ended(
    tmp_path: Path, serving: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_server, "SERVE", ("-c", SLEEP))
    monkeypatch.setattr(own_server, "STARTS_WITHIN", 0.2)
    own = OwnServer(tmp_path)
    with pytest.raises(ServerError, match=r"did not answer within 0 s \(it said nothing\)"):
        own.ready()
    assert own._process.poll() is not None


def test_a_full_disk_is_said_before_it_is_waited_for_in_vain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_server, "ROOM", 10**18)
    with pytest.raises(ServerError, match=r"which has \d+ MB left\. Free space"):
        OwnServer(tmp_path)
