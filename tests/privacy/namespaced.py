"""Runs a command in a network namespace of its own, which leads nowhere but to a wire that is listened to.

``python namespaced.py LOG COMMAND…``, as root: every packet that leaves, on loopback and on the wire, is a line of ``LOG``:
interface, protocol, address, our port, its port. The wire looks like the way to the whole world, name server included.
"""

from __future__ import annotations

import ctypes
import os
import socket
import struct
import subprocess
import sys
import threading
from pathlib import Path
from typing import Final, TextIO

NEW_NETWORK: Final = 0x40000000
NEW_MOUNTS: Final = 0x00020000
OUTGOING: Final = 4
WIRE: Final = """
link set lo up
link add wire type veth peer name far
link set wire up
link set far up
addr add 10.77.0.2/24 dev wire
neigh add 10.77.0.1 lladdr 02:00:00:00:00:01 dev wire
route add default via 10.77.0.1
"""


def separate() -> None:
    """Leave the network, and the mounts so that the name server can be another one."""
    if ctypes.CDLL(None, use_errno=True).unshare(NEW_NETWORK | NEW_MOUNTS) != 0:
        raise OSError(ctypes.get_errno(), "no namespaces here")
    Path("/proc/sys/net/ipv6/conf/default/disable_ipv6").write_text("1")
    for line in WIRE.strip().splitlines():
        subprocess.run(["ip", *line.split()], check=True)
    resolver = Path("/tmp/veilcast-test-resolv.conf")  # noqa: S108
    resolver.write_text("nameserver 10.77.0.1\noptions timeout:1 attempts:1\n")
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    subprocess.run(["mount", "--bind", str(resolver), "/etc/resolv.conf"], check=True)


def listen(log: TextIO) -> None:
    """Write down every packet that goes out, for ever."""
    wires = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0003))
    while True:
        packet, (interface, protocol, kind, *_) = wires.recvfrom(65_535)
        if kind == OUTGOING and interface != "far":
            log.write(f"{interface} {described(protocol, packet)}\n")
            log.flush()


def described(protocol: int, packet: bytes) -> str:
    """Protocol, address and both ports of an IPv4 packet, or what else it is."""
    if protocol != 0x0800:
        return f"protocol {protocol:#06x}"
    length, kind = (packet[0] & 15) * 4, packet[9]
    address = socket.inet_ntoa(packet[16:20])
    if kind not in (6, 17):
        return f"ip {kind} {address}"
    ours, theirs = struct.unpack_from("!HH", packet, length)
    return f"{'tcp' if kind == 6 else 'udp'} {address} {ours} {theirs}"


def main() -> None:
    separate()
    with Path(sys.argv[1]).open("w") as log:
        threading.Thread(target=listen, args=(log,), daemon=True).start()
        done = subprocess.run(sys.argv[2:])
        os._exit(done.returncode)


if __name__ == "__main__":
    main()
