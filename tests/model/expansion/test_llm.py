import json
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from campaign.brand_kit import BrandKit
from campaign.brief import Brief, Language
from campaign.camera import CameraMove, ShotSize, parse_cameras
from campaign.content_key import content_key
from campaign.errors import ExpanderBusyError, ExpansionError
from model.expander import Endpoint
from model.expansion.llm import LlmExpander
from model.expansion.rules import RulesExpander
from model.registry import load_expander

MakeBrief = Callable[..., Brief]
COPY = "清晨五点，茶农上山采摘第一批嫩芽。手工炒制，三炒三揉。送给家人，也送给自己！"


@dataclass
class Service:
    """A chat service on the loopback that answers what it was given, in turn."""

    answers: list[tuple[int, Any]] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    url: str = ""

    def says(self, content: object, **choice: object) -> None:
        text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
        message = {"role": "assistant", "content": text}
        self.answers.append((200, {"choices": [{"message": message, "finish_reason": "stop", **choice}]}))


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    state = Service()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            state.requests.append({"path": self.path, **json.loads(body)})
            state.headers.append(dict(self.headers))
            status, answer = state.answers.pop(0)
            data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield state
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def expander(service: Service) -> LlmExpander:
    return LlmExpander(Endpoint(url=service.url, model="director", key="secret", timeout=5))


def shot(number: int, **change: object) -> dict[str, object]:
    sizes = ["wide shot", "close-up", "medium shot"]
    return {
        "subject": f"一双手的指尖，第{number}根",
        "action": "轻轻掐下嫩芽",
        "environment": "青翠的茶树丛中，清晨的侧光",
        "move": "push in",
        "size": sizes[number % 3],
        "angle": "eye level",
        "headline": "",
        "shows_product": False,
        "shows_people": True,
        **change,
    }


def answer(count: int, **change: object) -> dict[str, object]:
    return {"style": "写实商业广告摄影，暖色调，浅景深", "shots": [shot(n, **change) for n in range(count)]}


def shots_wanted(brief: Brief, kit: BrandKit) -> int:
    return len(RulesExpander().expand(brief, kit, 1).shots)


def test_the_models_pictures_stand_under_our_lines_and_timing(
    service: Service, expander: LlmExpander, make_brief: MakeBrief, kit: BrandKit
) -> None:
    brief = make_brief(COPY, product="雨前龙井", duration=15.0)
    count = shots_wanted(brief, kit)
    service.says(answer(count))
    board = expander.expand(brief, kit, 1)
    assert re.sub(r"\s", "", "".join(s.line for s in board.shots)) == COPY
    assert sum(s.duration for s in board.shots) + board.end_card == pytest.approx(15.0, abs=0.01)
    assert board.shots[0].prompt.subject == "一双手的指尖，第0根"
    assert board.shots[0].prompt.camera.move is CameraMove.PUSH_IN
    assert board.shots[0].prompt.camera.size is ShotSize.WIDE
    assert "面部变形" in board.shots[0].prompt.negative
    assert board.title == "雨前龙井"


def test_the_request_names_model_schema_and_key_and_numbers_the_lines(
    service: Service, expander: LlmExpander, make_brief: MakeBrief, kit: BrandKit
) -> None:
    brief = make_brief(COPY)
    service.says(answer(shots_wanted(brief, kit)))
    expander.expand(brief, kit, 1)
    (request,) = service.requests
    assert request["path"] == "/v1/chat/completions"
    assert request["model"] == "director"
    assert request["response_format"]["json_schema"]["schema"]["additionalProperties"] is False
    assert service.headers[0]["Authorization"] == "Bearer secret"
    given = json.loads(request["messages"][1]["content"])
    assert "".join(line["line"] for line in given["lines"]) == COPY


def test_columns_win_over_the_model(
    service: Service, expander: LlmExpander, make_brief: MakeBrief, kit: BrandKit
) -> None:
    brief = make_brief(COPY, subject="一位茶人", style="水墨风格", cameras=parse_cameras("环绕"))
    service.says(answer(shots_wanted(brief, kit)))
    for made in expander.expand(brief, kit, 1).shots:
        assert made.prompt.subject == "一位茶人"
        assert made.prompt.style == "水墨风格"
        assert made.prompt.camera.move is CameraMove.ORBIT
        assert made.prompt.action == "轻轻掐下嫩芽"


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"action": "picks a leaf"}, "not in the row's language"),
        ({"environment": "墙上写着春茶"}, "写着"),
        ({"subject": "像张三丰一样的老者"}, "张三丰"),
        ({"headline": "一个很长很长的标题文字"}, "headline"),
        ({"headline": "春茶"}, "used before"),
        ({"move": "whip pan"}, "move"),
        ({"mood": "calm"}, "mood"),
    ],
)
def test_a_wrong_answer_is_sent_back_with_what_is_wrong(
    wrong: dict[str, object],
    named: str,
    service: Service,
    expander: LlmExpander,
    make_brief: MakeBrief,
    kit: BrandKit,
) -> None:
    brief = make_brief(COPY)
    count = shots_wanted(brief, kit)
    service.says(answer(count, **wrong))
    service.says(answer(count))
    board = expander.expand(brief, kit, 1)
    assert board.shots[0].prompt.action == "轻轻掐下嫩芽"
    first, second = service.requests
    assert len(second["messages"]) == len(first["messages"]) + 2
    assert named in second["messages"][-1]["content"]


