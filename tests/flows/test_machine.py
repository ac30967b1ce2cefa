from pathlib import Path

import pytest

from campaign.errors import SettingsError
from finishing.provenance import make_test_certificate
from flows.machine import setup_for
from flows.settings import load_settings
from reelsheet.commands.doctor import write_test_certificate

SHEET = Path("tea.csv")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder without settings."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write_settings(certificate: str = "", key: str = "") -> None:
    given = {"certificate": certificate, "certificate_key": key}
    lines = [f'{name} = "{value}"\n' for name, value in given.items() if value]
    Path("reelsheet.toml").write_text("".join(lines), encoding="utf-8")


def test_without_a_certificate_nothing_is_signed() -> None:
    setup = setup_for(load_settings(), SHEET)
    assert (setup.certificate, setup.certificate_key) == (None, None)


@pytest.mark.parametrize(
    ("certificate", "key", "missing"), [("c.pem", "", "certificate_key"), ("", "k.pem", "certificate")]
)
def test_a_certificate_and_its_key_go_together(certificate: str, key: str, missing: str) -> None:
    write_settings(certificate, key)
    with pytest.raises(SettingsError, match=f"go together, but {missing} is not set"):
        load_settings()


def test_a_certificate_that_is_not_there_stops_before_anything_is_made() -> None:
    write_settings("gone.pem", "key.pem")
    with pytest.raises(SettingsError, match=r"gone\.pem is not a file"):
        setup_for(load_settings(), SHEET)


def test_a_missing_package_stops_before_anything_is_made(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_test_certificate(folder, "Qinghe")
    write_settings("certificate.pem", "key.pem")
    monkeypatch.setattr("flows.machine.find_spec", lambda _: None)
    with pytest.raises(SettingsError, match="c2pa-python, which signs with it, is not installed"):
        setup_for(load_settings(), SHEET)


def test_a_key_of_another_certificate_stops_before_anything_is_made(folder: Path) -> None:
    pytest.importorskip("c2pa")
    (folder / "other").mkdir()
    make_test_certificate(folder, "Qinghe")
    make_test_certificate(folder / "other", "Harbor")
    write_settings("certificate.pem", "other/key.pem")
    with pytest.raises(SettingsError, match="it does not sign"):
        setup_for(load_settings(), SHEET)


def test_the_lines_that_doctor_prints_for_a_test_certificate_are_settings_that_sign(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("c2pa")
    assert write_test_certificate(folder / "certificates") == 0
    said = capsys.readouterr().out
    assert "valid, untrusted" in said
    lines = [line for line in said.splitlines() if line.startswith("certificate")]
    Path("reelsheet.toml").write_text("\n".join(lines), encoding="utf-8")
    setup = setup_for(load_settings(), SHEET)
    assert setup.certificate == folder.resolve() / "certificates" / "certificate.pem"
    with pytest.raises(SettingsError, match="is there already"):
        write_test_certificate(folder / "certificates")
