import json
from dataclasses import replace
from pathlib import Path

import pytest

from campaign.errors import FinishError, LabelError
from finishing.labels import AigcLabel, count_labels, label_size, parse_metadata, read_labels
from media.command import run_ffmpeg
from media.encode import EncodeSettings, VideoEncoder
from media.mux import join
from media.planes import blank_planes
from media.probe import probe
from tests.finishing.conftest import Made

LABEL = AigcLabel(content_producer="00119111010100000000", produce_id="tea01-1")


def test_the_metadata_has_the_standards_seven_fields_in_order() -> None:
    assert list(json.loads(LABEL.as_metadata())) == [
        "Label",
        "ContentProducer",
        "ProduceID",
        "ReservedCode1",
        "ContentPropagator",
        "PropagateID",
        "ReservedCode2",
    ]


def test_what_is_written_is_read_as_it_was() -> None:
    assert parse_metadata(LABEL.as_metadata(), Path("v.mp4")) == LABEL


@pytest.mark.parametrize(
    "change",
    [
        {"content_producer": ""},
        {"produce_id": ""},
        {"produce_id": "a b"},
        {"reserved_code1": "清和"},
        {"label": "4"},
    ],
)
def test_a_field_that_the_standard_does_not_allow_is_refused(change: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"empty|not printable|must be"):
        replace(LABEL, **change).as_metadata()


@pytest.mark.parametrize("text", ["not json", "[]", '{"Label":"1"}', LABEL.as_metadata().replace('"1"', "1")])
def test_foreign_metadata_is_a_label_error(text: str) -> None:
    with pytest.raises(LabelError, match=r"v\.mp4"):
        parse_metadata(text, Path("v.mp4"))


def test_letters_are_large_enough_under_every_reading() -> None:
    # Latin capitals are at least 0.67 of the em in the fonts that were measured.
    for side in (480, 720, 1080):
        assert label_size(side) * 0.67 >= 0.05 * side


def test_both_labels_are_read_back(made: Made) -> None:
    read = read_labels(made.video, made.facts.label_box)
    assert read.aigc == made.job.metadata
    assert (read.aigc_problem, read.visible_problem) == ("", "")
    assert [sight.time for sight in read.visible] == [0.0, 2.0]
    assert all(sight.ink_share >= 0.05 for sight in read.visible)


def test_a_place_without_the_label_is_not_taken_for_one(made: Made) -> None:
    left, top, right, bottom = made.facts.label_box or (0, 0, 0, 0)
    below = (left, top + 100, right, bottom + 100)
    assert read_labels(made.video, below).visible_problem
    assert read_labels(made.video, None).visible_problem == "None was drawn."


def test_an_ordinary_remux_loses_the_metadata_and_is_caught(made: Made, tmp_path: Path) -> None:
    plain = tmp_path / "remuxed.mp4"
    run_ffmpeg(("-v", "error", "-i", str(made.video), "-c", "copy", str(plain)))
    assert read_labels(plain, made.facts.label_box).aigc_problem == "It has no AIGC metadata."


def test_two_metadata_labels_in_one_file_are_refused(made: Made, tmp_path: Path) -> None:
    assert count_labels(made.video) == 1
    twice, text = tmp_path / "twice.mp4", LABEL.as_metadata()
    with VideoEncoder(tmp_path / "bare.mp4", 32, 32, 24, EncodeSettings()) as encoder:
        encoder.write(blank_planes(32, 32))
    join(tmp_path / "bare.mp4", None, twice, {"AIGC": text, "AIGX": text})
    twice.write_bytes(twice.read_bytes().replace(b"mdtaAIGX", b"mdtaAIGC"))
    assert count_labels(twice) == 2
    assert "2 AIGC labels" in read_labels(twice, None).aigc_problem


def test_a_file_cut_short_is_named(made: Made, tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(made.video.read_bytes()[:200])
    with pytest.raises(FinishError, match=r"broken\.mp4"):
        probe(broken)
