import platform
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
CHURN = """
import resource
import numpy as np
from tasks.pool import keep_freed_memory

def churn():
    pictures = [np.ones(3_000_000, dtype=np.uint8) for _ in range(20)]
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

keep_freed_memory()
print(churn() - churn())
"""
LOADS = "import sys, tasks.builds; from model.registry import load_backend; load_backend('animatic')"


def test_a_worker_takes_neither_prefect_nor_the_database_along() -> None:
    asked = f"{LOADS}; print(*{{'prefect', 'sqlalchemy', 'pandas', 'torch'}}.intersection(sys.modules))"
    said = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    assert said.stdout.split() == []


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="mallopt is glibc's")
def test_a_workers_pictures_lie_where_earlier_ones_lay() -> None:
    said = subprocess.run([sys.executable, "-c", CHURN], cwd=ROOT, capture_output=True, text=True, check=True)
    # Twenty pictures have 14,600 pages.
    assert -int(said.stdout) < 2000
