"""Several devices that work on one clip together: experts in a process for each, asked pass by pass.

The loop over the steps stays in the engine. What goes to the processes and back are latents, some 20 MB a
pass at 720p against seconds of work, and no weights.
"""

import pickle
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any
from weakref import finalize

import torch

from campaign.errors import DeviceError
from model.wan.clip import Stage
from model.wan.experts import Experts
from model.wan.rank import Done, Failed, Hold, Place, pack, serve, unpack
from model.wan.residency import Kind

_GRACE = 5.0
"""Seconds for the news of a death to arrive."""


class Team:
    """As `Experts`, for a model whose passes are made by all of the devices at once."""

    def __init__(self, experts: Experts, devices: Sequence[str], expand: bool) -> None:
        self._experts = pickle.dumps(experts)
        self._devices = devices
        self._expand = expand
        self._members: list[tuple[SpawnProcess, Connection]] = []
        self._tidy: finalize[..., Team] | None = None
        self._hold: Hold | None = None
        """What the processes hold."""
        self.peak: int | None = None
        """Bytes of the fullest device; None where torch does not count them."""

    @contextmanager
    def on_device(self, stage: Stage, kind: Kind, on_host: bool, device: str) -> Iterator["Together"]:  # noqa: ARG002
        """The stage's expert, ready to be called; each device holds all of it."""
        self.peak = None
        hold = Hold(stage, kind, on_host)
        together = Together(self, hold)
        self.bring(hold)
        try:
            yield together
        finally:
            self._leave()

    def bring(self, hold: Hold) -> torch.dtype:
        """Have the expert on every device; the processes are started where there are none."""
        if self._hold != hold:
            if not all(process.is_alive() for process, _ in self._members):
                self._end()
            if not self._members:
                self._start()
            self._tell(hold)
            self._dtype = self._answers()[0].dtype
            self._hold = hold
        return self._dtype

    def ask(self, packed: bytes) -> bytes:
        """One pass by all of them.

        Raises:
            DeviceError: one of them ended or failed; the rest are ended too, and the next pass starts anew.
            torch.OutOfMemoryError: one's device is full.
        """
        self._tell(packed)
        answers = self._answers()
        peaks = [answer.peak for answer in answers if answer.peak is not None]
        self.peak = max([*peaks, self.peak or 0]) if peaks else None
        return answers[0].flow

    def close(self, device: str) -> None:  # noqa: ARG002
        """Let go of all: no process and no file stays."""
        self._end()

    def _start(self) -> None:
        spawn, size = get_context("spawn"), len(self._devices)
        meeting = Path(tempfile.mkdtemp(prefix="reelsheet-team-"))
        # Also where this process ends in peace without having let go.
        self._tidy = finalize(self, shutil.rmtree, meeting, ignore_errors=True)
        threads = max(torch.get_num_threads() // size, 1)
        for rank, device in enumerate(self._devices):
            ours, theirs = spawn.Pipe()
            place = Place(rank, size, device, meeting, threads, self._expand)
            process = spawn.Process(
                target=serve, args=(place, self._experts, theirs), name=f"wan-{rank}", daemon=True
            )
            process.start()
            theirs.close()
            self._members.append((process, ours))

    def _leave(self) -> None:
        """The stage is over; processes go on holding what its plan lets them hold."""
        self._hold = None
        try:
            for _, orders in self._members:
                orders.send(None)
        except OSError:
            self._end()

    def _tell(self, order: Hold | bytes) -> None:
        try:
            for _, orders in self._members:
                orders.send(order)
        except OSError:
            self._fail([])

    def _answers(self) -> list[Done]:
        """One of each, in order."""
        answers: dict[int, Done] = {}
        try:
            while len(answers) < len(self._members):
                waited = [rank for rank in range(len(self._members)) if rank not in answers]
                wait([self._members[rank][1] for rank in waited])
                for rank in waited:
                    if not self._members[rank][1].poll():
                        continue
                    match self._members[rank][1].recv():
                        case Done() as done:
                            answers[rank] = done
                        case failed:
                            self._fail([failed])
        except (EOFError, OSError):
            self._fail([])
        except BaseException:
            # Left in the middle of a pass; its answer would be taken for the next one's.
            self._end()
            raise
        return [answers[rank] for rank in sorted(answers)]

    def _fail(self, said: list[Failed]) -> None:
        """Ends the others, who wait for the one in vain, and says which one it was."""
        gone = wait([process.sentinel for process, _ in self._members], _GRACE)
        for process, _ in self._members:
            if process.sentinel in gone:
                process.join(_GRACE)
        for _, orders in self._members:
            try:
                while orders.poll():
                    if isinstance(word := orders.recv(), Failed):
                        said.append(word)
            except (EOFError, OSError):
                continue
        killed = [
            f"the process on {device} was ended by signal {-process.exitcode}"
            for device, (process, _) in zip(self._devices, self._members, strict=True)
            if process.exitcode is not None and process.exitcode < 0
        ]
        self._end()
        if full := next((failed for failed in said if failed.full), None):
            raise torch.OutOfMemoryError(full.reason)
        problem = next(iter([*killed, *(failed.reason for failed in said)]), "a process ended")
        raise DeviceError(
            " + ".join(self._devices),
            f"{problem} while they worked on a clip together.",
            "Make the take again; if it happens again, set devices_per_clip to 1.",
        )

    def _end(self) -> None:
        for process, orders in self._members:
            orders.close()
            process.kill()
            process.join()
            process.close()
        self._members.clear()
        self._hold = None
        if self._tidy:
            self._tidy()


class Together:
    """An expert on all devices of a team, called as a model is."""

    def __init__(self, team: Team, hold: Hold) -> None:
        self._team = team
        self._hold = hold

    @property
    def dtype(self) -> torch.dtype:
        return self._team.bring(self._hold)

    def cache_context(self, name: str, **facts: Any) -> AbstractContextManager[None]:  # noqa: ARG002
        """Nothing is cached: each device would decide for itself what to leave out."""
        return nullcontext()

    def __call__(
        self,
        hidden_states: torch.Tensor,
        timestep: torch.Tensor,
        encoder_hidden_states: torch.Tensor,
        return_dict: bool,  # noqa: ARG002
    ) -> tuple[torch.Tensor]:
        self._team.bring(self._hold)
        packed = pack(
            hidden_states=hidden_states, timestep=timestep, encoder_hidden_states=encoder_hidden_states
        )
        return (unpack(self._team.ask(packed), str(hidden_states.device))["flow"],)
