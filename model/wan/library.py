"""What we use of diffusers, transformers and accelerate.

diffusers and transformers say that they are typed, but most of their calls are not: taken as Any here, once.
"""

from pathlib import Path
from typing import Any

import accelerate  # type: ignore[import-untyped]
import diffusers
import torch
import transformers
from diffusers import hooks, loaders
from diffusers.hooks import context_parallel
from diffusers.models import attention_dispatch, modeling_utils
from diffusers.models.autoencoders import autoencoder_kl_wan
from diffusers.pipelines.wan import pipeline_wan
from diffusers.utils import logging as diffusers_logging
from huggingface_hub.constants import HF_HUB_CACHE
from transformers.utils import logging

_diffusers: Any = diffusers
_transformers: Any = transformers
_hooks: Any = hooks
_loaders: Any = loaders
_context_parallel: Any = context_parallel
_attention: Any = attention_dispatch
_vae: Any = autoencoder_kl_wan
_pipeline: Any = pipeline_wan
_logging: Any = logging
_diffusers_logging: Any = diffusers_logging

AutoencoderKLWan = _diffusers.AutoencoderKLWan
UniPCMultistepScheduler = _diffusers.UniPCMultistepScheduler
WanTransformer3DModel = _diffusers.WanTransformer3DModel
ContextParallelConfig = _diffusers.ContextParallelConfig
ParallelConfig = _diffusers.ParallelConfig
apply_context_parallel = _context_parallel.apply_context_parallel
FirstBlockCacheConfig = _diffusers.FirstBlockCacheConfig
FlowMatchEulerDiscreteScheduler = _diffusers.FlowMatchEulerDiscreteScheduler
GGUFQuantizationConfig = _diffusers.GGUFQuantizationConfig
MagCacheConfig = _diffusers.MagCacheConfig
SeaCacheConfig = _hooks.SeaCacheConfig
WanLoraLoaderMixin = _loaders.WanLoraLoaderMixin
unpatchify = _vae.unpatchify
prompt_clean = _pipeline.prompt_clean

AutoTokenizer = _transformers.AutoTokenizer
T5Tokenizer = _transformers.T5Tokenizer
UMT5Config = _transformers.UMT5Config
UMT5EncoderModel = _transformers.UMT5EncoderModel

empty_weights = accelerate.init_empty_weights


def without_bars() -> None:
    """Loading draws bars on stderr otherwise; doors draw, engines do not."""
    _logging.disable_progress_bar()


def use_attention(model: Any, backend: str) -> None:
    """Have the model's own attention made by that kernel.

    A model that is told nothing takes the one that another model of the process was told last.
    """
    log = _diffusers_logging.get_logger(modeling_utils.__name__)
    # It would warn at every load that its interface may change; the versions are pinned.
    log.disabled = True
    try:
        model.set_attention_backend(backend)
    finally:
        log.disabled = False


def try_kernel(backend: str, device: str) -> None:
    """Have an attention kernel work on a few numbers; one of the Hub is fetched where it is not here."""
    name = _attention.AttentionBackendName(backend)
    _attention._check_attention_backend_requirements(name)
    _attention._maybe_download_kernel_for_backend(name)
    numbers = torch.ones(1, 128, 2, 128, dtype=torch.bfloat16, device=device)
    # The number is waited for, and with it what the kernel may say.
    _attention.dispatch_attention_fn(numbers, numbers, numbers, backend=name).sum().item()


def kernel_is_cached(backend: str) -> bool:
    """An attention kernel of the Hub was fetched to this machine before."""
    repo = _attention._HUB_KERNELS_REGISTRY[_attention.AttentionBackendName(backend)].repo_id
    folder = repo.replace("/", "--")
    return any((Path(HF_HUB_CACHE) / f"{kind}--{folder}").is_dir() for kind in ("kernels", "models"))
