import configparser
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import prefect.settings
import pytest
import yaml

from flows.settings import Settings
from reelsheet.environment import DEFAULTS

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def environment() -> dict[str, str]:
    """Every line of the example, those that are commented out too."""
    text = (DEPLOY / "fleet.env.example").read_text(encoding="utf-8")
    return dict(re.findall(r"^#?([A-Z][A-Z0-9_]*)=(.*)$", text, re.MULTILINE))


def compose() -> dict[str, Any]:
    read = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    assert isinstance(read, dict)
    return read


def containerfile() -> list[tuple[str, str]]:
    """Its instructions in order."""
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    lines = re.sub(r"\\\n\s*", " ", "\n".join(x for x in text.splitlines() if not x.startswith("#")))
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines.splitlines() if line)]


def unit(path: Path) -> configparser.ConfigParser:
    class Several(dict[str, Any]):
        def __setitem__(self, key: str, value: Any) -> None:
            if isinstance(value, list) and key in self:
                self[key].extend(value)
            else:
                super().__setitem__(key, value)

    parser = configparser.RawConfigParser(strict=False, dict_type=Several)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(path, encoding="utf-8")
    return parser  # type: ignore[return-value]


def test_every_variable_of_the_fleet_is_one_that_somebody_reads() -> None:
    ours = {f"REELSHEET_{name.upper()}" for name in Settings.model_fields}
    theirs = {"POSTGRES_PASSWORD", "S3_ACCESS_KEY", "S3_SECRET_KEY", "DO_NOT_TRACK", "SVT_LOG"}
    named = set(environment()) | set(compose()["x-reelsheet"]["environment"])
    unknown = {name for name in named if not name.startswith("AWS_")} - ours - theirs
    assert {name for name in unknown if not hasattr(prefect.settings, name)} == set()


def test_the_fleet_is_told_what_the_door_tells_prefect_on_a_laptop() -> None:
    told = environment()
    assert {name: told.get(name) for name in DEFAULTS} == DEFAULTS


def test_no_secret_stands_in_a_file() -> None:
    assert {environment()[name] for name in ("POSTGRES_PASSWORD", "S3_ACCESS_KEY", "S3_SECRET_KEY")} == {""}
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    assert re.findall(r"(?i)(?:password|secret_?key)\"?: (?!\"?\$\{)\S+", text) == []


def test_compose_has_every_part_and_starts_workers_after_the_deployments() -> None:
    services = compose()["services"]
    assert set(services) == {"postgres", "s3", "bucket", "prefect", "deploy", "cpu", "gpu"}
    for pool in ("cpu", "gpu"):
        command = services[pool]["command"]
        assert command[:5] == ["prefect", "worker", "start", "--pool", pool]
        assert services[pool]["depends_on"]["deploy"] == {"condition": "service_completed_successfully"}
    assert services["gpu"]["command"][-2:] == ["--limit", "1"]
    assert services["gpu"]["environment"]["CUDA_VISIBLE_DEVICES"] == "0"
    # Who holds a batch computes keys, which name the weights.
    for pool in ("cpu", "gpu"):
        assert "../models:/models:ro" in services[pool]["volumes"]
    for service in services.values():
        for name, on in service.get("depends_on", {}).items():
            assert on["condition"] != "service_healthy" or "healthcheck" in services[name]


def test_images_are_pinned_and_ours_bears_the_projects_version() -> None:
    images = [service["image"] for service in compose()["services"].values()]
    assert all(re.search(r":[\w.-]+$", image) and not image.endswith(":latest") for image in images)
    version = PROJECT["project"]["version"]
    assert {image for image in images if image.startswith("reelsheet")} == {
        f"reelsheet:{version}",
        f"reelsheet:{version}-gpu",
    }


def test_the_server_is_published_on_this_machine_alone() -> None:
    ports = [port for service in compose()["services"].values() for port in service.get("ports", [])]
    assert ports == ["127.0.0.1:4200:4200"]


def test_the_image_is_built_in_two_stages_of_pinned_packages_and_runs_as_nobody_special() -> None:
    steps = containerfile()
    bases = [rest for word, rest in steps if word == "FROM"]
    assert len(bases) == 2
    assert "latest" not in " ".join(rest for _, rest in steps)
    installs = [rest for word, rest in steps if word == "RUN" and "pip install" in rest]
    assert len(installs) == 1
    assert "--constraint constraints.txt" in installs[0]
    last_user = [rest for word, rest in steps if word == "USER"][-1]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", last_user)
    assert steps[-1][0] == "CMD"


def test_the_extras_that_are_asked_for_exist() -> None:
    known = set(PROJECT["project"]["optional-dependencies"])
    default = next(rest for word, rest in containerfile() if word == "ARG" and rest.startswith("EXTRAS="))
    gpu = compose()["services"]["gpu"]["build"]["args"]["EXTRAS"]
    asked = {name for extras in (default.removeprefix("EXTRAS="), gpu) for name in extras.split(",")}
    assert asked <= known


def test_the_image_holds_every_package_and_what_a_fleet_needs() -> None:
    kept = {
        line.removeprefix("!")
        for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        if line.startswith("!")
    }
    packages = set(PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])
    assert packages | {"brand_kits", "prefect.yaml", "pyproject.toml", "constraints.txt", "README.md"} <= kept
    assert {name for name in kept if not (ROOT / name).exists()} == set()


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_is_one_that_systemd_takes(path: Path, tmp_path: Path) -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not here; Debian has it in the package systemd")
    here = tmp_path / path.name
    text = path.read_text(encoding="utf-8").replace(
        "/srv/reelsheet/.venv/bin", str(Path(sys.executable).parent)
    )
    here.write_text(text.replace("WorkingDirectory=/srv/reelsheet", f"WorkingDirectory={tmp_path}"), "utf-8")
    run = subprocess.run(["systemd-analyze", "verify", here], capture_output=True, text=True, check=False)
    mine = [line for line in run.stderr.splitlines() if path.name in line]
    assert (run.returncode, mine) == (0, [])


def test_a_gpu_has_one_worker_with_its_device_fixed_that_may_finish_its_wave() -> None:
    service = unit(DEPLOY / "systemd" / "reelsheet-gpu@.service")["Service"]
    assert "--pool gpu" in service["ExecStart"]
    assert service["ExecStart"].endswith("--limit 1")
    assert "CUDA_VISIBLE_DEVICES=%i" in service["Environment"]
    assert service["KillSignal"] == "SIGTERM"
    assert service["KillMode"] == "mixed"
    minutes = int(service["TimeoutStopSec"].removesuffix("min"))
    assert minutes * 60 > 30 * 60
