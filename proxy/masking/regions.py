"""From tracks to what is covered: padding, heads on bodies, bodies under faces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from proxy.masking.plan import CoverRegions
from proxy.masking.policy import MaskPolicy, Pads, Target
from proxy.vision.boxes import merged
from proxy.vision.detections import Label

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

HEAD_WIDTHS: Final = 0.85
"""How far a head reaches down a person's box, in widths of that box (96 of 100 on labelled pedestrians, seen from above;
97 with the bounds below, before padding)."""
HEAD_HEIGHTS: Final = (0.26, 0.75)
"""The least and the most of that in heights: slim boxes are whole people, broad ones are people cut off below."""
FACE_SHAPE: Final = 0.72
"""Width of a face's box in heights of it, in the middle of 744 photographs of 62 people."""
LEAST_SHARE: Final = 0.9
"""What is left at least of a side of a face's box."""
TORSO_HEADS: Final = (3.0, 7.0)
"""Width and height of a person in heads, taken from below the top of the head."""
TORSO_SIGHTINGS: Final = 3
"""So often a face must have been seen for sure before a body is guessed: a guess is large, and false faces are weak or brief."""
TORSO_OVERLAP: Final = 0.5
"""A face whose box lies in bodies by this share needs no guessed body."""
MERGE_SHARE: Final = 0.75
MERGE_GROWTH: Final = 1.2
"""A region of which so much lies in a larger one becomes part of it, where that grows no more than so: parts of one person that
different looks found."""


@dataclass(frozen=True, slots=True)
class Covered:
    """N things of one kind at one moment.

    Attributes:
        xyxy: ``(N, 4)`` float64 pixels.
        track_id: ``(N,)`` int64.
        sure: ``(N,)`` int64, how often each was seen for sure, before the moment and after.
        feet: ``(N, 4)`` float64 pixels, boxes in which their lower ends are.
        between: ``(N,)`` whether each was seen before the moment, or at it, and after.
    """

    xyxy: F64
    track_id: I64
    sure: I64
    feet: F64
    between: NDArray[np.bool_]

    def where(self, mask: NDArray[np.bool_]) -> Covered:
        """Those of them where ``mask`` ``(N,)`` is true."""
        return Covered(self.xyxy[mask], self.track_id[mask], self.sure[mask], self.feet[mask], self.between[mask])

    @classmethod
    def nobody(cls) -> Covered:
        """None of them."""
        return cls(np.empty((0, 4)), np.empty(0, np.int64), np.empty(0, np.int64), np.empty((0, 4)), np.empty(0, np.bool_))


def regions(faces: Covered, bodies: Covered, policy: MaskPolicy) -> CoverRegions:
    """Everything that ``policy`` hides of these people; what lies for the most part in another region is hidden by that one."""
    found = parts_of(faces, bodies, policy)
    boxes, left = merged(found.xyxy, share=MERGE_SHARE, growth=MERGE_GROWTH)
    return CoverRegions(boxes[left], found.label[left], found.track[left])


def parts_of(faces: Covered, bodies: Covered, policy: MaskPolicy) -> CoverRegions:
    """The same, each part by itself."""
    parts: list[tuple[F64, I64, Label]] = []
    if Target.HEAD in policy.targets:
        parts.append((padded(alike(faces.xyxy), policy.head), faces.track_id, Label.HEAD))
    elif Target.FACE in policy.targets:
        parts.append((padded(alike(faces.xyxy), policy.face), faces.track_id, Label.FACE))
    if Target.BODY in policy.targets:
        parts.append((padded(bodies.xyxy, policy.body), bodies.track_id, Label.BODY))
        alone = ~inside(faces.xyxy, bodies.xyxy) & (faces.sure >= TORSO_SIGHTINGS)
        parts.append((below(faces.xyxy[alone]), faces.track_id[alone], Label.BODY))
    elif Target.HEAD in policy.targets:
        parts.append((padded(head_zone(bodies.xyxy), policy.zone), bodies.track_id, Label.HEAD))
    xyxy = np.concatenate([boxes for boxes, _, _ in parts]).astype(np.float32)
    label = np.concatenate([np.full(len(boxes), label, np.uint8) for boxes, _, label in parts])
    track = np.concatenate([ids for _, ids, _ in parts]).astype(np.int32)
    return CoverRegions(xyxy, label, track)


def alike(faces: F64) -> F64:
    """``(N, 4)`` each face's box in one proportion for all, for somebody's own would tell a patient observer who it is.

    Its area is the same, but that no side loses more than a tenth, nor gains more than half: a box that needs more is where two
    looks saw a face in two places.
    """
    middle, size = (faces[:, :2] + faces[:, 2:]) / 2, faces[:, 2:] - faces[:, :2]
    shape = np.array([FACE_SHAPE, 1 / FACE_SHAPE])
    equal = np.sqrt(size.prod(axis=1, keepdims=True) * shape)
    least = np.maximum(size, size[:, ::-1] * shape) * LEAST_SHARE
    half = np.minimum(np.maximum(equal, least), 1.5 * size) / 2
    return np.concatenate([middle - half, middle + half], axis=1)


def padded(xyxy: F64, pads: Pads) -> F64:
    """``(N, 4)`` boxes with room around them."""
    width, height = xyxy[:, 2] - xyxy[:, 0], xyxy[:, 3] - xyxy[:, 1]
    return xyxy + np.stack([-pads.left_right * width, -pads.up * height, pads.left_right * width, pads.down * height], axis=1)


def head_zone(bodies: F64) -> F64:
    """``(N, 4)`` the part at the top of each body's box where its head is."""
    width, height = bodies[:, 2] - bodies[:, 0], bodies[:, 3] - bodies[:, 1]
    reach = np.clip(HEAD_WIDTHS * width, HEAD_HEIGHTS[0] * height, HEAD_HEIGHTS[1] * height)
    return np.stack([bodies[:, 0], bodies[:, 1], bodies[:, 2], bodies[:, 1] + reach], axis=1)


def below(faces: F64) -> F64:
    """``(N, 4)`` the body that must be under each face, though nobody saw it."""
    width, height = faces[:, 2] - faces[:, 0], faces[:, 3] - faces[:, 1]
    middle = (faces[:, 0] + faces[:, 2]) / 2
    half = TORSO_HEADS[0] * width / 2
    return np.stack([middle - half, faces[:, 1], middle + half, faces[:, 1] + TORSO_HEADS[1] * height], axis=1)


def inside(faces: F64, bodies: F64) -> NDArray[np.bool_]:
    """``(N,)`` whether a body's box holds enough of each face."""
    corner = np.maximum(faces[:, None, :2], bodies[None, :, :2])
    sides = np.clip(np.minimum(faces[:, None, 2:], bodies[None, :, 2:]) - corner, 0, None)
    area = (faces[:, 2:] - faces[:, :2]).prod(axis=1)
    held: NDArray[np.bool_] = (sides.prod(axis=2) >= TORSO_OVERLAP * area[:, None]).any(axis=1)
    return held
