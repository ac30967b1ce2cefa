from dataclasses import replace

import pytest
import torch
from diffusers import UniPCMultistepScheduler, WanTransformer3DModel
from torch.utils.flop_counter import FlopCounterMode

from model.wan.flops import A14B, Shape, forward_flops, high_steps, token_count
from model.wan.variants import VARIANTS


@pytest.mark.parametrize(
    ("size", "frames", "petaflop"),
    [((1280, 720), 81, 6.523), ((832, 480), 81, 1.678), ((832, 480), 17, 0.242)],
)
def test_a_pass_of_the_14b_model_is_the_published_work(
    size: tuple[int, int], frames: int, petaflop: float
) -> None:
    tokens = token_count(*size, frames, 16)
    assert forward_flops(A14B, tokens) / 1e15 == pytest.approx(petaflop, rel=1e-3)


def test_the_formula_counts_what_torch_counts() -> None:
    config = {
        "num_layers": 3,
        "num_attention_heads": 2,
        "attention_head_dim": 32,
        "ffn_dim": 96,
        "text_dim": 24,
    }
    with torch.device("meta"):
        model = WanTransformer3DModel(**config, rope_max_seq_len=32)
        inputs = {
            "hidden_states": torch.empty(1, 16, 5, 20, 12),
            "timestep": torch.ones(1),
            "encoder_hidden_states": torch.empty(1, 512, 24),
        }
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            model(**inputs)
    counted = forward_flops(Shape.of(config), 5 * 10 * 6)
    assert counted == pytest.approx(counter.get_total_flops(), rel=0.005)


@pytest.mark.parametrize("variant", ["t2v-a14b", "i2v-a14b"])
@pytest.mark.parametrize("shift", [3.0, 5.0, 8.0, 12.0])
@pytest.mark.parametrize("steps", [4, 8, 20, 40])
def test_the_split_between_the_experts_is_the_schedulers(variant: str, shift: float, steps: int) -> None:
    sampling = replace(VARIANTS[variant].sampling, flow_shift=shift, steps=steps)
    scheduler = UniPCMultistepScheduler(
        prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=shift
    )
    scheduler.set_timesteps(steps)
    assert sampling.boundary
    assert high_steps(sampling) == int((scheduler.timesteps >= sampling.boundary * 1000).sum())
