"""Where faces are in a picture, by OpenCV's YuNet, whose model is a file of the machine's."""

from pathlib import Path

import cv2
import numpy as np

from campaign.errors import FinishError
from campaign.file_cache import cached_by_file
from media.planes import Bytes

_SIDE = 480
"""Pixels of the longer side at which faces are looked for; one of a twelfth of the picture is 40 wide."""
_SURE = 0.75
"""Score from which it is a face (YuNet's is 0 to 1; OpenCV's sample takes 0.9, which misses turned heads)."""

Box = tuple[float, float, float, float]
"""Left, top, right, bottom, as shares of width and height."""


class FaceFinder:
    """One model, loaded once a process."""

    def __init__(self, model: Path) -> None:
        self._model = model

    def find(self, picture: Bytes) -> list[Box]:
        """Faces in (height, width, 3) RGB, the largest first.

        Raises:
            FinishError: the model is not there or cannot be loaded.
        """
        if not self._model.is_file():
            raise FinishError(f"face model {self._model}", "it is not there. Correct face_model.")
        scale = min(_SIDE / max(picture.shape[:2]), 1.0)
        height, width = (max(round(side * scale), 32) for side in picture.shape[:2])
        small = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
        network = _loaded(self._model)
        network.setInputSize((width, height))
        _, rows = network.detect(np.ascontiguousarray(small[..., ::-1]))
        if rows is None:
            return []
        boxes = [
            (max(x / width, 0.0), max(y / height, 0.0), min((x + w) / width, 1.0), min((y + h) / height, 1.0))
            for x, y, w, h in rows[:, :4].tolist()
        ]
        return sorted(boxes, key=lambda box: (box[0] - box[2]) * (box[3] - box[1]))


@cached_by_file(2)
def _loaded(model: Path) -> cv2.FaceDetectorYN:
    try:
        return cv2.FaceDetectorYN.create(str(model), "", (320, 320), _SURE)
    except cv2.error as error:
        raise FinishError(f"face model {model.name}", f"it cannot be loaded: {str(error)[:200]}") from error
