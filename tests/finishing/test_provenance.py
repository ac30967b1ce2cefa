import tomllib
from pathlib import Path

import pytest
from PIL import Image

from campaign.errors import FinishError
from finishing.labels import read_labels
from finishing.provenance import (
    VERSION,
    Ingredients,
    Signing,
    Source,
    make_test_certificate,
    read_credentials,
    sign_video,
)
from media.command import run_ffmpeg
from tests.finishing.conftest import Made

pytest.importorskip("c2pa")


@pytest.fixture(scope="module")
def signing(tmp_path_factory: pytest.TempPathFactory) -> Signing:
    return make_test_certificate(tmp_path_factory.mktemp("certificate"), "Qinghe")


@pytest.fixture(scope="module")
def signed(made: Made, signing: Signing, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("signed") / "video.mp4"
    sign_video(made.video, path, signing, Source.GENERATED, "tea01-1")
    return path


def test_a_signed_file_is_valid_untrusted_and_says_that_ai_made_it(signed: Path) -> None:
    read = read_credentials(signed)
    assert read.state == "Valid"
    assert read.problems == ("signingCredential.untrusted",)
    assert read.source == "trainedAlgorithmicMedia"


def test_signing_leaves_both_other_labels_as_they_were(signed: Path, made: Made) -> None:
    read = read_labels(signed, made.facts.label_box)
    assert read.aigc == made.job.metadata
    assert read.visible_problem == ""


def test_an_unsigned_file_has_none(made: Made) -> None:
    assert read_credentials(made.video).state is None


def test_a_signed_file_is_not_signed_again(signed: Path, signing: Signing, tmp_path: Path) -> None:
    with pytest.raises(FinishError, match="carries credentials already"):
        sign_video(signed, tmp_path / "again.mp4", signing, Source.GENERATED, "t")
    assert not (tmp_path / "again.mp4").exists()


def test_a_changed_byte_is_noticed(signed: Path, tmp_path: Path) -> None:
    data = bytearray(signed.read_bytes())
    data[-100] ^= 1
    (tmp_path / "changed.mp4").write_bytes(data)
    read = read_credentials(tmp_path / "changed.mp4")
    assert read.state == "Invalid"
    assert "assertion.bmffHash.mismatch" in read.problems


def test_a_remux_loses_the_credentials(signed: Path, tmp_path: Path) -> None:
    run_ffmpeg(("-v", "error", "-i", str(signed), "-c", "copy", str(tmp_path / "remuxed.mp4")))
    assert read_credentials(tmp_path / "remuxed.mp4").state is None


def test_credentials_of_takes_and_the_photos_behind_them_are_kept(
    made: Made, signed: Path, signing: Signing, tmp_path: Path
) -> None:
    vendors = make_test_certificate(tmp_path, "A vendor")
    take, photos = tmp_path / "take.mp4", (tmp_path / "tea.jpg", tmp_path / "tea.bmp")
    sign_video(made.video, take, vendors, Source.GENERATED, "a vendor's take")
    for photo in photos:
        Image.new("RGB", (48, 48), "green").save(photo)
    going_in = Ingredients(takes=(take, made.video, take), photos=photos)
    kept = sign_video(made.video, tmp_path / "out.mp4", signing, Source.COMPOSITE, "tea01-1", going_in)
    read = read_credentials(tmp_path / "out.mp4")
    assert kept == read.ingredients == ("take 1", "photo 1", "photo 2")
    assert (read.state, read.problems) == ("Valid", ("signingCredential.untrusted",))
    assert read.source == "compositeWithTrainedAlgorithmicMedia"
    assert b"A vendor test signer" in (tmp_path / "out.mp4").read_bytes()
    assert read_credentials(signed).ingredients == ()


def test_a_photo_that_cannot_be_read_is_said(made: Made, signing: Signing, tmp_path: Path) -> None:
    (tmp_path / "tea.jpg").write_bytes(b"no picture")
    going_in = Ingredients(photos=(tmp_path / "tea.jpg",))
    with pytest.raises(FinishError, match=r"signature of video\.mp4.*tea\.jpg"):
        sign_video(made.video, tmp_path / "v.mp4", signing, Source.COMPOSITE, "t", going_in)


def test_a_certificate_that_cannot_sign_is_refused(made: Made, signing: Signing, tmp_path: Path) -> None:
    wrong = Signing(certificate=signing.certificate, key=signing.certificate)
    with pytest.raises(FinishError, match=r"signature of video\.mp4"):
        sign_video(made.video, tmp_path / "v.mp4", wrong, Source.DRAWN, "t")


def test_the_software_is_named_with_its_own_version() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["version"] == VERSION
