"""Bailian's wire format: help.aliyun.com/zh/model-studio, video generation and manage-asynchronous-tasks."""

import re
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

from tests.contract.vendors.wire import Fault, Reply, Request, Task, VendorServer, reply

ROOT = "/api/v1"
SUBMIT = rf"{ROOT}/services/aigc/video-generation/video-synthesis"
BEIJING = timezone(timedelta(hours=8))
FEN = {
    ("wan2.2-t2v-plus", "480"): 14,
    ("wan2.2-t2v-plus", "1080"): 70,
    ("wan2.7-t2v", "720"): 10,
    ("wan2.7-t2v", "1080"): 15,
    ("wan2.7-i2v", "720"): 10,
    ("wan3.0-video", "480"): 5,
    ("wan3.0-video", "720"): 10,
    ("wan3.0-video", "1080"): 20,
}
"""Hundredths a second."""
LEGACY_SIZES = {
    "480": {"832*480", "480*832", "624*624"},
    "1080": {"1920*1080", "1080*1920", "1440*1440", "1632*1248", "1248*1632"},
}
RATIOS = {
    ("480", "16:9"): (832, 480), ("480", "9:16"): (480, 832), ("480", "1:1"): (624, 624),
    ("720", "16:9"): (1280, 720), ("720", "9:16"): (720, 1280), ("720", "1:1"): (960, 960),
    ("720", "4:3"): (1088, 832), ("720", "3:4"): (832, 1088),
    ("1080", "16:9"): (1920, 1080), ("1080", "9:16"): (1080, 1920), ("1080", "1:1"): (1440, 1440),
    ("1080", "4:3"): (1632, 1248), ("1080", "3:4"): (1248, 1632),
}  # fmt: skip
PARAMETERS = {
    "wan2.2-t2v-plus": {"size", "duration", "seed", "prompt_extend", "watermark"},
    "wan2.7-i2v": {"resolution", "duration", "seed", "prompt_extend", "watermark"},
    "wan2.7-t2v": {"resolution", "ratio", "duration", "seed", "prompt_extend", "watermark"},
    "wan3.0-video": {"resolution", "ratio", "duration", "seed", "prompt_extend", "watermark", "audio"},
}
INPUTS = {
    "wan2.2-t2v-plus": {"prompt", "negative_prompt"},
    "wan2.7-i2v": {"prompt", "negative_prompt", "media"},
    "wan2.7-t2v": {"prompt", "negative_prompt", "audio_url"},
    "wan3.0-video": {"prompt", "media"},
}
DURATIONS = {
    "wan2.2-t2v-plus": {5},
    "wan2.7-t2v": set(range(2, 16)),
    "wan2.7-i2v": set(range(2, 16)),
    "wan3.0-video": set(range(2, 31)),
}
INSPECTION = ("DataInspectionFailed", "Output data may contain inappropriate content.")


