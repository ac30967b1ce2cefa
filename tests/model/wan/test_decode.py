from typing import Any

import numpy as np
import pytest
import torch

from campaign.errors import BrokenTakeError
from media.decode import decode
from media.planes import planes_of_frame, rgb_from_planes
from model.wan.decode import decoded, statistics
from model.wan.film import film
from model.wan.load import load_vae
from model.wan.options import Precision
from model.wan.pace import Pace

CHANNELS = {"t2v-a14b": 16, "ti2v-5b": 48}


def latents(variant: str, frames: int = 3) -> torch.Tensor:
    return torch.randn(1, CHANNELS[variant], frames, 4, 6, generator=torch.Generator().manual_seed(3))


@pytest.mark.parametrize("variant", sorted(CHANNELS))
def test_pieces_are_bit_identical_to_decoding_the_whole(variant: str, checkpoints: Any) -> None:
    vae = load_vae(checkpoints[variant], "cpu", Precision.FP32)
    z = latents(variant)
    pieces = list(decoded(z, vae))
    assert [piece.shape[2] for piece in pieces] == [1, 4, 4]
    mean, inverse = statistics(vae, z)
    with torch.no_grad():
        whole = vae.decode(z / inverse + mean).sample
    assert torch.equal(torch.cat(pieces, dim=2), whole)


def test_the_file_shows_what_was_decoded(checkpoints: Any, clip: Any, tmp_path: Any) -> None:
    vae = load_vae(checkpoints["t2v-a14b"], "cpu", Precision.FP32)
    one = clip("t2v-a14b")
    filmed = film(latents("t2v-a14b"), vae, one, tmp_path / "take.mp4", Pace([one], 0.0, lambda _: None))
    shown = [rgb_from_planes(planes_of_frame(frame)) for frame in decode(tmp_path / "take.mp4")]
    assert len(shown) == 9
    for seen, written in ((shown[0], filmed.first), (shown[-1], filmed.last)):
        assert np.abs(seen.astype(int) - written).mean() < 6


def test_a_black_take_is_refused(checkpoints: Any, clip: Any, tmp_path: Any) -> None:
    vae = load_vae(checkpoints["t2v-a14b"], "cpu", Precision.FP32)
    vae.decoder.conv_out.bias.data.fill_(-50.0)
    one = clip("t2v-a14b")
    with pytest.raises(BrokenTakeError, match="every picture is black"):
        film(latents("t2v-a14b"), vae, one, tmp_path / "take.mp4", Pace([one], 0.0, lambda _: None))


def test_values_that_are_no_numbers_are_refused(checkpoints: Any, clip: Any, tmp_path: Any) -> None:
    vae = load_vae(checkpoints["t2v-a14b"], "cpu", Precision.FP32)
    vae.decoder.conv_out.bias.data.fill_(float("nan"))
    one = clip("t2v-a14b")
    with pytest.raises(BrokenTakeError, match="not numbers"):
        film(latents("t2v-a14b"), vae, one, tmp_path / "take.mp4", Pace([one], 0.0, lambda _: None))
