"""The line over a hosted backend, without an account: ``make demo-hosted``.

A server on this machine speaks Bailian's documented wire format and takes no money. The campaign is planned,
made, made again, and its costs are shown.
"""

import os
import subprocess
import sys
from pathlib import Path

from tests.contract.vendors.cases import CASES

ROOT = Path(__file__).parent.parent
HOME = ROOT / ".reelsheet" / "hosted"
SHEET = """\
id,copy,product,brand,language,duration,aspects,backend
mug,Slow mornings start with a warm cup. Hand thrown.,Morning mug,harbor_ceramics,en,10,16:9,bailian
tea,山里的晨雾，是春天的第一口。一杯喝到整个春天。,春茶,qinghe_tea,zh,10,9:16;1:1,bailian
old,山里的晨雾。,春茶,qinghe_tea,zh,8,9:16,openai-videos:sora-2
"""


def main() -> None:
    HOME.mkdir(parents=True, exist_ok=True)
    sheet = HOME / "hosted.csv"
    sheet.write_text(SHEET, encoding="utf-8")
    with CASES["bailian"].server(render_seconds=2.0) as server:
        server.shrink = 1
        (HOME / "reelsheet.toml").write_text(
            f'home = "home"\nout = "{(ROOT / "out").as_posix()}"\n\n'
            f'[backends.bailian]\nbase_url = "{server.url}"\n',
            encoding="utf-8",
        )
        environment = {**os.environ, "DASHSCOPE_API_KEY": server.key, "PYTHONPATH": str(ROOT)}
        for words in (("plan", "hosted.csv"), ("make", "hosted.csv"), ("make", "hosted.csv"), ("costs",)):
            print(f"\n$ reelsheet {' '.join(words)}", flush=True)
            subprocess.run(
                [sys.executable, "-m", "reelsheet", *words], cwd=HOME, env=environment, check=False
            )
        print(f"\nThe server was asked for {server.charged:g} USD in all; nothing was paid twice.")


if __name__ == "__main__":
    main()
