from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from campaign.brief import Language
from campaign.errors import PromptLengthError
from campaign.frames import Aspect
from campaign.hosted_errors import InvalidRequestError
from model.backend import TakeRequest
from model.hosting.backend import HostedBackend
from model.hosting.catalog import Price
from model.hosting.request import job_of, price_of
from model.registry import load_backend
from tests.contract.vendors.cases import CASES


def backend(name: str) -> HostedBackend:
    found = load_backend(name)
    assert isinstance(found, HostedBackend)
    return found


def request(made_by: HostedBackend, aspect: Aspect = Aspect.WIDE, seconds: float = 4.0) -> TakeRequest:
    asked = CASES["runway"].request(backend("runway"), 1)
    return replace(asked, spec=made_by.frame_spec(aspect, 480, seconds))


def with_prompt(asked: TakeRequest, **words: str) -> TakeRequest:
    return replace(asked, shot=replace(asked.shot, prompt=replace(asked.shot.prompt, **words)))


def with_picture(asked: TakeRequest, folder: Path, width: int, height: int) -> TakeRequest:
    path = folder / "cup.png"
    Image.fromarray(np.random.default_rng(1).integers(0, 255, (height, width, 3), dtype=np.uint8)).save(path)
    return replace(asked, shot=replace(asked.shot, image=path))


@pytest.mark.parametrize(
    ("name", "short_side", "seconds", "made"),
    [
        ("runway", 720, 3.2, (1280, 720, 4 * 24, 24)),
        ("runway", 480, 4.0, (1280, 720, 4 * 24, 24)),
        ("runway:veo3.1", 1080, 4.1, (1920, 1080, 6 * 24, 24)),
        ("bailian:wan3.0-video", 480, 29.5, (832, 480, 30 * 30, 30)),
        ("bailian:wan2.2-t2v-plus", 720, 2.0, (1920, 1080, 5 * 30, 30)),
        ("openai-videos", 480, 3.0, (832, 480, 49, 16)),
        ("openai-videos", 480, 1 / 16, (832, 480, 1, 16)),
    ],
)
def test_the_smallest_take_that_holds_what_is_asked(
    name: str, short_side: int, seconds: float, made: tuple[int, int, int, int]
) -> None:
    spec = backend(name).frame_spec(Aspect.WIDE, short_side, seconds)
    assert (spec.width, spec.height, spec.num_frames, spec.fps) == made


@pytest.mark.parametrize(
    ("name", "aspect", "short_side", "seconds", "said"),
    [
        ("runway", Aspect.WIDE, 1080, 4.0, "1280x720 at most.*size to 720"),
        ("runway", Aspect.PORTRAIT, 480, 4.0, "4:5 is asked first.*1280x720, 720x1280"),
        ("runway", Aspect.WIDE, 480, 10.2, "10.2 s is asked.*10 s at most"),
        ("openai-videos", Aspect.WIDE, 480, 5.2, "makes 5.0625 s at most"),
        ("bailian:wan2.2-t2v-plus", Aspect.TALL, 480, 5.1, "5 s at most"),
    ],
)
def test_what_a_model_cannot_make_is_refused_with_what_it_can(
    name: str, aspect: Aspect, short_side: int, seconds: float, said: str
) -> None:
    with pytest.raises(InvalidRequestError, match=said):
        backend(name).frame_spec(aspect, short_side, seconds)


def test_a_prompt_is_measured_in_the_models_own_unit() -> None:
    runway = backend("runway")
    rendered = runway.job(request(runway)).prompt
    room = 1000 - len(rendered)
    fits = with_prompt(request(runway), action="steams" + "x" * room)
    assert len(runway.job(fits).prompt) == 1000
    # One sign outside the basic plane is two of Runway's units.
    with pytest.raises(PromptLengthError, match="1001"):
        runway.job(with_prompt(request(runway), action="steams" + "x" * (room - 1) + "🍵"))


def test_chinese_goes_to_models_that_read_it_and_is_refused_by_the_others() -> None:
    words = {"subject": "一只白瓷杯", "action": "热气升起", "environment": "木桌上", "style": "暖光"}
    wan, runway = backend("bailian:wan3.0-video"), backend("runway")
    chinese = replace(with_prompt(request(wan), **words), language=Language.ZH)
    assert wan.job(chinese).prompt.startswith("一只白瓷杯")
    with pytest.raises(InvalidRequestError, match=r"in Chinese.*in English"):
        runway.recipe(replace(chinese, spec=request(runway).spec))


def test_a_chinese_row_with_english_pictures_goes_to_an_english_model_in_english() -> None:
    runway = backend("runway")
    asked = replace(request(runway), language=Language.ZH)
    assert "the camera is fixed" in runway.job(asked).prompt


def test_a_negative_prompt_is_sent_only_to_models_that_take_one_and_the_plan_says_so() -> None:
    plain, veo = backend("runway"), backend("runway:veo3.1")
    assert plain.job(request(plain)).negative == ""
    assert "no negative prompt" in plain.estimate(request(plain)).basis
    assert veo.job(request(veo)).negative == "blur"
    assert "no negative prompt" not in veo.estimate(request(veo)).basis


