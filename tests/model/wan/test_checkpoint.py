import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from campaign.errors import CheckpointError
from model.wan.blank import WORDS, check_tensors
from model.wan.checkpoint import Checkpoint, open_checkpoint
from model.wan.convert import convert
from model.wan.identity import weights_identity
from model.wan.load import load_expert, load_text_encoder
from model.wan.options import Precision

Copy = Callable[[str], Path]


@pytest.fixture
def copy(checkpoints: dict[str, Checkpoint], tmp_path: Path) -> Copy:
    """A checkpoint of its own, to be spoilt."""
    return lambda variant: Path(shutil.copytree(checkpoints[variant].path, tmp_path / variant))


def change(path: Path, **values: object) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def refused(where: str, says: str) -> None:
    with pytest.raises(CheckpointError, match=says):
        open_checkpoint(where)


def test_each_variant_is_known_by_its_shapes(checkpoints: dict[str, Checkpoint]) -> None:
    assert {name: found.variant.name for name, found in checkpoints.items()} == {
        name: name for name in checkpoints
    }
    assert checkpoints["ti2v-5b"].experts == ("transformer",)


def test_a_hub_id_that_is_not_here_is_refused_with_the_command_that_fetches_it() -> None:
    refused("Wan-AI/No-Such-Model", "not on this machine. Fetch it once: hf download Wan-AI/No-Such-Model")


def test_a_folder_that_is_not_there_is_refused() -> None:
    refused("./no such folder", "there is no such folder")


def test_the_original_release_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "high_noise_model").mkdir()
    refused(
        str(tmp_path), "original release, not diffusers' layout. Use one of Wan-AI/Wan2.2-T2V-A14B-Diffusers"
    )


def test_another_model_is_refused_with_its_shapes(copy: Copy) -> None:
    folder = copy("t2v-a14b")
    change(folder / "model_index.json", transformer_2=[None, None])
    refused(str(folder), r"no Wan2.2 model that we know: 16 channels in, 16 of the VAE, 1 expert")


def test_an_older_model_is_refused_by_its_image_encoder(copy: Copy) -> None:
    folder = copy("i2v-a14b")
    change(folder / "model_index.json", image_encoder=["transformers", "CLIPVisionModel"])
    refused(str(folder), "Wan2.1 model: it has an image encoder")


def test_a_part_that_is_missing_is_named(copy: Copy) -> None:
    folder = copy("t2v-a14b")
    shutil.rmtree(folder / "vae")
    refused(str(folder), "its folder vae is missing")


def test_weights_that_were_not_fetched_are_refused(copy: Copy) -> None:
    folder = copy("t2v-a14b")
    next((folder / "transformer_2").glob("*.safetensors")).unlink()
    refused(str(folder), "there are no weights in it")


def test_shards_that_are_missing_are_counted(copy: Copy, tmp_path: Path) -> None:
    convert(str(copy("t2v-a14b")), None, tmp_path / "small", Precision.BF16, lambda *_: None, shard=40_000)
    files = sorted((tmp_path / "small" / "transformer").glob("*.safetensors"))
    assert len(files) > 1
    files[0].unlink()
    refused(str(tmp_path / "small"), rf"1 of {len(files)} shards are missing: {files[0].name}")


def test_a_download_that_broke_off_is_refused_with_both_sizes(copy: Copy) -> None:
    folder = copy("t2v-a14b")
    file = next((folder / "transformer").glob("*.safetensors"))
    size = file.stat().st_size
    os.truncate(file, size - 100)
    refused(str(folder), rf"ends after {size - 100} of {size} bytes. The download broke off")


def test_a_checkpoint_of_another_family_is_refused_by_its_name(copy: Copy) -> None:
    folder = copy("t2v-a14b")
    change(folder / "transformer_2" / "config.json", _class_name="WanVACETransformer3DModel")
    refused(str(folder), "its transformer_2 is a WanVACETransformer3DModel, which is another model's")
    change(folder / "model_index.json", _class_name="FluxPipeline")
    refused(str(folder), "a checkpoint of FluxPipeline, not of Wan2.2")


def test_a_cache_whose_link_leads_nowhere_is_refused(copy: Copy) -> None:
    folder = copy("t2v-a14b")
    file = next((folder / "vae").glob("*.safetensors"))
    file.unlink()
    file.symlink_to(folder / "blobs" / "0")
    refused(str(folder), f"{file.name} is a link to a file that is not there")


