"""Runway's wire format: https://docs.dev.runwayml.com/api and the types of runwayml 5.24.0."""

import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime

from tests.contract.vendors.wire import Fault, Reply, Request, Task, VendorServer, reply

VERSION = "2024-11-06"
CREDITS = {"gen4.5": 12, "gen4_turbo": 5, "veo3.1": 20, "seedance2": 36}
"""A second; veo3.1 without sound."""
COMMON = {"model", "promptText", "duration", "ratio"}
FIELDS = {
    "gen4.5": COMMON | {"seed", "contentModeration", "outputFormat", "proresProfile"},
    "gen4_turbo": COMMON | {"seed", "contentModeration"},
    "veo3.1": COMMON | {"seed", "audio", "negativePrompt"},
    "seedance2": COMMON | {"seed", "audio", "references", "referenceAudio", "referenceVideos"},
}
REQUIRED = {
    "gen4.5": COMMON,
    "gen4_turbo": {"model", "promptImage", "ratio"},
    "veo3.1": {"model", "promptText", "ratio"},
    "seedance2": {"model", "promptText"},
}
RATIOS = {
    ("gen4.5", "text"): {"1280:720", "720:1280"},
    ("gen4.5", "image"): {"1280:720", "720:1280", "1104:832", "960:960", "832:1104", "1584:672"},
    ("gen4_turbo", "image"): {"1280:720", "720:1280", "1104:832", "832:1104", "960:960", "1584:672"},
    ("veo3.1", "text"): {"1280:720", "720:1280", "1080:1920", "1920:1080"},
    ("veo3.1", "image"): {"1280:720", "720:1280", "1080:1920", "1920:1080"},
}
DURATIONS = {"gen4.5": set(range(2, 11)), "gen4_turbo": set(range(2, 11)), "veo3.1": {4, 6, 8}}
LONGEST = {"gen4.5": 1000, "gen4_turbo": 1000, "veo3.1": 1000, "seedance2": 3500}
URI_MOST = 5 * 1024 * 1024
FAILURES = {
    "moderation at input": ("SAFETY.INPUT.TEXT", "The prompt was flagged by content moderation.", False),
    "moderation at output": ("SAFETY.OUTPUT.VIDEO", "The output was flagged by content moderation.", False),
    "bad output": ("INTERNAL.BAD_OUTPUT.CODE01", "An unexpected error occurred.", True),
}
"""Code, words, whether the credits come back."""


