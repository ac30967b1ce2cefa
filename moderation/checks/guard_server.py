"""A guard model behind an OpenAI-compatible endpoint, so that one server serves many workers."""

import json
from collections.abc import Sequence
from http.client import HTTPException
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from campaign.errors import CheckFailedError, CheckMissingError


class GuardServer:
    """Asks one text per request; the server batches what arrives together."""

    def __init__(self, endpoint: str, model: str, key: str, timeout: float) -> None:
        if urlsplit(endpoint).scheme not in ("http", "https"):
            raise CheckMissingError(
                f"The guard endpoint {endpoint!r} is not a web address.",
                "Write it like http://guard:8000/v1.",
            )
        self._url = f"{endpoint.rstrip('/')}/chat/completions"
        self._model = model
        self._key = key
        self._timeout = timeout

    def answers(self, texts: Sequence[str]) -> list[str]:
        """The model's words on each text.

        Raises:
            CheckMissingError: the server does not answer.
            CheckFailedError: it answers something else than a completion.
        """
        return [self._answer(text) for text in texts]

    def _answer(self, text: str) -> str:
        body = {"model": self._model, "messages": [{"role": "user", "content": text}], "temperature": 0}
        headers = {"Content-Type": "application/json"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        request = Request(self._url, json.dumps(body).encode(), headers)
        try:
            with urlopen(request, timeout=self._timeout) as response:
                data = response.read()
        except HTTPError as error:
            raise CheckFailedError(
                f"The guard server answered {error.code} {error.reason}.", "Look at the server's log."
            ) from error
        except (URLError, OSError, HTTPException) as error:
            raise CheckMissingError(
                f"The guard server at {urlsplit(self._url).netloc} does not answer ({error}).",
                "Start it, or correct `checks.guard.endpoint`.",
            ) from error
        try:
            content = json.loads(data)["choices"][0]["message"]["content"]
        except (ValueError, KeyError, IndexError, TypeError) as error:
            raise CheckFailedError(
                f"The guard server answered {data[:60]!r}, which is no chat completion.",
                "Point `checks.guard.endpoint` at an OpenAI-compatible server.",
            ) from error
        if not isinstance(content, str):
            raise CheckFailedError("The guard server answered without words.", "Look at the server's log.")
        return content
