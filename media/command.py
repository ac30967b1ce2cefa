"""ffmpeg as a command: the binary that imageio-ffmpeg ships, for what PyAV's build lacks."""

import subprocess
from collections.abc import Sequence

import imageio_ffmpeg

from campaign.errors import CommandError


def run_ffmpeg(arguments: Sequence[str]) -> str:
    """Run one ffmpeg call; its log, where measuring filters write.

    ``arguments`` are everything after the program's name.

    Raises:
        CommandError: ffmpeg returned non-zero; carries the command and ffmpeg's own words.
    """
    command = (imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-hide_banner", "-y", *arguments)
    result = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    if result.returncode != 0:
        raise CommandError(command, result.stderr or f"exit code {result.returncode}")
    return result.stderr