class RunwayServer(VendorServer):
    submit_routes = frozenset({r"/v1/text_to_video", r"/v1/image_to_video"})
    poll_routes = frozenset({r"/v1/tasks/([^/]+)"})

    @property
    def url(self) -> str:
        return self.root

    def routes(self) -> dict[tuple[str, str], Callable[[Request, re.Match[str]], Reply]]:
        return {
            ("POST", r"/v1/text_to_video"): lambda request, _: self._create(request, "text"),
            ("POST", r"/v1/image_to_video"): lambda request, _: self._create(request, "image"),
            ("GET", r"/v1/tasks/([^/]+)"): lambda _, found: self._task(found[1]),
            ("DELETE", r"/v1/tasks/([^/]+)"): lambda _, found: self._delete(found[1]),
            ("GET", r"/v1/organization"): lambda *_: self._organization(),
            ("POST", r"/v1/uploads"): lambda request, _: self._upload(request),
        }

    upload_fails = False

    def answer(self, request: Request) -> Reply:
        if request.path.startswith("/uploads/"):
            if self.upload_fails:
                return reply(503, {"error": "Try again."})
            self.counts["uploads"] += 1
            return Reply(204, b"")
        return super().answer(request)

    def refused(self, request: Request) -> Reply | None:
        if request.headers.get("authorization") != f"Bearer {self.key}":
            return reply(401, {"error": "You did not provide a valid API key."})
        if request.headers.get("x-runway-version") != VERSION:
            return reply(400, {"error": "Please provide a valid API version in the X-Runway-Version header."})
        return None

    def error(self, name: str, fault: Fault) -> Reply:
        match name:
            case "500" | "502" | "503":
                return reply(int(name), {"error": "Something went wrong on our end."})
            case "429":
                wait = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
                return reply(429, {"error": "You have reached your daily task limit."}, **wait)
            case "no credit":
                return reply(400, {"error": "You do not have enough credits to run this task."})
            case "no id":
                return reply(200, {"estimatedCost": {"credits": 60}})
            case "unknown status":
                return reply(200, {"id": "x", "createdAt": _stamp(0), "status": "WEIRD"})
            case "gone":
                return reply(404, {"error": "Task not found."})
        raise AssertionError(name)

    def _create(self, request: Request, mode: str) -> Reply:
        body = request.json()
        model = body.get("model")
        if model not in FIELDS or (mode == "text" and model == "gen4_turbo"):
            return _invalid(f"Invalid model {model!r} for {mode} to video.")
        allowed = FIELDS[model] | ({"promptImage"} if mode == "image" else set())
        if unknown := set(body) - allowed:
            return _invalid(f"Unrecognized key(s) in object: {', '.join(sorted(unknown))}")
        if missing := (REQUIRED[model] | ({"promptImage"} if mode == "image" else set())) - set(body):
            return _invalid(f"Required: {', '.join(sorted(missing))}")
        if (model, mode) in RATIOS and body["ratio"] not in RATIOS[model, mode]:
            return _invalid(f"Invalid ratio {body['ratio']}")
        seconds = body.get("duration", 5)
        if type(seconds) is not int or seconds not in DURATIONS.get(model, range(1, 16)):
            return _invalid(f"Invalid duration {seconds!r}")
        prompt = body.get("promptText", "")
        if not 0 < len(prompt.encode("utf-16-le")) // 2 <= LONGEST[model]:
            return _invalid("promptText is too short or too long")
        image = body.get("promptImage", "")
        if image and not image.startswith(("https://", "runway://", "data:image/")):
            return _invalid("promptImage must be an HTTPS URL, Runway URI or data URI")
        if len(image) > URI_MOST:
            return _invalid("promptImage data URI is too large")
        cost = CREDITS[model] * seconds
        if cost > self.balance:
            return reply(400, {"error": "You do not have enough credits to run this task."})
        width, height = (int(side) for side in body.get("ratio", "1280:720").split(":"))
        task = self.begin(
            Task(str(uuid.uuid4()), model, prompt, width, height, seconds, 24, cost, asked=body)
        )
        return reply(200, {"id": task.id, "estimatedCost": {"credits": cost}})

    def _task(self, task_id: str) -> Reply:
        task = self.tasks.get(task_id)
        if task is None:
            return reply(404, {"error": "Task not found."})
        known = {"id": task.id, "createdAt": _stamp(task.created)}
        age = self.age(task)
        if task.end == "cancelled at the vendor":
            self.refund(task)
            return reply(200, {**known, "status": "CANCELLED", "cost": {"credits": 0}})
        if age < 0.3:
            status = "THROTTLED" if age < 0.1 else "PENDING"
            return reply(200, {**known, "status": status, "estimatedCost": {"credits": task.cost}})
        if age < 1.0:
            running = {
                "status": "RUNNING",
                "progress": round(age, 3),
                "estimatedCost": {"credits": task.cost},
            }
            return reply(200, {**known, **running})
        if task.end in FAILURES:
            code, words, refunded = FAILURES[task.end]
            if refunded:
                self.refund(task)
            failed = {"status": "FAILED", "failure": words, "failureCode": code}
            return reply(200, {**known, **failed, "cost": {"credits": int(task.charged)}})
        done = {"status": "SUCCEEDED", "output": [self.signed(task)], "cost": {"credits": int(task.charged)}}
        return reply(200, {**known, **done})

    def _delete(self, task_id: str) -> Reply:
        if self.tasks.pop(task_id, None) is None:
            return reply(404, {"error": "Task not found."})
        return Reply(204, b"")

    def _organization(self) -> Reply:
        models = {name: {"maxConcurrentGenerations": 2, "maxDailyGenerations": 200} for name in CREDITS}
        usage = {name: {"dailyGenerations": 0} for name in CREDITS}
        tier = {"maxMonthlyCreditSpend": 10_000, "models": models}
        return reply(200, {"creditBalance": int(self.balance), "tier": tier, "usage": {"models": usage}})

    def _upload(self, request: Request) -> Reply:
        if set(request.json()) - {"filename", "type"}:
            return _invalid("Unrecognized key(s) in object")
        name = uuid.uuid4().hex
        started = {
            "runwayUri": f"runway://{name}",
            "uploadUrl": f"{self.root}/uploads/{name}",
            "fields": {"k": "v"},
        }
        return reply(200, started)


def _invalid(words: str) -> Reply:
    return reply(400, {"error": f"Validation of body failed: {words}"})


def _stamp(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z")
