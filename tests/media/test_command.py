import pickle

import pytest

from campaign.errors import CommandError
from media.command import run_ffmpeg


def test_the_log_comes_back() -> None:
    assert "frame=" in run_ffmpeg(("-f", "lavfi", "-i", "color=s=16x16:d=0.1", "-f", "null", "-"))


def test_a_failure_carries_the_command_and_ffmpegs_own_words() -> None:
    with pytest.raises(CommandError) as caught:
        run_ffmpeg(("-i", "there is no such: file.mp4", "-f", "null", "-"))
    again = pickle.loads(pickle.dumps(caught.value))
    assert "there is no such: file.mp4" in again.command
    assert "No such file" in str(again)
