"""A machine without torch computes the keys of takes that another one makes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from campaign.content_key import as_json
from campaign.errors import BackendMissingError, CheckpointError
from model.backends.wan import USUAL_TFLOPS, WanBackend
from model.wan.checkpoint import Checkpoint
from model.wan.library import prompt_clean
from model.wan.load import load_tokenizer
from model.wan.options import WanOptions
from model.wan.words import cleaned, read_tokenizer, token_count
from tests.model.wan.asking import ask
from tests.torchless import WITHOUT_TORCH

ROOT = Path(__file__).parents[3]
ASKED = """
import json, sys
from pathlib import Path
from campaign.content_key import as_json
from model.backends.wan import WanBackend
from model.wan.options import WanOptions
from tests.model.wan.asking import ask

backend = WanBackend(WanOptions(**json.loads(sys.argv[1]), elsewhere=True))
request = ask()
backend.check(request)
estimate = backend.estimate(request)
print(json.dumps([as_json(backend.recipe(request)), estimate.gpu_seconds, estimate.basis, backend.outlook()]))
"""
TEXTS = (
    "山里的晨雾，是春天的第一口。",
    "A  warm cup &amp; a slow\tmorning\n…",
    "caf\u00e9 \u201cquoted\u201d Ã©tÃ© &lt;b&gt; ｆｕｌｌ　ｗｉｄｔｈ",
    "   ",
)


def asked(options: dict[str, object]) -> tuple[object, float, str, str]:
    """Recipe, seconds, their basis and the outlook, as a process sees it that has no torch."""
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_TORCH + ASKED, json.dumps(options)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    recipe, seconds, basis, outlook = json.loads(done.stdout)
    return recipe, seconds, basis, outlook


def test_a_machine_without_torch_gives_a_take_the_key_that_its_maker_does(
    checkpoints: dict[str, Checkpoint], tmp_path: Path
) -> None:
    options: dict[str, object] = {"checkpoint": str(checkpoints["t2v-a14b"].path), "tflops": 800.0}
    recipe, seconds, basis, outlook = asked(options)
    maker = WanBackend(WanOptions(**options, folder=tmp_path))  # type: ignore[arg-type]
    assert recipe == as_json(maker.recipe(ask()))
    assert seconds > 0
    assert "at 800 TFLOP/s, the rate that was set" in basis
    assert outlook.endswith("made by the workers of the pool gpu, whose devices are not seen from here")


def test_a_rate_that_nobody_set_is_an_h100s(checkpoints: dict[str, Checkpoint]) -> None:
    path = str(checkpoints["t2v-a14b"].path)
    _, seconds, basis, _ = asked({"checkpoint": path})
    _, faster, _, _ = asked({"checkpoint": path, "tflops": 2 * USUAL_TFLOPS})
    assert "set tflops" in basis
    assert seconds == pytest.approx(2 * faster)


def test_who_makes_takes_here_is_told_which_package_is_missing(
    checkpoints: dict[str, Checkpoint], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("model.wan.models.ENGINE_PACKAGES", ("torch", "no_such_package"))
    path = str(checkpoints["t2v-a14b"].path)
    with pytest.raises(BackendMissingError, match=r"needs the package no_such_package.*\[gpu\]"):
        WanBackend(WanOptions(checkpoint=path)).check(ask())
    WanBackend(WanOptions(checkpoint=path, elsewhere=True)).check(ask())


@pytest.mark.parametrize("text", TEXTS)
def test_words_are_cleaned_and_counted_as_the_pipeline_does(
    text: str, checkpoints: dict[str, Checkpoint]
) -> None:
    assert cleaned(text) == prompt_clean(text)
    checkpoint = checkpoints["t2v-a14b"]
    theirs = load_tokenizer(checkpoint)(prompt_clean(text), add_special_tokens=True).input_ids
    assert token_count(read_tokenizer(checkpoint), text) == len(theirs)


def test_a_tokenizer_without_its_own_librarys_file_is_read_by_transformers(
    checkpoints: dict[str, Checkpoint], monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoint = checkpoints["t2v-a14b"]
    usual = token_count(read_tokenizer(checkpoint), TEXTS[0])
    monkeypatch.setattr("model.wan.words.FILE", "not there.json")
    assert token_count(read_tokenizer(checkpoint), TEXTS[0]) == usual


def test_a_broken_tokenizer_is_said_in_words(
    checkpoints: dict[str, Checkpoint], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("model.wan.words.FILE", "tokenizer_config.json")
    with pytest.raises(CheckpointError, match="its files make no tokenizer"):
        read_tokenizer(checkpoints["t2v-a14b"])
