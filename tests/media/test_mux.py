from pathlib import Path

import av
import numpy as np
import pytest

from campaign.errors import FinishError
from media.encode import EncodeSettings, VideoEncoder
from media.mux import join
from media.planes import blank_planes
from media.probe import probe
from media.sound import RATE, write_aac


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    path = tmp_path / "p.mp4"
    with VideoEncoder(path, 32, 32, 24, EncodeSettings()) as encoder:
        for number in range(48):
            encoder.write(blank_planes(32, 32, (5 * number, 0, 0)))
    return path


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    path = tmp_path / "s.m4a"
    tone = np.sin(np.arange(2 * RATE) * 0.05)[:, None].repeat(2, axis=1).astype(np.float32) * 0.3
    write_aac(path, tone)
    return path


def packets(path: Path, kind: str) -> list[tuple[bytes, int | None]]:
    with av.open(str(path)) as container:
        stream = getattr(container.streams, kind)[0]
        return [(bytes(packet), packet.pts) for packet in container.demux(stream) if packet.size]


def test_both_streams_are_copied_packet_by_packet_to_the_sample(
    pictures: Path, sound: Path, tmp_path: Path
) -> None:
    join(pictures, sound, tmp_path / "v.mp4")
    facts = probe(tmp_path / "v.mp4")
    assert facts.sound is not None
    assert facts.video is not None
    assert facts.faststart
    assert abs(facts.sound.duration - 2.0) < 1 / 1000
    assert (facts.video.num_frames, facts.video.matrix) == (48, "bt709")
    assert packets(tmp_path / "v.mp4", "audio") == packets(sound, "audio")
    assert packets(tmp_path / "v.mp4", "video") == packets(pictures, "video")


def test_sound_lies_beside_its_pictures(pictures: Path, sound: Path, tmp_path: Path) -> None:
    join(pictures, sound, tmp_path / "v.mp4")
    with av.open(str(tmp_path / "v.mp4")) as container:
        kinds = [packet.stream.type for packet in container.demux() if packet.size]
    assert "audio" in kinds[: len(kinds) // 3]
    assert "video" in kinds[-len(kinds) // 3 :]


def test_a_key_that_mp4_does_not_know_is_kept(pictures: Path, tmp_path: Path) -> None:
    join(pictures, None, tmp_path / "v.mp4", {"AIGC": '{"Label":"1"}'})
    assert probe(tmp_path / "v.mp4").metadata["AIGC"] == '{"Label":"1"}'
    assert probe(tmp_path / "v.mp4").sound is None


def test_a_file_that_lacks_its_stream_is_named(pictures: Path, sound: Path, tmp_path: Path) -> None:
    with pytest.raises(FinishError, match=r"s\.m4a: the file has no video stream"):
        join(sound, sound, tmp_path / "v.mp4")
    with pytest.raises(FinishError, match=r"p\.mp4: the file has no sound stream"):
        join(pictures, pictures, tmp_path / "v.mp4")
    with pytest.raises(FinishError, match=r"v\.mp4 from gone\.mp4"):
        join(tmp_path / "gone.mp4", None, tmp_path / "v.mp4")
