"""Voices of models on this machine: VITS and MMS-TTS checkpoints in transformers' form, by folder.

They run on the processor, which is many times faster than speech; the GPU is left to the takes. A VITS model
draws its rhythm at random: its seed is the line itself, so that the same line sounds the same. It knows the
characters of its vocabulary and drops all others unheard; such a line is refused.
"""

import hashlib
import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from campaign.brief import Language
from campaign.content_key import Json, file_digest
from campaign.errors import FinishError
from campaign.file_cache import cached_by_file
from finishing.voice import SpeechOptions, SpokenLine
from finishing.voices.recording import RECORDING_VERSION, recorded
from finishing.voices.speakable import SPEAKABLE_VERSION, speakable
from finishing.voices.words import WORDS_VERSION, estimated_words, spoken_text
from media.sound import RATE, write_wav

RECIPE_VERSION = 1
WEIGHTS = "model.safetensors"
NEEDED = ("config.json", "vocab.json", "tokenizer_config.json", WEIGHTS)
_CODES = {Language.ZH: ("zh", "cmn", "zho", "chi"), Language.EN: ("en", "eng")}
"""What a tokenizer may call the language that it reads."""


class LocalVoice:
    """One model's voice; ``local_voices`` of the settings names its folder."""

    charged = False

    def __init__(self, which: str, options: SpeechOptions) -> None:
        self.name = f"local:{which}"
        self._which = which
        self._folder = options.folders.get(which)

    def missing(self) -> str:
        if self._folder is None:
            return (
                f"has no model: name its folder in reelsheet.toml, [local_voices] "
                f'with {self._which} = "/models/…".'
            )
        for package in ("torch", "transformers"):
            if find_spec(package) is None:
                return f"needs the package {package}: .venv/bin/pip install -c constraints.txt '.[gpu]'."
        if absent := [name for name in NEEDED if not (self._folder / name).is_file()]:
            return (
                f"lacks files: {self._folder} has no {', '.join(absent)}. A VITS checkpoint in "
                f"transformers' form has {', '.join(NEEDED)}."
            )
        return self._unreadable()

    def _unreadable(self) -> str:
        """Why the checkpoint cannot be used, as far as its small files tell."""
        assert self._folder
        kind = _json(self._folder / "config.json").get("model_type")
        if kind != "vits":
            return f"is of type {kind!r} in {self._folder}; vits is what is spoken."
        tokenizer = _json(self._folder / "tokenizer_config.json")
        wanted = {"is_uroman": "uroman", "phonemize": "phonemizer"}
        for flag, package in wanted.items():
            # The tokenizer takes phonemize for granted where its file does not say.
            if tokenizer.get(flag, flag == "phonemize") and find_spec(package) is None:
                return (
                    f"has a tokenizer that reads only text that the package {package} has "
                    f"rewritten. Install it (.venv/bin/pip install {package}) or take another model."
                )
        return ""

    def recipe(self, text: str, language: Language) -> dict[str, Json]:
        if missing := self.missing():
            raise FinishError(f"voice {self.name!r}", missing)
        assert self._folder
        files = {name: file_digest(self._folder / name) for name in NEEDED}
        return {
            # By its files and not by its name, which is this machine's.
            "voice": "local",
            "files": dict[str, Json](files),
            "versions": [RECIPE_VERSION, RECORDING_VERSION, WORDS_VERSION, SPEAKABLE_VERSION],
            "text": text,
            "language": language.value,
        }

    def speak(self, text: str, language: Language, output: Path) -> SpokenLine:
        if missing := self.missing():
            raise FinishError(f"voice {self.name!r}", missing)
        assert self._folder
        said = speakable(spoken_text(self.name, text), language).text
        samples, rate = self._sung(said, language)
        line, _ = recorded(self.name, text, samples[None, :], rate)
        write_wav(output, line)
        duration = len(line) / RATE
        return SpokenLine(duration=duration, words=estimated_words(text, language, duration), estimated=True)

    def _sung(self, text: str, language: Language) -> tuple[Any, int]:
        """Samples of ``text`` and their rate."""
        import torch  # noqa: PLC0415  # Seconds to import, and only this voice needs it.

        assert self._folder
        model, tokenizer = _loaded(self._folder / WEIGHTS)
        told = str(tokenizer.language or "").casefold()
        if told and told.split("-")[0] not in _CODES[language]:
            raise FinishError(
                f"voice {self.name!r}",
                f"speaks {told!r}, not {language.value}. Name one that does for {text!r}.",
            )
        self._check_characters(tokenizer, text)
        inputs = tokenizer(text, return_tensors="pt")
        seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:4])
        with torch.random.fork_rng(devices=[]), torch.inference_mode():
            torch.manual_seed(seed)
            wave = model(**inputs).waveform[0]
        return wave.float().numpy().astype(np.float32), int(model.config.sampling_rate)

    def _check_characters(self, tokenizer: Any, text: str) -> None:
        if tokenizer.is_uroman or tokenizer.phonemize:
            return
        known = {character for token in tokenizer.get_vocab() for character in (token, token.casefold())}
        dropped = [c for c in dict.fromkeys(text) if c.isalnum() and not {c, c.casefold()} & known]
        if dropped:
            raise FinishError(
                f"voice {self.name!r}",
                f"has no sound for {''.join(dropped)!r} in {text!r}, and would leave it out unheard. Write "
                "it in words of the model's own language, or take another voice.",
            )


@cached_by_file(1)
def _loaded(weights: Path) -> tuple[Any, Any]:
    """Model and tokenizer beside it, from local files alone."""
    import torch  # noqa: PLC0415
    from safetensors import SafetensorError  # noqa: PLC0415
    from transformers import VitsModel, VitsTokenizer  # noqa: PLC0415

    # One core for each worker process: several that took all of them would stand in each other's way.
    torch.set_num_threads(1)
    try:
        tokenizer = VitsTokenizer.from_pretrained(str(weights.parent), local_files_only=True)
        # With output_loading_info the function gives a pair, which its type does not say.
        loaded: Any = VitsModel.from_pretrained(
            str(weights.parent), local_files_only=True, output_loading_info=True
        )
    except (OSError, ValueError, RuntimeError, KeyError, SafetensorError) as error:
        raise FinishError(f"voice model in {weights.parent}", f"it cannot be loaded: {error}") from error
    model, report = loaded
    if lacking := sorted(report["missing_keys"]):
        raise FinishError(
            f"voice model in {weights.parent}",
            f"{len(lacking)} weights are not in it, {lacking[0]} the first. Load it again.",
        )
    return model.eval(), tokenizer


def _json(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise FinishError(f"voice model in {path.parent}", f"{path.name} cannot be read: {error}") from error
    return data if isinstance(data, dict) else {}
