from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
import yaml

from campaign.frames import Aspect
from campaign.hosted_errors import InvalidRequestError, ModelRetiredError
from model.dialect import DIALECTS
from model.hosting.catalog import Catalog, CatalogError, Mode, read_catalog, shipped_catalog
from model.hosting.request import chosen_model, smallest_spec
from model.registry import HOSTED, load_backend

VENDORS = ("bailian", "openai_videos", "runway")
NOTICE = timedelta(days=60)


@pytest.fixture(params=VENDORS)
def catalog(request: pytest.FixtureRequest) -> Catalog:
    return shipped_catalog(request.param)


def test_no_shipped_default_retires_within_sixty_days_of_the_catalogs_date(catalog: Catalog) -> None:
    assert not retiring_soon(catalog)


def test_a_default_that_retires_in_fifty_nine_days_is_noticed(catalog: Catalog) -> None:
    soon = {"retires_on": catalog.checked + NOTICE - timedelta(days=1), "substitute": "animatic"}
    model = catalog.models[catalog.default].model_copy(update=soon)
    changed = catalog.model_copy(update={"models": {**catalog.models, catalog.default: model}})
    assert retiring_soon(changed)


def retiring_soon(catalog: Catalog) -> bool:
    ends = catalog.models[catalog.default].retires_on
    return catalog.default in catalog.retired or bool(ends and ends < catalog.checked + NOTICE)


def test_every_substitute_is_a_backend_that_is_served(catalog: Catalog) -> None:
    for retired in catalog.retired.values():
        assert load_backend(retired.substitute).name == retired.substitute


def test_every_dialect_and_price_is_there(catalog: Catalog) -> None:
    for name, model in catalog.models.items():
        assert set(model.dialects.values()) <= set(DIALECTS), name
        if model.price:
            assert set(model.price.per_second) >= set(model.sizes), name
            assert all(price >= 0 for price in model.price.per_second.values()), name


def test_every_size_of_a_model_is_nearly_one_of_the_aspects_it_is_chosen_for(catalog: Catalog) -> None:
    for name, model in catalog.models.items():
        made = set()
        for aspect in Aspect:
            try:
                spec = smallest_spec(model, name, aspect, 240, 4.0)
            except InvalidRequestError:
                continue
            made.add(aspect)
            assert spec.width / spec.height == pytest.approx(aspect.ratio[0] / aspect.ratio[1], rel=0.03)
        assert Aspect.WIDE in made, name


@pytest.mark.parametrize(
    ("written", "date_said", "instead"),
    [
        ("runway:gen3a_turbo", "2026-06-10", "runway:gen4_turbo"),
        ("openai-videos:sora-2", "2026-09-24", "runway:gen4.5"),
        ("openai-videos:sora-2-pro", "2026-09-24", "runway:veo3.1"),
    ],
)
def test_a_retired_model_is_named_with_its_date_and_what_to_write(
    written: str, date_said: str, instead: str
) -> None:
    with pytest.raises(ModelRetiredError, match=f"{date_said}.*{instead}"):
        load_backend(written)


def test_a_model_retires_on_its_day(catalog: Catalog) -> None:
    end = {"retires_on": date(2027, 3, 1), "substitute": "animatic"}
    name = catalog.default
    model = catalog.models[name].model_copy(update=end)
    changed = catalog.model_copy(update={"models": {name: model}})
    assert chosen_model(changed, name, name, date(2027, 2, 28)) is model
    with pytest.raises(ModelRetiredError, match="'animatic'"):
        chosen_model(changed, name, name, date(2027, 3, 1))


def test_a_model_that_nobody_knows_is_refused_with_those_that_are() -> None:
    with pytest.raises(InvalidRequestError, match=r"gen4\.5"):
        load_backend("runway:gen9")


@pytest.mark.parametrize("name", sorted(HOSTED))
def test_a_hosted_backend_can_be_asked_without_options(name: str) -> None:
    backend = load_backend(name)
    assert backend.frame_spec(Aspect.WIDE, 480, 4.0).duration >= 4.0


def test_a_word_that_no_field_means_is_an_error_with_its_place(tmp_path: Path) -> None:
    data = yaml.safe_load(Path("model/catalog/openai_videos.yaml").read_text(encoding="utf-8"))
    data["account"]["opentasks"] = 3
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump(data), encoding="utf-8")
    with pytest.raises(CatalogError, match=r"mine\.yaml: account\.opentasks"):
        read_catalog(path)


@pytest.mark.parametrize(
    "left_out",
    ["modes", "sizes", "fps", "seed_most", "prompt", "negative", "languages", "audio", "first_frame",
     "last_frame", "watermark", "price", "billed_on_failure", "retires_on"],
)  # fmt: skip
def test_what_a_model_can_do_is_said_and_never_taken_for_granted(left_out: str, tmp_path: Path) -> None:
    data = yaml.safe_load(Path("model/catalog/openai_videos.yaml").read_text(encoding="utf-8"))
    data["defaults"].pop(left_out, None)
    data["models"][data["default"]].pop(left_out, None)
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump(data), encoding="utf-8")
    with pytest.raises(CatalogError, match=rf"{left_out}: Field required"):
        read_catalog(path)


def test_what_is_unverified_is_a_field(tmp_path: Path) -> None:
    data = yaml.safe_load(Path("model/catalog/openai_videos.yaml").read_text(encoding="utf-8"))
    data["models"][data["default"]]["unverified"] = ["colour"]
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump(data), encoding="utf-8")
    with pytest.raises(CatalogError, match="unverified names colour"):
        read_catalog(path)


def test_money_is_exact() -> None:
    model = shipped_catalog("bailian").models["wan3.0-video-prime"]
    assert model.price
    cost = model.cost("720P", Decimal(7), model.price)
    assert (cost.amount, cost.micros) == (Decimal("0.889"), 889_000)


def test_the_runway_catalog_is_what_the_sdk_types_say() -> None:
    text = pytest.importorskip("runwayml.types.text_to_video_create_params")
    image = pytest.importorskip("runwayml.types.image_to_video_create_params")
    catalog = shipped_catalog("runway")
    unions = {Mode.TEXT: text.TextToVideoCreateParams, Mode.IMAGE: image.ImageToVideoCreateParams}
    for mode, union in unions.items():
        variants = {variant_name(variant): get_type_hints(variant) for variant in get_args(union)}
        listed = {name for name, model in catalog.models.items() if mode in model.modes}
        # h3_max starts from a picture too, but says nothing of what shape comes out.
        assert listed == set(variants) - ({"h3_max"} if mode is Mode.IMAGE else set())
        for name in listed:
            check_variant(catalog, name, mode, variants[name])


def variant_name(variant: type) -> str:
    [name] = get_args(get_type_hints(variant)["model"])
    return str(name)


def check_variant(catalog: Catalog, name: str, mode: Mode, hints: dict[str, Any]) -> None:
    model = catalog.models[name]
    assert (model.seed_most is not None) == ("seed" in hints), name
    assert (model.negative is not None) == ("negative_prompt" in hints), name
    assert (model.audio == "optional") == ("audio" in hints), name
    assert set(model.fields[mode]) == set(hints) & {"ratio", "resolution"}, (name, mode)
    for tier, sizes in model.sizes_for(mode).items():
        for size in sizes:
            words = {"width": size.width, "height": size.height, "tier": tier, "ratio": size.ratio}
            for field, pattern in model.fields[mode].items():
                allowed = get_args(hints[field])
                assert not allowed or pattern.format(**words) in allowed, (name, field, words)
