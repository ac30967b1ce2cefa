"""The second run of an unchanged batch: ``reelsheet make`` where everything is there.

Every spot goes through every stage and finds what it asks for. To make all of it takes most of an hour, so
only the first of each kind is made and its files stand for those of the others, under the others' keys.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from benchmarks.line import reelsheet
from benchmarks.orchestration.overhead import HEAD, ROOT
from campaign.content_key import Json
from campaign.report import BatchReport
from campaign.store import Artefact
from tasks.pool import Made, Pool, Wanted

ROWS = 1_000
ROW = "r{n},山里的晨雾，第 {n} 天。,春茶,qinghe_tea,中文,6,9:16,none\n"
"""Every row has words of its own: nothing is shared but the brand."""
ROUNDS = 3


def measure(folder: Path) -> None:
    sheet = folder / "tea.csv"
    sheet.write_text(HEAD + "".join(ROW.format(n=n) for n in range(ROWS)), encoding="utf-8")
    (folder / "tea.yaml").write_text("size: 360\n", encoding="utf-8")
    subprocess.run(
        [sys.executable, "-m", __name__, str(sheet)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=True,
        stdout=subprocess.DEVNULL,
    )
    print("| run of an unchanged batch | wall s | CPU s, all processes | peak MB, all processes |")
    print("|---|---:|---:|---:|")
    for number in range(1, ROUNDS + 1):
        run = reelsheet(folder, "make", sheet=sheet)
        report = BatchReport.read(folder / "out" / "tea" / "report.json")
        made = [spot.spot_id for row in report.rows for spot in row.spots if spot.made]
        assert report.counts == {"done": ROWS}, report.counts
        assert not made, made
        print(f"| {number} | {run.wall:.1f} | {run.cpu:.1f} | {run.memory:.0f} |", flush=True)


def fill(sheet: Path) -> None:
    """The first run, in a process of its own."""
    from flows.settings import load_settings  # noqa: PLC0415  # Prefect reads its environment at import.
    from reelsheet.environment import prepare_prefect  # noqa: PLC0415
    from reelsheet.own_server import prefect_ready  # noqa: PLC0415

    settings = load_settings()
    prepare_prefect(settings.home, settings.log, settings.log_lines)
    from flows import batch  # noqa: PLC0415

    build, models = Pool.build_all, dict[str, Artefact]()

    def copy_all(pool: Pool, missing: Mapping[str, Wanted]) -> Iterator[tuple[str, Made]]:
        for key, want in missing.items():
            if want.kind in models:
                yield key, pool.store.make(want.kind, want.recipe, partial(_copied, models[want.kind]))
                continue
            for _, made in build(pool, {key: want}):
                if isinstance(made, Artefact):
                    models[want.kind] = replace(made, reused=False)
                yield key, made

    Pool.build_all = copy_all  # type: ignore[method-assign]
    with prefect_ready(settings.dispatch):
        report = batch.make(str(sheet)).report
    assert report.counts == {"done": ROWS}, report.rows[0]


def _copied(model: Artefact, folder: Path) -> Mapping[str, Json]:
    for path in model.folder.iterdir():
        if path.name != "manifest.json":
            shutil.copyfile(path, folder / path.name)
    return model.facts


if __name__ == "__main__":
    fill(Path(sys.argv[1]))
