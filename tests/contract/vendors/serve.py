"""One vendor's server to try things out with: ``python -m tests.contract.vendors.serve runway``.

Says its address and key, makes films in full size, takes no real money, and tells in the end what was asked.
"""

import argparse
import signal
import sys
import threading

from tests.contract.vendors.cases import CASES


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("vendor", choices=sorted(CASES))
    arguments.add_argument("--port", type=int, default=0)
    arguments.add_argument("--render-seconds", type=float, default=10.0)
    arguments.add_argument("--balance", type=float, default=10_000.0)
    given = arguments.parse_args()
    case, stop = CASES[given.vendor], threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    server = case.server(port=given.port, render_seconds=given.render_seconds, balance=given.balance)
    server.shrink = 1
    with server:
        sys.stdout.write(f"base_url {server.url}\nkey {server.key}\n")
        sys.stdout.flush()
        stop.wait()
    counts = ", ".join(f"{count} {what}" for what, count in sorted(server.counts.items()))
    sys.stderr.write(f"{counts or 'nothing was asked'}; charged {server.charged:g}\n")


if __name__ == "__main__":
    main()
