"""Makes the sample clips and their ground truth: ``python -m sample_videos.make [NAME …]``.

Needs what the project itself needs, and the cut-outs in ``faces/``; ``sample_videos.cutouts`` says where those come from.
The same program gives the same pictures every time; another build of x264 may code them into other bytes.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from sample_videos.film import TICKS, Shot, write
from sample_videos.scenes import Scene, cafe, street
from sample_videos.stage import Actor, picture

HERE: Final = Path(__file__).parent

STREET_S: Final = 12
STREET: Final = (
    Actor(
        1,
        "obama",
        (
            (-6.0, -13.0, 15.0),
            (0.0, -3.6, 15.0),
            (2.0, -1.6, 13.0),
            (6.2, -0.6, 6.0),
            (8.8, -0.2, 2.2),
            (9.6, -0.1, 1.9),
            (11.2, -2.4, 1.9),
        ),
        ((0, 0), (3.6, 0), (4.2, 40), (4.9, 0)),
    ),
    Actor(
        2,
        "collins",
        ((0.6, 11.0, 9.0), (4.5, 4.0, 7.0), (7.0, 0.6, 6.4), (9.5, -3.0, 7.4), (13.0, -9.6, 9.0)),
        ((0, 0), (5.0, 0), (5.6, 55), (6.6, 55), (7.2, 0)),
    ),
    Actor(
        3,
        "hopper",
        ((-4.5, 8.5, 9.6), (-0.5, 2.2, 9.0), (3.0, 0.9, 7.4), (6.0, 1.5, 4.6), (8.6, 2.0, 3.0), (10.6, 3.9, 2.6)),
        scale=0.94,
    ),
    Actor(
        4,
        "biden",
        ((0.0, -6.5, 5.6), (3.4, -2.0, 6.4), (6.0, 0.8, 8.0), (12.0, 5.5, 13.5), (17.0, 12.5, 14.5)),
        ((0, 0), (8.0, 0), (8.6, 170), (9.4, 170), (10.0, 0)),
        scale=1.03,
    ),
    Actor(5, "obama_speech", ((0.0, 8.9, 11.5), (12.0, -9.6, 12.5))),
)
CAFE: Final = (
    Actor(
        1,
        "hopper",
        ((0.0, -1.0, 2.75),),
        ((0, 0), (1.5, 0), (2.4, 60), (3.4, 60), (4.6, -70), (5.6, -70), (6.4, 0)),
        scale=0.94,
        sits=0.42,
    ),
    Actor(2, "obama", ((0.0, 0.2, 4.9),), ((0, -25), (2.0, -25), (3.5, 175), (5.0, 175), (6.5, -25)), sits=0.42),
    Actor(
        3,
        "collins",
        ((0.0, 3.4, 2.5), (3.2, 0.2, 2.2), (4.6, -0.4, 2.1), (7.6, -3.0, 2.6)),
        ((0, 0), (2.4, 0), (3.2, 70), (4.4, 70), (5.2, 0)),
    ),
    Actor(4, "biden", ((0.0, 1.75, 3.4), (3.0, 1.65, 3.2), (8.0, 1.8, 3.4)), ((0, -40), (4.0, 0), (6.0, 30))),
)


def _shots(
    scene: Scene,
    actors: Sequence[Actor],
    ticks: Sequence[int],
    *,
    seed: int,
    shake: float = 0.0,
    noise: float = 1.5,
    light: Callable[[float], float] = lambda _: 1.0,
) -> Iterator[Shot]:
    """The scene at each of ``ticks``, from a camera that shakes (pixels) and is noisy (levels) under a light that may change."""
    random = np.random.default_rng(seed)
    start = ticks[0]
    for tick in ticks:
        seconds = (tick - start) / TICKS
        shift = tuple(
            float(shake * (np.sin(2 * np.pi * 13 / 12 * seconds + k) + 0.6 * np.sin(2 * np.pi * 33 / 12 * seconds + 2 * k)))
            for k in (0, 1)
        )
        clean, truth = picture(scene, actors, seconds, (shift[0], shift[1]))
        height, width = clean.shape[:2]
        grain = cv2.resize(random.normal(0, noise, (height // 2, width // 2)).astype(np.float32), (width, height))
        yield Shot(tick, np.clip(clean * np.float32(light(seconds)) + grain[..., None], 0, 255).astype(np.uint8), truth)


def _looped(actors: Sequence[Actor], period_s: float) -> list[Actor]:
    """``actors`` once for every round of ``period_s`` that their ways reach into, each with an id of its own."""
    rounds = []
    for actor in actors:
        first, last = actor.marks[0][0], actor.marks[-1][0]
        for number in range(int(np.floor(first / period_s)), int(np.ceil(last / period_s))):
            back = number * period_s
            rounds.append(
                replace(
                    actor,
                    id=actor.id + 10 * (number % 3),
                    marks=tuple((seconds - back, x, z) for seconds, x, z in actor.marks),
                    looks=tuple((seconds - back, degrees) for seconds, degrees in actor.looks),
                    shown=(first - back, last - back),
                )
            )
    return rounds


def _steady(seconds: float, fps: int, start: int = 0) -> list[int]:
    return [start + round(k * TICKS / fps) for k in range(round(seconds * fps))]


def make_street(path: Path) -> None:
    """Five people cross a street for 12 s: towards the camera, past a pillar, turning; its end goes on with its beginning."""
    write(
        path,
        _shots(street(1280, 720, 3), _looped(STREET, STREET_S), _steady(STREET_S, 25), seed=1, shake=0.5),
        fps=25,
        crf=27,
        sound_s=STREET_S,
    )


def make_cafe(path: Path) -> None:
    """Four people near the camera turn their heads; one passes behind a column; the light is dimmed half way."""

    def light(seconds: float) -> float:
        return float(np.interp(seconds, [0, 3.8, 4.6, 8], [1.0, 1.0, 0.55, 0.55]))

    write(path, _shots(cafe(960, 540, 4), CAFE, _steady(8, 25), seed=2, noise=2.0, light=light), fps=25, crf=26)


def make_cuts(path: Path) -> None:
    """Five scenes with hard cuts, 960x540; in three of them somebody is there for three frames only."""
    frame = 1 / 25
    plan: list[tuple[Scene, tuple[Actor, ...], float]] = [
        (street(960, 540, 11), STREET[:3], 1.6),
        (cafe(960, 540, 12), (Actor(7, "collins", ((0.0, -0.5, 3.0),), shown=(0.6, 0.6 + 2.9 * frame)),), 1.2),
        (
            street(960, 540, 13, traffic=False),
            (
                Actor(8, "biden", ((0.0, -0.8, 4.5), (1.0, -0.5, 4.2)), shown=(0.0, 2.9 * frame)),
                Actor(9, "hopper", ((0.0, 1.9, 7.5), (2.0, -1.0, 7.5))),
            ),
            1.6,
        ),
        (cafe(960, 540, 14), CAFE[1:3], 0.12),
        (
            street(960, 540, 15),
            (
                Actor(10, "obama_speech", ((0.0, 2.2, 6.0), (2.0, 1.4, 4.4)), shown=(0.8, 0.8 + 2.9 * frame)),
                Actor(11, "obama", ((0.0, -2.4, 9.0), (2.0, -1.6, 6.5))),
            ),
            1.6,
        ),
    ]

    def shots() -> Iterator[Shot]:
        start = 0
        for number, (scene, actors, seconds) in enumerate(plan):
            ticks = _steady(seconds, 25, start)
            yield from _shots(scene, actors, ticks, seed=20 + number)
            start = ticks[-1] + TICKS // 25

    write(path, shots(), fps=25, crf=27)


def make_empty(path: Path) -> None:
    """A street without people: cars pass, trees sway, the light comes and goes."""

    def light(seconds: float) -> float:
        return 0.85 + 0.15 * float(np.cos(2 * np.pi * seconds / 6))

    write(path, _shots(street(1280, 720, 5), (), _steady(6, 25), seed=3, shake=0.5, light=light), fps=25, crf=29)


def make_vfr(path: Path) -> None:
    """Pictures at uneven times from a camera on its side: 20 to 80 ms apart, with a quarter turn in the track header."""
    random = np.random.default_rng(6)
    ticks = np.concatenate([[0], np.cumsum(random.choice([256, 512, 1024], 89, p=[0.3, 0.5, 0.2]))]).tolist()
    actors = (
        Actor(1, "collins", ((0.0, -0.5, 4.4), (4.0, 0.1, 1.5))),
        Actor(2, "obama", ((0.0, 2.2, 4.4), (2.0, 0.7, 3.4), (4.0, -0.9, 2.4))),
    )
    write(path, _shots(street(360, 640, 7, traffic=False), actors, ticks, seed=4), fps=25, crf=26, turned=True)


MAKERS: Final = {"street": make_street, "cafe": make_cafe, "cuts": make_cuts, "empty": make_empty, "vfr": make_vfr}


def main(names: Sequence[str]) -> None:
    """Make the clips named, or all."""
    for name in names or MAKERS:
        path = HERE / f"{name}.mp4"
        MAKERS[name](path)
        print(f"{path.name}: {path.stat().st_size // 1024} KiB")


if __name__ == "__main__":
    main(sys.argv[1:])
