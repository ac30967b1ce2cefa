from pathlib import Path

import pytest
from typer.testing import CliRunner

from campaign.errors import CheckpointError
from model.wan.tiny import save_tiny_checkpoint
from reelsheet.cli import app

run = CliRunner()


@pytest.fixture
def checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "reelsheet.toml").write_text('[backends.wan]\ndevice = "cpu"\n')
    return save_tiny_checkpoint(tmp_path / "published", "t2v-a14b")


def test_a_checkpoint_is_converted_and_told_apart(checkpoint: Path, tmp_path: Path) -> None:
    made = run.invoke(
        app, ["model", "convert", str(checkpoint), "small", "--precision", "fp8"], catch_exceptions=False
    )
    assert made.exit_code == 0
    assert "t2v-a14b, fp8" in made.stdout
    for folder, words in ((checkpoint, "F32"), (tmp_path / "small", "F8_E4M3")):
        looked = run.invoke(app, ["model", "check", str(folder)], catch_exceptions=False)
        assert looked.exit_code == 0
        assert words in looked.stdout
        assert "all experts" in looked.stdout.replace("\n", " ")
    assert "converted from" in looked.stdout


@pytest.mark.parametrize(
    ("broken", "words"),
    [("missing", "no such folder"), ("partial", "there are no weights in it"), ("wrong", "not diffusers")],
)
def test_what_is_no_whole_checkpoint_is_said_in_a_sentence(
    checkpoint: Path, tmp_path: Path, broken: str, words: str
) -> None:
    source = checkpoint
    if broken == "missing":
        source = tmp_path / "nothere"
    elif broken == "partial":
        for file in (checkpoint / "transformer_2").glob("*.safetensors"):
            file.unlink()
    else:
        source = tmp_path / "original"
        (source / "high_noise_model").mkdir(parents=True)
    for command in (["check", str(source)], ["convert", str(source), "small"]):
        found = run.invoke(app, ["model", *command])
        assert isinstance(found.exception, CheckpointError)
        assert words in str(found.exception)
    assert not (tmp_path / "small").exists()
