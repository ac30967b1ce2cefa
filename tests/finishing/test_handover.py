import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from campaign.cue import Cue
from finishing.handover import HandoverJob, handover_recipe, write_otio
from finishing.sound import PlacedLine
from tests.finishing.conftest import Made


@pytest.fixture
def job(made: Made) -> HandoverJob:
    lines = tuple(
        PlacedLine(path=made.folder / f"{shot.shot_id}.wav", start=shot.voice_start or 0.0)
        for shot in made.timeline.shots
    )
    return HandoverJob(rendition=made.job, lines=lines, place="茶 1-1_9x16")


def written(job: HandoverJob, folder: Path) -> dict[str, Any]:
    write_otio(job, folder / "spot.otio")
    timeline: dict[str, Any] = json.loads((folder / "spot.otio").read_text(encoding="utf-8"))
    return timeline


def clips(track: dict[str, Any]) -> list[dict[str, Any]]:
    return [child for child in track["children"] if child["OTIO_SCHEMA"] == "Clip.2"]


def test_an_editor_gets_the_cut_over_the_untouched_takes(
    made: Made, job: HandoverJob, tmp_path: Path
) -> None:
    timeline = written(replace(job, rendition=replace(made.job, crossfades=(0.5,))), tmp_path)
    assert timeline["OTIO_SCHEMA"] == "Timeline.1"
    video, sound, _ = timeline["tracks"]["children"]
    kinds = [child["OTIO_SCHEMA"] for child in video["children"]]
    assert kinds == ["Clip.2", "Transition.1", "Clip.2", "Clip.2"]
    lengths = [clip["source_range"]["duration"]["value"] for clip in clips(video)]
    assert sum(lengths) == made.timeline.num_frames
    assert sound["children"][0]["source_range"]["duration"]["value"] == made.timeline.num_frames
    assert [marker["name"] for marker in video["markers"]] == [cue.text for cue in made.job.cues]


def test_cues_of_both_languages_are_markers_of_two_colours(
    made: Made, job: HandoverJob, tmp_path: Path
) -> None:
    second = (Cue(start=0.5, end=1.5, text="New tea: it's {here}"),)
    timeline = written(replace(job, rendition=replace(made.job, second=second)), tmp_path)
    markers = timeline["tracks"]["children"][0]["markers"]
    assert [marker["color"] for marker in markers] == ["WHITE"] * len(made.job.cues) + ["CYAN"]
    assert markers[-1]["name"] == second[0].text
    assert markers[-1]["marked_range"]["start_time"]["value"] == 12
    assert markers[-1]["marked_range"]["duration"]["value"] == 24


def test_every_file_is_referred_to_by_its_name_beside_the_project(
    made: Made, job: HandoverJob, tmp_path: Path
) -> None:
    timeline = written(job, tmp_path)
    beside = {f"{job.place}{ending}": path for ending, path in job.media.items()}
    for track in timeline["tracks"]["children"]:
        for clip in clips(track):
            url = clip["media_references"]["DEFAULT_MEDIA"]["target_url"]
            assert url.isascii()
            assert beside[unquote(url)].is_file()
    assert beside["茶 1-1_9x16_take1.mp4"] == made.job.clips[0]
    assert str(made.folder) not in json.dumps(timeline)


def test_the_voice_by_itself_lies_where_it_is_heard_and_is_switched_off(
    made: Made, job: HandoverJob, tmp_path: Path
) -> None:
    voice = written(job, tmp_path)["tracks"]["children"][2]
    assert not voice["enabled"]
    place, starts = 0.0, []
    for child in voice["children"]:
        if child["OTIO_SCHEMA"] == "Clip.2":
            starts.append(place)
        place += child["source_range"]["duration"]["value"]
    assert starts == [round(line.start * 24) for line in job.lines]


def test_the_project_says_that_its_takes_bear_no_label(job: HandoverJob, tmp_path: Path) -> None:
    told = written(job, tmp_path)["metadata"]["reelsheet"]
    assert told["ai_generated"] is True
    assert told["label"] == "AI生成"


def test_the_recipe_goes_by_what_is_cut_and_where_it_is_called(made: Made, job: HandoverJob) -> None:
    recipe = handover_recipe(job)
    assert recipe == handover_recipe(replace(job))
    assert recipe != handover_recipe(replace(job, place="b"))
    assert recipe != handover_recipe(replace(job, rendition=replace(made.job, title="other")))
