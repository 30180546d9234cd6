"""The kinds of looking that a policy can ask for."""

from __future__ import annotations

from enum import StrEnum


class Pass(StrEnum):
    """One kind of looking at a picture. Every picture gets a glance; what the glance finds decides when the others are due."""

    FACES = "faces"
    """Faces in the whole picture."""
    BODIES = "bodies"
    """Whole persons in the whole picture."""
    DETAIL = "detail"
    """Faces and persons too small for the others, in the parts of the picture that ask for it."""
