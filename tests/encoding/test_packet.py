"""Packets are made by this package and by nobody else."""

import dataclasses

import pytest

from proxy.encoding.packet import EncodedPacket
from tests.programmes import STEP, encoded, every, pictures


def test_a_packet_has_no_public_constructor():
    with pytest.raises(TypeError, match="no public constructor"):
        EncodedPacket(b"", 0, 0, 1, True, True, None)


def test_a_packet_cannot_be_changed():
    packet = encoded(pictures(every(STEP, 1)))[0]
    with pytest.raises(dataclasses.FrozenInstanceError):
        packet.data = b"other"
    with pytest.raises(TypeError):
        dataclasses.replace(packet, data=b"other")
