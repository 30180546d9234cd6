"""How long a gateway's kill switch takes, from the call to the last picture of the scene that reaches the platform's viewers.

Real publishers at a real ingest (nginx-rtmp), a real ``veilcast gateway``, and a player at each camera. The call is made by HTTP
for a camera, a publisher and everything in turn; players note when each packet came, and it is decoded afterwards. What is
anonymised at the gateway is published by ffmpeg; what is sent on as proven comes from boxes that sign the raw clip, so that
whatever passes shows the scene.
"""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.viewer import Viewer, viewing
from tests.peers.ingest import Ingest
from tests.peers.lying_box import lying_box
from tests.platform.running import CAFE, STREET, Gateway, publishing, until

CAMERAS: Final = ("door", "yard")
CLIP: Final = STREET.with_name("vfr.mp4")
PLACES: Final = {"camera": "camera/door", "publisher": "publisher/acme", "all": "all/all"}
AFTER_S: Final = 2.0
"""How long is watched after a call."""
GOP_S: Final = 2.0
"""As long as boxes sign at a time, unless told otherwise."""
SEED: Final = 8


@dataclass(frozen=True, slots=True)
class Call:
    """One call: when it was made and answered, monotonic seconds, and whom it was about."""

    scope: str
    action: str
    made: float
    answered: float
    cameras: tuple[str, ...]
    admitted: frozenset[str]


@dataclass(frozen=True, slots=True)
class Boxes:
    """Boxes whose streams are sent on as proven: the key with which they sign, and where they keep what they sent."""

    key: Path
    folder: Path


def measured(gateway: Gateway, ingest: Ingest, *, times: int, boxes: Boxes | None = None) -> dict[str, object]:
    """The figures of ``times`` calls of each kind, and what is seen of a gateway that is killed while everything is covered.

    Args:
        gateway, ingest: what is measured.
        times: calls of each kind.
        boxes: who publishes what is sent on as proven; without them, what is anonymised at the gateway is measured.
    """
    chance = random.Random(SEED)  # noqa: S311 - it chooses moments
    with ExitStack() as stack:
        token = gateway.register("acme", *CAMERAS, admission="verify" if boxes else None)
        for name in CAMERAS:
            stack.enter_context(_publishing(ingest.url(name, token), name, boxes))
        viewers = {name: stack.enter_context(viewing(ingest.live(name))) for name in CAMERAS}
        kinds = [(action, scope) for action in ("cover", "cut") for _ in range(times) for scope in PLACES]
        calls = [_called(gateway, viewers, scope, action, pause_s=chance.uniform(0, GOP_S)) for action, scope in kinds]
        restart = _killed_while_covered(gateway, viewers)
    shown = {name: viewer.shown() for name, viewer in viewers.items()}
    told: dict[str, object] = {}
    for action in ("cover", "cut"):
        chosen = [call for call in calls if call.action == action]
        told[action] = {
            "calls": len(chosen),
            "admitted_as": sorted(set().union(*(call.admitted for call in chosen))),
            "answered_after_ms": _spread([(call.answered - call.made) * 1000 for call in chosen]),
            "last_picture_after_ms": _spread([_last_ms(call, shown[name]) for call in chosen for name in call.cameras]),
            "pictures_after_the_answer": sum(
                _after(call.answered, call.made + AFTER_S, shown[name]) for call in chosen for name in call.cameras
            ),
        }
    began, ended = restart
    told["killed_while_covered"] = {
        "seconds": round(ended - began, 1),
        "pictures": sum(began < at < ended for rows in shown.values() for at, _ in rows),
        "pictures_of_the_scene": sum(_after(began, ended, rows) for rows in shown.values()),
    }
    return told


def _publishing(url: str, name: str, boxes: Boxes | None) -> AbstractContextManager[object]:
    if boxes is None:
        return publishing(url, CLIP)
    return lying_box(CAFE, url, key=boxes.key, camera=name, sent=boxes.folder / f"{name}.h264", gop_s=GOP_S)


def _called(gateway: Gateway, viewers: dict[str, Viewer], scope: str, action: str, *, pause_s: float) -> Call:
    """Wait until viewers see pictures again and any part of a group more, switch, watch, and lift the switch."""
    _until_seen(gateway, viewers)
    time.sleep(pause_s)
    admitted = frozenset(str(stream["admission"]) for stream in gateway.streams())
    path = f"/api/switches/{PLACES[scope]}"
    made = time.monotonic()
    gateway.call("PUT", path, {"action": action})
    answered = time.monotonic()
    time.sleep(AFTER_S)
    gateway.call("DELETE", path)
    return Call(scope, action, made, answered, CAMERAS[:1] if scope == "camera" else CAMERAS, admitted)


def _until_seen(gateway: Gateway, viewers: dict[str, Viewer]) -> None:
    """Wait until new pictures of each scene have been sent and have come."""
    sent = {name: gateway.shown(name) for name in viewers}
    _grown(gateway, {name: _shown_by(gateway, name) for name in viewers}, {name: count + 3 for name, count in sent.items()})
    came = {name: len(viewer.came) for name, viewer in viewers.items()}
    _grown(gateway, {name: _came_to(viewer) for name, viewer in viewers.items()}, {name: count + 3 for name, count in came.items()})


def _grown(gateway: Gateway, counted: dict[str, Callable[[], int]], enough: dict[str, int]) -> None:
    until(lambda: all(count() >= enough[name] for name, count in counted.items()), within_s=300, why=gateway.log.read_text)


def _shown_by(gateway: Gateway, name: str) -> Callable[[], int]:
    return lambda: gateway.shown(name)


def _came_to(viewer: Viewer) -> Callable[[], int]:
    return lambda: len(viewer.came)


def _killed_while_covered(gateway: Gateway, viewers: dict[str, Viewer]) -> tuple[float, float]:
    """Cover everything, kill the gateway, start it again, and watch until its pictures come."""
    _until_seen(gateway, viewers)
    gateway.call("PUT", f"/api/switches/{PLACES['all']}", {"action": "cover"})
    began = time.monotonic() + 0.5
    time.sleep(0.5)
    gateway.end(signal.SIGKILL)
    gateway.start()
    _grown(gateway, {name: lambda name=name: gateway.sent(name) for name in viewers}, dict.fromkeys(viewers, 25))  # type: ignore[misc]
    return began, time.monotonic()


def _last_ms(call: Call, shown: list[tuple[float, bool]]) -> float:
    """From the call to the last picture of the scene that came because of what was before it; 0 where none came."""
    late = [at for at, scene in shown if scene and call.made < at < call.made + AFTER_S]
    return (max(late) - call.made) * 1000 if late else 0.0


def _after(begin: float, end: float, shown: list[tuple[float, bool]]) -> int:
    return sum(scene and begin < at < end for at, scene in shown)


def _spread(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {"median": round(ordered[len(ordered) // 2], 1), "worst": round(ordered[-1], 1)}
