import pytest

from campaign.camera import WORDS, Angle, Camera, CameraMove, ShotSize, parse_cameras


def test_one_camera_per_shot_in_both_languages() -> None:
    chinese = parse_cameras("推近，特写；环绕")
    english = parse_cameras("push in, close-up / orbit")
    assert chinese == english
    assert chinese == (
        Camera(move=CameraMove.PUSH_IN, size=ShotSize.CLOSE_UP),
        Camera(move=CameraMove.ORBIT),
    )


@pytest.mark.parametrize("separator", [";", "；", "/", "|", "\n", "→", " ; "])
def test_every_separator_parts_shots(separator: str) -> None:
    assert [camera.move for camera in parse_cameras(separator.join(["航拍", "跟拍"]))] == [
        CameraMove.AERIAL,
        CameraMove.FOLLOW,
    ]


@pytest.mark.parametrize("term", [*CameraMove, *ShotSize, *Angle])
def test_every_word_of_the_vocabulary_is_read_back(term: CameraMove | ShotSize | Angle) -> None:
    for word in (*WORDS[term], term.value):
        (camera,) = parse_cameras(word)
        assert term in (camera.move, camera.size, camera.angle), word


def test_no_word_means_two_things() -> None:
    words = [word for terms in WORDS.values() for word in terms]
    assert len(words) == len(set(words))


@pytest.mark.parametrize(
    "text", ["slow push-in", "the camera slowly push in", "镜头缓慢推进", "Push In", " push in "]
)
def test_gentle_words_and_hyphens_do_not_hide_a_move(text: str) -> None:
    assert parse_cameras(text) == (Camera(move=CameraMove.PUSH_IN),)


def test_a_word_outside_the_vocabulary_is_named() -> None:
    with pytest.raises(ValueError, match=r"^whip pan$"):
        parse_cameras("push in; whip pan, close-up")


def test_two_moves_in_one_shot_are_refused_with_that_shot() -> None:
    with pytest.raises(ValueError, match=r"^推近，环绕$"):
        parse_cameras("固定；推近，环绕")


def test_the_same_move_said_twice_is_one() -> None:
    assert parse_cameras("推近，推进") == (Camera(move=CameraMove.PUSH_IN),)


def test_empty_parts_are_no_shots() -> None:
    assert parse_cameras(" ；; ") == ()
