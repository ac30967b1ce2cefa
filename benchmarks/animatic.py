"""Frames composed per CPU second, stage by stage, and what composing costs beside encoding.

Each stage draws one 96-frame orbit (every plate moves) with a cut-out picture, at 720x1280; its frames are
composed three times and the fastest counts, because other work on the machine only ever adds. Encoding is the
backend's own settings over the frames of one stage.
"""

import tempfile
import time
from dataclasses import replace
from pathlib import Path
from unittest import mock

import cv2
from PIL import Image, ImageDraw

from campaign.brand_kit import read_kit
from campaign.brief import Language
from campaign.camera import Camera, CameraMove
from campaign.frames import FrameSpec
from campaign.storyboard import Shot, ShotPrompt
from media.encode import VideoEncoder
from model.animatic import composition
from model.animatic.composition import Composition
from model.animatic.stages import STAGES
from model.backend import TakeRequest
from model.backends.animatic import ENCODING

KIT = Path(__file__).parent.parent / "brand_kits" / "qinghe_tea"
SPEC = FrameSpec(width=720, height=1280, num_frames=96, fps=24)
RUNS = 3


def main() -> None:
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        request = _request(_product(folder / "tin.png"))
        rates = []
        print("| stage | plates | draw, CPU s | frames per CPU s |\n|---|---|---|---|")
        for stage in STAGES:
            began = time.process_time()
            made = _on_stage(request, stage)
            drawing = time.process_time() - began
            rate = SPEC.num_frames / min(_seconds_to_compose(made) for _ in range(RUNS))
            rates.append(rate)
            print(f"| {stage} | {len(made.behind) + len(made.before)} | {drawing:.2f} | {rate:.0f} |")
        rates.sort()
        encode = min(_seconds_to_encode(made, folder) for _ in range(RUNS))
        compose = SPEC.num_frames / rates[len(rates) // 2]
        print(f"\nmedian {rates[len(rates) // 2]:.0f}, least {rates[0]:.0f} frames per CPU s before encoding")
        print(
            f"encoding alone: {SPEC.num_frames / encode:.0f} frames per CPU s; "
            f"composing and encoding cost {(compose + encode) / encode:.2f} x encoding"
        )


def _on_stage(request: TakeRequest, stage: str) -> Composition:
    choose = composition.choose
    with mock.patch.object(composition, "choose", lambda r, p: replace(choose(r, p), stage=stage)):
        return composition.compose(request)


def _seconds_to_compose(made: Composition) -> float:
    began = time.process_time()
    for _ in made.frames():
        pass
    return time.process_time() - began


def _seconds_to_encode(made: Composition, folder: Path) -> float:
    frames = [planes.copy() for planes in made.frames()]
    began = time.process_time()
    with VideoEncoder(folder / "take.mp4", SPEC.width, SPEC.height, SPEC.fps, ENCODING) as encoder:
        for planes in frames:
            encoder.write(planes)
    return time.process_time() - began


def _request(image: Path) -> TakeRequest:
    prompt = ShotPrompt(
        subject="春茶",
        action="",
        environment="茶园",
        camera=Camera(move=CameraMove.ORBIT),
        style="",
        negative="",
    )
    shot = Shot(id="bench-1-s1", prompt=prompt, duration=4.0, line="", headline="头采鲜爽", image=image)
    return TakeRequest(shot=shot, language=Language.ZH, spec=SPEC, seed=1, kit=read_kit(KIT))


def _product(path: Path) -> Path:
    image = Image.new("RGBA", (600, 900), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((80, 40, 520, 880), 60, fill=(42, 87, 64, 255))
    draw.rectangle((80, 320, 520, 620), fill=(246, 241, 228, 255))
    image.save(path)
    return path


if __name__ == "__main__":
    main()
