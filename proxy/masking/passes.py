"""The kinds of looking that a policy can ask for."""

from __future__ import annotations

from enum import StrEnum


class Pass(StrEnum):
    """One kind of looking at a picture."""

    FACES = "faces"
    """Cheap, on every frame."""
    LARGE_FACES = "large-faces"
    """Faces at a larger input, so smaller faces; at least once per look-back window."""
    BODIES = "bodies"
    """Whole persons; at least once per look-back window."""
