"""One line through espeak-ng in a process of its own; run by path, knows nothing of this project.

espeak keeps state in globals that no call of its own resets: the same line after another one has other
samples. A process that speaks one line and ends gives the same bytes every time.

Arguments: library, data folder, voice, words a minute, pitch, range. Text on standard input, UTF-8. Standard
output: a line of JSON (``rate``, and ``marks`` as [kind, position, milliseconds]), then 16-bit mono samples.
"""

import ctypes
import json
import sys
from ctypes import POINTER, c_char_p, c_int, c_short, c_uint, c_void_p

SYNCHRONOUS = 2
UTF8, END_PAUSE = 1, 0x1000
RATE, PITCH, RANGE, WORD_GAP = 1, 3, 4, 7


class Id(ctypes.Union):
    _fields_ = (("number", c_int), ("name", c_char_p), ("string", ctypes.c_char * 8))


class Event(ctypes.Structure):
    """``espeak_EVENT`` of speak_lib.h, API revision 12."""

    _fields_ = (
        ("type", c_int),
        ("unique_identifier", c_uint),
        ("text_position", c_int),
        ("length", c_int),
        ("audio_position", c_int),
        ("sample", c_int),
        ("user_data", c_void_p),
        ("id", Id),
    )


def main() -> None:
    library_path, data, voice, *parameters = sys.argv[1:]
    text = sys.stdin.buffer.read() + b"\0"
    library = ctypes.CDLL(library_path)
    rate = library.espeak_Initialize(SYNCHRONOUS, 0, data.encode(), 0)
    if rate <= 0:
        sys.exit(f"espeak-ng did not start (code {rate}). Is its data folder whole?")
    pieces: list[bytes] = []
    marks: list[tuple[int, int, int]] = []

    def take(samples: ctypes._Pointer, count: int, events: ctypes._Pointer) -> int:  # type: ignore[type-arg]
        if count > 0:
            pieces.append(ctypes.string_at(samples, 2 * count))
        index = 0
        while events[index].type:
            event = events[index]
            marks.append((event.type, event.text_position - 1, event.audio_position))
            index += 1
        return 0

    callback = ctypes.CFUNCTYPE(c_int, POINTER(c_short), c_int, POINTER(Event))(take)
    library.espeak_SetSynthCallback(callback)
    library.espeak_ng_SetRandSeed(1)
    if library.espeak_SetVoiceByName(voice.encode()):
        sys.exit(f"espeak-ng has no voice {voice}.")
    for parameter, value in zip((RATE, PITCH, RANGE, WORD_GAP), (*map(int, parameters), 0), strict=True):
        library.espeak_SetParameter(parameter, value, 0)
    if library.espeak_Synth(text, len(text), 0, 1, 0, UTF8 | END_PAUSE, None, None):
        sys.exit("espeak-ng refused the line.")
    head = json.dumps({"rate": rate, "marks": marks})
    sys.stdout.buffer.write(head.encode() + b"\n" + b"".join(pieces))


if __name__ == "__main__":
    main()