@pytest.mark.parametrize("part", ["tokenizer", "scheduler"])
def test_a_folder_without_its_file_is_refused(part: str, copy: Copy) -> None:
    folder = copy("t2v-a14b")
    for file in (folder / part).iterdir():
        file.unlink()
    refused(str(folder), rf"{part}: \S+.* is missing. Fetch the whole checkpoint")


def test_every_part_is_compared_with_its_config_before_the_first_is_loaded(copy: Copy) -> None:
    folder = copy("t2v-a14b")
    check_tensors(open_checkpoint(str(folder)))
    config = folder / "transformer_2" / "config.json"
    change(config, ffn_dim=64)
    with pytest.raises(
        CheckpointError, match=r"transformer_2: blocks.0.ffn.\S+ is 32, but by its config 64; 6 tensors"
    ):
        check_tensors(open_checkpoint(str(folder)))
    change(config, ffn_dim=32, num_layers=3)
    with pytest.raises(CheckpointError, match=r"27 of the 96 tensors of its config are missing: blocks.2"):
        check_tensors(open_checkpoint(str(folder)))
    change(config, num_layers=2)
    (file,) = (folder / "vae").glob("*.safetensors")
    tensors = load_file(file)
    tensors.pop("decoder.conv_in.bias")
    save_file(tensors, file, metadata={"format": "pt"})
    with pytest.raises(CheckpointError, match=r"vae: 1 of the \d+ tensors .*decoder.conv_in.bias"):
        check_tensors(open_checkpoint(str(folder)))


@pytest.mark.parametrize("precision", list(Precision))
def test_a_converted_checkpoint_fits_its_configs(precision: Precision, copy: Copy, tmp_path: Path) -> None:
    check_tensors(convert(str(copy("ti2v-5b")), None, tmp_path / "small", precision, lambda *_: None))


def test_parts_of_two_models_are_refused(copy: Copy) -> None:
    folder = copy("t2v-a14b")
    change(folder / "text_encoder" / "config.json", d_model=64)
    refused(str(folder), "reads text of width 32, but its text encoder gives 64")


def test_a_revision_is_of_the_hub_and_not_of_a_folder(checkpoints: dict[str, Checkpoint]) -> None:
    with pytest.raises(CheckpointError, match="a folder has none"):
        open_checkpoint(str(checkpoints["t2v-a14b"].path), "0123456789abcdef")


def test_a_snapshot_of_the_hub_is_recorded_by_its_commit_and_its_blobs(copy: Copy, tmp_path: Path) -> None:
    folder = copy("t2v-a14b")
    snapshot = tmp_path / "models--x--y" / "snapshots" / ("a" * 40)
    shutil.copytree(folder, snapshot)
    blobs = tmp_path / "models--x--y" / "blobs"
    blobs.mkdir()
    file = next((snapshot / "vae").glob("*.safetensors"))
    file.rename(blobs / ("b" * 64))
    file.symlink_to(blobs / ("b" * 64))
    found = open_checkpoint(str(snapshot))
    assert found.revision == "a" * 40
    before = weights_identity(found, tmp_path / "notes.json")
    assert "b" * 64 not in (tmp_path / "notes.json").read_text()
    (blobs / ("b" * 64)).rename(blobs / ("c" * 64))
    file.unlink()
    file.symlink_to(blobs / ("c" * 64))
    after = weights_identity(found, tmp_path / "notes.json")
    assert {part for part in before if before[part] != after[part]} == {"vae"}


def test_other_weights_have_another_identity_and_the_rest_is_not_read_again(
    copy: Copy, tmp_path: Path
) -> None:
    folder, notes = copy("t2v-a14b"), tmp_path / "notes.json"
    before = weights_identity(open_checkpoint(str(folder)), notes)
    noted = json.loads(notes.read_text())
    file = next((folder / "transformer").glob("*.safetensors"))
    spoilt = bytearray(file.read_bytes())
    spoilt[-1] ^= 1
    file.write_bytes(spoilt)
    after = weights_identity(open_checkpoint(str(folder)), notes)
    assert {part for part in before if before[part] != after[part]} == {"transformer"}
    changed = {name for name, entry in json.loads(notes.read_text()).items() if noted[name] != entry}
    assert changed == {str(file)}


