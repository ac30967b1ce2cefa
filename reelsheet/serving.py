"""The process of our own Prefect server: ``python -m reelsheet.serving <port>``, ended by a signal."""

import sys

from reelsheet.imports import nothing_collected


def serve(port: int) -> None:
    """Serve Prefect's API on loopback."""
    with nothing_collected():
        import uvicorn  # noqa: PLC0415
        from prefect.server.api.server import create_app  # noqa: PLC0415

        app = create_app()
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="error")


if __name__ == "__main__":
    serve(int(sys.argv[1]))
