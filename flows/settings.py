"""Settings of the machine: ``reelsheet.toml`` in the working folder, overridden by ``REELSHEET_*``.

What a film looks like stands in the campaign and the brand kit; here stands where things lie and how many
workers run.
"""

import os
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from campaign.errors import SettingsError
from campaign.validation import first_problem
from tasks.channels import Channel
from tasks.setup import Dispatch, LogLines

FILE = Path("reelsheet.toml")


class Settings(BaseSettings):
    """Every setting with its default."""

    model_config = SettingsConfigDict(
        env_prefix="REELSHEET_", toml_file=FILE, extra="forbid", frozen=True, validate_default=True
    )

    home: Path = Path(".reelsheet")
    """Folder of the store, the ledger, logs and Prefect's own files."""
    store_url: str = ""
    """Of a store that several machines share, like ``s3://bucket/folder``; ``home`` has its cache."""
    store_options: dict[str, SecretStr] = {}
    """For that store's file system, like ``endpoint_url = "https://…"`` in ``[store_options]``."""
    store_cache: Annotated[float, Field(ge=0)] = 0.0
    """Gigabytes that the cache may have when a batch begins; 0 is no bound."""
    ledger: str = ""
    """SQLAlchemy URL; empty is SQLite in ``home``."""
    out: Path = Path("out")
    """Where campaigns are delivered."""
    brand_kits: tuple[Path, ...] = (Path("brand_kits"),)
    """Folders with kits, searched after ``brand_kits`` beside the sheet and before those that ship."""
    workers: Annotated[int, Field(ge=1)] = Field(default_factory=lambda: os.cpu_count() or 1)
    """Processes that draw and encode; one per core is best."""
    chunk: Annotated[int, Field(ge=1, le=200)] = 12
    """Spots per task."""
    dispatch: Dispatch = Dispatch.HERE
    """``pools`` gives takes and renditions to the workers of Prefect's work pools."""
    publisher: str = "folder"
    expander: str = "rules"
    llm_url: str = ""
    """Of the language model that expander ``llm`` asks, up to and with the version: ``http://host:8000/v1``."""
    llm_model: str = ""
    llm_key: SecretStr = SecretStr("")
    speech_url: str = ""
    """Of the OpenAI-compatible service whose voices are called ``openai:NAME``, up to and with the version:
    ``http://host:8880/v1``. Empty is OpenAI's own, where ``OPENAI_API_KEY`` is set."""
    speech_model: str = "gpt-4o-mini-tts"
    speech_key: SecretStr = SecretStr("")
    """Empty takes ``OPENAI_API_KEY`` for OpenAI's own service, and none for another."""
    local_voices: dict[str, Path] = {}
    """Folders of speech models on this machine, like ``anna = "/models/mms-tts-eng"`` in ``[local_voices]``;
    the voice is called ``local:anna``."""
    checks: dict[str, dict[str, Any]] = {}
    """Options of the policies' checks by name, like ``model = "/models/guard"`` in ``[checks.guard]``."""
    backends: dict[str, dict[str, Any]] = {}
    """Options of backends by name, like ``checkpoint = "/models/wan"`` in ``[backends.wan]``."""
    day_caps: dict[str, Annotated[float, Field(ge=0)]] = {}
    """The most that hosted backends may cost a day, like ``USD = 50`` in ``[day_caps]``."""
    brand_caps: dict[str, Annotated[float, Field(ge=0)]] = {}
    """The same for each brand, over all batches."""
    log_lines: LogLines = LogLines.PLAIN
    """``json`` writes every log line as a JSON object."""
    telemetry: Annotated[str, Field(pattern=r"^(https?://.*)?$")] = ""
    """OTLP endpoint, like ``http://collector:4318``, that gets traces and metrics."""
    metrics_port: Annotated[int, Field(ge=0, le=65520)] = 0
    """Prometheus finds metrics there while a flow runs; a second flow on the machine takes the next port."""
    notify: dict[str, Channel] = {}
    """Who is told of a batch, like ``kind = "feishu"`` and ``url = "https://…"`` in ``[notify.team]``."""
    out_url: Annotated[str, Field(pattern=r"^(https?://.*)?$")] = ""
    """Address under which people's browsers reach ``out``; messages and artifacts link to it."""
    face_model: Path | None = None
    """OpenCV's YuNet (``face_detection_yunet_*.onnx``): crops keep faces, covers prefer them. Without it
    faces are not looked for."""
    content_producer: Annotated[str, Field(pattern=r"^[\x21-\x7e]*$")] = ""
    """Your service-provider code for the AIGC metadata of GB 45438; never invented, so without one the
    metadata is left out and every report says so."""
    certificate: Path | None = None
    """PEM chain, the signer's own first, for C2PA credentials in every video; without it none are written."""
    certificate_key: Path | None = None
    """PEM key (PKCS#8) of ``certificate``."""

    @field_validator("certificate_key")
    @classmethod
    def _goes_with_its_certificate(cls, key: Path | None, info: ValidationInfo) -> Path | None:
        certificate = info.data.get("certificate")
        if (key is None) != (certificate is None):
            missing = "certificate_key" if key is None else "certificate"
            raise ValueError(f"certificate and certificate_key go together, but {missing} is not set")
        return key

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # The signature is pydantic's.
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    @property
    def store(self) -> Path:
        return self.home / "store"

    @property
    def ledger_url(self) -> str:
        return self.ledger or f"sqlite:///{(self.home / 'ledger.db').resolve()}"

    @property
    def log(self) -> Path:
        return self.home / "reelsheet.log"

    def kit_folders(self, sheet: Path) -> tuple[Path, ...]:
        """Where kits for this sheet are looked for, nearest first."""
        shipped = Path(__file__).parent.parent / "brand_kits"
        return tuple(
            dict.fromkeys(p.resolve() for p in (sheet.parent / "brand_kits", *self.brand_kits, shipped))
        )


def load_settings() -> Settings:
    """Settings of this working folder.

    Raises:
        SettingsError: a key is unknown or a value is wrong; says which and where.
    """
    try:
        return Settings()
    except ValidationError as error:
        where = f"{FILE} or REELSHEET_{str(error.errors()[0]['loc'][0]).upper()}"
        problem = f"{first_problem(error, Settings)}."
        raise SettingsError(where, problem, "Correct it; docs/settings.md lists all.") from error
    except ValueError as error:
        raise SettingsError(str(FILE), f"is not TOML: {error}.", "Correct it.") from error
