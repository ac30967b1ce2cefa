from pathlib import Path

import pytest
from sqlalchemy import update

from campaign.database import open_engine, transaction
from campaign.lease import LeaseRow, Leases
from campaign.ledger import Ledger
from flows.inbox import scan
from flows.settings import load_settings

HEAD = "编号,文案,产品,品牌,语言,时长,画幅,音乐\n"
REFUSED = "law,国家级工艺，最佳的春茶。,春茶,qinghe_tea,中文,8,9:16,none\n"
"""A row that the policy stops before anything is made for it."""


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings of a machine of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("flows.inbox.SETTLES", 0.05)


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


def batches() -> list[str]:
    ledger = Ledger(load_settings().ledger_url)
    found = [batch.campaign for batch in ledger.batches()]
    ledger.close()
    return sorted(found)


def test_every_content_of_a_sheet_becomes_a_batch_once(inbox: Path) -> None:
    assert scan(str(inbox)) == []
    tea = inbox / "tea.csv"
    tea.write_text(HEAD + REFUSED, encoding="utf-8")
    assert scan(str(inbox)) == [str(tea)]
    assert scan(str(inbox)) == []
    tea.touch()
    assert scan(str(inbox)) == []
    tea.write_text(HEAD + REFUSED.replace("law", "act"), encoding="utf-8")
    assert scan(str(inbox)) == [str(tea)]
    assert batches() == ["tea", "tea"]


def test_a_sheet_that_is_no_sheet_is_told_once_and_the_others_go_on(
    inbox: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (inbox / "broken.xlsx").write_bytes(b"PK\x03\x04 cut off")
    (inbox / "tea.csv").write_text(HEAD + REFUSED, encoding="utf-8")
    assert len(scan(str(inbox))) == 2
    assert "broken.xlsx" in caplog.text
    assert scan(str(inbox)) == []
    assert batches() == ["tea"]


def test_a_campaign_that_somebody_makes_is_left_to_the_next_scan(inbox: Path) -> None:
    (inbox / "tea.csv").write_text(HEAD + REFUSED, encoding="utf-8")
    url = load_settings().ledger_url
    leases = Leases(url)
    lease = leases.take("tea", "anna")
    with transaction(open_engine(url)) as session:
        session.execute(update(LeaseRow).values(machine="studio-2/boot/1"))
    assert scan(str(inbox)) == []
    leases.give_back(lease)
    leases.close()
    assert len(scan(str(inbox))) == 1
