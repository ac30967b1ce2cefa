"""What was worked out from a file, kept as long as the file is the same."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Concatenate, Generic, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class CachedByFile(Generic[P, R]):
    """A function of a file and of further hashable arguments, asked once for each size and time of change."""

    def __init__(self, function: Callable[Concatenate[Path, P], R], most: int) -> None:
        @lru_cache(most)
        def kept(path: Path, state: tuple[int, int], *args: P.args, **kwargs: P.kwargs) -> R:  # noqa: ARG001
            return function(path, *args, **kwargs)

        self._kept: Callable[..., R] = kept
        self.cache_clear = kept.cache_clear
        self.cache_info = kept.cache_info
        self.__doc__ = function.__doc__

    def __call__(self, path: Path, *args: P.args, **kwargs: P.kwargs) -> R:
        """What the function gives for the file as it is now.

        Raises:
            OSError: there is no such file.
        """
        stat = path.stat()
        return self._kept(path, (stat.st_size, stat.st_mtime_ns), *args, **kwargs)


def cached_by_file(
    most: int,
) -> Callable[[Callable[Concatenate[Path, P], R]], CachedByFile[P, R]]:
    """Keep at most so many results; a file that is written anew is looked at again."""
    return lambda function: CachedByFile(function, most)
