import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
LOADS = "import sys, tasks.builds; from model.registry import load_backend; load_backend('animatic')"


def test_a_worker_takes_neither_prefect_nor_the_database_along() -> None:
    asked = f"{LOADS}; print(*{{'prefect', 'sqlalchemy', 'pandas', 'torch'}}.intersection(sys.modules))"
    said = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    assert said.stdout.split() == []
