"""From a wanted take to a vendor's job, with everything refused that the model cannot do."""

import base64
import math
from datetime import date
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from campaign.brief import Language
from campaign.frames import Aspect, FrameSpec
from campaign.hosted_errors import InvalidRequestError, ModelRetiredError
from campaign.storyboard import Shot, ShotPrompt
from model.backend import TakeRequest
from model.dialect import DIALECTS, RenderedPrompt, check_length, render, utf16_units
from model.hosting.catalog import Account, Catalog, Mode, Model, Price, Range, Size, TextLimit
from model.hosting.vendor import Job

NEAR = 0.03
"""Vendors' sizes miss their aspect by up to this part (1104x832 for 4:3), being multiples of 16."""
READ_BY_ALL = ("JPEG", "PNG", "WEBP")
"""Pillow's names of the formats that every vendor documents for a first frame."""
_BASE64 = 4 / 3
_COUNTS = {"characters": len, "utf16": utf16_units}


def chosen_model(catalog: Catalog, name: str, backend: str, today: date) -> Model:
    """The model of that name, served today.

    Raises:
        ModelRetiredError: it is served no more; says since when and what to write instead.
        InvalidRequestError: the catalog does not know it.
    """
    if retired := catalog.retired.get(name):
        raise _retired(backend, retired.retired_on, retired.substitute)
    if name not in catalog.models:
        known = ", ".join(sorted(catalog.models))
        raise InvalidRequestError(backend, f"the catalog has no model {name!r}.", f"Known: {known}.")
    model = catalog.models[name]
    if model.retires_on and model.retires_on <= today:
        raise _retired(backend, model.retires_on, model.substitute)
    return model


def _retired(backend: str, since: date, substitute: str) -> ModelRetiredError:
    return ModelRetiredError(backend, f"was shut down on {since}.", f"Write {substitute!r} instead.")


def smallest_spec(model: Model, backend: str, aspect: Aspect, short_side: int, duration: float) -> FrameSpec:
    """The smallest size and length that hold what is asked.

    Raises:
        InvalidRequestError: the model makes none; says what it makes.
    """
    size = _smallest_size(model, backend, aspect, short_side)
    num_frames = _smallest_count(model, backend, duration)
    return FrameSpec(width=size.width, height=size.height, num_frames=num_frames, fps=model.fps)


def _smallest_size(model: Model, backend: str, aspect: Aspect, short_side: int) -> Size:
    mode = Mode.TEXT if Mode.TEXT in model.modes else Mode.IMAGE
    across, down = aspect.ratio
    every = [size for sizes in model.sizes_for(mode).values() for size in sizes]
    fitting = [size for size in every if _near(size.width / size.height, across / down)]
    large = [size for size in fitting if min(size.width, size.height) >= short_side]
    if large:
        return min(large, key=lambda size: size.width * size.height)
    if fitting:
        most = max(fitting, key=lambda size: size.width * size.height)
        raise InvalidRequestError(
            backend,
            f"a short side of {short_side} is asked, but for {aspect} it makes {most.width}x{most.height} "
            "at most.",
            f"Set the campaign's size to {min(most.width, most.height)} or choose another backend.",
        )
    made = ", ".join(f"{size.width}x{size.height}" for size in every)
    raise InvalidRequestError(
        backend,
        f"{aspect} is asked first, but it makes {made}.",
        "Name an aspect that it makes first (the others are cut from it) or choose another backend.",
    )


def _smallest_count(model: Model, backend: str, duration: float) -> int:
    if model.frames:
        needed = math.ceil(duration * model.fps - 1e-6)
        count = math.ceil(max(needed - 1, 0) / model.frames.stride) * model.frames.stride + 1
        if count > model.frames.most:
            most = model.frames.most / model.fps
            raise _too_long(backend, duration, most)
        return count
    lengths = model.seconds
    assert lengths is not None
    seconds = range(lengths.least, lengths.most + 1) if isinstance(lengths, Range) else sorted(lengths)
    for length in seconds:
        if length >= duration - 1e-6:
            return length * model.fps
    raise _too_long(backend, duration, seconds[-1])


def _too_long(backend: str, duration: float, most: float) -> InvalidRequestError:
    return InvalidRequestError(
        backend,
        f"a shot of {duration:.1f} s is asked, but it makes {most:g} s at most.",
        "Shorten the line that is spoken over the shot, ask for more shots, or choose another backend.",
    )


def price_of(model: Model, name: str, backend: str, prices: dict[str, Price]) -> Price:
    """What a second costs.

    Raises:
        InvalidRequestError: nobody has said, or not for every size; nothing is begun whose cost is not known.
    """
    table = f'[backends.{backend.partition(":")[0]}.prices."{name}"]'
    price = prices.get(name) or model.price
    if price is None:
        raise InvalidRequestError(
            backend,
            "its price is not known.",
            f"Take it from your vendor's price list and write it in reelsheet.toml as {table}; "
            "docs/hosted.md shows how.",
        )
    if missing := sorted(set(model.sizes) - set(price.per_second)):
        raise InvalidRequestError(
            backend,
            f"your price does not say what a second at {' or '.join(missing)} costs.",
            f"Add it to per_second of {table} in reelsheet.toml.",
        )
    return price


