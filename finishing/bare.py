"""Where nothing lies over a clip: stretches whose pictures a rendition can take over as they are encoded."""

from collections.abc import Iterator, Sequence

from finishing.cut import Clip
from finishing.stack import Stack
from media.encode import VideoEncoder
from media.splice import CodedFilm, read_coded

Groups = tuple[CodedFilm, int, int]
"""A film, and the first and one after the last of its frames; both begin a group of pictures."""


def bare_groups(clips: Sequence[Clip], over: Stack, encoder: VideoEncoder) -> dict[int, Groups]:
    """Whole groups of pictures by the number of the frame at which they begin.

    Only of clips that have the encoder's size, rate and parameter sets: their pictures and its own may stand
    in one track.

    Raises:
        FinishError: a clip cannot be read.
    """
    found: dict[int, Groups] = {}
    if not encoder.header:
        return found
    start = copied = 0
    for clip in clips:
        bare = [not over.at(start + number) for number in range(clip.num_frames)]
        bare[: clip.fade_in] = [False] * clip.fade_in
        for first, end in _runs(bare):
            film = read_coded(clip.path)
            if film is None or not _fits(film, encoder):
                break
            groups = [number for number in film.groups if first <= number <= end]
            # A group of one picture beside another may be taken for the same one (H.264, 7.4.3: idr_pic_id).
            if len(groups) < 2 or groups[-1] - groups[-2] < 2 or start + groups[0] - copied == 1:
                continue
            found[start + groups[0]] = (film, groups[0], groups[-1])
            copied = start + groups[-1]
        start += clip.num_frames
    return found


def _fits(film: CodedFilm, encoder: VideoEncoder) -> bool:
    shape = (film.width, film.height, film.fps)
    return film.header == encoder.header and shape == (encoder.width, encoder.height, encoder.fps)


def _runs(flags: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """First and one after the last of each row of true ones."""
    first = None
    for number, flag in enumerate((*flags, False)):
        if flag and first is None:
            first = number
        elif not flag and first is not None:
            yield first, number
            first = None