def test_a_seed_is_another_take_even_where_the_model_takes_none() -> None:
    runway, kling = backend("runway"), backend("runway:gemini_omni_flash")
    for made_by in (runway, kling):
        asked = request(made_by)
        assert made_by.recipe(asked) != made_by.recipe(replace(asked, seed=8))
    assert kling.job(request(kling)).seed is None


def test_an_estimate_says_what_it_costs_and_from_where() -> None:
    runway = backend("runway")
    estimate = runway.estimate(request(runway))
    assert (estimate.money, estimate.currency) == (0.48, "USD")
    assert "0.12 USD a second at 720p, as of 2026-11-20" in estimate.basis
    assert estimate.most == pytest.approx(3 * 0.48)


def test_sound_that_is_not_asked_for_is_not_paid_for() -> None:
    veo = backend("runway:veo3.1")
    assert veo.estimate(request(veo)).money == 4 * 0.20


def test_a_model_whose_price_nobody_knows_is_not_used() -> None:
    with pytest.raises(InvalidRequestError, match=r'price is not known.*\[backends.runway.prices."wan3"\]'):
        wan = backend("runway:wan3")
        wan.recipe(request(wan))


def test_a_price_that_leaves_a_size_out_is_refused_with_the_one_it_lacks() -> None:
    wan = backend("runway:wan3")
    price = Price(
        currency="USD", per_second={"480p": Decimal("0.1")}, as_of=date(2026, 11, 20), source="ours"
    )
    with pytest.raises(InvalidRequestError, match="a second at 1080p or 720p"):
        price_of(wan.model, "wan3", wan.name, {"wan3": price})


def test_a_model_that_needs_a_picture_says_so_and_one_that_takes_none_too(tmp_path: Path) -> None:
    turbo, wan = backend("runway:gen4_turbo"), backend("bailian:wan3.0-video")
    with pytest.raises(InvalidRequestError, match=r"does not start from words alone.*picture"):
        turbo.recipe(request(turbo))
    with pytest.raises(InvalidRequestError, match="does not start from a picture"):
        wan.recipe(with_picture(request(wan), tmp_path, 64, 36))


def test_a_picture_takes_part_in_the_recipe_by_its_bytes(tmp_path: Path) -> None:
    turbo = backend("runway:gen4_turbo")
    first = turbo.recipe(with_picture(request(turbo), tmp_path, 64, 36))
    second = turbo.recipe(with_picture(request(turbo), tmp_path, 66, 36))
    assert first["image"] != second["image"]


def test_where_the_picture_decides_the_shape_it_must_have_the_rows(tmp_path: Path) -> None:
    flash = backend("runway:grok_imagine_1_5_lite")
    known = backend("runway").model.price
    assert known
    price = known.model_copy(update={"per_second": dict.fromkeys(flash.model.sizes, Decimal(1))})
    flash.model = flash.model.model_copy(update={"price": price})
    flash.recipe(with_picture(request(flash), tmp_path, 160, 90))
    with pytest.raises(InvalidRequestError, match=r"shape of cup\.png, 90x160.*Crop"):
        flash.recipe(with_picture(request(flash), tmp_path, 90, 160))


def test_a_file_that_is_no_picture_is_refused_before_it_is_sent(tmp_path: Path) -> None:
    turbo = backend("runway:gen4_turbo")
    path = tmp_path / "cup.png"
    path.write_text("not a picture")
    asked = request(turbo)
    with pytest.raises(InvalidRequestError, match=r"cup\.png is not a picture"):
        turbo.recipe(replace(asked, shot=replace(asked.shot, image=path)))


def test_a_picture_is_measured_before_it_is_sent_where_it_cannot_be_uploaded(tmp_path: Path) -> None:
    wan = backend("bailian:wan2.7-i2v")
    asked = with_picture(request(wan), tmp_path, 1920, 1080)
    limit = asked.shot.image.stat().st_size  # type: ignore[union-attr]
    account = wan.catalog.account.model_copy(update={"data_uri_most": limit})
    price = Price(currency="USD", per_second={"720P": 1, "1080P": 1}, as_of=date(2026, 11, 20), source="ours")
    with pytest.raises(InvalidRequestError, match=r"cup\.png has .* MB as it is sent"):
        job_of(asked, "wan2.7-i2v", wan.model, account, price, wan.name)
    uploads = account.model_copy(update={"uploads": True})
    assert job_of(asked, "wan2.7-i2v", wan.model, uploads, price, wan.name).image


def test_a_picture_in_a_format_that_no_vendor_reads_is_refused(tmp_path: Path) -> None:
    turbo = backend("runway:gen4_turbo")
    Image.new("RGB", (1280, 720)).save(tmp_path / "cup.tiff")
    asked = request(turbo)
    with pytest.raises(InvalidRequestError, match=r"cup\.tiff is a TIFF picture.*PNG or JPEG"):
        turbo.recipe(replace(asked, shot=replace(asked.shot, image=tmp_path / "cup.tiff")))


def test_a_seed_beyond_the_models_largest_is_refused() -> None:
    wan = backend("bailian:wan3.0-video")
    with pytest.raises(InvalidRequestError, match="2147483648"):
        wan.recipe(replace(request(wan), seed=2**31))
