"""Real loading and speaking, of VITS models with random weights that are made here."""

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import VitsConfig, VitsModel

from campaign.brief import Language
from campaign.content_key import content_key
from campaign.errors import FinishError
from finishing.voice import LEVEL, SpeechOptions, Voice, load_voice
from media.loudness import measure_loudness
from media.sound import RATE, read_wav

LETTERS = "abcdefghijklmnopqrstuvwxyz '"


def make_model(folder: Path, language: str = "eng", **tokenizer: bool) -> Path:
    torch.manual_seed(7)
    vocabulary = {"<pad>": 0, "<unk>": 1, **{letter: n for n, letter in enumerate(LETTERS, start=2)}}
    config = VitsConfig(
        vocab_size=len(vocabulary),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        ffn_dim=16,
        flow_size=16,
        spectrogram_bins=9,
        upsample_initial_channel=16,
        upsample_rates=[8, 8],
        upsample_kernel_sizes=[16, 16],
        resblock_kernel_sizes=[3],
        resblock_dilation_sizes=[[1, 3]],
        prior_encoder_num_flows=2,
        prior_encoder_num_wavenet_layers=1,
        posterior_encoder_num_wavenet_layers=1,
        duration_predictor_num_flows=2,
        duration_predictor_flow_bins=4,
        sampling_rate=16_000,
    )
    model = VitsModel(config)
    with torch.no_grad():
        # Random weights whisper; louder, they are a sound.
        for weight in model.decoder.parameters():
            weight.mul_(3)
    model.save_pretrained(folder)
    (folder / "vocab.json").write_text(json.dumps(vocabulary), encoding="utf-8")
    settings = {"tokenizer_class": "VitsTokenizer", "phonemize": False, "language": language, **tokenizer}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model(tmp_path_factory.mktemp("anna"))


def local(folder: Path | None) -> Voice:
    return load_voice("local:anna", SpeechOptions(folders={"anna": folder} if folder else {}))


def test_a_model_speaks_a_line_at_our_rate_and_level(folder: Path, tmp_path: Path) -> None:
    voice = local(folder)
    assert voice.missing() == ""
    line = voice.speak("Salt glaze, fired twice 🫖", Language.EN, tmp_path / "v.wav")
    samples = read_wav(tmp_path / "v.wav")
    assert line.duration == pytest.approx(len(samples) / RATE)
    assert line.duration > 0.2
    assert measure_loudness(samples).integrated == pytest.approx(LEVEL, abs=1.5)
    assert line.estimated
    assert [word.text for word in line.words] == ["Salt", "glaze", "fired", "twice"]
    assert all(one.end <= other.start + 1e-6 for one, other in pairwise(line.words))


def test_the_same_line_sounds_the_same_whatever_was_spoken_before(folder: Path, tmp_path: Path) -> None:
    voice = local(folder)
    voice.speak("Salt glaze.", Language.EN, tmp_path / "one.wav")
    torch.manual_seed(99)
    voice.speak("Fired twice.", Language.EN, tmp_path / "other.wav")
    voice.speak("Salt glaze.", Language.EN, tmp_path / "two.wav")
    assert (tmp_path / "one.wav").read_bytes() == (tmp_path / "two.wav").read_bytes()


def test_what_the_model_has_no_sound_for_is_refused_and_not_left_out(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(FinishError, match="no sound for '50'"):
        local(folder).speak("Now 50 off.", Language.EN, tmp_path / "v.wav")
    with pytest.raises(FinishError, match="speaks 'eng', not zh"):
        local(folder).speak("新茶。", Language.ZH, tmp_path / "v.wav")


def test_samples_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    broken = make_model(tmp_path / "broken")
    model = VitsModel.from_pretrained(broken)
    with torch.no_grad():
        model.decoder.conv_post.weight.fill_(float("nan"))
    model.save_pretrained(broken)
    with pytest.raises(FinishError, match="not numbers"):
        local(broken).speak("Salt glaze.", Language.EN, tmp_path / "v.wav")


def test_what_is_missing_is_known_without_loading(folder: Path, tmp_path: Path) -> None:
    assert "[local_voices]" in local(None).missing()
    assert "config.json, vocab.json" in local(tmp_path).missing()
    roman = make_model(tmp_path / "roman", is_uroman=True)
    assert "the package uroman" in local(roman).missing()
    spoken = make_model(tmp_path / "phonemes")
    settings = json.loads((spoken / "tokenizer_config.json").read_text(encoding="utf-8"))
    del settings["phonemize"]
    (spoken / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")
    assert "the package phonemizer" in local(spoken).missing()
    (spoken / "config.json").write_text('{"model_type": "bark"}', encoding="utf-8")
    assert "type 'bark'" in local(spoken).missing()


def test_weights_that_are_cut_off_are_refused(tmp_path: Path) -> None:
    cut = make_model(tmp_path / "cut")
    weights = cut / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:5000])
    with pytest.raises(FinishError, match="cannot be loaded"):
        local(cut).speak("Salt glaze.", Language.EN, tmp_path / "v.wav")


def test_the_models_files_decide_the_key_and_its_name_does_not(folder: Path) -> None:
    other = load_voice("local:bob", SpeechOptions(folders={"bob": folder}))
    recipe = local(folder).recipe("a", Language.EN)
    assert content_key(recipe) == content_key(other.recipe("a", Language.EN))
    assert content_key(recipe) != content_key(other.recipe("b", Language.EN))
    assert np.all([name in str(recipe["files"]) for name in ("model.safetensors", "vocab.json")])
