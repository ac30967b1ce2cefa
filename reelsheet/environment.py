"""Prefect's environment, set by our door before Prefect is imported; what the user has set stays.

Figures and reasons: docs/decisions/0001.
"""

import os
from pathlib import Path

from reelsheet.orphans import end_orphans, mark_door
from tasks.setup import LogLines

LOGGING = """\
version: 1
disable_existing_loggers: false
formatters:
  lines:
    (): campaign.log_lines.{lines}
  words:
    (): campaign.log_lines.PlainLines
    fmt: "%(message)s"
handlers:
  api:
    class: prefect.logging.handlers.APILogHandler
    formatter: words
  file:
    class: campaign.log_lines.LogFile
    filename: {log}
    encoding: utf-8
    formatter: lines
loggers:
  prefect: {{level: INFO, propagate: true}}
  httpx: {{level: WARNING, propagate: true}}
  docket: {{level: WARNING, propagate: true}}
  alembic: {{level: WARNING, propagate: true}}
{run_logs}root:
  level: INFO
  handlers: [file]
"""
"""Prefect's own lines and ours go to one file; the terminal shows rows."""

RUN_LOGS = """\
  prefect.extra: {handlers: [api]}
  prefect.flow_runs: {handlers: [api]}
  prefect.task_runs: {handlers: [api]}
"""
"""With a server of its own, whose pages people look at, the lines of a run go there, too."""

FORMATTERS = {LogLines.PLAIN: "PlainLines", LogLines.JSON: "JsonLines"}
LARGEST_LOG = 10_000_000
"""Bytes; at the next start a larger log is put aside, replacing the one put aside before."""

DEFAULTS = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    # We use none of Prefect's blocks; registering them takes a third of a second of each start.
    "PREFECT_SERVER_REGISTER_BLOCKS_ON_START": "false",
    # Unbatched, the embedded server drops most task records of a large run.
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_READ_BATCH_SIZE": "100",
    "PREFECT_LOGGING_EXTRA_LOGGERS": "flows,tasks,model,moderation,finishing,publishing,media,campaign",
    # The AV1 encoder tells the terminal of itself; what goes wrong it still says.
    "SVT_LOG": "1",
    # A line that is written outside of a run goes to the file alone.
    "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
}

EMBEDDED = {
    # A server of our own that was killed does not come back: the last calls would wait a minute each.
    "PREFECT_CLIENT_MAX_RETRIES": "1",
}
"""Where no server is set, so that the flow starts one."""


def prepare_prefect(home: Path, log: Path, lines: LogLines = LogLines.PLAIN) -> None:
    """Set what is not set yet: Prefect's files under ``home``, its log lines in ``log``, no telemetry.

    Also ends an embedded server that an earlier, killed run left behind.
    """
    home.mkdir(parents=True, exist_ok=True)
    if log.is_file() and log.stat().st_size > LARGEST_LOG:
        log.replace(log.with_suffix(".1.log"))
    run_logs = RUN_LOGS if os.environ.get("PREFECT_API_URL") else ""
    logging_file = home / "logging.yml"
    logging_file.write_text(
        LOGGING.format(log=log.resolve().as_posix(), lines=FORMATTERS[lines], run_logs=run_logs),
        encoding="utf-8",
    )
    defaults = {
        **DEFAULTS,
        "PREFECT_HOME": str((home / "prefect").resolve()),
        "PREFECT_LOGGING_SETTINGS_PATH": str(logging_file.resolve()),
    }
    if not os.environ.get("PREFECT_API_URL"):
        defaults |= EMBEDDED
    for name, value in defaults.items():
        os.environ.setdefault(name, value)
    end_orphans(Path(os.environ["PREFECT_HOME"]))
    mark_door()