def job_of(
    request: TakeRequest, name: str, model: Model, account: Account, price: Price, backend: str
) -> Job:
    """The job of a take.

    Raises:
        InvalidRequestError: the model cannot make it as asked.
        PromptLengthError: the prompt is longer than the model reads.
    """
    mode = _mode(request.shot, model, backend)
    spec = request.spec
    try:
        model.tier_of(spec.width, spec.height, mode)
    except KeyError as error:
        raise InvalidRequestError(
            backend,
            f"{spec.width}x{spec.height} is not a size that it makes from {_ARTICLE[mode]}.",
            "Choose another aspect or backend.",
        ) from error
    if model.seed_most is not None and request.seed > model.seed_most:
        raise InvalidRequestError(
            backend,
            f"the seed is {request.seed}, but it takes {model.seed_most} at most.",
            "Give a smaller one.",
        )
    if mode is Mode.IMAGE:
        _check_picture(request, model, account, backend)
    said = _rendered(request.shot.prompt, request.language, model, backend)
    return Job(
        name=name,
        model=model,
        mode=mode,
        prompt=said.prompt,
        negative=said.negative_prompt if model.negative else "",
        width=spec.width,
        height=spec.height,
        num_frames=spec.num_frames,
        fps=spec.fps,
        seed=None if model.seed_most is None else request.seed,
        image=request.shot.image,
        price=price,
    )


_ARTICLE = {Mode.TEXT: "words alone", Mode.IMAGE: "a picture", Mode.VIDEO: "a video"}


def _mode(shot: Shot, model: Model, backend: str) -> Mode:
    mode = Mode.IMAGE if shot.image else Mode.TEXT
    if mode in model.modes:
        return mode
    others = {
        Mode.IMAGE: "Take the picture out of the row, or choose a backend that starts from pictures.",
        Mode.TEXT: "Give the row a picture, or choose a backend that needs none.",
        Mode.VIDEO: "",
    }
    raise InvalidRequestError(backend, f"it does not start from {_ARTICLE[mode]}.", others[mode])


def _rendered(prompt: ShotPrompt, language: Language, model: Model, backend: str) -> RenderedPrompt:
    chosen = language if language in model.languages else model.languages[0]
    said = render(prompt, DIALECTS[model.dialects[chosen]])
    han = next((place for place, sign in enumerate(said.prompt) if _is_han(sign)), None)
    if Language.ZH not in model.languages and han is not None:
        raise InvalidRequestError(
            backend,
            f"the prompt is in Chinese, which it is not said to read: {said.prompt[han : han + 20]!r}…",
            "Write subject, action, environment and style in English, or choose one that reads Chinese.",
        )
    check_length(
        said,
        model.prompt.most,
        _COUNTS[model.prompt.unit],
        model.negative.most if model.negative else _NO_LIMIT.most,
    )
    return said


_NO_LIMIT = TextLimit(most=1_000_000)


def _check_picture(request: TakeRequest, model: Model, account: Account, backend: str) -> None:
    """Where the model takes no size with a picture, the picture decides it."""
    path = request.shot.image
    assert path
    try:
        with Image.open(path) as picture:
            (width, height), form = picture.size, picture.format
    except (UnidentifiedImageError, OSError) as error:
        raise InvalidRequestError(
            backend, f"{path.name} is not a picture that can be read.", "Save it as PNG or JPEG."
        ) from error
    if form not in READ_BY_ALL:
        raise InvalidRequestError(
            backend, f"{path.name} is a {form} picture, which it does not read.", "Save it as PNG or JPEG."
        )
    inline = _BASE64 * path.stat().st_size
    if not account.uploads and inline > account.data_uri_most:
        raise InvalidRequestError(
            backend,
            f"{path.name} has {inline / 1e6:.1f} MB as it is sent, but it takes "
            f"{account.data_uri_most / 1e6:.1f} MB at most.",
            "Save it smaller, as JPEG for instance.",
        )
    patterns = " ".join(model.fields[Mode.IMAGE].values())
    decided = "{ratio}" in patterns or "{width}" in patterns
    if not decided and not _near(width / height, request.spec.width / request.spec.height):
        raise InvalidRequestError(
            backend,
            f"the video gets the shape of {path.name}, {width}x{height}, but "
            f"{request.spec.width}x{request.spec.height} is asked.",
            "Crop the picture to the row's aspect.",
        )


def data_uri(path: Path) -> str:
    """The picture as ``data:image/…;base64,…``."""
    with Image.open(path) as picture:
        kind = Image.MIME[picture.format or "PNG"]
    return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"


def _is_han(character: str) -> bool:
    return "㐀" <= character <= "鿿"


def _near(one: float, other: float) -> bool:
    return abs(one / other - 1) <= NEAR
