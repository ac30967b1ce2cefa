"""Where people are told of a batch: the chat groups and webhooks of ``[notify.<name>]``."""

from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict, SecretStr, field_validator, model_validator


class Occasion(StrEnum):
    """What is worth a message."""

    ENDED = "ended"
    """The batch is over."""
    PERSON = "person"
    """It is over, and spots wait for a person."""
    BUDGET = "budget"
    """A cap has stopped a paid attempt."""


class Kind(StrEnum):
    """Whose message format is spoken."""

    FEISHU = "feishu"
    DINGTALK = "dingtalk"
    WECOM = "wecom"
    SLACK = "slack"
    WEBHOOK = "webhook"
    """Our own JSON, for anything else."""


SIGNED = (Kind.FEISHU, Kind.DINGTALK, Kind.WEBHOOK)
"""Kinds that know a secret beside the address."""


class Channel(BaseModel):
    """One place that messages go to. Address and secret are secrets: they are never logged."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Kind
    url: SecretStr
    secret: SecretStr = SecretStr("")
    """Messages are signed with it: the secret that Feishu and DingTalk show for 签名校验 and 加签."""
    events: tuple[Occasion, ...] = tuple(Occasion)

    @field_validator("url")
    @classmethod
    def _is_an_address(cls, url: SecretStr) -> SecretStr:
        if not url.get_secret_value().startswith(("http://", "https://")):
            raise ValueError("the address of a channel begins with https://")
        return url

    @model_validator(mode="after")
    def _is_signed_where_that_is_known(self) -> Self:
        if self.secret.get_secret_value() and self.kind not in SIGNED:
            raise ValueError(f"{self.kind} knows no secret; only {', '.join(SIGNED)} do")
        return self
