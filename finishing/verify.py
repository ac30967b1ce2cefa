"""Reading a finished rendition back before it may be published."""

from finishing.inspect import Inspection
from finishing.labels import AigcLabel
from finishing.rendition import RenditionFacts
from finishing.sound import CEILING, TARGET, TOLERANCE


def verify_rendition(
    seen: Inspection, expected: RenditionFacts, metadata: AigcLabel | None
) -> tuple[str, ...]:
    """Everything in which the file differs from what was made and from what a delivery must be.

    ``seen`` is the finished file, inspected with ``expected.label_box``. ``metadata`` is the implicit label
    that it must carry; None where the campaign has no producer code, and then its absence is the caller's to
    report.
    """
    problems = list(seen.findings)
    video = seen.media.video
    if video is None:
        return tuple(problems)
    if (video.width, video.height) != (expected.width, expected.height):
        problems.append(
            f"It is {video.width}x{video.height}, but {expected.width}x{expected.height} was made."
        )
    if video.num_frames != expected.num_frames or video.fps != expected.fps:
        problems.append(
            f"It has {video.num_frames} frames at {float(video.fps):g} a second, "
            f"but {expected.num_frames} at {expected.fps} were made."
        )
    heard = seen.loudness
    if heard is not None and heard.integrated > float("-inf"):
        if abs(heard.integrated - TARGET) > TOLERANCE:
            problems.append(f"Its loudness is {heard.integrated:.1f} LUFS, not {TARGET:g} ± {TOLERANCE:g}.")
        if heard.true_peak > CEILING:
            problems.append(f"Its true peak is {heard.true_peak:.1f} dBTP; {CEILING:g} is the most.")
    if seen.labels.visible_problem:
        problems.append(f"Visible AI label: {seen.labels.visible_problem}")
    if metadata is not None and seen.labels.aigc != metadata:
        problems.append(f"AIGC metadata: {seen.labels.aigc_problem or 'It is not the one that was written.'}")
    return tuple(dict.fromkeys(problems))
