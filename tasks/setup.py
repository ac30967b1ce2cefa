"""What a door or a deployment tells a flow about the machine: plain values that pass through Prefect."""

from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, SecretStr

from finishing.voice import SpeechOptions
from moderation.policy import Policy
from tasks.channels import Channel

NO_PRODUCER = (
    "The AIGC metadata of GB 45438-2025 is left out of every file, because no producer code is set. "
    "Set content_producer in reelsheet.toml (or REELSHEET_CONTENT_PRODUCER) to your service-provider code "
    "before publishing in China; the visible label is there."
)


class Dispatch(StrEnum):
    """Who makes takes and renditions."""

    HERE = "here"
    """The process that makes the batch."""
    POOLS = "pools"
    """Workers of Prefect's work pools; the batch's own process shares out and delivers."""


class LogLines(StrEnum):
    """How log lines are written."""

    PLAIN = "plain"
    JSON = "json"


class Setup(BaseModel):
    """Where things lie and how many workers run."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    store: Path
    store_url: str = ""
    """Of the store that several machines share, behind the folder; empty: there is none."""
    store_options: dict[str, SecretStr] = {}
    """For its file system, like ``endpoint_url``."""
    store_cache: int = 0
    """Most bytes of the folder in front of a shared store; 0: as many as there are."""
    ledger: str
    """SQLAlchemy URL."""
    out: Path
    kit_folders: tuple[Path, ...]
    workers: int
    """Processes that draw and encode."""
    chunk: int
    """Spots per task."""
    dispatch: Dispatch = Dispatch.HERE
    who: str = "somebody"
    """Who makes the batch, for whoever would make it at the same time."""
    expander: str = "rules"
    publisher: str = "folder"
    llm_url: str = ""
    llm_model: str = ""
    llm_key: SecretStr = SecretStr("")
    speech_url: str = ""
    speech_model: str = ""
    speech_key: SecretStr = SecretStr("")
    local_voices: dict[str, Path] = {}
    """Folders of models by the voice's name."""
    checks: dict[str, dict[str, Any]] = {}
    """Options of the policies' checks, by check."""
    backends: dict[str, dict[str, Any]] = {}
    """Options of backends, by vendor or engine."""
    day_caps: dict[str, float] = {}
    brand_caps: dict[str, float] = {}
    """The most that hosted backends may cost a day and a brand, by currency."""
    vendor_keys: dict[str, SecretStr] = {}
    """Keys of hosted backends, by vendor."""
    log_lines: LogLines = LogLines.PLAIN
    telemetry: str = ""
    """URL of the OpenTelemetry collector that gets traces and metrics; empty: nobody does."""
    metrics_port: int = 0
    """First port on which Prometheus finds the metrics of this machine's flows; 0: on none."""
    notify: dict[str, Channel] = {}
    """Who is told of a batch, by a name of the operator's."""
    out_url: str = ""
    """Address under which ``out`` is served; empty where it is not."""
    face_model: Path | None = None
    """YuNet's, for crops and covers; None: faces are not looked for."""
    content_producer: str = ""
    """Producer code of the AIGC metadata; empty leaves it out."""
    certificate: Path | None = None
    """PEM chain whose C2PA credentials every rendition gets; None leaves them out."""
    certificate_key: Path | None = None
    """PEM key of the certificate; given with it or not at all."""

    @property
    def speech(self) -> SpeechOptions:
        """What voices are given."""
        return SpeechOptions(
            url=self.speech_url,
            model=self.speech_model,
            key=self.speech_key.get_secret_value(),
            folders=self.local_voices,
        )


def notes_of(policy: Policy, content_producer: str) -> list[str]:
    """What a person must know about every batch run like this one."""
    return [*([] if content_producer else [NO_PRODUCER]), policy.advice()]
