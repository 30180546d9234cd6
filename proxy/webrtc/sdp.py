"""Session descriptions, and the fragments of them that trickle in (RFC 8840). Pure.

Lines end wherever aiortc says that they end: what is one line here and two there would pass unseen.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from aiortc import RTCIceCandidate
from aiortc.sdp import candidate_from_sdp

LIMIT: Final = 1 << 16
"""The most bytes of a session description."""

_CANDIDATE: Final = "a=candidate:"
_DIRECTIONS: Final = frozenset({"sendrecv", "sendonly", "recvonly", "inactive"})
_END: Final = "a=end-of-candidates"


def kinds_of(description: str) -> tuple[str, ...]:
    """What each media section of ``description`` is for, in order: ``video``, ``audio``, ``application``."""
    lines = description.splitlines()
    return tuple(line[2:].partition(" ")[0] for line in lines if line.startswith("m="))


def directions_of(description: str) -> tuple[str, ...]:
    """Which way media flows in each section of ``description``, in order, as whoever wrote it says (RFC 8866, 6.7)."""
    session, *sections = "\n".join(description.splitlines()).split("\nm=")
    usual = _direction(session, "sendrecv")
    return tuple(_direction(section, usual) for section in sections)


def _direction(lines: str, usual: str) -> str:
    return next((line[2:] for line in lines.split("\n") if line.startswith("a=") and line[2:] in _DIRECTIONS), usual)


def named_by_address(description: str) -> str:
    """``description`` without candidates that are host names, which somebody would have to be asked about.

    Browsers hide their addresses behind such names; they are found all the same, because they call first. So that aioice waits
    for that, no description that lost a candidate says that it is complete.
    """
    lines = description.splitlines()
    kept = [line for line in lines if not line.startswith(_CANDIDATE) or _is_address(line)]
    if len(kept) != len(lines):
        kept = [line for line in kept if line != _END]
    return "".join(f"{line}\r\n" for line in kept)


def _is_address(line: str) -> bool:
    words = line.split()
    try:
        ipaddress.ip_address(words[4])
    except (IndexError, ValueError):
        return False
    return True


@dataclass(frozen=True, slots=True)
class Fragment:
    """What a trickle request says: candidates with addresses, whether they are all, and which ICE session they belong to."""

    candidates: tuple[RTCIceCandidate, ...]
    complete: bool
    username: str


def parse_fragment(text: str) -> Fragment:
    """The fragment in ``text``.

    Raises:
        ValueError: it is none.
    """
    lines = text.splitlines()
    usernames = {line.partition(":")[2] for line in lines if line.startswith("a=ice-ufrag:")}
    if len(usernames) > 1:
        raise ValueError("expected one a=ice-ufrag")
    return Fragment(tuple(_candidates(lines)), any(line == _END for line in lines), next(iter(usernames), ""))


def username_of(description: str) -> str:
    """The first ICE user name fragment in ``description``; empty when there is none."""
    lines = description.splitlines()
    return next((line.partition(":")[2] for line in lines if line.startswith("a=ice-ufrag:")), "")


def _candidates(lines: list[str]) -> Iterator[RTCIceCandidate]:
    mid: str | None = None
    index = -1
    for line in lines:
        if line.startswith("m="):
            mid, index = None, index + 1
        elif line.startswith("a=mid:"):
            mid = line.partition(":")[2]
        elif line.startswith(_CANDIDATE) and _is_address(line):
            candidate = _parsed(line)
            candidate.sdpMid, candidate.sdpMLineIndex = mid, None if mid is not None else max(index, 0)
            yield candidate


def _parsed(line: str) -> RTCIceCandidate:
    try:
        return candidate_from_sdp(line.removeprefix(_CANDIDATE))
    except (AssertionError, IndexError, ValueError) as error:
        raise ValueError("a candidate cannot be read") from error
