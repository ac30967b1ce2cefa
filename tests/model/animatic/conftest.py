from collections.abc import Callable
from pathlib import Path

import pytest

from campaign.brand_kit import BrandKit, read_kit
from campaign.brief import Language
from campaign.camera import Angle, Camera, CameraMove, ShotSize
from campaign.frames import Aspect, FrameSpec, frame_size
from campaign.storyboard import Shot, ShotPrompt
from model.backend import TakeRequest

Ask = Callable[..., TakeRequest]


@pytest.fixture(scope="session")
def kit() -> BrandKit:
    return read_kit(Path("brand_kits/qinghe_tea"))


@pytest.fixture(scope="session")
def ask(kit: BrandKit) -> Ask:
    """A small request; everything that a test is about can be said."""

    def request(
        *,
        shot_id: str = "tea-1-s1",
        subject: str = "青瓷盖碗",
        environment: str = "晨雾里的茶园",
        style: str = "",
        headline: str = "头采鲜爽",
        move: CameraMove = CameraMove.PUSH_IN,
        size: ShotSize = ShotSize.MEDIUM,
        angle: Angle = Angle.EYE_LEVEL,
        image: Path | None = None,
        language: Language = Language.ZH,
        aspect: Aspect = Aspect.TALL,
        num_frames: int = 12,
        seed: int = 7,
        kit: BrandKit = kit,
    ) -> TakeRequest:
        width, height = frame_size(aspect, 360)
        prompt = ShotPrompt(
            subject=subject,
            action="",
            environment=environment,
            camera=Camera(move=move, size=size, angle=angle),
            style=style,
            negative="",
        )
        return TakeRequest(
            shot=Shot(id=shot_id, prompt=prompt, duration=0.5, line="", headline=headline, image=image),
            language=language,
            spec=FrameSpec(width=width, height=height, num_frames=num_frames, fps=24),
            seed=seed,
            kit=kit,
        )

    return request
