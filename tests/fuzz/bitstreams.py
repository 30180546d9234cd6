"""Walks one damaged input after the other through a real source, gate and encoder: ``python -m … FOLDER FIRST SECONDS``.

Says the number of each before it begins and ``ended`` after it, so that whoever listens knows what it was that crashed or hung.
Leaves with 9 when a canary was in what was sent.
"""

from __future__ import annotations

import asyncio
import os
import random
import resource
import sys
import time
from pathlib import Path

from tests.fuzz.mutants import SEED, mutant
from tests.privacy.canary import SEEN
from tests.privacy.test_inputs import walked

_MEMORY = 4 << 30


async def main(folder: Path, number: int, seconds: float) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    names = [folder / f"seed.{ending}" for ending in ("mkv", "mp4", "ts", "avi", "h264")]
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        chance = random.Random(SEED * 1_000_003 + number)
        chosen = chance.choice(names)
        path = folder / f"mutant{chosen.suffix}"
        path.write_bytes(mutant([chosen.read_bytes()], chance))
        say(f"{number} {chosen.name}")
        found = await walked(path)
        if found.seen >= SEEN:
            say("seen")
            os._exit(9)
        say("ended")
        number += 1
    say("done")


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
