import json
import re
from pathlib import Path
from typing import Any

import pytest
from prefect.utilities.templating import apply_values

ROOT = Path(__file__).parents[2]
KINDS = ("cpu", "gpu")


def template(kind: str) -> dict[str, Any]:
    path = ROOT / "deploy" / "kubernetes" / f"{kind}-job-template.json"
    read = json.loads(path.read_text(encoding="utf-8"))
    assert isinstance(read, dict)
    return read


def placeholders(value: Any) -> set[str]:
    match value:
        case dict():
            return {name for part in value.values() for name in placeholders(part)}
        case list():
            return {name for part in value for name in placeholders(part)}
        case str():
            return set(re.findall(r"{{ (\w+) }}", value))
        case _:
            return set()


@pytest.mark.parametrize("kind", KINDS)
def test_every_variable_is_used_and_every_place_has_one(kind: str) -> None:
    pool = template(kind)
    assert placeholders(pool["job_configuration"]) == set(pool["variables"]["properties"])


def test_the_pools_differ_in_what_a_gpu_needs_alone() -> None:
    cpu, gpu = template("cpu"), template("gpu")
    assert cpu["job_configuration"] == gpu["job_configuration"]
    properties = cpu["variables"]["properties"]
    differing = {name for name in properties if properties[name] != gpu["variables"]["properties"][name]}
    assert differing == {"image", "gpus", "memory", "cache", "grace_seconds"}
    assert gpu["variables"]["properties"]["gpus"]["default"] == 1


@pytest.mark.parametrize("kind", KINDS)
def test_prefects_kubernetes_worker_makes_a_job_of_the_template(kind: str) -> None:
    worker = pytest.importorskip(
        "prefect_kubernetes.worker",
        reason="needs .venv/bin/pip install -c constraints.txt -e '.[kubernetes]'",
    )
    pool = template(kind)
    given = {n: v["default"] for n, v in pool["variables"]["properties"].items() if "default" in v}
    given |= {"env": {"PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30"}, "command": "python -m prefect.engine"}
    filled = apply_values(pool["job_configuration"], given, remove_notset=True)
    configuration = worker.KubernetesWorkerJobConfiguration.model_validate(filled)
    job = configuration.job_manifest
    pod = job["spec"]["template"]["spec"]
    container = pod["containers"][0]
    assert placeholders(job) == set()
    assert job["spec"]["backoffLimit"] == 0
    assert pod["securityContext"]["runAsNonRoot"]
    assert container["envFrom"] == [{"secretRef": {"name": "reelsheet-fleet"}}]
    assert container["resources"]["limits"]["nvidia.com/gpu"] == (1 if kind == "gpu" else 0)
    assert {mount["name"] for mount in container["volumeMounts"]} == {v["name"] for v in pod["volumes"]}
