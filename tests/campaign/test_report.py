from pathlib import Path

from campaign.report import BatchReport


def test_a_report_is_read_as_it_was_written(report: BatchReport, tmp_path: Path) -> None:
    report.write(tmp_path / "report.json")
    assert BatchReport.read(tmp_path / "report.json") == report
