from pathlib import Path

import pytest

from campaign.errors import CheckFailedError, CheckMissingError
from moderation.checks.weights import folder_digest, model_folder, package, require_finite, weights_or_absence


def test_a_package_that_is_not_installed_is_named_with_the_remedy() -> None:
    with pytest.raises(CheckMissingError, match=r"no_such_package is not installed\. Install reelsheet"):
        package("no_such_package")


def test_a_folder_that_holds_no_model_says_so(tmp_path: Path) -> None:
    with pytest.raises(CheckMissingError, match=r"config\.json"):
        model_folder(str(tmp_path))


def test_a_model_that_is_nowhere_is_not_fetched_unasked() -> None:
    with pytest.raises(CheckMissingError, match="download: true"):
        model_folder("nobody/no-such-model")


def test_a_digest_follows_what_decides_the_answers(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}", "utf-8")
    with pytest.raises(CheckMissingError, match="has no weights"):
        folder_digest(tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"1")
    first = folder_digest(tmp_path)
    (tmp_path / "README.md").write_text("words", "utf-8")
    assert folder_digest(tmp_path) == first
    (tmp_path / "model.safetensors").write_bytes(b"22")
    assert folder_digest(tmp_path) != first


def test_an_absence_is_written_down_with_its_reason(tmp_path: Path) -> None:
    said = weights_or_absence(lambda: folder_digest(tmp_path))
    assert said.startswith("missing: ")
    assert "has no weights" in said


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_a_number_that_is_none_is_an_error(value: float) -> None:
    import torch  # noqa: PLC0415  # Seconds; a run of other tests need not wait for it.

    require_finite(torch.tensor([1.0, 2.0]), "A score")
    require_finite(torch.tensor([1, 2]), "A count")
    with pytest.raises(CheckFailedError, match="A score is not a finite number"):
        require_finite(torch.tensor([1.0, value]), "A score")
