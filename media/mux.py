"""Pictures and sound into one MP4, packet by packet: nothing is decoded or encoded."""

from collections.abc import Iterator, Mapping
from heapq import merge
from pathlib import Path
from types import MappingProxyType

import av
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.stream import Stream

from campaign.errors import FinishError

NO_METADATA: Mapping[str, str] = MappingProxyType({})
MP4_OPTIONS = {"movflags": "+faststart+use_metadata_tags"}
"""Without use_metadata_tags the MP4 muxer drops keys that it does not know, AIGC among them."""
_FORMATS = {".mp4": "mp4", ".mov": "mov"}
_APPLE = "hvc1"
"""The name of HEVC without which Apple's players do not open it; a copy would get FFmpeg's own, hev1."""
UNDECODED = {"skip_frame": "all"}
"""FFmpeg decodes a picture to learn a stream's format, which the MP4 says by itself; 10 ms at 720p."""


def join(pictures: Path, sound: Path | None, target: Path, metadata: Mapping[str, str] = NO_METADATA) -> None:
    """Write the video stream of ``pictures`` and the sound stream of ``sound`` to ``target``, interleaved.

    A ``.mov`` becomes QuickTime, an ``.mp4`` MP4.

    Raises:
        FinishError: a file lacks its stream or the container refused; carries FFmpeg's words.
    """
    try:
        with (
            av.open(str(pictures), stream_options=[UNDECODED]) as seen,  # type: ignore[list-item]  # Typed as text.
            av.open(str(target), "w", format=_FORMATS[target.suffix], options=MP4_OPTIONS) as container,
        ):
            container.metadata.update(metadata)
            if not seen.streams.video:
                raise FinishError(f"pictures of {pictures.name}", "the file has no video stream.")
            streams = [_copied(seen, seen.streams.video[0], container)]
            if sound is None:
                _write(container, streams)
                return
            with av.open(str(sound)) as heard:
                if not heard.streams.audio:
                    raise FinishError(f"sound of {sound.name}", "the file has no sound stream.")
                streams.append(_copied(heard, heard.streams.audio[0], container))
                _write(container, streams)
    except (av.FFmpegError, OSError) as error:
        what = f"{target.name} from {pictures.name}" + (f" and {sound.name}" if sound else "")
        raise FinishError(what, str(error)) from error


def packets(container: InputContainer, stream: Stream) -> "Iterator[Packet[Stream]]":
    """The stream's packets in order of decoding, without the empty one that ends them."""
    return (packet for packet in container.demux(stream) if packet.size)


_Timed = tuple[float, int, "Packet[Stream]"]
"""The second at which a packet is decoded, which input it is of, and it."""


def _copied(source: InputContainer, stream: Stream, target: OutputContainer) -> Iterator[_Timed]:
    # Opaque: it is named by its codec and not by the decoder, which need not have an encoder of its name.
    copy = target.add_stream_from_template(stream, opaque=True)
    if stream.codec_context.codec_tag == _APPLE:
        copy.codec_context.codec_tag = _APPLE
    tick, place = float(stream.time_base or 0), copy.index

    def timed() -> Iterator[_Timed]:
        for packet in packets(source, stream):
            packet.stream = copy
            yield (packet.dts or 0) * tick, place, packet

    return timed()


def _write(container: OutputContainer, streams: list[Iterator[_Timed]]) -> None:
    for _, _, packet in merge(*streams, key=lambda timed: timed[:2]):
        container.mux(packet)
