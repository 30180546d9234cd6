"""A row of the ledger, as it is written and read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

Row = tuple[int, int, str, str, str, str, str, str, str]


@dataclass(frozen=True, slots=True)
class Entry:
    """One row: ``subject`` is what it is about, ``actor`` who did it."""

    seq: int
    at_ms: int
    kind: str
    subject: str
    actor: str
    detail: Mapping[str, object]
    prev: str
    hash: str
    signature: str

    @classmethod
    def of(cls, row: Row) -> Entry:
        """The entry in a row.

        Raises:
            ValueError, TypeError: its detail is no JSON object.
        """
        return cls(*row[:5], dict(json.loads(row[5])), *row[6:])

    def document(self) -> dict[str, object]:
        """What is hashed."""
        return {
            "seq": self.seq,
            "at_ms": self.at_ms,
            "kind": self.kind,
            "subject": self.subject,
            "actor": self.actor,
            "detail": dict(self.detail),
            "prev": self.prev,
        }

    def whole(self) -> dict[str, object]:
        """All of it, as JSON takes it; :meth:`told` reads it back."""
        return {**self.document(), "hash": self.hash, "signature": self.signature}

    @classmethod
    def told(cls, whole: object) -> Entry:
        """The entry that :meth:`whole` told.

        Raises:
            ValueError, TypeError: it is none.
        """
        if not isinstance(whole, dict):
            raise TypeError("an entry is a JSON object")
        return cls(**whole)
