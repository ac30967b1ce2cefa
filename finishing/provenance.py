"""C2PA credentials: signed into the finished file last, and read back.

After signing only byte copies keep them: every remux drops them, every edit breaks them. Credentials that
came with a take, and the photos that it was generated around, are kept in ours as ingredients. Needs the
package c2pa-python (extra ``provenance``). A certificate that is on no trust list gives "Valid", not
"Trusted"; nothing here changes that.
"""

import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from PIL import Image

from campaign.content_key import Json
from campaign.errors import FinishError, LabelError

VERSION = "0.1.0"
"""Of the software that the credentials name; the same as in pyproject.toml."""
_SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_ALGORITHM = b"es256"
_PICTURES = {
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "TIFF": "image/tiff",
    "GIF": "image/gif",
}
"""Kinds that can carry credentials, as Pillow names them, to their media types."""
CERTIFICATE, KEY = "certificate.pem", "key.pem"
"""Names of a test certificate's chain and its key."""
IN_WORDS: dict[str | None, str] = {"Trusted": "valid, trusted", "Valid": "valid, untrusted"}
"""States of credentials that hold, for a person: a certificate that is on no trust list signs validly."""


class Source(StrEnum):
    """How the pictures came to be (IPTC digital source types)."""

    GENERATED = "trainedAlgorithmicMedia"
    COMPOSITE = "compositeWithTrainedAlgorithmicMedia"
    """Generated around a real photo, such as a product's."""
    DRAWN = "algorithmicMedia"
    """Drawn by rules, without a trained model: the animatic."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """Whose signature it is."""

    certificate: Path
    """PEM chain, the signer's own first: EC P-256 with the usage digitalSignature and emailProtection."""
    key: Path
    """PKCS#8 PEM."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingredients:
    """What went into a video and is kept in its credentials."""

    takes: tuple[Path, ...] = ()
    """MP4; of these only what comes with credentials of its own."""
    photos: tuple[Path, ...] = ()
    """Pictures of any kind, with credentials or without."""


NO_INGREDIENTS = Ingredients()


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What a reader says of a file's credentials."""

    state: str | None
    """``Trusted``, ``Valid``, ``Invalid``; None where the file has none."""
    problems: tuple[str, ...]
    """Codes of what did not hold."""
    source: str
    """Last part of the digital source type of the first action; empty where none is stated."""
    ingredients: tuple[str, ...] = ()
    """Titles of what it keeps of the files that went into it."""


def sign_video(
    path: Path,
    target: Path,
    signing: Signing,
    source: Source,
    title: str,
    ingredients: Ingredients = NO_INGREDIENTS,
) -> tuple[str, ...]:
    """Write ``path`` with credentials to ``target``: made by ``source``, then edited by us.

    Returns:
        The titles of the ingredients that were kept.

    Raises:
        FinishError: c2pa-python is missing, or refused the certificate or a file; or the file is signed.
    """
    c2pa = _package()
    if read_credentials(path).state:
        problem = "it carries credentials already, which signing would take off. Give it as an ingredient."
        raise FinishError(f"C2PA signature of {path.name}", problem)
    kept = dict(_kept(ingredients))
    try:
        info = c2pa.C2paSignerInfo(
            _ALGORITHM, signing.certificate.read_bytes(), signing.key.read_bytes(), None
        )
        manifest = _manifest(source, title, list(kept))
        with c2pa.Signer.from_info(info) as signer, c2pa.Builder(manifest) as builder:
            for name, file in kept.items():
                about = {"title": name, "label": name, "relationship": "componentOf"}
                kind, data = _as_ingredient(file)
                builder.add_ingredient(about, kind, data)
            builder.sign_file(path, target, signer)
    except (c2pa.C2paError, OSError) as error:
        raise FinishError(f"C2PA signature of {path.name}", str(error)) from error
    return tuple(kept)


def read_credentials(path: Path) -> Credentials:
    """The credentials of a file.

    Raises:
        FinishError: c2pa-python is missing.
        LabelError: the file cannot be read as one that may carry credentials.
    """
    c2pa = _package()
    try:
        reader = c2pa.Reader.try_create(path)
        if reader is None:
            return Credentials(state=None, problems=(), source="")
        with reader:
            told = json.loads(reader.json())
            state = reader.get_validation_state()
    except c2pa.C2paError as error:
        raise LabelError(path, f"Its C2PA credentials cannot be read: {error}.") from error
    found = told.get("validation_results", {}).get("activeManifest", {}).get("failure", [])
    return Credentials(
        state=state,
        problems=tuple(item["code"] for item in found),
        source=_stated_source(told),
        ingredients=tuple(part.get("title", "") for part in _active(told).get("ingredients", [])),
    )


