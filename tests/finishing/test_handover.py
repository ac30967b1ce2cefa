import json
from dataclasses import replace
from pathlib import Path

from finishing.handover import write_otio
from tests.finishing.conftest import Made


def test_an_editor_gets_the_cut_over_the_untouched_takes(made: Made, tmp_path: Path) -> None:
    path = made.folder / "spot.otio"
    write_otio(replace(made.job, crossfades=(0.5,)), path)
    timeline = json.loads(path.read_text(encoding="utf-8"))
    assert timeline["OTIO_SCHEMA"] == "Timeline.1"
    video, sound = timeline["tracks"]["children"]
    kinds = [child["OTIO_SCHEMA"] for child in video["children"]]
    assert kinds == ["Clip.2", "Transition.1", "Clip.2", "Clip.2"]
    clips = [child for child in video["children"] if child["OTIO_SCHEMA"] == "Clip.2"]
    lengths = [clip["source_range"]["duration"]["value"] for clip in clips]
    assert sum(lengths) == made.timeline.num_frames
    assert sound["children"][0]["source_range"]["duration"]["value"] == made.timeline.num_frames
    media = clips[0]["media_references"]["DEFAULT_MEDIA"]
    assert (path.parent / media["target_url"]).samefile(made.job.clips[0])
    assert [marker["name"] for marker in video["markers"]] == [cue.text for cue in made.job.cues]
