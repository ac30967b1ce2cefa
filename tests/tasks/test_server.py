import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import prefect
import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from campaign.fleet_errors import ServerError
from tasks.server import require_server
from tasks.setup import Dispatch


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of something that says it is a Prefect server of the version given as parameter."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(request.param).encode())

        def log_message(self, *_: object) -> None:
            pass

    listening = HTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=listening.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{listening.server_port}/api"
    listening.shutdown()
    thread.join()
    listening.server_close()


@pytest.mark.parametrize("server", ["3.1.15", "2.20.3"], indirect=True)
def test_a_server_of_another_version_is_refused_with_both_versions(server: str) -> None:
    with (
        temporary_settings({PREFECT_API_URL: server}),
        pytest.raises(
            ServerError, match=rf"runs Prefect [23]\.\d+\.\d+, but this machine has {prefect.__version__}"
        ),
    ):
        require_server(Dispatch.HERE)


@pytest.mark.parametrize("server", [prefect.__version__], indirect=True)
def test_a_server_of_this_version_is_let_pass(server: str) -> None:
    with temporary_settings({PREFECT_API_URL: server}):
        require_server(Dispatch.POOLS)


def test_a_server_that_is_not_there_is_said_with_what_starts_it() -> None:
    with (
        temporary_settings({PREFECT_API_URL: "http://127.0.0.1:9/api"}),
        pytest.raises(ServerError, match=r"127\.0\.0\.1:9/api: it does not answer .*prefect server start"),
    ):
        require_server(Dispatch.HERE)


def test_pools_without_any_server_are_refused_and_a_laptop_needs_none() -> None:
    with temporary_settings(restore_defaults={PREFECT_API_URL}):
        require_server(Dispatch.HERE)
        with pytest.raises(ServerError, match="Set PREFECT_API_URL to its address"):
            require_server(Dispatch.POOLS)
