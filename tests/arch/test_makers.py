"""Sealed types are made by their owners and raw pictures by sources: the source says so, and every planted breach is red."""

from __future__ import annotations

import pytest

from tests.arch.makers import breaches, modules

PLANTED = [
    ("proxy/sinks/planted.py", "EncodedPacket._create(b'')"),
    ("proxy/pipeline/planted.py", "AnonymisedFrame._create(raw)  # noqa: SLF001"),
    ("proxy/pipeline/planted.py", "getattr(AnonymisedFrame, '_create')(raw)"),
    ("proxy/pipeline/planted.py", "make = AnonymisedFrame._create"),
    ("proxy/pipeline/planted.py", "AnonymisedFrame(raw.format)"),
    ("proxy/pipeline/planted.py", "anonymiser.ReleasedAudio(raw.samples)"),
    ("proxy/pipeline/planted.py", "object.__new__(AnonymisedFrame)"),
    ("proxy/encoding/planted.py", "object.__setattr__(frame, '_view', raw)"),
    ("proxy/encoding/planted.py", "picture = frame.reformat(640, 360)"),
    ("proxy/detectors/planted.py", "RawFrame(planes, shape, 0, None, 0)"),
    ("proxy/platform/relay.py", "from proxy.encoding.packet import make_packet as made  # noqa: TID251"),
    ("proxy/attestation/gops.py", "getattr(packet, 'make_packet')(data)"),
    ("proxy/attestation/passages.py", "packet.make_packet(data)"),
    ("proxy/encoding/planted.py", "raw.RawAudio(samples, shape, 0)"),
]


@pytest.mark.parametrize(("place", "text"), PLANTED)
def test_a_planted_breach_is_red(place: str, text: str) -> None:
    assert breaches(place, text)


def test_the_tree_itself_is_green() -> None:
    assert {place: found for place, text in modules() if (found := breaches(place, text))} == {}


def test_owners_may_make_what_they_own() -> None:
    assert breaches("proxy/anonymiser.py", "AnonymisedFrame._create(raw)") == []
    assert breaches("proxy/attestation/passage.py", "make_packet(data)") == []
    assert breaches("proxy/sources/planted.py", "RawFrame(planes, shape, 0, None, 0)") == []