def test_a_model_that_stays_wrong_is_refused_and_nothing_takes_its_place(
    service: Service, expander: LlmExpander, make_brief: MakeBrief, kit: BrandKit
) -> None:
    service.says(answer(1))
    service.says("I would love to help!")
    with pytest.raises(ExpansionError, match="director") as caught:
        expander.expand(make_brief(COPY), kit, 1)
    assert not caught.value.transient
    assert "'rules'" in str(caught.value)
    assert len(service.requests) == 2


def test_json_in_a_fence_is_read(
    service: Service, expander: LlmExpander, make_brief: MakeBrief, kit: BrandKit
) -> None:
    brief = make_brief(COPY)
    service.says(f"```json\n{json.dumps(answer(shots_wanted(brief, kit)))}\n```")
    assert expander.expand(brief, kit, 1).shots


@pytest.mark.parametrize(
    ("status", "reply", "transient", "words"),
    [
        (503, b"busy", True, "503"),
        (429, b"slow down", True, "429"),
        (401, b"no", False, "key"),
        (404, b"no such model", False, "no such model"),
        (200, b"<html>", False, "no chat completion"),
        (200, {"choices": []}, False, "no chat completion"),
        (200, {"choices": [{"message": {"content": "{"}, "finish_reason": "length"}]}, False, "cut off"),
        (
            200,
            {"choices": [{"message": {"refusal": "I cannot"}, "finish_reason": "stop"}]},
            False,
            "I cannot",
        ),
    ],
)
def test_each_failure_of_the_service_says_what_to_do(
    status: int,
    reply: object,
    transient: bool,
    words: str,
    service: Service,
    expander: LlmExpander,
    make_brief: MakeBrief,
    kit: BrandKit,
) -> None:
    service.answers.append((status, reply))
    with pytest.raises(ExpansionError, match=words) as caught:
        expander.expand(make_brief(COPY), kit, 1)
    assert caught.value.transient is transient
    assert "secret" not in str(caught.value)


def test_a_service_that_is_not_there_may_be_there_later(
    make_brief: MakeBrief, kit: BrandKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    nowhere = LlmExpander(Endpoint(url="http://127.0.0.1:9/v1", model="director", timeout=1))
    with pytest.raises(ExpanderBusyError, match="cannot reach"):
        nowhere.expand(make_brief(COPY), kit, 1)


def test_the_recipe_names_the_model_and_never_the_key(make_brief: MakeBrief, kit: BrandKit) -> None:
    brief = make_brief(COPY)
    one = LlmExpander(Endpoint(url="http://a/v1", model="director", key="secret"))
    other_key = LlmExpander(Endpoint(url="http://b/v1", model="director", key="other"))
    other_model = LlmExpander(Endpoint(url="http://a/v1", model="poet", key="secret"))
    key = content_key(one.recipe(brief, kit, 1))
    assert content_key(other_key.recipe(brief, kit, 1)) == key
    assert content_key(other_model.recipe(brief, kit, 1)) != key
    assert content_key(one.recipe(brief, kit, 2)) != key
    assert content_key(RulesExpander().recipe(brief, kit, 1)) != key
    assert "secret" not in repr(Endpoint(url="http://a/v1", model="director", key="secret"))


def test_the_registry_asks_for_an_endpoint() -> None:
    assert load_expander("llm", Endpoint(url="http://a/v1", model="director")).name == "llm"
    with pytest.raises(ExpansionError, match="none is named"):
        load_expander("llm")
    with pytest.raises(ExpansionError, match=r"Known: llm, rules\."):
        load_expander("magic")


def test_languages_do_not_mix(
    service: Service, expander: LlmExpander, make_brief: MakeBrief, kit: BrandKit
) -> None:
    brief = make_brief("Slow mornings start here. Pour, wait, breathe.", Language.EN)
    for _ in range(2):
        service.says(answer(shots_wanted(brief, kit)))
    with pytest.raises(ExpansionError, match=r"not in the row's language \(en\)"):
        expander.expand(brief, kit, 1)
