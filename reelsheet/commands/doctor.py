"""``reelsheet doctor``."""

import json
import platform
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import imageio_ffmpeg
import numpy as np
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from campaign.brand_kit import find_kit, kit_names
from campaign.brief import Language
from campaign.budget import Caps
from campaign.errors import ReelsheetError, SettingsError
from campaign.ladder import Rung
from finishing.provenance import CERTIFICATE, IN_WORDS, KEY, make_test_certificate
from finishing.voice import SpeechOptions, load_voice
from flows.machine import setup_for, signing_for, speech_for, try_signing
from flows.settings import Settings, load_settings
from media.faces import FaceFinder
from model.registry import BACKENDS
from moderation.policy import load_policy, policy_names
from tasks.backends import open_backend

GREY = np.full((64, 64, 3), 128, np.uint8)
LEAST_FREE = 5e9
"""Bytes; a hundred spots in three aspects take about two gigabytes of store."""
EXTRAS = {
    "torch": "generating on your own GPU (backend wan) and the model checks of the market policies",
    "diffusers": "generating on your own GPU (backend wan)",
    "transformers": "the model checks of the market policies",
    "detoxify": "the toxicity check of the market policies",
}
"""Packages of the extra ``gpu``, and what is off without each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Symptom:
    """One thing that was looked at."""

    what: str
    found: str
    wrong: str = ""
    """What is disabled by it and what to do; empty when it is well."""
    needed: bool = True
    """Whether `make` with the animatic backend needs it."""


def run() -> int:
    """Print every symptom; 0 when `make` with the animatic backend will work."""
    settings = load_settings()
    symptoms = [symptom for look in LOOKS for symptom in look(settings)]
    table = Table(box=None, pad_edge=False, show_header=False)
    for _ in range(3):
        table.add_column(overflow="fold")
    for s in symptoms:
        mark = "[green]ok[/]" if not s.wrong else "[red]missing[/]" if s.needed else "[yellow]off[/]"
        table.add_row(mark, escape(s.what), escape(f"{s.found}. {s.wrong}" if s.wrong else s.found))
    Console().print(table)
    return int(any(s.wrong and s.needed for s in symptoms))


def _machine(settings: Settings) -> list[Symptom]:
    settings.home.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(settings.home).free
    return [
        Symptom(what="Python", found=platform.python_version()),
        Symptom(what="workers", found=str(settings.workers)),
        Symptom(
            what="free disk",
            found=f"{free / 1e9:.0f} GB under {settings.home}",
            wrong=""
            if free > LEAST_FREE
            else "A large batch may not fit; free space or set `home` elsewhere.",
        ),
    ]


def _packages(_settings: Settings) -> list[Symptom]:
    symptoms = [Symptom(what=name, found=version(name)) for name in ("prefect", "fastapi", "av", "moviepy")]
    for name, off in EXTRAS.items():
        try:
            symptoms.append(Symptom(what=name, found=version(name), needed=False))
        except PackageNotFoundError:
            symptoms.append(
                Symptom(
                    what=name,
                    found="not installed",
                    wrong=f"Off: {off}. To add it: .venv/bin/pip install -c constraints.txt '.[gpu]'",
                    needed=False,
                )
            )
    return symptoms


def _tools(_settings: Settings) -> list[Symptom]:
    voices = [_tried(f"voice {name}", partial(_speak, name)) for name in ("espeak:cmn", "espeak:en-gb")]
    return [Symptom(what="ffmpeg", found=imageio_ffmpeg.get_ffmpeg_version()), *voices]


def _other_voices(settings: Settings) -> list[Symptom]:
    """Voices that a machine may have besides: a service that is set, a package, models."""
    options = speech_for(settings)
    named = [
        ("voices openai:…", "openai:alloy", f"{options.model} at {options.url}"),
        (
            "voices edge:…",
            "edge:zh-CN-XiaoxiaoNeural",
            "edge-tts is installed; its service is not asked here",
        ),
        *((f"voice local:{name}", f"local:{name}", str(folder)) for name, folder in options.folders.items()),
    ]
    return [_voice(what, load_voice(name, options).missing(), found) for what, name, found in named]


def _voice(what: str, missing: str, found: str) -> Symptom:
    return Symptom(
        what=what,
        found="not set up" if missing else found,
        wrong=f"Off: it {missing}" if missing else "",
        needed=False,
    )


def _speak(name: str) -> str:
    language = Language.ZH if name == "espeak:cmn" else Language.EN
    words = "你好" if language is Language.ZH else "Hello"
    with tempfile.TemporaryDirectory() as folder:
        line = load_voice(name, SpeechOptions()).speak(words, language, Path(folder) / "voice.wav")
    return f"speaks ({line.duration:.1f} s)"


def _kits(settings: Settings) -> list[Symptom]:
    folders = settings.kit_folders(Path("campaign.xlsx"))
    kits = [_tried(f"brand kit {name}", partial(_kit, name, folders)) for name in kit_names(folders)]
    none = Symptom(what="brand kits", found="none", wrong="Copy one from the repository's brand_kits/.")
    return kits or [none]


def _kit(name: str, folders: tuple[Path, ...]) -> str:
    return str(find_kit(name, folders).folder)


def _backend(name: str, settings: Settings) -> str:
    """Where it runs, and how it would work here on each rung."""
    setup = setup_for(settings, Path("campaign.xlsx"))
    opened = [open_backend(name, setup, 0, Caps(), rung) for rung in (Rung.DRAFT, Rung.FINAL)]
    lines = dict.fromkeys(backend.outlook() for backend in opened)
    return "; ".join((f"runs on: {opened[0].runs_on}", *(line for line in lines if line)))


def _parts(settings: Settings) -> list[Symptom]:
    return [
        *(
            _tried(f"backend {name}", partial(_backend, name, settings), name == "animatic")
            for name in BACKENDS
        ),
        Symptom(
            what="AIGC producer code",
            found=settings.content_producer or "not set",
            wrong=""
            if settings.content_producer
            else "The metadata label of GB 45438-2025 is left out; set content_producer in reelsheet.toml.",
            needed=False,
        ),
        _certificate(settings),
        _face_model(settings),
    ]


def _face_model(settings: Settings) -> Symptom:
    what, model = "face model", settings.face_model
    if model is None:
        off = "Crops and covers do not look for faces; set face_model (OpenCV's YuNet) in reelsheet.toml."
        return Symptom(what=what, found="not set", wrong=off, needed=False)
    # A batch would fail at its first rendition.
    return _tried(what, lambda: f"{model} finds {len(FaceFinder(model).find(GREY))} faces in a grey picture")


def _certificate(settings: Settings) -> Symptom:
    what, signing = "C2PA certificate", signing_for(settings)
    if signing is None:
        return Symptom(
            what=what,
            found="not set",
            wrong="C2PA credentials, which the policy eu demands, are left out; set certificate and "
            "certificate_key in reelsheet.toml. To try it: reelsheet doctor --make-test-certificate FOLDER",
            needed=False,
        )
    # A campaign with a certificate that does not sign is refused as a whole.
    return _tried(
        what, lambda: f"{signing.certificate} signs; readers say {IN_WORDS[try_signing(signing).state]}"
    )


def write_test_certificate(folder: Path) -> int:
    """Write a certificate of one's own making; print what to set and what its signature is worth."""
    made = (folder / CERTIFICATE, folder / KEY)
    if there := [file for file in made if file.exists()]:
        raise SettingsError(str(there[0]), "is there already.", "Name another folder, or remove it first.")
    folder.mkdir(parents=True, exist_ok=True)
    signing = make_test_certificate(folder.resolve(), "reelsheet")
    said = IN_WORDS[try_signing(signing).state]
    console = Console(soft_wrap=True, highlight=False, markup=False)
    console.print("Set in reelsheet.toml:")
    console.print(f"certificate = {json.dumps(str(signing.certificate), ensure_ascii=False)}")
    console.print(f"certificate_key = {json.dumps(str(signing.key), ensure_ascii=False)}")
    console.print(
        f"It is for trying out: verdicts on what it signs will say {said}, because it is on no trust list. "
        "It holds for a year. For publishing, set a certificate from an authority on the C2PA trust list."
    )
    return 0


def _checks(_settings: Settings) -> list[Symptom]:
    """Each check that a shipped policy requires and that lacks its packages or weights."""
    wanting: dict[str, list[str]] = {}
    remedies: dict[str, str] = {}
    for name in policy_names():
        for check, remedy in load_policy(name).absent().items():
            wanting.setdefault(check, []).append(name)
            remedies[check] = remedy
    return [
        Symptom(
            what=f"check {check}",
            found=f"required by {', '.join(policies)}, whose spots wait for a person without it",
            wrong=remedies[check],
            needed=False,
        )
        for check, policies in wanting.items()
    ]


def _tried(what: str, look: Callable[[], str], needed: bool = True) -> Symptom:
    try:
        return Symptom(what=what, found=look(), needed=needed)
    except ReelsheetError as error:
        return Symptom(what=what, found="does not work", wrong=str(error), needed=needed)


LOOKS: tuple[Callable[[Settings], list[Symptom]], ...] = (
    _machine,
    _packages,
    _tools,
    _other_voices,
    _kits,
    _parts,
    _checks,
)
