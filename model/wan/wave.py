"""One run of the stages over the clips of a wave."""

import logging
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from PIL import Image

from campaign.errors import BrokenTakeError, DeviceError, ReelsheetError
from model.backend import Leave
from model.wan.bench import Bench
from model.wan.clip import Clip, ClipResult, Stage, Watch
from model.wan.conditions import (
    Condition,
    encode_pictures,
    load_condition,
    noise,
    refined_start,
    save_condition,
)
from model.wan.denoise import Guides, begin, finished, run_expert, steps_of
from model.wan.device import at, is_full, peak_memory, release, reset_peak, wait
from model.wan.film import film
from model.wan.foresight import load_of, steps_left, units_of
from model.wan.pace import Pace
from model.wan.park import Parked, save_latents
from model.wan.record import Record, take_facts
from model.wan.residency import Residency, out_of_memory
from model.wan.speed import cache_config

_log = logging.getLogger(__name__)


class Wave:
    """Clips on their way through the stages."""

    def __init__(self, bench: Bench, clips: Sequence[Clip], plan: Residency, watch: Watch) -> None:
        self.bench, self.clips, self.plan = bench, clips, plan
        self.errors: dict[str, ReelsheetError] = {}
        """By clip key."""
        self.record = Record()
        units = sum(
            units_of(bench.checkpoint, clip, {stage: steps_left(clip, stage)})
            for stage in bench.stages
            for clip in clips
            if not self._past(clip, stage)
        )
        self.pace = Pace(clips, units, watch)

    def run(self, folder: Path) -> Iterator[ClipResult]:
        """Every clip's result, in order, as soon as it is decoded."""
        with self._in_common(self.clips, Stage.ENCODE):
            self._encode()
        if len({device.name for device in self.bench.devices.values()}) > 1:
            with self._in_common(self.clips, Stage.HIGH):
                self._denoise_side_by_side()
        else:
            for stage in self.bench.stages:
                with self._in_common(self.clips, stage):
                    self._denoise(stage)
        yield from self._decode(folder)

    def _encode(self) -> None:
        bench = self.bench
        clips = [clip for clip in self.clips if not self._past(clip, bench.stages[-1])]
        texts = [text for clip in clips for text in (clip.prompt, clip.negative_prompt)]
        if missing := bench.embeddings.missing(texts):
            self.pace.ready(Stage.ENCODE)
            tokenizer, encoder = bench.text_side()
            for done, text in enumerate(missing, start=1):
                bench.embeddings.add(text, tokenizer, encoder)
                self.pace.step(Stage.ENCODE, clips[0], done, len(missing))
            del encoder
            release(bench.device)
        pictured = [clip for clip in clips if clip.image or clip.start]
        pictured = [clip for clip in pictured if not bench.condition_file(clip).is_file()]
        if pictured:
            vae = bench.vae()
            for clip in pictured:
                with self._guarded(clip, Stage.ENCODE):
                    expand = bench.checkpoint.variant.layout.expand_timesteps
                    given = encode_pictures(clip, vae, expand) if clip.image else Condition()
                    start = refined_start(clip, vae) if clip.start else None
                    save_condition(bench.condition_file(clip), given, start)
            del vae
            release(bench.device)

    def _denoise(self, stage: Stage) -> None:
        """Every clip's steps of one expert; the expert is not loaded when none of them has any."""
        clips = [clip for clip in self.clips if self._wants(clip, stage)]
        working = [clip for clip in clips if steps_left(clip, stage)]
        for clip in clips:
            if clip not in working:
                self._advance(None, stage, clip)
        if working:
            with self._expert(stage) as model:
                for clip in working:
                    self._advance(model, stage, clip)

    def _denoise_side_by_side(self) -> None:
        """Each expert on a device of its own; a clip goes on as soon as the first is done with it."""
        high, low = self.bench.stages
        reset_peak(self.bench.devices[low].name)
        with (
            self._expert(high) as first,
            self._expert(low) as second,
            ThreadPoolExecutor(max_workers=1, thread_name_prefix="low") as worker,
        ):
            following = []
            for clip in self.clips:
                if self._wants(clip, high):
                    self._advance(first, high, clip)
                if self._wants(clip, low):
                    following.append(worker.submit(self._advance, second, low, clip))
            for done in following:
                done.result()
            self.record.peaked(low, peak_memory(self.bench.devices[low].name))

    def _advance(self, model: Any, stage: Stage, clip: Clip) -> None:
        """The clip's steps of one expert, if it has any, and into the park."""
        bench, device = self.bench, self.bench.devices[stage].name
        with self._guarded(clip, stage), at(device):
            condition, start = Condition(), None
            if (file := bench.condition_file(clip)).is_file():
                condition, start = load_condition(file, device)
            scheduler = bench.scheduler(clip, device)
            if bench.park.has_part(clip.key, stage):
                parked = bench.park.take_part(clip.key, stage, scheduler, device)
            elif stage is bench.stages[0]:
                parked = begin(clip, scheduler, noise(clip, bench.checkpoint.variant, device), start)
            else:
                parked = bench.park.take(clip.key, bench.stages[0], scheduler, device)
            guides = Guides(
                prompt=bench.embeddings.get(clip.prompt, device),
                negative=bench.embeddings.get(clip.negative_prompt, device),
                condition=condition,
                expand=bench.checkpoint.variant.layout.expand_timesteps,
            )
            began = time.perf_counter()
            try:
                parked = self._run(model, stage, clip, parked, guides)
            except Leave:
                # What a cache remembers of former steps is not kept, so such a clip begins its stage again.
                if self._cache_of(stage, clip, parked) is None:
                    bench.park.put_part(clip.key, stage, parked)
                raise
            self.record.spent(clip, stage, time.perf_counter() - began)
            if stage is bench.stages[-1]:
                parked.latents = finished(parked, condition)
            if not torch.isfinite(parked.latents).all():
                raise BrokenTakeError(clip.name, stage, "its latents are not numbers any more.")
            bench.park.put(clip.key, stage, parked)

    def _run(self, model: Any, stage: Stage, clip: Clip, parked: Parked, guides: Guides) -> Parked:
        mine = steps_of(clip, parked.scheduler, stage)
        if parked.step >= mine.stop:
            return parked
        unit = units_of(self.bench.checkpoint, clip, {stage: 1})
        done = max(parked.step - mine.start, 0)

        def each() -> None:
            nonlocal done
            done += 1
            wait(self.bench.devices[stage].name)
            self.pace.step(stage, clip, done, len(mine), unit)

        cache = self._cache_of(stage, clip, parked)
        if cache is None:
            return run_expert(model, stage, clip, parked, guides, each)
        # Hooks of the clip's own: what they keep of another clip would be taken for this one's.
        model.enable_cache(cache)
        try:
            return run_expert(model, stage, clip, parked, guides, each)
        finally:
            model.disable_cache()

    def _cache_of(self, stage: Stage, clip: Clip, parked: Parked) -> Any:
        mine, ratios = steps_of(clip, parked.scheduler, stage), self.bench.options.mag_ratios
        return cache_config(self.bench.quality, ratios and ratios[mine.start : mine.stop])

    def _decode(self, folder: Path) -> Iterator[ClipResult]:
        vae = None
        if any(clip.key not in self.errors for clip in self.clips):
            with self._in_common(self.clips, Stage.DECODE):
                vae = self.bench.vae()
        self.pace.ready(Stage.DECODE)
        for number, clip in enumerate(self.clips):
            result = ClipResult(clip=clip)
            if clip.key not in self.errors:
                with self._in_common(self.clips[number:], Stage.DECODE), self._guarded(clip, Stage.DECODE):
                    result = self._film(clip, vae, folder)
            failed = self.errors.get(clip.key)
            yield ClipResult(clip=clip, error=failed) if failed else result
            if not failed:
                # Only when the caller comes back for the next one has it put this one away.
                self.bench.park.drop(clip.key)
                self.bench.condition_file(clip).unlink(missing_ok=True)
        del vae
        release(self.bench.device)

    def _film(self, clip: Clip, vae: Any, folder: Path) -> ClipResult:
        bench = self.bench
        parked = bench.park.take(
            clip.key, bench.stages[-1], bench.scheduler(clip, bench.device), bench.device
        )
        path, picture = folder / f"{clip.key}.mp4", folder / f"{clip.key}.png"
        began = time.perf_counter()
        filmed = film(parked.latents, vae, clip, path, self.pace)
        self.record.peaked(Stage.DECODE, peak_memory(bench.device))
        self.record.spent(clip, Stage.DECODE, time.perf_counter() - began)
        if clip.keep_last:
            Image.fromarray(filmed.last).save(picture)
        if clip.keep_as:
            save_latents(clip.keep_as, parked.latents)
        taken = sum(seconds for (key, _), seconds in self.record.seconds.items() if key == clip.key)
        _log.info("%s, seed %d: %d frames in %.1f s", clip.name, clip.seed, clip.num_frames, taken)
        return ClipResult(
            clip=clip,
            path=path,
            last_image=picture if clip.keep_last else None,
            facts=take_facts(bench, self.plan, clip, self.record, filmed),
        )

    def _past(self, clip: Clip, stage: Stage) -> bool:
        """The stage is behind the clip, in this run or in an earlier one."""
        later = self.bench.stages[self.bench.stages.index(stage) :]
        return any(self.bench.park.has(clip.key, one) for one in later)

    def _wants(self, clip: Clip, stage: Stage) -> bool:
        return clip.key not in self.errors and not self._past(clip, stage)

    @contextmanager
    def _expert(self, stage: Stage) -> Iterator[Any]:
        device, plan = self.bench.devices[stage].name, self.plan
        with self.bench.experts.on_device(stage, plan.kind, plan.on_host, device) as model:
            self.pace.ready(stage)
            yield model
        self.record.peaked(stage, self.bench.experts.peak)

    @contextmanager
    def _in_common(self, clips: Sequence[Clip], stage: Stage) -> Iterator[None]:
        """What fails here fails for every one of ``clips`` that still needs the stage; peaks are noted."""
        device = self.bench.devices[Stage.LOW if stage is Stage.LOW else Stage.HIGH].name
        reset_peak(device)
        try:
            with at(device):
                yield
        except ReelsheetError as error:
            self._give_up(clips, stage, _bare(error))
        except Exception as error:
            if is_full(error):
                load = load_of(self.bench.checkpoint, self.bench.options, clips[0])
                self._give_up(clips, stage, out_of_memory(self.plan, load, stage))
                return
            _log.exception("%s of %d clips", stage, len(clips))
            said = f"the stage {stage!s} failed: {_words(error)}"
            self._give_up(clips, stage, DeviceError(self.plan.device.label, said, "The log says where."))
        self.record.peaked(stage, peak_memory(device))

    @contextmanager
    def _guarded(self, clip: Clip, stage: Stage) -> Iterator[None]:
        """What fails here is the clip's own failure, but for a full device."""
        try:
            yield
        except ReelsheetError as error:
            self.errors[clip.key] = _bare(error)
        except OSError as error:
            # A full or a lost disk: another seed, which a broken take is to be tried with, would not help.
            _log.exception("%s, %s", clip.name, stage)
            said = f"{clip.name} failed in the stage {stage!s}: {_words(error)}"
            self.errors[clip.key] = DeviceError(
                self.plan.device.label, said, "Make it again; the log says where."
            )
        except Exception as error:
            if is_full(error):
                raise
            _log.exception("%s, %s", clip.name, stage)
            self.errors[clip.key] = BrokenTakeError(clip.name, stage, _words(error))

    def _give_up(self, clips: Sequence[Clip], stage: Stage, error: ReelsheetError) -> None:
        last = self.bench.stages[-1]
        for clip in clips:
            if stage is Stage.DECODE or not self._past(clip, last):
                self.errors.setdefault(clip.key, error)


def _bare(error: ReelsheetError) -> ReelsheetError:
    """To be kept: the frames that an error passed hold the expert and the clip's tensors on the device."""
    passed: BaseException | None = error
    while passed:
        passed.__traceback__ = None
        passed = passed.__context__
    return error


def _words(error: Exception) -> str:
    """What other people's code says of a failure, as one sentence."""
    said = str(error).strip().splitlines() or ["no reason is given"]
    return f"{type(error).__name__}: {said[0].rstrip('. ')}."
