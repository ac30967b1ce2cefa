"""One event loop for all hosted takes of this process, in a thread that lives while a wave is made."""

import asyncio
import os
import socket
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any, ParamSpec, TypeVar

from model.hosting.gate import Gate, Pace

P = ParamSpec("P")
T = TypeVar("T")


class HostedLoop:
    """The loop, the accounts' gates and the one thread that writes the ledger."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.gates: dict[tuple[str, str], Gate] = {}
        """By base URL and the key's digest."""
        self._clerk = ThreadPoolExecutor(1, thread_name_prefix="hosted-ledger")
        self._thread = threading.Thread(target=self._run, name="hosted", daemon=True)
        self._thread.start()

    def gate(self, account: tuple[str, str], pace: Pace) -> Gate:
        return self.gates.setdefault(account, Gate(pace))

    async def write(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call what commits, off the loop: a commit waits for the disk."""
        return await self.loop.run_in_executor(self._clerk, partial(call, *args, **kwargs))

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self._clerk.shutdown()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        try:
            self.loop.run_forever()
        finally:
            self.loop.run_until_complete(self.loop.shutdown_asyncgens())
            self.loop.run_until_complete(self.loop.shutdown_default_executor())
            self.loop.close()


class _Shared:
    """The loop that is running, and how many waves use it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.users = 0
        self.loop: HostedLoop | None = None


_shared = _Shared()


@contextmanager
def hosted_loop() -> Iterator[HostedLoop]:
    """The process's loop; it ends with the last wave that uses it."""
    with _shared.lock:
        loop = _shared.loop = _shared.loop or HostedLoop()
        _shared.users += 1
    try:
        yield loop
    finally:
        with _shared.lock:
            _shared.users -= 1
            last = not _shared.users
            if last:
                _shared.loop = None
        if last:
            loop.stop()


class Holder:
    """Who works on an attempt: host, process and a word that no other process of that number had."""

    def __init__(self) -> None:
        self._pid = 0
        self._name = ""

    @property
    def name(self) -> str:
        if self._pid != os.getpid():
            self._pid = os.getpid()
            self._name = f"{socket.gethostname()}:{self._pid}:{uuid.uuid4().hex[:12]}"
        return self._name


HOLDER = Holder()


def is_gone(holder: str) -> bool:
    """Whether the holder certainly runs no more; False for one on another machine."""
    host, _, rest = holder.partition(":")
    pid = rest.partition(":")[0]
    if host != socket.gethostname() or not pid.isdigit():
        return False
    if int(pid) == os.getpid():
        return holder != HOLDER.name
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def describe(value: Any) -> str:
    return f"{type(value).__name__}: {value}"
