from dataclasses import replace
from pathlib import Path

import pytest

from campaign.brand_kit import read_kit
from campaign.brief import Brief, Language
from campaign.camera import Camera
from campaign.finish import Fitting
from campaign.frames import Aspect
from campaign.kit_parts import Asset, Intro
from campaign.ladder import Rung, Step
from campaign.store import Artefact, Store
from campaign.storyboard import Shot, ShotPrompt, Storyboard
from campaign.timing import TimedShot, Timeline
from finishing.provenance import Signing, Source
from finishing.rendition import RenditionJob, picture_recipe, rendition_recipe
from tasks.builds import FinishJob
from tasks.finish import _reshapes, _with_rendition, finish_recipe
from tasks.signing import ingredients_of, source_of
from tasks.spot import Spot
from tasks.workshop import platform_of

KIT = read_kit(Path(__file__).parents[2] / "brand_kits" / "qinghe_tea")
SHOT = Shot(
    id="t-1-s1",
    prompt=ShotPrompt(subject="茶", action="", environment="", camera=Camera(), style="", negative=""),
    duration=2.0,
    line="",
    headline="",
)


def spot(backend: str, image: Path | None) -> Spot:
    board = Storyboard(
        spot_id="t-1",
        row_id="t",
        variant=1,
        language=Language.ZH,
        brand="qinghe_tea",
        title="t",
        call_to_action="",
        end_card=0.0,
        duration=None,
        voice="none",
        music="none",
        seed=1,
        shots=(SHOT, replace(SHOT, id="t-1-s2", image=image)),
    )
    ladder = (Step(rung=Rung.FINAL, backends=(backend,)),)
    brief = Brief(id="t", row=2, copy="茶", brand="qinghe_tea", language=Language.ZH, seed=1, ladder=ladder)
    used = {shot.id: backend for shot in board.shots}
    return Spot(brief=brief, variant=1, kit=KIT, size=360, fps=24, storyboard=board, used=used)


@pytest.mark.parametrize(
    ("backend", "image", "source"),
    [
        ("animatic", None, Source.DRAWN),
        ("animatic", Path("tea.jpg"), Source.DRAWN),
        ("wan", None, Source.GENERATED),
        ("runway:gen4.5", None, Source.GENERATED),
        ("wan", Path("tea.jpg"), Source.COMPOSITE),
    ],
)
def test_credentials_say_how_the_pictures_came_to_be(
    backend: str, image: Path | None, source: Source
) -> None:
    assert source_of(spot(backend, image)) is source


@pytest.fixture
def job(tmp_path: Path) -> FinishJob:
    for name in ("take.mp4", "sound.m4a", "one.pem", "two.pem", "key.pem"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    timed = TimedShot(shot_id="t-1-s1", first_frame=0, num_frames=48, voice_start=None, voice_duration=0.0)
    rendition = RenditionJob(
        kit=KIT,
        language=Language.ZH,
        timeline=Timeline(fps=24, shots=(timed,), end_card_frames=0),
        clips=(tmp_path / "take.mp4",),
        aspect=Aspect.TALL,
        width=360,
        height=640,
        cues=(),
        sound=tmp_path / "sound.m4a",
        end_card=None,
        label_words="AI生成",
    )
    return FinishJob(store=Store(tmp_path), rendition=rendition, signing=None, source=Source.GENERATED)


def test_what_is_not_signed_keeps_its_key_whatever_it_would_say(job: FinishJob) -> None:
    assert finish_recipe(job) == rendition_recipe(job.rendition)
    assert finish_recipe(replace(job, source=Source.DRAWN)) == finish_recipe(job)


def test_certificate_and_source_decide_the_key_of_what_is_signed(job: FinishJob, tmp_path: Path) -> None:
    one, two = (
        Signing(certificate=tmp_path / name, key=tmp_path / "key.pem") for name in ("one.pem", "two.pem")
    )
    signed = [
        replace(job, signing=one),
        replace(job, signing=two),
        replace(job, signing=one, source=Source.DRAWN),
    ]
    recipes = [finish_recipe(job), *map(finish_recipe, signed)]
    assert all(a != b for i, a in enumerate(recipes) for b in recipes[:i])


@pytest.mark.parametrize(("backend", "takes"), [("animatic", False), ("wan", False), ("runway:gen4.5", True)])
def test_takes_of_a_vendor_and_photos_behind_takes_are_kept_in_the_credentials(
    backend: str, takes: bool, job: FinishJob, tmp_path: Path
) -> None:
    photo = tmp_path / "tea.jpg"
    photo.write_bytes(b"one")
    with_photo = spot(backend, photo)
    kept = ingredients_of(with_photo, job.rendition.clips, source_of(with_photo))
    assert kept.takes == (job.rendition.clips if takes else ())
    assert kept.photos == (() if backend == "animatic" else (photo,))
    signing = Signing(certificate=tmp_path / "one.pem", key=tmp_path / "key.pem")
    plain, keeping = replace(job, signing=signing), replace(job, signing=signing, ingredients=kept)
    before = finish_recipe(keeping)
    assert (before == finish_recipe(plain)) is (backend == "animatic")
    photo.write_bytes(b"another")
    assert (before == finish_recipe(keeping)) is (backend == "animatic")


@pytest.mark.parametrize(
    ("account", "platform"),
    [
        ("douyin:myshop", "douyin"),
        ("Douyin: my shop", "douyin"),
        ("抖音：小店", "抖音"),
        ("myshop", ""),
        ("", ""),
    ],
)
def test_an_account_may_name_its_platform_first(account: str, platform: str) -> None:
    assert platform_of(account) == platform


def test_a_spot_with_nothing_to_follow_in_a_take_is_degraded(tmp_path: Path) -> None:
    for lost in ([], ["t-1-s1"]):
        made = Artefact(kind="rendition", key="k", folder=tmp_path, facts={"lost": lost})
        finished = _with_rendition(spot("animatic", None), Aspect.TALL, made)
        said = ("9:16 shows the middle of t-1-s1: there is nothing in it to follow.",) if lost else ()
        assert finished.degraded == said


def test_only_takes_that_may_have_another_shape_are_made_anew_when_crops_are_found_otherwise(
    job: FinishJob, tmp_path: Path
) -> None:
    assert not _reshapes(spot("animatic", None), Aspect.TALL)
    assert _reshapes(spot("runway:gen4.5", None), Aspect.TALL)
    film = Asset(file=tmp_path / "take.mp4", licence=KIT.logo.licence)
    opened = KIT.model_copy(update={"intro": Intro(seconds=1.0, clips={Aspect.TALL: film})})
    drawn = replace(spot("animatic", None), kit=opened)
    assert [_reshapes(drawn, aspect) for aspect in (Aspect.TALL, Aspect.WIDE)] == [False, True]
    exact = replace(job.rendition, reshapes=False)
    padded = replace(job.rendition, fitting=Fitting.PAD)
    assert ["subject" in picture_recipe(one) for one in (job.rendition, exact, padded)] == [
        True,
        False,
        False,
    ]
