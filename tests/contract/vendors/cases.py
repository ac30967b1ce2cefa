"""One case per adapter: its server, a model of it, and takes to ask for."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from campaign.brand_kit import BrandKit, find_kit
from campaign.brief import Language
from campaign.camera import Camera
from campaign.frames import Aspect
from campaign.storyboard import Shot, ShotPrompt
from model.backend import TakeRequest
from model.hosting.backend import HostedBackend
from model.hosting.gate import Pace
from model.hosting.options import HostedOptions
from model.registry import load_backend
from tests.contract.vendors.bailian import BailianServer
from tests.contract.vendors.openai_videos import OpenAIVideosServer
from tests.contract.vendors.runway import RunwayServer
from tests.contract.vendors.wire import VendorServer

ROOT = Path(__file__).parents[3]
FAST = Pace(
    open_tasks=8,
    submits_per_second=1000,
    polls_per_second=1000,
    poll_every=0.02,
    back_off=0.02,
    list_after=0.1,
    patience=20.0,
)


@dataclass(frozen=True)
class Case:
    """A backend as a campaign names it, and the server that stands for its vendor."""

    backend: str
    server: type[VendorServer]
    short_side: int
    unit: float
    """Of the server's money, in units of the currency."""

    def load(self, server: VendorServer, folder: Path, **changes: object) -> HostedBackend:
        options = HostedOptions(
            **{
                "ledger": f"sqlite:///{folder / 'ledger.db'}",
                "vault": folder / "vault",
                "key": SecretStr(server.key),
                "base_url": server.url,
                "pace": FAST,
                **changes,
            }
        )
        backend = load_backend(self.backend, options)
        assert isinstance(backend, HostedBackend)
        return backend

    def request(self, backend: HostedBackend, number: int, subject: str = "a white") -> TakeRequest:
        """A take that no other number asks for."""
        return TakeRequest(
            shot=Shot(
                id=f"tea{number:02}-1-s1",
                prompt=ShotPrompt(
                    subject=f"{subject} cup{number:02}",
                    action="steams",
                    environment="on a table",
                    camera=Camera(),
                    style="warm light",
                    negative="blur",
                ),
                duration=4.0,
                line="",
                headline="",
            ),
            language=Language.EN,
            spec=backend.frame_spec(Aspect.WIDE, self.short_side, 4.0),
            seed=7,
            kit=kit(),
        )


def kit() -> BrandKit:
    return find_kit("qinghe_tea", (ROOT / "brand_kits",))


CASES = {
    "runway": Case("runway", RunwayServer, 720, 0.01),
    "bailian": Case("bailian:wan3.0-video", BailianServer, 480, 1.0),
    "openai-videos": Case("openai-videos", OpenAIVideosServer, 480, 0.0),
}
