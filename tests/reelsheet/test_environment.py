import os
import subprocess
import sys
from pathlib import Path

from reelsheet.environment import DEFAULTS

ENCODE = """
import sys
from pathlib import Path
from media.encode import EncodeSettings, VideoEncoder
from media.planes import blank_planes

settings = EncodeSettings(codec="libsvtav1", preset="12")
with VideoEncoder(Path(sys.argv[1]), 64, 64, 24, settings) as encoder:
    for _ in range(3):
        encoder.write(blank_planes(64, 64))
"""


def test_an_av1_encoder_says_nothing_on_the_terminal_when_all_is_well(tmp_path: Path) -> None:
    environment = {**os.environ, **DEFAULTS, "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-c", ENCODE, str(tmp_path / "a.mp4")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")
