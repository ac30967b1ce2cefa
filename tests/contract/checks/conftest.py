import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import cv2
import numpy as np
import pytest

from campaign.brief import Language
from moderation.check import AssetUsed, Check, LabelsSeen, Material
from moderation.checks.frames import FramesCheck, FramesOptions
from moderation.checks.guard import GuardCheck, GuardOptions
from moderation.checks.labels import AIGC_FIELDS, LabelsCheck, LabelsOptions
from moderation.checks.licences import LicencesCheck, LicencesOptions
from moderation.checks.likeness import LikenessCheck, LikenessOptions
from moderation.checks.on_screen_text import OnScreenTextCheck, OnScreenTextOptions
from moderation.checks.person_names import PersonNamesCheck, PersonNamesOptions
from moderation.checks.toxicity import ToxicityCheck, ToxicityOptions
from moderation.checks.zero_shot import ZeroShotCheck, ZeroShotOptions
from moderation.finding import Stage, Text
from moderation.policies import RULES
from moderation.policy import load_policy
from moderation.registry import CHECKS

Get = Callable[[str], Any]

_spec = spec_from_file_location("tiny_models", Path(__file__).parents[2] / "moderation" / "tiny_models.py")
assert _spec
assert _spec.loader
_tiny = module_from_spec(_spec)
_spec.loader.exec_module(_tiny)

toxic, mild = _tiny.toxic, _tiny.mild
guard_model, frames_model, clip_model = _tiny.guard_model, _tiny.frames_model, _tiny.clip_model
face_models = _tiny.face_models


@pytest.fixture(scope="session")
def tiny() -> ModuleType:
    return _tiny


@dataclass(frozen=True)
class Case:
    """A check, ready to look, and what it must and must not find."""

    check: Check
    clean: Material
    guilty: Material
    strict: Check | None = None
    """The check for the guilty material, where a tiny model's weights decide and not what it is shown."""
    blind: Check | None = None
    """The same check without its weights; None for one that needs none."""
    nan: Callable[[Path], Check] | None = None
    """The same with weights that are not numbers, made in the given folder."""
    stage: Stage = Stage.COPY


def picture(path: Path, color: tuple[int, int, int], *, face: bool = False) -> Path:
    image = np.full((128, 128, 3), color[::-1], np.uint8)
    if face:
        image[32:64, 32:64] = (200, 0, 255)
    cv2.imwrite(str(path), image)
    return path


def words(text: str, language: Language = Language.ZH) -> Material:
    return Material(texts=(Text(where="copy", text=text, language=language),))


def with_nan(source: Path, folder: Path) -> str:
    """A copy of a model's folder whose first matrix is not a number."""
    from safetensors.torch import load_file, save_file  # noqa: PLC0415  # It imports torch.

    shutil.copytree(source, folder, dirs_exist_ok=True)
    state = load_file(folder / "model.safetensors")
    state[sorted(state)[0]].fill_(float("nan"))
    save_file(state, folder / "model.safetensors", metadata={"format": "pt"})
    return str(folder)


def checkpoint_with_nan(source: Path, folder: Path) -> Path:
    import torch  # noqa: PLC0415  # Seconds; a run of other tests need not wait for it.

    data = torch.load(source, weights_only=True)
    data["state_dict"][sorted(data["state_dict"])[0]].fill_(float("nan"))
    torch.save(data, folder / "nan.ckpt")
    return folder / "nan.ckpt"


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    picture(folder / "red.png", (220, 20, 20))
    picture(folder / "green.png", (20, 200, 20))
    picture(folder / "face.png", (90, 90, 90), face=True)
    sign = np.full((200, 640, 3), 255, np.uint8)
    cv2.putText(sign, "GUARANTEED RESULTS", (10, 120), cv2.FONT_HERSHEY_SIMPLEX, 1.8, (0, 0, 0), 4)
    cv2.imwrite(str(folder / "sign.png"), sign)
    (folder / "licence.txt").write_text("OFL 1.1", encoding="utf-8")
    (folder / "font.ttf").write_bytes(b"font")
    return folder


@pytest.fixture(params=sorted(CHECKS))
def case(request: pytest.FixtureRequest, files: Path) -> Case:
    make: Callable[[], Case] = globals()[f"_{request.param}"]
    return make(request.getfixturevalue, files)


def _lexicon(get: Get, files: Path) -> Case:
    return Case(load_policy("starter").check("lexicon"), words("一杯热茶"), words("加微信领冰毒"))


