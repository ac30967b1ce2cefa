"""What FFmpeg and the system say when they refuse, as an error that says of what."""

from collections.abc import Iterator
from contextlib import contextmanager

import av

from campaign.errors import FinishError


@contextmanager
def saying(what: str) -> Iterator[None]:
    """FFmpeg's errors and the system's, a full disk among them, as `FinishError` with their own words."""
    try:
        yield
    except (av.FFmpegError, OSError) as error:
        raise FinishError(what, str(error)) from error
