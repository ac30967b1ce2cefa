"""What we use of diffusers, transformers and accelerate.

diffusers and transformers say that they are typed, but most of their calls are not: taken as Any here, once.
"""

from typing import Any

import accelerate  # type: ignore[import-untyped]
import diffusers
import transformers
from diffusers import hooks, loaders
from diffusers.hooks import context_parallel
from diffusers.models.autoencoders import autoencoder_kl_wan
from diffusers.pipelines.wan import pipeline_wan
from transformers.utils import logging

_diffusers: Any = diffusers
_transformers: Any = transformers
_hooks: Any = hooks
_loaders: Any = loaders
_context_parallel: Any = context_parallel
_vae: Any = autoencoder_kl_wan
_pipeline: Any = pipeline_wan
_logging: Any = logging

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
