"""The process of our own Prefect server: ``python -m reelsheet.serving <port>``, ended by a signal."""

import gc
import sys

# Nothing of what is imported is ever garbage; looking for some took a fifth of the start.
gc.disable()

import uvicorn  # noqa: E402
from prefect.server.api.server import create_app  # noqa: E402

if __name__ == "__main__":
    app = create_app()
    gc.freeze()
    gc.enable()
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="error")
