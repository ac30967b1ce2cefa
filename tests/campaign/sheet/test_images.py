from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from campaign.sheet.campaign import Campaign

Read = Callable[[Path | str], Campaign]


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for name in ("cup.jpg", "leaf.png"):
        Image.effect_noise((320, 240), 60).convert("RGB").save(folder / name)
    return folder


def image_problem(read: Read, cell: str) -> str:
    problems = read(f'编号,文案,品牌,图片\nt1,春天的茶。,leaf,"{cell}"\n').errors
    assert [problem.cell for problem in problems] == ["D2"]
    return f"{problems[0].expected} {problems[0].remedy}"


@pytest.mark.usefixtures("pictures")
@pytest.mark.parametrize(
    "cell",
    [
        "pictures/cup.jpg;pictures/leaf.png",
        "pictures\\cup.jpg\npictures\\leaf.png",
        "pictures/cup.jpg，pictures/leaf.png",
    ],
)
def test_several_pictures_are_found_beside_the_sheet(read: Read, cell: str) -> None:
    campaign = read(f'编号,文案,品牌,图片\nt1,春天的茶。,leaf,"{cell}"\n')
    assert [path.name for path in campaign.briefs[0].images] == ["cup.jpg", "leaf.png"]


@pytest.mark.usefixtures("pictures")
def test_numbered_picture_columns_are_put_together(read: Read) -> None:
    campaign = read("编号,文案,品牌,图片1,图片2\nt1,春天的茶。,leaf,pictures/cup.jpg,pictures/leaf.png\n")
    assert [path.name for path in campaign.briefs[0].images] == ["cup.jpg", "leaf.png"]


def test_an_absolute_path_is_taken(read: Read, pictures: Path) -> None:
    campaign = read(f"编号,文案,品牌,图片\nt1,春天的茶。,leaf,{pictures / 'cup.jpg'}\n")
    assert campaign.briefs[0].images == ((pictures / "cup.jpg").resolve(),)


@pytest.mark.usefixtures("pictures")
def test_a_missing_picture_suggests_the_nearest_name(read: Read) -> None:
    assert "Did you mean pictures/cup.jpg?" in image_problem(read, "pictures/cop.jpg")


@pytest.mark.usefixtures("pictures")
def test_a_missing_picture_with_nothing_like_it_suggests_nothing(read: Read) -> None:
    assert "Put it there or correct the path." in image_problem(read, "pictures/茶.jpg")


@pytest.mark.usefixtures("pictures")
def test_a_missing_folder_is_named(read: Read) -> None:
    assert "no folder pics" in image_problem(read, "pics/cup.jpg")


def test_a_picture_cut_off_is_refused(read: Read, pictures: Path) -> None:
    whole = (pictures / "cup.jpg").read_bytes()
    (pictures / "cup.jpg").write_bytes(whole[: len(whole) // 2])
    assert "cannot be read as a picture" in image_problem(read, "pictures/cup.jpg")


def test_text_called_a_picture_is_refused(read: Read, pictures: Path) -> None:
    (pictures / "cup.jpg").write_text("not a picture")
    assert "cannot be read as a picture" in image_problem(read, "pictures/cup.jpg")


def test_a_picture_of_too_many_pixels_is_refused_without_being_decoded(read: Read, pictures: Path) -> None:
    Image.new("1", (15_000, 15_000)).save(pictures / "huge.png")
    assert "more than 100 million pixels" in image_problem(read, "pictures/huge.png")


def test_a_web_address_is_refused_with_the_two_ways_out(read: Read) -> None:
    words = image_problem(read, "https://shop.example/cdn/tea.jpg?v=1")
    assert "Download it and write its file name (tea.jpg)" in words
    assert "images in the campaign's settings" in words


def test_a_picture_embedded_in_the_cell_is_said(read: Read) -> None:
    assert "embedded in the cell" in image_problem(read, "=DISPIMG(ID_1,1)")