class BailianServer(VendorServer):
    submit_routes = frozenset({SUBMIT})
    poll_routes = frozenset({rf"{ROOT}/tasks/([^/]+)"})

    @property
    def url(self) -> str:
        return f"{self.root}{ROOT}"

    def routes(self) -> dict[tuple[str, str], Callable[[Request, re.Match[str]], Reply]]:
        return {
            ("POST", SUBMIT): lambda request, _: self._create(request),
            ("GET", rf"{ROOT}/tasks/([^/]+)"): lambda _, found: self._task(found[1]),
            ("GET", rf"{ROOT}/tasks"): lambda request, _: self._list(request),
            ("POST", rf"{ROOT}/tasks/([^/]+)/cancel"): lambda _, found: self._cancel(found[1]),
        }

    def refused(self, request: Request) -> Reply | None:
        if request.headers.get("authorization") != f"Bearer {self.key}":
            return _error(401, "InvalidApiKey", "Invalid API-key provided.")
        return None

    def error(self, name: str, fault: Fault) -> Reply:
        match name:
            case "500":
                return _error(500, "InternalError", "An internal error has occurred.")
            case "502" | "503":
                return _error(int(name), "ServiceUnavailable", "Service is temporarily unavailable.")
            case "429":
                wait = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
                return _error(429, "Throttling.RateQuota", "Requests rate limit exceeded.", **wait)
            case "no credit":
                return _error(
                    400, "Arrearage", "Access denied, please make sure your account is in good standing."
                )
            case "moderation at submit":
                return _error(400, *INSPECTION)
            case "business error":
                return _error(200, "InvalidParameter", "size is not supported")
            case "no id":
                return reply(200, {"request_id": str(uuid.uuid4()), "output": {"task_status": "PENDING"}})
            case "unknown status":
                return _output({"task_id": "x", "task_status": "WEIRD"})
            case "gone":
                return _output({"task_id": "x", "task_status": "UNKNOWN"})
        raise AssertionError(name)

    def _create(self, request: Request) -> Reply:
        if request.headers.get("x-dashscope-async") != "enable":
            return _error(403, "AccessDenied", "current user api does not support synchronous calls.")
        body = request.json()
        model, asked, said = body.get("model"), body.get("input", {}), body.get("parameters", {})
        if model not in PARAMETERS:
            return _error(404, "Model.NotExist", f"Model {model} not exist.")
        if unknown := (set(body) - {"model", "input", "parameters"}) | (set(asked) - INPUTS[model]) | (
            set(said) - PARAMETERS[model]
        ):  # fmt: skip
            return _error(400, "InvalidParameter", f"unknown field {sorted(unknown)}")
        if not asked.get("prompt"):
            return _error(400, "InvalidParameter", "prompt must be given")
        if said.get("duration") not in DURATIONS[model]:
            return _error(400, "InvalidParameter", f"duration {said.get('duration')!r} is not supported")
        if not 0 <= said.get("seed", 0) < 2**31:
            return _error(400, "InvalidParameter", "seed must be in [0, 2147483647]")
        found = self._size(said) if model != "wan2.7-i2v" else _first_frame(asked, said)
        if found is None:
            return _error(400, "InvalidParameter", "size is not supported")
        tier, width, height = found
        cost = FEN[model, tier] * said["duration"] / 100
        if cost > self.balance:
            return self.error("no credit", Fault("", "", 0))
        task = self.begin(
            Task(
                str(uuid.uuid4()),
                model,
                asked["prompt"],
                width,
                height,
                said["duration"],
                30,
                cost,
                asked=body,
            )
        )
        return _output({"task_id": task.id, "task_status": "PENDING"})

    def _size(self, said: dict[str, str]) -> tuple[str, int, int] | None:
        for tier, sizes in LEGACY_SIZES.items():
            if said.get("size") in sizes:
                width, height = said["size"].split("*")
                return tier, int(width), int(height)
        tier = said.get("resolution", "").removesuffix("P")
        sides = RATIOS.get((tier, said.get("ratio", "")))
        return (tier, *sides) if sides else None

    def _task(self, task_id: str) -> Reply:
        task = self.tasks.get(task_id)
        if task is None:
            return _output({"task_id": task_id, "task_status": "UNKNOWN"})
        known = {"task_id": task.id, "submit_time": _stamp(task.created), "orig_prompt": task.prompt}
        age = self.age(task)
        if task.end == "cancelled at the vendor":
            self.refund(task)
            return _output({**known, "task_status": "CANCELED"})
        if age < 1.0:
            return _output({**known, "task_status": "PENDING" if age < 0.3 else "RUNNING"})
        over = {**known, "scheduled_time": _stamp(task.created), "end_time": _stamp(task.created)}
        if task.end.startswith("moderation"):
            self.refund(task)
            code, words = INSPECTION
            return _output({**over, "task_status": "FAILED", "code": code, "message": words})
        if task.end == "bad output":
            self.refund(task)
            failed = {"task_status": "FAILED", "code": "InternalError.Algo", "message": "inference error"}
            return _output({**over, **failed})
        usage = {"video_count": 1, "video_duration": task.seconds, "SR": "720", "video_ratio": "16:9"}
        return _output({**over, "task_status": "SUCCEEDED", "video_url": self.signed(task)}, usage=usage)

    def _list(self, request: Request) -> Reply:
        """As ``AsyncTaskListResult`` of Alibaba's Java SDK shows it: ``data``, not ``tasks``; no prompts."""
        self.counts["lists"] += 1
        page, size = int(request.query.get("page_no", 1)), int(request.query.get("page_size", 10))
        model = request.query.get("model_name")
        with self.lock:
            tasks = [task for task in self.tasks.values() if model in (None, task.model)]
        tasks = [task for task in tasks if not self._hidden(task)]
        rows = [
            {
                "task_id": task.id,
                "status": "SUCCEEDED",
                "model_name": task.model,
                "gmt_create": int(task.created * 1000),
                "region": "cn-beijing",
                "request_id": str(uuid.uuid4()),
            }
            for task in sorted(tasks, key=lambda task: -task.created)
        ]
        shown = {"data": rows[(page - 1) * size : page * size], "total": len(rows)}
        pages = -(-len(rows) // size)
        return reply(
            200, {"request_id": "r", **shown, "total_page": pages, "page_no": page, "page_size": size}
        )

    list_delay = 0.0
    """Seconds until a task is in the list."""

    def _hidden(self, task: Task) -> bool:
        return datetime.now(BEIJING).timestamp() - task.created < self.list_delay

    def _cancel(self, task_id: str) -> Reply:
        task = self.tasks.get(task_id)
        if task is None or self.age(task) >= 0.3:
            return _error(
                400, "UnsupportedOperation", "Failed to cancel the task, please confirm its status."
            )
        task.end = "cancelled at the vendor"
        return reply(200, {"request_id": str(uuid.uuid4())})


def _first_frame(asked: dict[str, list[dict[str, str]]], said: dict[str, str]) -> tuple[str, int, int] | None:
    """The picture decides the shape; only the tier is asked for."""
    kinds = {item["type"]: item["url"] for item in asked.get("media", [])}
    inline = kinds.get("first_frame", "").startswith(("data:image/", "https://", "oss://"))
    return ("720", 1280, 720) if inline and said.get("resolution") == "720P" else None


def _output(output: dict[str, object], usage: dict[str, object] | None = None) -> Reply:
    return reply(
        200, {"request_id": str(uuid.uuid4()), "output": output, **({"usage": usage} if usage else {})}
    )


def _error(status: int, code: str, message: str, **headers: str) -> Reply:
    return reply(status, {"code": code, "message": message, "request_id": str(uuid.uuid4())}, **headers)


def _stamp(at: float) -> str:
    return datetime.fromtimestamp(at, BEIJING).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
