"""Run from the repository: ``python -m benchmarks.orchestration [part ...]``; without a part, all of them.

``overhead``: per spot, with Prefect's embedded server. ``postgres``: the same with a server on PostgreSQL.
``again``: the second run of an unchanged batch of 1,000 rows. ``pool``: two processes of one machine's pool
against one. ``workers``: two Prefect workers against one.
"""

import os
import platform
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

import psutil

from benchmarks.orchestration import again, overhead, workers

PARTS = {
    "overhead": overhead.embedded,
    "postgres": overhead.on_postgres,
    "again": again.measure,
    "pool": workers.in_a_pool,
    "workers": workers.of_prefect,
}


def main() -> None:
    names = sys.argv[1:] or list(PARTS)
    if unknown := set(names) - set(PARTS):
        raise SystemExit(f"There is no part {', '.join(unknown)}, but {', '.join(PARTS)}.")
    print(f"Python {platform.python_version()}, prefect {version('prefect')}; {psutil.cpu_count()} cores")
    for name in names:
        print(f"\n{name}, load {os.getloadavg()[0]:.1f}")
        with tempfile.TemporaryDirectory() as folder:
            PARTS[name](Path(folder))


main()