def _ad_law(get: Get, files: Path) -> Case:
    return Case(load_policy("starter").check("ad_law"), words("最佳食用时间三天"), words("国家级最佳好茶"))


def _person_names(get: Get, files: Path) -> Case:
    return Case(PersonNamesCheck(PersonNamesOptions()), words("同款茶杯"), words("长得像刘德华的男人"))


def _toxicity(get: Get, files: Path) -> Case:
    mild, toxic = get("mild"), get("toxic")
    return Case(
        ToxicityCheck(ToxicityOptions(checkpoint=mild)),
        words("Warm tea", Language.EN),
        words("You are an idiot", Language.EN),
        strict=ToxicityCheck(ToxicityOptions(checkpoint=toxic)),
        blind=ToxicityCheck(ToxicityOptions(checkpoint=files / "none.ckpt")),
        nan=lambda folder: ToxicityCheck(ToxicityOptions(checkpoint=checkpoint_with_nan(mild, folder))),
    )


def _guard(get: Get, files: Path) -> Case:
    model = get("guard_model")
    return Case(
        GuardCheck(GuardOptions(model=str(model))),
        words("tea", Language.EN),
        words("bomb", Language.EN),
        blind=GuardCheck(GuardOptions(model=str(files / "none"))),
        nan=lambda folder: GuardCheck(GuardOptions(model=with_nan(model, folder))),
    )


def _frames(get: Get, files: Path) -> Case:
    model = get("frames_model")
    return Case(
        FramesCheck(FramesOptions(model=str(model))),
        Material(images=(files / "green.png",)),
        Material(images=(files / "red.png",)),
        blind=FramesCheck(FramesOptions(model=str(files / "none"))),
        nan=lambda folder: FramesCheck(FramesOptions(model=with_nan(model, folder))),
        stage=Stage.IMAGE,
    )


def _zero_shot(get: Get, files: Path) -> Case:
    model = str(get("clip_model"))
    return Case(
        ZeroShotCheck(ZeroShotOptions(model=model, least=0.9)),
        Material(images=(files / "green.png",)),
        Material(images=(files / "red.png",)),
        strict=ZeroShotCheck(ZeroShotOptions(model=model, least=0.01)),
        blind=ZeroShotCheck(ZeroShotOptions(model=str(files / "none"))),
        nan=lambda folder: ZeroShotCheck(ZeroShotOptions(model=with_nan(get("clip_model"), folder))),
        stage=Stage.IMAGE,
    )


def _on_screen_text(get: Get, files: Path) -> Case:
    return Case(
        OnScreenTextCheck(OnScreenTextOptions(rules=(RULES / "ad_claims_en.yaml",))),
        Material(images=(files / "green.png",)),
        Material(images=(files / "sign.png",)),
        stage=Stage.IMAGE,
    )


def _likeness(get: Get, files: Path) -> Case:
    detector, recogniser = get("face_models")
    return Case(
        LikenessCheck(LikenessOptions(detector=detector, recogniser=recogniser)),
        Material(images=(files / "green.png",)),
        Material(images=(files / "face.png",)),
        blind=LikenessCheck(LikenessOptions(detector=files / "none.onnx", recogniser=recogniser)),
        stage=Stage.IMAGE,
    )


def _licences(get: Get, files: Path) -> Case:
    clean = AssetUsed(where="fonts.text", file=files / "font.ttf", licence=files / "licence.txt")
    ended = AssetUsed(
        where="fonts.text",
        file=files / "font.ttf",
        licence=files / "licence.txt",
        expires=date(2026, 1, 31),
    )
    day = date(2026, 11, 20)
    check = LicencesCheck(LicencesOptions())
    return Case(
        check, Material(assets=(clean,), day=day), Material(assets=(ended,), day=day), stage=Stage.FINAL
    )


def _labels(get: Get, files: Path) -> Case:
    fields = dict.fromkeys(AIGC_FIELDS, "x") | {"Label": "1"}
    right = LabelsSeen(
        file=files / "red.png", visible=(0.0, 2.5), ink_height=0.06, aigc=(json.dumps(fields),)
    )
    check = LabelsCheck(LabelsOptions(demand=("visible", "aigc")))
    return Case(
        check,
        Material(labels=(right,)),
        Material(labels=(replace(right, aigc=()),)),
        stage=Stage.FINAL,
    )
