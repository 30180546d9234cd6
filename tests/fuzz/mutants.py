"""Inputs that are almost right, for as long as there is time.

``FUZZ_SECONDS`` is how long each target is tried (a second or two in a usual run), ``FUZZ_SEED`` where chance begins.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator, Sequence
from typing import Final

SECONDS: Final = float(os.environ.get("FUZZ_SECONDS", "2"))
SEED: Final = int(os.environ.get("FUZZ_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 31)
_ODD: Final = (0, 1, 0x7F, 0x80, 0xFF)
_LONGEST: Final = 1 << 20


def mutants(seeds: Sequence[bytes], *, seconds: float = SECONDS) -> Iterator[tuple[str, bytes]]:
    """Changed copies of ``seeds`` until the time is up, at least fifty, each with a name by which it can be made again."""
    until, number = time.monotonic() + seconds, 0
    while number < 50 or time.monotonic() < until:
        name = f"FUZZ_SEED={SEED} number {number}"
        yield name, mutant(seeds, random.Random(SEED * 1_000_003 + number))
        number += 1


def mutant(seeds: Sequence[bytes], chance: random.Random) -> bytes:
    """One of ``seeds``, changed in a few places."""
    data = bytearray(chance.choice(seeds))
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        _change(data, seeds, chance)
    return bytes(data[:_LONGEST])


def _change(data: bytearray, seeds: Sequence[bytes], chance: random.Random) -> None:
    at = chance.randrange(len(data) + 1)
    span = chance.choice((1, 2, 4, 16, 256))
    match chance.randrange(7):
        case 0 if at < len(data):
            data[at] ^= 1 << chance.randrange(8)
        case 1:
            data[at : at + span] = bytes([chance.choice(_ODD)]) * min(span, len(data) - at)
        case 2:
            del data[at : at + span]
        case 3:
            data[at:at] = data[at : at + span] * chance.choice((1, 3, 50))
        case 4:
            other = chance.choice(seeds)
            begin = chance.randrange(len(other) + 1)
            data[at:at] = other[begin : begin + span]
        case 5:
            data[at : at + 4] = chance.choice((0, 1, 2**31 - 1, 2**31, 2**32 - 1)).to_bytes(4, chance.choice(("big", "little")))
        case _:
            del data[at:]
