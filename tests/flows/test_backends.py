"""The whole line from sheet to video with the backends that are not the animatic."""

import json
import logging
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from prefect.settings import get_current_settings
from pydantic import SecretStr
from sqlalchemy import make_url

from campaign.attempts import Attempts
from campaign.costs import CostsBy, costs
from campaign.ledger import Ledger
from campaign.report import RowState
from finishing.inspect import inspect
from model.wan.tiny import save_tiny_checkpoint
from tasks.plan import plan
from tasks.setup import Setup
from tests.contract.vendors.cases import CASES
from tests.flows.running import make

pytestmark = pytest.mark.slow

MakeSetup = Callable[[], Setup]
HEAD = "编号,文案,产品,品牌,语言,时长,画幅,音乐,后端\n"


@pytest.fixture
def with_wan(setup: MakeSetup, tmp_path: Path) -> Setup:
    options = {
        "checkpoint": str(save_tiny_checkpoint(tmp_path / "weights", "t2v-a14b")),
        "device": "cpu",
        "precision": "fp32",
        "steps": 2,
        "sizes": {"9:16": [32, 48], "1:1": [32, 32]},
    }
    return setup().model_copy(update={"backends": {"wan": options}})


def test_a_device_that_stays_full_is_tried_with_two_plans_and_is_then_a_rows_result(
    campaign: Path, with_wan: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []

    def full(*_: object) -> None:
        tried.append(1)
        raise torch.OutOfMemoryError

    monkeypatch.setattr("model.wan.wave.run_expert", full)
    campaign.write_text(HEAD + "leaf,山里的晨雾。,春茶,qinghe_tea,中文,4,9:16,none,wan\n", encoding="utf-8")
    (row,) = make(campaign, with_wan).rows
    assert row.state is RowState.FAILED
    assert "ran out of memory in the stage" in row.reason
    assert "with the plan one expert" in row.reason
    assert len(tried) == 2


def test_a_tiny_wan_checkpoint_makes_the_takes_of_a_campaign(campaign: Path, with_wan: Setup) -> None:
    campaign.write_text(
        HEAD + "leaf,山里的晨雾。,春茶,qinghe_tea,中文,4,9:16;1:1,none,wan\n", encoding="utf-8"
    )
    report = make(campaign, with_wan)
    assert [(row.state, row.reason) for row in report.rows] == [(RowState.DONE, "")]
    tall, square = (with_wan.out / "tea" / "leaf-1" / f"leaf-1_{aspect}.mp4" for aspect in ("9x16", "1x1"))
    assert inspect(tall).findings == inspect(square).findings == ()
    manifests = [
        json.loads(p.read_text(encoding="utf-8")) for p in (with_wan.store / "take").rglob("manifest.json")
    ]
    assert {manifest["facts"]["fps"] for manifest in manifests} == {16}
    assert make(campaign, with_wan).rows[0].spots[0].made == {}


def test_a_hosted_backend_is_paid_once_and_its_key_is_nowhere(
    campaign: Path, setup: MakeSetup, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.INFO)
    campaign.write_text(
        HEAD + "leaf,山里的晨雾。,春茶,qinghe_tea,中文,8,9:16,none,bailian\n"
        "old,山里的晨雾。,春茶,qinghe_tea,中文,8,9:16,none,openai-videos:sora-2\n",
        encoding="utf-8",
    )
    foreseen = plan(campaign, setup())
    assert foreseen.totals["money"]["USD"] > 0
    assert "2026-09-24" in foreseen.rows[1].reason
    with CASES["bailian"].server(render_seconds=0.2) as server:
        hosted = setup().model_copy(
            update={
                "vendor_keys": {"bailian": SecretStr(server.key)},
                "backends": {"bailian": {"base_url": server.url}},
            }
        )
        report = make(campaign, hosted)
        assert [row.state for row in report.rows] == [RowState.DONE, RowState.FAILED]
        charged = server.charged
        assert charged > 0
        again = make(campaign, hosted)
        assert server.charged == charged
        # The row's cost stays in the sheet; the batch that paid nothing cost nothing.
        assert again.rows[0].cost == report.rows[0].cost == report.cost
        assert again.cost == "0"
        (line,) = costs(Attempts(hosted.ledger), CostsBy.ROW)
        assert line.name == "leaf"
        assert float(line.actual.amount) == pytest.approx(charged)
        assert Ledger(hosted.ledger).releases()
        written = [p for folder in (tmp_path, _prefects_folder()) for p in folder.rglob("*") if p.is_file()]
        assert {"ledger.db", "prefect-test.db", "tea.status.xlsx", "report.json"} <= {p.name for p in written}
        for secret in (server.key, "signature="):
            assert secret not in caplog.text
            assert not [p for p in written if secret.encode() in p.read_bytes()]


def _prefects_folder() -> Path:
    url = get_current_settings().server.database.connection_url
    assert url
    return Path(str(make_url(url.get_secret_value()).database)).parent
