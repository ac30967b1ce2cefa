import logging
from collections.abc import Iterator
from dataclasses import replace

import pytest
from pydantic import SecretStr, ValidationError

from campaign.brief import Language
from campaign.events import CapReached, announce
from campaign.report import BatchReport, RowState
from tasks import notify
from tasks.channels import SIGNED, Channel, Kind, Occasion
from tasks.messages import message_for
from tasks.notices import notice_of_cap, notice_of_end
from tasks.notify import People, send
from tests.tasks.chat import SECRET, TOKEN, Chat, chat_server

ZH, EN = Language.ZH, Language.EN


@pytest.fixture
def chat() -> Iterator[Chat]:
    with chat_server() as running:
        yield running


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notify, "TRIES", (0.0, 0.0, 0.0))


@pytest.fixture
def waiting(report: BatchReport) -> BatchReport:
    """Two rows, of which one has forty spots that wait for a person, with long reasons."""
    row = report.rows[0]
    spots = [
        replace(row.spots[0], spot_id=f"tea01-{n}", state=RowState.REVIEW, reason="最好喝 " * 60)
        for n in range(40)
    ]
    rows = [replace(row, state=RowState.REVIEW, spots=spots), report.rows[1]]
    return replace(report, rows=rows, counts={"needs review": 1, "problem": 1}, cost="3.20 USD")


def channel(chat: Chat, kind: Kind, *events: Occasion) -> Channel:
    secret = SecretStr(SECRET if kind in SIGNED else "")
    return Channel(kind=kind, url=SecretStr(chat.url(kind)), secret=secret, events=events or tuple(Occasion))


def people(chat: Chat, ledger_url: str, *events: Occasion, batch: int = 1) -> People:
    channels = {kind.value: channel(chat, kind, *events) for kind in Kind}
    return People(channels, ledger_url, batch, "春茶", {ZH})


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_takes_its_message_and_its_signature(chat: Chat, waiting: BatchReport, kind: Kind) -> None:
    notice = notice_of_end(waiting, {ZH, EN}, 7, "https://reels.example.com/tea/report.html")
    assert send(channel(chat, kind), notice) == ""
    assert [got for got, _ in chat.got] == [kind]


@pytest.mark.parametrize("kind", SIGNED)
def test_a_wrong_secret_is_told_in_the_vendors_words(chat: Chat, waiting: BatchReport, kind: Kind) -> None:
    wrong = channel(chat, kind).model_copy(update={"secret": SecretStr("SEC111")})
    refusal = send(wrong, notice_of_end(waiting, {ZH}, 7, ""))
    assert kind is Kind.WEBHOOK or "sign" in refusal
    assert chat.got == []


def test_words_of_a_campaign_cannot_become_markup_or_call_a_group(waiting: BatchReport) -> None:
    notice = notice_of_end(replace(waiting, campaign="<!channel> <@all> & co"), {EN}, 7, "")
    slack, wecom = (
        message_for(Channel(kind=kind, url=SecretStr("https://h")), notice, 0).bytes.decode()
        for kind in (Kind.SLACK, Kind.WECOM)
    )
    assert "&lt;!channel&gt; &lt;@all&gt; &amp; co" in slack
    assert "<@all>" not in wecom


def test_a_message_too_long_loses_its_last_lines_and_keeps_title_and_link(waiting: BatchReport) -> None:
    link = "https://reels.example.com/tea/report.html"
    notice = notice_of_end(waiting, {ZH}, 7, link)
    long = replace(notice, lines=tuple(f"{n} {'很长' * 40}" for n in range(300)))
    for kind, most in (
        (Kind.FEISHU, 20_480),
        (Kind.DINGTALK, 20_000),
        (Kind.WECOM, 2200),
        (Kind.SLACK, 17_000),
    ):
        text = message_for(Channel(kind=kind, url=SecretStr("https://h")), long, 0).bytes
        assert len(text) <= most
        assert notice.title in text.decode()
        assert link in text.decode()
        assert "…" in text.decode()