def state(model: Any) -> dict[str, torch.Tensor]:
    return dict(model.state_dict())


@pytest.mark.parametrize("precision", [Precision.BF16, Precision.FP8, Precision.INT8])
def test_a_converted_checkpoint_loads_to_the_same_weights(
    precision: Precision, checkpoints: dict[str, Checkpoint], tmp_path: Path
) -> None:
    source, told = checkpoints["t2v-a14b"], []
    made = convert(
        str(source.path), None, tmp_path / "new", precision, lambda *seen: told.append(seen), shard=30_000
    )
    for name in made.experts:
        before, after = (state(load_expert(one, name, "cpu", precision)) for one in (source, made))
        assert before.keys() == after.keys()
        assert all(torch.equal(before[key], after[key]) for key in before)
        assert all(before[key].dtype is after[key].dtype for key in before)
    before, after = (state(load_text_encoder(one, "cpu", precision)) for one in (source, made))
    assert all(torch.equal(before[key], after[key]) for key in before)
    assert {name for name, _, _ in told} == {"text_encoder", "transformer", "transformer_2"}
    assert json.loads((made.path / "reelsheet.json").read_text())["precision"] == precision


def test_a_conversion_that_broke_off_goes_on_with_what_is_missing(
    checkpoints: dict[str, Checkpoint], tmp_path: Path
) -> None:
    source, target = str(checkpoints["t2v-a14b"].path), tmp_path / "new"

    def stop(component: str, done: int, total: int) -> None:
        if component == "transformer_2" and done == total // 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        convert(source, None, target, Precision.FP8, stop, shard=20_000)
    assert not target.exists()
    told: list[str] = []
    made = convert(source, None, target, Precision.FP8, lambda name, *_: told.append(name), shard=20_000)
    assert set(told) == {"transformer_2"}
    assert open_checkpoint(str(target)).tensors("transformer_2") == made.tensors("transformer_2")
    assert [path.name for path in tmp_path.iterdir()] == ["new"]


def test_what_another_conversion_left_is_not_taken_over(
    checkpoints: dict[str, Checkpoint], tmp_path: Path
) -> None:
    source, target = str(checkpoints["t2v-a14b"].path), tmp_path / "new"

    def stop(component: str, done: int, total: int) -> None:
        if component == "transformer_2":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        convert(source, None, target, Precision.FP8, stop)
    made = convert(source, None, target, Precision.BF16, lambda *_: None)
    assert {fact.dtype for fact in made.tensors("transformer").values()} == {"BF16", "F32"}


def test_converted_weights_are_not_taken_for_another_precision(
    checkpoints: dict[str, Checkpoint], tmp_path: Path
) -> None:
    made = convert(str(checkpoints["t2v-a14b"].path), None, tmp_path / "new", Precision.FP8, lambda *_: None)
    with pytest.raises(CheckpointError, match="converted to fp8, but precision is bf16"):
        load_expert(made, "transformer", "cpu", Precision.BF16)


def test_a_folder_in_use_is_not_written_over(checkpoints: dict[str, Checkpoint], tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="there already"):
        convert(str(checkpoints["t2v-a14b"].path), None, tmp_path, Precision.BF16, lambda *_: None)


@pytest.mark.parametrize("stored", ["shared.weight", "encoder.embed_tokens.weight"])
def test_the_text_encoders_words_are_found_under_either_of_their_names(
    stored: str, checkpoints: dict[str, Checkpoint], copy: Copy
) -> None:
    whole, folder = checkpoints["t2v-a14b"], copy("t2v-a14b")
    (file,) = (folder / "text_encoder").glob("*.safetensors")
    tensors = load_file(file)
    words = next(tensors.pop(name) for name in list(tensors) if name in WORDS)
    save_file({**tensors, stored: words}, file, metadata={"format": "pt"})
    change(folder / "text_encoder" / "config.json", tie_word_embeddings=False)
    ids = torch.arange(6).unsqueeze(0)
    first, second = (
        load_text_encoder(one, "cpu", Precision.BF16)(ids).last_hidden_state
        for one in (whole, open_checkpoint(str(folder)))
    )
    assert torch.equal(first, second)
