"""What holds for every backend of the registry before it is asked to make anything."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from campaign.brand_kit import read_kit
from campaign.brief import Language
from campaign.camera import Camera
from campaign.content_key import content_key
from campaign.errors import GenerationError, RequestError
from campaign.frames import Aspect
from campaign.storyboard import Shot, ShotPrompt
from model.backend import Backend, Draft, RunsOn, TakeRequest
from model.registry import BACKENDS, HOSTED, load_backend
from model.wan.options import WanOptions
from model.wan.tiny import save_tiny_checkpoint

ROOT = Path(__file__).parents[3]
LISTING = (
    "import sys, model.registry as r; sorted(r.BACKENDS); print([m for m in {names} if m in sys.modules])"
)


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_checkpoint(tmp_path_factory.mktemp("weights"), "t2v-a14b")


@pytest.fixture(params=sorted(BACKENDS))
def backend(request: pytest.FixtureRequest, checkpoint: Path, tmp_path: Path) -> Backend:
    if request.param == "wan":
        options = WanOptions(checkpoint=str(checkpoint), device="cpu", folder=tmp_path)
        return load_backend("wan", options)
    return load_backend(request.param)


def request_for(backend: Backend, seed: int = 7) -> TakeRequest:
    prompt = ShotPrompt(
        subject="a white cup",
        action="steams",
        environment="on a table",
        camera=Camera(),
        style="warm light",
        negative="",
    )
    shot = Shot(id="tea-1-s1", prompt=prompt, duration=4.0, line="", headline="")
    spec = backend.frame_spec(Aspect.TALL, 720, 4.0)
    kit = read_kit(ROOT / "brand_kits" / "qinghe_tea")
    return TakeRequest(shot=shot, language=Language.EN, spec=spec, seed=seed, kit=kit)


def test_listing_the_backends_imports_none_of_them() -> None:
    modules = [path.partition(":")[0] for path in BACKENDS.values()]
    code = LISTING.format(names=modules)
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"


def test_it_says_where_it_runs_and_what_it_draws(backend: Backend) -> None:
    assert backend.name in BACKENDS or backend.name.partition(":")[0] in BACKENDS
    assert backend.runs_on in RunsOn
    assert isinstance(backend.draws_every_aspect, bool)


@pytest.mark.parametrize("duration", [2.0, 4.0, 4.9])
def test_a_take_is_at_least_as_long_as_asked(backend: Backend, duration: float) -> None:
    assert backend.frame_spec(Aspect.TALL, 720, duration).duration >= duration - 1e-9


def test_ten_minutes_in_one_take_are_refused_in_words(backend: Backend) -> None:
    if backend.runs_on is RunsOn.CPU_POOL:
        return
    with pytest.raises(GenerationError, match=r"\d"):
        backend.frame_spec(Aspect.TALL, 720, 600.0)


def test_a_draft_is_started_from_or_refused_before_anything_is_made(backend: Backend) -> None:
    fresh = request_for(backend)
    wanted = replace(fresh, draft=Draft(key="k", path=None, strength=0.5))
    if backend.name == "wan":
        backend.check(wanted)
        assert content_key(backend.recipe(wanted)) != content_key(backend.recipe(fresh))
        return
    with pytest.raises(RequestError, match="Take refine out"):
        backend.check(wanted)


def test_an_outlook_is_a_line_or_says_why_there_is_none(backend: Backend) -> None:
    assert "\n" not in backend.outlook()
    if backend.name.partition(":")[0] in HOSTED:
        assert "without a key" in backend.outlook()


def test_an_estimate_says_where_it_comes_from(backend: Backend) -> None:
    assert backend.estimate(request_for(backend)).basis


def test_a_recipe_is_plain_data_that_the_same_request_gives_again(backend: Backend) -> None:
    first, again = (backend.recipe(request_for(backend)) for _ in range(2))
    assert json.loads(json.dumps(first)) == first
    assert content_key(first) == content_key(again)
