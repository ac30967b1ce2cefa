"""A notice in the format of each kind of channel, and whether the answer means that it arrived.

Formats, limits and signatures as the vendors document them: Feishu custom bots (open.feishu.cn, custom-bot),
DingTalk custom robots (open.dingtalk.com, custom-robot-access), WeCom group robots (document 91770 of
developer.work.weixin.qq.com), Slack incoming webhooks (docs.slack.dev).
Words go out as plain text, never as markup: a campaign's name cannot become a link or call a whole group.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from campaign.content_key import Json
from tasks.channels import Channel, Kind
from tasks.notices import Notice

FEISHU_BYTES = 20_000
"""Of the whole request."""
DINGTALK_BYTES = 15_000
WECOM_BYTES = 2048
"""Of the text."""
SLACK_CHARACTERS = 4000
"""Of the text; Slack asks for no more and may split what is longer."""
LONGEST_ANSWER = 200
"""Characters of a refusal that are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What is posted: JSON, with query parameters and headers beside it."""

    body: Mapping[str, Json]
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def bytes(self) -> bytes:
        return json.dumps(self.body, ensure_ascii=False).encode()


def message_for(channel: Channel, notice: Notice, at: float) -> Message:
    """The notice as the channel wants it; ``at`` is the time of the signature, seconds since 1970."""
    secret = channel.secret.get_secret_value()
    match channel.kind:
        case Kind.FEISHU:
            return _fitting(
                notice,
                lambda lines: _feishu(notice, lines, secret, at),
                lambda made: len(made.bytes) <= FEISHU_BYTES,
            )
        case Kind.DINGTALK:
            return _fitting(
                notice,
                lambda lines: _dingtalk(_text(notice, lines), secret, at),
                lambda made: len(made.bytes) <= DINGTALK_BYTES,
            )
        case Kind.WECOM:
            return _fitting(
                notice,
                # <@userid> calls a member of the group, also within text.
                lambda lines: _of_text(_text(notice, lines).replace("<@", "< @")),
                lambda made: len(_content(made).encode()) <= WECOM_BYTES,
            )
        case Kind.SLACK:
            return _fitting(
                notice,
                lambda lines: Message(body={"text": _escaped(_text(notice, lines))}),
                lambda made: len(str(made.body["text"])) <= SLACK_CHARACTERS,
            )
        case Kind.WEBHOOK:
            return _webhook(notice, secret)


def refusal_in(kind: Kind, answer: bytes) -> str:
    """Why a message did not arrive although the answer's status is 200; empty when it did."""
    text = answer.decode("utf-8", "replace").strip()
    match kind:
        case Kind.FEISHU | Kind.DINGTALK | Kind.WECOM:
            name = "code" if kind is Kind.FEISHU else "errcode"
            try:
                said = json.loads(text)
            except ValueError:
                said = None
            arrived = isinstance(said, dict) and said.get(name) == 0
        case Kind.SLACK:
            arrived = text == "ok"
        case Kind.WEBHOOK:
            arrived = True
    return "" if arrived else f"it was answered: {text[:LONGEST_ANSWER] or 'nothing'}"


def _fitting(
    notice: Notice, build: Callable[[Sequence[str]], Message], fits: Callable[[Message], bool]
) -> Message:
    """The message with as many lines as its format takes; title and link always stay."""
    whole = build(notice.lines)
    if fits(whole):
        return whole
    shorter = (build([*notice.lines[:count], "…"]) for count in reversed(range(len(notice.lines))))
    return next((message for message in shorter if fits(message)), build([]))


def _feishu(notice: Notice, lines: Sequence[str], secret: str, at: float) -> Message:
    """A rich-text post. What is signed is the key of the HMAC, and its message is empty."""
    signed: dict[str, Json] = {}
    if secret:
        stamp = str(int(at))
        signed = {"timestamp": stamp, "sign": _signature(f"{stamp}\n{secret}", "")}
    content: list[Json] = [[{"tag": "text", "text": line}] for line in lines]
    if notice.link.startswith("http"):
        content.append([{"tag": "a", "text": notice.link, "href": notice.link}])
    elif notice.link:
        content.append([{"tag": "text", "text": notice.link}])
    post: Json = {"zh_cn": {"title": notice.title, "content": content}}
    return Message(body={**signed, "msg_type": "post", "content": {"post": post}})


def _dingtalk(text: str, secret: str, at: float) -> Message:
    """The secret is the key of the HMAC; time, in milliseconds, and signature stand in the query."""
    query = {}
    if secret:
        stamp = str(int(at * 1000))
        query = {"timestamp": stamp, "sign": _signature(secret, f"{stamp}\n{secret}")}
    return Message(body=_of_text(text).body, query=query)


def _webhook(notice: Notice, secret: str) -> Message:
    """The facts beside the words; signed the way GitHub signs its webhooks where there is a secret."""
    text = _text(notice, notice.lines)
    plain = Message(body={**notice.facts, "title": notice.title, "text": text})
    if not secret:
        return plain
    digest = hmac.new(secret.encode(), plain.bytes, hashlib.sha256).hexdigest()
    return Message(body=plain.body, headers={"X-Hub-Signature-256": f"sha256={digest}"})


def _of_text(text: str) -> Message:
    """What DingTalk and WeCom both call text."""
    return Message(body={"msgtype": "text", "text": {"content": text}})


def _content(message: Message) -> str:
    text = message.body["text"]
    assert isinstance(text, dict)
    return str(text["content"])


def _text(notice: Notice, lines: Sequence[str]) -> str:
    return "\n".join(part for part in (notice.title, *lines, notice.link) if part)


def _escaped(text: str) -> str:
    """The three characters that Slack reads as its own."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _signature(key: str, message: str) -> str:
    return base64.b64encode(hmac.new(key.encode(), message.encode(), hashlib.sha256).digest()).decode()
