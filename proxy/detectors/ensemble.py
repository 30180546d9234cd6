"""Several detectors that look at the same picture, as one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from proxy.detectors.protocol import Detector
from proxy.media.planes import Planes
from proxy.vision.detections import Detections
from proxy.vision.nms import nms_per_label

MAX_IOU: Final = 0.5


class Ensemble:
    """The union of what its members find; what several found is kept once, with the best score.

    It fails when any member fails: a picture that one of them did not see counts as not seen.
    """

    def __init__(self, members: Sequence[Detector]) -> None:
        if not members:
            raise ValueError("expected at least one detector, got none")
        self._members = tuple(members)
        self.name = "+".join(member.name for member in self._members)

    def detect(self, planes: Planes) -> Detections:
        """Everything that any member finds, in the picture's pixels.

        Raises:
            DetectorError: a member failed.
        """
        return nms_per_label(Detections.concatenate([member.detect(planes) for member in self._members]), max_iou=MAX_IOU)