def make_test_certificate(folder: Path, organisation: str) -> Signing:
    """A certificate of one's own making for trying out; what it signs is valid and untrusted."""
    authority_key, leaf_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority_name = _name(organisation, "test authority")
    authority = _certificate(authority_name, authority_name, authority_key, authority_key, leaf=False)
    leaf = _certificate(
        _name(organisation, "test signer"), authority_name, leaf_key, authority_key, leaf=True
    )
    signing = Signing(certificate=folder / CERTIFICATE, key=folder / KEY)
    pem = serialization.Encoding.PEM
    signing.certificate.write_bytes(leaf.public_bytes(pem) + authority.public_bytes(pem))
    signing.key.touch(mode=0o600)
    signing.key.write_bytes(
        leaf_key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return signing


def _kept(ingredients: Ingredients) -> Iterator[tuple[str, Path]]:
    """By title, each file once."""
    with_credentials = (t for t in dict.fromkeys(ingredients.takes) if read_credentials(t).state)
    for number, take in enumerate(with_credentials, 1):
        yield f"take {number}", take
    for number, photo in enumerate(dict.fromkeys(ingredients.photos), 1):
        yield f"photo {number}", photo


def _as_ingredient(file: Path) -> tuple[str, BinaryIO]:
    """Media type and bytes; a picture of a kind that cannot carry credentials goes in as a PNG."""
    if file.suffix == ".mp4":
        return "video/mp4", io.BytesIO(file.read_bytes())
    with Image.open(file) as picture:
        if kind := _PICTURES.get(picture.format or ""):
            return kind, io.BytesIO(file.read_bytes())
        png = io.BytesIO()
        picture.convert("RGB").save(png, "PNG")
        return "image/png", png


def _manifest(source: Source, title: str, placed: Sequence[str]) -> dict[str, Json]:
    agent: Json = {"name": "reelsheet", "version": VERSION}
    created: Json = {
        "action": "c2pa.created",
        "digitalSourceType": _SOURCE_TYPES + source.value,
        "softwareAgent": agent,
    }
    edited: Json = {
        "action": "c2pa.edited",
        "softwareAgent": agent,
        "parameters": {"description": "cut, captions, brand marks, AI label, voice and music"},
    }
    taken_in: Json = {
        "action": "c2pa.placed",
        "softwareAgent": agent,
        "parameters": {"ingredientIds": list[Json](placed)},
    }
    steps: Json = [created, *([taken_in] if placed else []), edited]
    actions: Json = {"label": "c2pa.actions.v2", "data": {"actions": steps}}
    return {"claim_generator_info": [agent], "title": title, "format": "video/mp4", "assertions": [actions]}


def _stated_source(told: dict[str, Any]) -> str:
    for assertion in _active(told).get("assertions", []):
        if assertion["label"].startswith("c2pa.actions"):
            first = assertion["data"]["actions"][0]
            return str(first.get("digitalSourceType", "")).rpartition("/")[2]
    return ""


def _active(told: dict[str, Any]) -> dict[str, Any]:
    manifest: dict[str, Any] = told.get("manifests", {}).get(told.get("active_manifest"), {})
    return manifest


def _name(organisation: str, role: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, f"{organisation} {role}"),
        ]
    )


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    issuer_key: ec.EllipticCurvePrivateKey,
    *,
    leaf: bool,
) -> x509.Certificate:
    now = datetime.now(UTC)
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=not leaf,
        crl_sign=not leaf,
        encipher_only=False,
        decipher_only=False,
    )
    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=365))
        .add_extension(x509.BasicConstraints(ca=not leaf, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(authority, critical=False)
    )
    if leaf:
        email = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
        builder = builder.add_extension(email, critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


def _package() -> Any:  # An optional package without types.
    try:
        return import_module("c2pa")
    except ImportError as error:
        raise FinishError(
            "C2PA",
            "needs the package c2pa-python. Install it: "
            ".venv/bin/pip install -c constraints.txt -e '.[provenance]'",
        ) from error
