"""The ``/v1/videos`` contract: vLLM-Omni's docs/serving/videos_api.md and the types of openai 3.51.0."""

import re
import uuid
from collections.abc import Callable
from email.parser import BytesParser
from email.policy import HTTP

from tests.contract.vendors.wire import Fault, Reply, Request, Task, VendorServer, reply

MODELS = {"Wan-AI/Wan2.2-T2V-A14B-Diffusers", "Wan-AI/Wan2.2-I2V-A14B-Diffusers"}
FIELDS = {"prompt", "model", "seconds", "size", "user", "input_reference", "width", "height"} | {
    *("num_frames", "fps", "num_inference_steps", "guidance_scale", "guidance_scale_2", "boundary_ratio"),
    *("flow_shift", "seed", "negative_prompt", "lora", "extra_params"),
}
CENTS = 2
"""A second, as a gateway may charge for the same contract."""


class OpenAIVideosServer(VendorServer):
    submit_routes = frozenset({r"/v1/videos"})
    poll_routes = frozenset({r"/v1/videos/([^/]+)"})

    @property
    def url(self) -> str:
        return f"{self.root}/v1"

    def routes(self) -> dict[tuple[str, str], Callable[[Request, re.Match[str]], Reply]]:
        return {
            ("POST", r"/v1/videos"): lambda request, _: self._create(request),
            ("GET", r"/v1/videos"): lambda request, _: self._list(request),
            ("GET", r"/v1/videos/([^/]+)"): lambda _, found: self._video(found[1]),
            ("GET", r"/v1/videos/([^/]+)/content"): lambda _, found: self._content(found[1]),
            ("DELETE", r"/v1/videos/([^/]+)"): lambda _, found: self._delete(found[1]),
        }

    def refused(self, request: Request) -> Reply | None:
        if request.headers.get("authorization") != f"Bearer {self.key}":
            return _error(401, "invalid_api_key", "Incorrect API key provided.")
        return None

    def error(self, name: str, fault: Fault) -> Reply:
        match name:
            case "500" | "502" | "503":
                return _error(int(name), "server_error", "The server had an error.")
            case "429":
                wait = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
                return _error(429, "rate_limit_exceeded", "Rate limit reached.", **wait)
            case "no credit":
                return _error(429, "insufficient_quota", "You exceeded your current quota.")
            case "moderation at submit":
                return _error(400, "moderation_blocked", "Your request was blocked by our moderation system.")
            case "no id":
                return reply(200, {"object": "video", "status": "queued"})
            case "unknown status":
                return reply(200, {"id": "x", "object": "video", "status": "weird", "progress": 0})
            case "gone":
                return _error(404, "not_found", "Video not found.")
        raise AssertionError(name)

    def _create(self, request: Request) -> Reply:
        form = _form(request)
        if unknown := set(form) - FIELDS:
            return _error(400, "unknown_parameter", f"Unknown parameter: {', '.join(sorted(unknown))}")
        if not form.get("prompt"):
            return _error(422, "missing", "Field required: prompt")
        if form.get("model") not in MODELS:
            return _error(404, "model_not_found", f"The model {form.get('model')} does not exist.")
        if form["model"].startswith("Wan-AI/Wan2.2-I2V") != ("input_reference" in form):
            return _error(422, "missing", "Wan2.2-I2V needs input_reference, Wan2.2-T2V takes none")
        try:
            width, height = int(form["width"]), int(form["height"])
            frames, fps = int(form["num_frames"]), int(form["fps"])
        except (KeyError, ValueError):
            return _error(422, "int_parsing", "width, height, num_frames and fps must be integers")
        if (frames - 1) % 4 or width % 16 or height % 16:
            return _error(400, "invalid_value", "num_frames must be 4k+1, sides multiples of 16")
        cost = CENTS * frames / fps / 100
        if cost > self.balance:
            return self.error("no credit", Fault("", "", 0))
        task = Task(
            f"video_{uuid.uuid4().hex}", form["model"], form["prompt"], width, height, frames / fps, fps, cost
        )
        task.asked = dict(form)
        self.begin(task)
        return reply(200, self._shown(task, "queued"))

    def _shown(self, task: Task, status: str) -> dict[str, object]:
        return {
            "id": task.id,
            "object": "video",
            "model": task.model,
            "prompt": task.prompt,
            "status": status,
            "progress": round(self.age(task) * 100) if status != "queued" else 0,
            "created_at": int(task.created),
            "seconds": f"{task.seconds:g}",
            "size": f"{task.width}x{task.height}",
        }

    def _video(self, video_id: str) -> Reply:
        task = self.tasks.get(video_id)
        if task is None:
            return _error(404, "not_found", "Video not found.")
        return reply(200, self._known(task))

    def _known(self, task: Task) -> dict[str, object]:
        if task.end == "cancelled at the vendor":
            self.refund(task)
            return self._shown(task, "cancelled")
        age = self.age(task)
        if age < 1.0:
            return self._shown(task, "queued" if age < 0.3 else "in_progress")
        if task.end.startswith("moderation"):
            self.refund(task)
            error = {"code": "output_moderation", "message": "The output was blocked."}
            return {**self._shown(task, "failed"), "error": error}
        if task.end == "bad output":
            self.refund(task)
            error = {"code": "internal_error", "message": "CUDA error"}
            return {**self._shown(task, "failed"), "error": error}
        return self._shown(task, "completed")

    def _content(self, video_id: str) -> Reply:
        self.counts["downloads"] += 1
        task = self.tasks.get(video_id)
        if task is None or self.age(task) < 1.0:
            return _error(404, "not_found", "Video content is not ready.")
        return self.film_of(task)

    def _list(self, request: Request) -> Reply:
        self.counts["lists"] += 1
        limit, after = int(request.query.get("limit", 20)), request.query.get("after")
        with self.lock:
            tasks = list(self.tasks.values())
        if request.query.get("order", "desc") == "desc":
            tasks.reverse()
        begin = next((n + 1 for n, task in enumerate(tasks) if task.id == after), 0)
        page = tasks[begin : begin + limit]
        shown = [self._known(task) for task in page]
        ends = {"first_id": page[0].id, "last_id": page[-1].id} if page else {}
        return reply(200, {"object": "list", "data": shown, "has_more": begin + limit < len(tasks), **ends})

    def _delete(self, video_id: str) -> Reply:
        if self.tasks.pop(video_id, None) is None:
            return _error(404, "not_found", "Video not found.")
        return reply(200, {"id": video_id, "object": "video.deleted", "deleted": True})


def _form(request: Request) -> dict[str, str]:
    """Fields of a multipart body; a file's value is its name."""
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    form = {}
    for part in BytesParser(policy=HTTP).parsebytes(head + request.body).iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        form[str(name)] = part.get_filename() or content.decode()
    return form


def _error(status: int, code: str, message: str, **headers: str) -> Reply:
    error = {"message": message, "type": "invalid_request_error", "param": None, "code": code}
    return reply(status, {"error": error}, **headers)
