import os
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.content_key import Canonical, as_json, content_key, file_digest


class Size(StrEnum):
    BIG = "big"


@dataclass(frozen=True)
class Recipe:
    name: str
    size: Size
    rate: Fraction
    picture: Path


@pytest.fixture
def recipe(tmp_path: Path) -> Recipe:
    picture = tmp_path / "a.png"
    picture.write_bytes(b"pixels")
    return Recipe(name="茶", size=Size.BIG, rate=Fraction(24000, 1001), picture=picture)


def test_a_key_is_64_hex_digits_and_the_same_every_time(recipe: Recipe) -> None:
    assert len(content_key(recipe)) == 64
    assert content_key(recipe) == content_key(replace(recipe))


def test_a_file_takes_part_by_its_bytes_and_not_by_its_place(recipe: Recipe, tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere.png"
    moved.write_bytes(b"pixels")
    other = tmp_path / "other.png"
    other.write_bytes(b"pixel!")
    assert content_key(replace(recipe, picture=moved)) == content_key(recipe)
    assert content_key(replace(recipe, picture=other)) != content_key(recipe)


def test_a_file_changed_in_place_gets_another_digest(tmp_path: Path) -> None:
    path = tmp_path / "logo.png"
    path.write_bytes(b"one")
    before = file_digest(path)
    path.write_bytes(b"two")
    stat = path.stat()
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns + 1_000_000))
    assert file_digest(path) != before


def test_the_canonical_form_is_written_down(recipe: Recipe) -> None:
    digest = file_digest(recipe.picture)
    assert as_json(recipe) == {
        "name": "茶",
        "size": "big",
        "rate": "24000/1001",
        "picture": f"sha256:{digest}",
    }
    assert as_json(datetime(2026, 4, 1, tzinfo=UTC)) == "2026-04-01T00:00:00+00:00"
    assert as_json(MappingProxyType({"a": (1, True, None)})) == {"a": [1, True, None]}


def test_a_known_key_never_changes() -> None:
    # sha256 of '{"a":1,"b":["茶",null]}': stores in the field depend on it.
    assert content_key({"b": ["茶", None], "a": 1}) == (
        "647bb43167de36e4d00afc89521523d4409b7a919c0b63708671b3ac1d6ecaa6"
    )


@given(st.dictionaries(st.text(), st.one_of(st.integers(), st.text(), st.booleans(), st.none())))
def test_the_order_of_a_mapping_does_not_matter(data: dict[str, object]) -> None:
    assert content_key(data) == content_key(dict(reversed(data.items())))


@pytest.mark.parametrize("value", [{1, 2}, b"bytes", object()])
def test_a_type_without_a_canonical_form_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="no canonical form"):
        content_key({"x": value})


def test_not_a_number_is_refused() -> None:
    with pytest.raises(ValueError, match="JSON"):
        content_key({"x": float("nan")})


@given(st.dictionaries(st.text(), st.one_of(st.integers(), st.text(), st.lists(st.booleans()))))
def test_parts_put_into_canonical_form_before_make_the_same_key(data: dict[str, object]) -> None:
    known = {name: Canonical.of(value) for name, value in data.items()}
    assert content_key(known) == content_key(data)
    assert content_key({"all": Canonical.of(data), "n": 1}) == content_key({"all": data, "n": 1})
    assert as_json([known]) == as_json([data])
