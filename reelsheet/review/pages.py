"""The page's templates, filled in."""

import hashlib
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from campaign.errors import ReelsheetError
from campaign.events import Step
from campaign.fleet_errors import ChangedError, DecidedError
from publishing.page.words import PALETTE, STATE_WORDS, size
from reelsheet.review.files import FINISHED
from reelsheet.review.words import LANGUAGES, Words

HERE = Path(__file__).parent
STATIC = {
    "review.css": "text/css; charset=utf-8",
    "review.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
"""Every file that goes with the pages, and its type."""
STEP_WORDS = {
    Step.EXPAND: "扩写文案",
    Step.SCREEN: "审核",
    Step.SPEAK: "配音",
    Step.SHOOT: "生成素材",
    Step.FINISH: "合成",
    Step.PUBLISH: "发布",
}
"""Chinese names of the steps of a batch; in English they are called what they are."""


def render(template: str, words: Words, **given: object) -> str:
    """The page of that template in that language."""
    return _environment().get_template(template).render(w=words, **given)


@cache
def static(name: str) -> bytes:
    """The file of that name in `STATIC`; the style sheet has the report page's colours before its own."""
    own = (HERE / "static" / name).read_bytes()
    return PALETTE.read_bytes() + own if name == "review.css" else own


def address(path: str, query: Mapping[str, object]) -> str:
    """A link of the page's own."""
    return f"{path}?{urlencode({name: str(value) for name, value in query.items()})}"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["link"] = address
    environment.globals["static"] = _static_address
    environment.globals["state_words"] = _state_words
    environment.globals["refusal"] = _refusal
    environment.globals["finished"] = FINISHED
    environment.filters["size"] = size
    environment.filters["clock"] = _clock
    environment.filters["moment"] = _moment
    environment.filters["segment"] = lambda text: quote(text, safe="")
    environment.filters["anchor"] = _anchor
    return environment


@cache
def _static_address(name: str) -> str:
    """With a digest, so that a browser may keep it until it changes."""
    return f"/static/{name}?v={hashlib.sha256(static(name)).hexdigest()[:12]}"


def _state_words(state: str, words: Words) -> str:
    """A state of a row, or a step of a batch that runs, in the language."""
    known: dict[str, tuple[str, str]] = {key.value: pair for key, pair in STATE_WORDS.items()}
    known |= {step.value: (step.value, chinese) for step, chinese in STEP_WORDS.items()}
    known["waiting"] = ("waiting", "等待中")
    pair = known.get(state, (state, state))
    return pair[LANGUAGES.index(words.language)]


def _refusal(error: ReelsheetError, words: Words) -> str:
    """Why a decision was not recorded."""
    match error:
        case DecidedError(name=name, decision=decision, who=who, why=why):
            return words(f"decided_{decision}", spot=name, who=who, why=why)
        case ChangedError(name=name):
            return words("changed", spot=name)
    return str(error)


def _clock(seconds: float) -> str:
    """``0:07.3``."""
    return f"{int(seconds // 60)}:{seconds % 60:04.1f}"


def _moment(iso: str) -> str:
    """``2026-11-20 10:00``, in the zone that it was written in."""
    return iso[:16].replace("T", " ")


def _anchor(name: str) -> str:
    """A name that an address can point to, whatever the spot is called."""
    plain = re.sub(r"[^A-Za-z0-9_-]", "_", name)
    return f"spot-{plain}-{hashlib.sha256(name.encode()).hexdigest()[:6]}"
