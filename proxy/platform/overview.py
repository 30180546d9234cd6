"""What the gateway's page is told: each registered camera, how it is in a sentence, what operators decided, and what was found."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Final

from proxy.control.sentences import Level, Sentence, Words, sentence
from proxy.gateway.admission import Action, Admission, Scope, switched
from proxy.gateway.entry import Entry
from proxy.gateway.gate import Gate, Stream
from proxy.gateway.ledger import alarms
from proxy.telemetry.events import Connection, Event, ProofJudged
from proxy.telemetry.status import CameraStatus, StatusBoard

REMEMBERED: Final = 60
"""So many groups of pictures of each camera are remembered as proven or not."""
FINDINGS: Final = 50

_NOTHING: Final = Words("", "")
_ABSENT: Final = Sentence(Level.WAIT, Words("Nobody publishes this camera now.", "目前无人推流此摄像机。"))
_REVOKED: Final = Sentence(
    Level.WAIT,
    Words("Its publisher is revoked and may not publish.", "其发布者已被吊销，不能推流。"),
)
_CUT: Final = Sentence(
    Level.WAIT,
    Words("Cut by an operator: nothing is sent on.", "已由操作员切断：不转发任何内容。"),
    Words("Lift the cut when the reason is gone; the stream then goes on.", "原因消除后请解除切断，推流将继续。"),
)
_COVERED: Final = Sentence(
    Level.WAIT,
    Words("Covered by an operator: nothing of the picture is sent on.", "已由操作员遮盖：画面内容不会被转发。"),
    Words("Lift the cover when the reason is gone.", "原因消除后请解除遮盖。"),
)
_FOUND: Final = Sentence(
    Level.BAD,
    Words(
        "The audit saw a face in what was sent on: the camera is covered.",
        "审计在已转发的画面中发现人脸：该摄像机已被遮盖。",
    ),
    Words(
        "Ask its publisher; then lift the cover. Until an admin trusts its proof again, it is anonymised here.",
        "请联系发布者，然后解除遮盖。在管理员重新信任其证明之前，画面将在此处匿名化。",
    ),
)
_DISTRUSTED: Final = Sentence(
    Level.WAIT,
    Words(
        "Its proof counts for nothing since the audit saw a face: it is anonymised here.",
        "审计发现人脸后，其证明不再被采信：画面在此处匿名化。",
    ),
    Words("An admin may trust its proof again.", "管理员可以重新信任其证明。"),
)
_PASSING: Final = Sentence(
    Level.GOOD,
    Words("Proven by its device's signature, and sent on as it is.", "经其设备签名证明，按原样转发。"),
)
_PROVING: Final = Sentence(
    Level.WAIT, Words("Its signatures are being verified; viewers see a slate.", "正在验证其签名；观众看到的是提示画面。")
)


@dataclass(slots=True)
class Proofs:
    """How the last groups of pictures of each camera were judged."""

    _judged: dict[str, deque[bool]] = field(default_factory=dict)
    _wrong: dict[str, str] = field(default_factory=dict)

    def observe(self, event: Event) -> None:
        """Remember a verdict."""
        if isinstance(event, ProofJudged):
            self._judged.setdefault(event.camera, deque(maxlen=REMEMBERED)).append(event.proven)
            if event.findings:
                self._wrong[event.camera] = event.findings[0]

    def of(self, camera: str) -> dict[str, object] | None:
        """Of the last groups of ``camera``, how many were proven, and what was wrong last; ``None`` where none was judged."""
        judged = self._judged.get(camera)
        return None if judged is None else {"judged": len(judged), "proven": sum(judged), "wrong": self._wrong.get(camera, "")}


@dataclass(frozen=True, slots=True)
class Overview:
    """The gateway at a glance.

    Args:
        gate: what is registered, admitted and decided.
        board: how the streams are.
        proofs: how they were judged.
        default: what becomes of publishers for whom nothing else was said.
        watched: which streams can be watched.
    """

    gate: Gate
    board: StatusBoard
    proofs: Proofs
    default: Admission
    watched: Callable[[Stream], bool]

    def told(self) -> dict[str, object]:
        """All of it, as JSON."""
        switches = [
            {"scope": scope, "target": target, "action": action} for (scope, target), action in self.gate.switches().items()
        ]
        found = [_finding(entry) for entry in alarms(self.gate.connection, limit=FINDINGS)]
        return {"cameras": list(self._rows()), "switches": switches, "findings": found}

    def _rows(self) -> Iterator[dict[str, object]]:
        streams, switches, distrusted = (
            {one.camera: one for one in self.gate.streams()},
            self.gate.switches(),
            self.gate.distrusted(),
        )
        for publisher in self.gate.registry.publishers():
            for name in publisher.cameras:
                stream, action = streams.get(name), switched(switches, camera=name, publisher=publisher.name)
                status = self.board.cameras.get(name)
                said = _said(stream, status, action, revoked=publisher.revoked_ms is not None, distrusted=name in distrusted)
                yield {
                    "name": name,
                    "publisher": publisher.name,
                    "admission": publisher.admission or self.default,
                    "stream": None if stream is None else {key: getattr(stream, key) for key in ("admission", "since_ms", "way")},
                    "action": action,
                    "own": switches.get((Scope.CAMERA, name)),
                    "distrusted": name in distrusted,
                    "proof": self.proofs.of(name),
                    "watched": status is not None and stream is not None and self.watched(stream),
                    "sentence": asdict(said),
                    "status": None if status is None else _facts(status),
                }


def _said(
    stream: Stream | None, status: CameraStatus | None, action: Action | None, *, revoked: bool, distrusted: bool
) -> Sentence:
    """The one sentence that matters most about a camera."""
    if action is Action.CUT:
        return _CUT
    if action is Action.COVER:
        return _FOUND if distrusted else _COVERED
    if stream is None:
        return _REVOKED if revoked else _ABSENT
    if stream.admission is Admission.VERIFY:
        return _proving(status)
    said = sentence(status or CameraStatus(stream.camera), covered=False)
    return _DISTRUSTED if distrusted and said.level is Level.GOOD else said


def _proving(status: CameraStatus | None) -> Sentence:
    if status is None or status.source.state is not Connection.RUNNING:
        return sentence(status or CameraStatus(""), covered=False)
    return _PASSING if status.frames_sent > sum(status.covered.values()) else _PROVING


def _facts(status: CameraStatus) -> dict[str, object]:
    keys = (
        "people", "frame_rate", "latency_p50_ms", "cpu", "frames_sent", "sent_lately", "dropped_lately", "covered_lately", "width",
        "height",
    )  # fmt: skip
    return {key: getattr(status, key) for key in keys}


def _finding(entry: Entry) -> Mapping[str, object]:
    return {"seq": entry.seq, "at_ms": entry.at_ms, "kind": entry.kind, "camera": entry.subject, "detail": dict(entry.detail)}
