"""The expander that asks a language model for the pictures; lines, timing and the row's columns stay ours.

The model never touches the copy: it is given the cut lines by number and fills one shot for each. What it
answers is checked as strictly as a person's file, asked for once more with what is wrong, and then refused.
"""

import json
import re

import httpx
from pydantic import ValidationError

from campaign.brand_kit import BrandKit
from campaign.brief import Brief
from campaign.content_key import Json
from campaign.errors import ExpanderBusyError, ExpansionError
from campaign.storyboard import Storyboard
from model.expander import Endpoint
from model.expansion.assembly import SILENCE, Draft, assemble, picture_room, shared_recipe, voice_of
from model.expansion.llm_answer import Answer, problems_of
from model.expansion.llm_prompt import PROMPT_VERSION, first_messages, repair_message
from model.expansion.pacing import PACES, pace_lines

VERSION = 1
TRIES = 2
"""An answer that breaks the rules is sent back once; a model that breaks them twice will go on."""
BUSY = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
"""Statuses after which the same call may succeed a little later."""


class LlmExpander:
    """Storyboards whose pictures a language model writes, through any OpenAI-compatible service."""

    name = "llm"

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    def recipe(self, brief: Brief, kit: BrandKit, variant: int) -> dict[str, Json]:
        return {
            "expander": self.name,
            "version": VERSION,
            "prompt": PROMPT_VERSION,
            "model": self._endpoint.model,
            **shared_recipe(brief, kit, variant),
        }

    def expand(self, brief: Brief, kit: BrandKit, variant: int) -> Storyboard:
        """As the port says.

        Raises:
            ExpanderBusyError: the service did not answer; the same call may succeed later.
            ExpansionError: it refused, or its answers break the rules.
        """
        pace = PACES[(variant - 1) % len(PACES)]
        voiced = voice_of(brief, kit) != SILENCE
        lines, durations = pace_lines(brief, pace, picture_room(brief, kit), voiced=voiced)
        answer = self._ask(brief, lines, durations, variant)
        drafts = [
            Draft(
                line=line,
                duration=duration,
                subject=shot.subject,
                action=shot.action,
                environment=shot.environment,
                camera=shot.camera,
                style=answer.style,
                headline=shot.headline,
                shows_product=shot.shows_product,
                shows_people=shot.shows_people,
            )
            for line, duration, shot in zip(lines, durations, answer.shots, strict=True)
        ]
        return assemble(brief, kit, variant, drafts)

    def _ask(self, brief: Brief, lines: tuple[str, ...], durations: list[float], variant: int) -> Answer:
        messages = first_messages(brief, lines, durations, variant)
        problems: tuple[str, ...] = ()
        for _ in range(TRIES):
            text = self._complete(messages, seed=brief.seed + variant)
            try:
                answer = Answer.model_validate_json(_unfenced(text))
                problems = problems_of(answer, lines, brief.language)
            except ValidationError as error:
                problems = tuple(
                    f"{'.'.join(map(str, e['loc'])) or 'answer'}: {e['msg']}" for e in error.errors()
                )
            else:
                if not problems:
                    return answer
            messages = [*messages, *repair_message(text, problems)]
        raise ExpansionError(
            self.name,
            f"got no usable storyboard from {self._endpoint.model}: {'; '.join(problems[:3])}.",
            "Take a larger model, or set the expander to 'rules'.",
        )

    def _complete(self, messages: list[dict[str, str]], seed: int) -> str:
        body = {
            "model": self._endpoint.model,
            "messages": messages,
            "temperature": 0.4,
            "seed": seed,
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "shots", "strict": True, "schema": Answer.model_json_schema()},
            },
        }
        headers = {"Authorization": f"Bearer {self._endpoint.key}"} if self._endpoint.key else {}
        url = f"{self._endpoint.url.rstrip('/')}/chat/completions"
        try:
            reply = httpx.post(url, json=body, headers=headers, timeout=self._endpoint.timeout)
        except httpx.TransportError as error:
            raise ExpanderBusyError(
                self.name, f"cannot reach {url}: {error}.", "Start the service or correct the URL."
            ) from error
        return self._content(reply)

    def _content(self, reply: httpx.Response) -> str:
        if reply.status_code in BUSY:
            raise ExpanderBusyError(
                self.name, f"was answered {reply.status_code} {reply.reason_phrase}.", "Try again later."
            )
        if reply.status_code in (401, 403):
            raise ExpansionError(
                self.name, f"was answered {reply.status_code}: the key is not accepted.", "Correct the key."
            )
        if reply.status_code != httpx.codes.OK:
            raise ExpansionError(
                self.name,
                f"was answered {reply.status_code}: {reply.text[:200]!r}.",
                "Correct the URL or the model's name; the service must take response_format json_schema.",
            )
        try:
            choice = reply.json()["choices"][0]
            message = choice["message"]
        except (json.JSONDecodeError, KeyError, IndexError, TypeError) as error:
            raise ExpansionError(
                self.name,
                f"was answered with something that is no chat completion: {reply.text[:200]!r}.",
                "Correct the URL: it ends with the version, like http://localhost:8000/v1.",
            ) from error
        if message.get("refusal") or choice.get("finish_reason") == "content_filter":
            said = message.get("refusal") or "content filter"
            raise ExpansionError(self.name, f"was refused this copy: {said}.", "Change the row's copy.")
        if choice.get("finish_reason") == "length":
            raise ExpansionError(
                self.name, "got an answer that was cut off.", "Give the service a larger output limit."
            )
        return str(message.get("content") or "")


def _unfenced(text: str) -> str:
    """``text`` without the Markdown fence that some models put around JSON even where a schema is asked."""
    match = re.fullmatch(r"\s*```(?:json)?\s*(.*?)\s*```\s*", text, re.DOTALL)
    return match.group(1) if match else text