@pytest.mark.parametrize(
    ("languages", "said", "unsaid"),
    [({ZH}, "批次已结束", "the batch"), ({EN}, "the batch is over", "批次"), ({ZH, EN}, " / ", "nothing")],
)
def test_the_message_speaks_the_campaigns_languages(
    waiting: BatchReport, languages: set[Language], said: str, unsaid: str
) -> None:
    text = "\n".join(
        (notice_of_end(waiting, languages, 7, "").title, *notice_of_end(waiting, languages, 7, "").lines)
    )
    assert said in text
    assert unsaid not in text
    assert "3.20 USD" in text
    assert "tea01-0" in text


def test_a_batch_tells_each_channel_once_and_another_batch_tells_again(
    chat: Chat, ledger_url: str, waiting: BatchReport
) -> None:
    for batch in (1, 1, 2):
        people(chat, ledger_url, batch=batch).told_of_end(waiting, "")
    assert sorted(kind for kind, _ in chat.got) == sorted(kind.value for kind in Kind for _ in range(2))


def test_a_batch_without_anything_to_decide_tells_nobody_who_wants_only_that(
    chat: Chat, ledger_url: str, report: BatchReport, waiting: BatchReport
) -> None:
    people(chat, ledger_url, Occasion.PERSON, batch=1).told_of_end(report, "")
    assert chat.got == []
    people(chat, ledger_url, Occasion.PERSON, batch=2).told_of_end(waiting, "")
    assert len(chat.got) == len(Kind)


def test_a_channel_that_fails_is_a_line_in_the_log_and_is_tried_again_by_the_next_run(
    chat: Chat, ledger_url: str, report: BatchReport, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    chat.faults.extend([500] * len(Kind))
    people(chat, ledger_url).told_of_end(report, "")
    assert chat.got == []
    assert caplog.text.count("HTTP 500") == len(Kind)
    people(chat, ledger_url).told_of_end(report, "")
    assert len(chat.got) == len(Kind)
    assert TOKEN not in caplog.text
    assert SECRET not in caplog.text


def test_a_busy_channel_is_asked_again(chat: Chat, report: BatchReport) -> None:
    chat.faults.extend([429, 503])
    assert send(channel(chat, Kind.SLACK), notice_of_end(report, {EN}, 1, "")) == ""
    assert chat.asked == 3


def test_a_message_that_may_have_arrived_is_not_sent_again(chat: Chat, report: BatchReport) -> None:
    chat.faults.append(0)
    assert "no answer" in send(channel(chat, Kind.SLACK), notice_of_end(report, {EN}, 1, ""))
    assert chat.asked == 1


def test_a_redirect_is_not_taken_for_an_answer(chat: Chat, report: BatchReport) -> None:
    chat.faults.append(302)
    assert send(channel(chat, Kind.WEBHOOK), notice_of_end(report, {EN}, 1, "")) == "HTTP 302"


def test_a_server_that_is_not_there_is_told_without_its_address(report: BatchReport) -> None:
    nowhere = Channel(kind=Kind.SLACK, url=SecretStr(f"http://127.0.0.1:1/{TOKEN}"))
    refusal = send(nowhere, notice_of_end(report, {EN}, 1, ""))
    assert "cannot be reached" in refusal
    assert TOKEN not in refusal


def test_the_first_cap_that_stops_an_attempt_is_told_once(chat: Chat, ledger_url: str) -> None:
    for _ in range(2):
        told = people(chat, ledger_url, Occasion.BUDGET)
        with told.told_of_caps():
            for shot in range(3):
                announce(CapReached(spot_id="a-1", reason=f"cap of 5 USD, shot {shot}"))
    assert len(chat.got) == len(Kind)
    assert "cap of 5 USD, shot 0" in str(chat.got)


def test_a_notice_of_a_cap_names_it_in_both_languages() -> None:
    notice = notice_of_cap("tea", "1 USD more would pass the cap of 5 USD", {ZH, EN}, 3)
    assert "费用已到上限" in notice.title
    assert "cap is reached" in notice.title


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"kind": "slack", "url": "hooks.slack.com/x"}, "begins with https"),
        ({"kind": "slack", "url": "https://h", "secret": "s"}, "knows no secret"),
        ({"kind": "telegram", "url": "https://h"}, "feishu"),
        ({"kind": "slack", "url": "https://h", "evnets": ["ended"]}, "evnets"),
    ],
)
def test_a_channel_with_a_mistake_is_refused(given: dict[str, object], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        Channel.model_validate(given)
