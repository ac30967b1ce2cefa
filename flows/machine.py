"""From the machine's settings to what a flow is told."""

import getpass
import os
import tempfile
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from pydantic import SecretStr

from campaign.errors import FinishError, SettingsError
from finishing.provenance import Credentials, Signing, Source, read_credentials, sign_video
from finishing.voice import SpeechOptions
from flows.settings import FILE, Settings
from media.encode import EncodeSettings, VideoEncoder
from media.planes import planes_from_rgb
from model.hosting.catalog import shipped_catalog
from model.registry import HOSTED
from tasks.setup import Setup

OPENAI_URL, OPENAI_KEY = "https://api.openai.com/v1", "OPENAI_API_KEY"
"""OpenAI's own service, and the variable that its own tools read."""
TRIAL_SIDE, TRIAL_FRAMES = 64, 2
"""Pixels and length of the video that a certificate is tried on."""


def setup_for(settings: Settings, sheet: Path) -> Setup:
    """The setup for one sheet: kits beside it are found first.

    Raises:
        SettingsError: a certificate is set that cannot sign here.
    """
    signing = signing_for(settings)
    if signing:
        try_signing(signing)
    speech = speech_for(settings)
    return Setup(
        store=settings.store.resolve(),
        store_url=settings.store_url,
        store_options=settings.store_options,
        store_cache=int(settings.store_cache * 1e9),
        ledger=settings.ledger_url,
        out=settings.out.resolve(),
        kit_folders=settings.kit_folders(sheet),
        workers=settings.workers,
        chunk=settings.chunk,
        dispatch=settings.dispatch,
        who=getpass.getuser(),
        expander=settings.expander,
        publisher=settings.publisher,
        llm_url=settings.llm_url,
        llm_model=settings.llm_model,
        llm_key=settings.llm_key,
        speech_url=speech.url,
        speech_model=speech.model,
        speech_key=SecretStr(speech.key),
        local_voices=dict(speech.folders),
        checks=settings.checks,
        backends=settings.backends,
        vendor_keys=_keys(),
        day_caps=settings.day_caps,
        brand_caps=settings.brand_caps,
        log_lines=settings.log_lines,
        telemetry=settings.telemetry,
        metrics_port=settings.metrics_port,
        notify=settings.notify,
        out_url=settings.out_url,
        face_model=settings.face_model.resolve() if settings.face_model else None,
        content_producer=settings.content_producer,
        certificate=signing.certificate if signing else None,
        certificate_key=signing.key if signing else None,
    )


def speech_for(settings: Settings) -> SpeechOptions:
    """What voices are given; ``openai:`` is OpenAI's own where its key is there and no service is set."""
    key, url = settings.speech_key.get_secret_value(), settings.speech_url
    if not url and (key := key or os.environ.get(OPENAI_KEY, "")):
        url = OPENAI_URL
    folders = {name: folder.resolve() for name, folder in settings.local_voices.items()}
    return SpeechOptions(url=url, model=settings.speech_model, key=key, folders=folders)


def signing_for(settings: Settings) -> Signing | None:
    """Whose signature the settings ask for; None where they ask for none."""
    if settings.certificate is None or settings.certificate_key is None:
        return None
    return Signing(certificate=settings.certificate.resolve(), key=settings.certificate_key.resolve())


def try_signing(signing: Signing) -> Credentials:
    """Sign a tiny video and read it back, so that it is known before anything is made.

    Raises:
        SettingsError: a file or the package is missing, or the certificate does not sign.
    """
    for name, file in (("certificate", signing.certificate), ("certificate_key", signing.key)):
        if not file.is_file():
            raise _unusable(name, f"{file} is not a file.", "Correct the path")
    if find_spec("c2pa") is None:
        raise _unusable(
            "certificate",
            "the package c2pa-python, which signs with it, is not installed.",
            "Install it (.venv/bin/pip install -c constraints.txt -e '.[provenance]')",
        )
    with tempfile.TemporaryDirectory() as folder:
        plain, signed = Path(folder) / "trial.mp4", Path(folder) / "signed.mp4"
        grey = np.full((TRIAL_SIDE, TRIAL_SIDE, 3), 128, np.uint8)
        with VideoEncoder(plain, TRIAL_SIDE, TRIAL_SIDE, 24, EncodeSettings()) as encoder:
            for _ in range(TRIAL_FRAMES):
                encoder.write(planes_from_rgb(grey))
        try:
            sign_video(plain, signed, signing, Source.DRAWN, "trial")
        except FinishError as error:
            remedy = "Give an EC P-256 chain, the signer's own certificate first, and its PKCS#8 key"
            raise _unusable("certificate", f"it does not sign: {error}", remedy) from error
        credentials = read_credentials(signed)
    if credentials.state not in ("Valid", "Trusted"):
        found = ", ".join(credentials.problems)
        raise _unusable("certificate", f"what it signs is {credentials.state} ({found}).", "Take another")
    return credentials


def _unusable(name: str, problem: str, remedy: str) -> SettingsError:
    return SettingsError(
        f"{FILE} or REELSHEET_{name.upper()}",
        problem,
        f"{remedy}, or remove certificate and certificate_key to leave C2PA credentials out.",
    )


def _keys() -> dict[str, SecretStr]:
    """Keys of hosted backends, from the variables that the vendors' own tools read."""
    found = {name: os.environ.get(shipped_catalog(name.replace("-", "_")).key_variable) for name in HOSTED}
    return {name: SecretStr(key) for name, key in found.items() if key}
