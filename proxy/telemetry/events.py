"""What happens in a camera's pipeline, as values. Stages emit these; logs, metrics, reports and journals observe them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from proxy.masking.plan import CoverReason
from proxy.redactors.regions import Regions


class Connection(StrEnum):
    """Where a source or sink stands."""

    CONNECTING = "connecting"
    RUNNING = "running"
    WAITING = "waiting"
    ENDED = "ended"
    FAILED = "failed"


class Stage(StrEnum):
    """A place where time is spent, as reports and profiles name it."""

    DECODE = "decode"
    FACES = "faces"
    DETAIL = "detail"
    GLANCE = "glance"
    BODIES = "bodies"
    TRACK = "track"
    PAINT = "paint"
    ENCODE = "encode"
    SEND = "send"


@dataclass(frozen=True, slots=True)
class SourceChanged:
    """The source's connection is in another state.

    Attributes:
        detail: one redacted line.
        retry_s: the wait before the next try.
        code: the exit code that stands for the error, 0 where there is none.
    """

    camera: str
    state: Connection
    detail: str = ""
    hint: str = ""
    retry_s: float = 0.0
    code: int = 0


@dataclass(frozen=True, slots=True)
class SinkChanged:
    """A sink's connection is in another state; ``sink`` is its redacted name."""

    camera: str
    sink: str
    state: Connection
    detail: str = ""
    hint: str = ""
    retry_s: float = 0.0
    code: int = 0


@dataclass(frozen=True, slots=True)
class FrameSent:
    """One anonymised frame was encoded: exactly what was painted in it, and how long after its arrival."""

    camera: str
    index: int
    pts: int
    cover: CoverReason | None
    regions: Regions
    latency_ns: int = 0


@dataclass(frozen=True, slots=True)
class FramesDropped:
    """Frames were left out because the box could not keep up; never because of what was in them."""

    camera: str
    count: int


@dataclass(frozen=True, slots=True)
class DecoderOpened:
    """Which decoder runs, and whether in hardware, in words."""

    camera: str
    decoder: str


@dataclass(frozen=True, slots=True)
class EncoderOpened:
    """Which encoder runs, and how."""

    camera: str
    name: str
    hardware: bool
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class PassFailed:
    """A detector broke on a frame; what depends on it is covered."""

    camera: str
    detector: str
    error: str


@dataclass(frozen=True, slots=True)
class DamageSeen:
    """The input was damaged and decoding went on; ``packets`` could not be decoded."""

    camera: str
    packets: int
    detail: str


@dataclass(frozen=True, slots=True)
class StageTimed:
    """One piece of work took ``nanoseconds``."""

    camera: str
    stage: Stage
    nanoseconds: int


@dataclass(frozen=True, slots=True)
class SceneSeen:
    """A frame got its glance: its mean luma, 0..255, and whether most of it had changed, as where a camera moves."""

    camera: str
    luma: float
    moving: bool


@dataclass(frozen=True, slots=True)
class Aim:
    """What tells whether a camera is aimed well, summed over frames.

    Attributes:
        frames: frames that got a glance; ``luma`` sums their mean luma, and ``moving`` counts those most of which had changed.
        heights: height of people found, in steps of 8 pixels → how often.
        painted: pixels hidden, summed over as many frames.
    """

    frames: int = 0
    luma: float = 0.0
    moving: int = 0
    heights: dict[int, int] = field(default_factory=dict)
    painted: float = 0.0

    def __add__(self, other: Aim) -> Aim:
        heights = {height: self.heights.get(height, 0) + other.heights.get(height, 0) for height in {*self.heights, *other.heights}}
        luma, painted = self.luma + other.luma, self.painted + other.painted
        return Aim(self.frames + other.frames, luma, self.moving + other.moving, heights, painted)


@dataclass(frozen=True, slots=True)
class ProcessChanged:
    """A camera's process is in another state."""

    camera: str
    state: Connection
    detail: str = ""
    hint: str = ""
    retry_s: float = 0.0
    code: int = 0


@dataclass(frozen=True, slots=True)
class Tally:
    """What one camera did in the last ``seconds``: sums of the events that come with every frame.

    Attributes:
        sent: frames that went to the encoder; ``covered`` counts those covered whole, by reason.
        dropped: frames left out because the box could not keep up.
        regions: painted regions by label, summed over the frames.
        people: regions that hide a body, or heads or faces where no body is hidden, in the last frame.
        stages: per stage, how often it ran and how many seconds it took in all.
        latency_ms: median and 99th percentile from a frame's arrival to its leaving the encoder; (0, 0) when none left.
        tasks: how many tasks the event loop has now, which is steady where nothing leaks.
        cpu_s: processor time that the whole process took meanwhile.
        aim: what tells whether the camera is aimed well.
    """

    camera: str
    seconds: float
    sent: int
    dropped: int
    covered: dict[str, int]
    regions: dict[str, int]
    people: int
    stages: dict[str, tuple[int, float]]
    latency_ms: tuple[float, float]
    tasks: int = 0
    cpu_s: float = 0.0
    aim: Aim = Aim()


@dataclass(frozen=True, slots=True)
class ClaimMade:
    """A claim about the group of pictures ``sequence`` was signed; ``text`` is what travels in the stream, too."""

    camera: str
    sequence: int
    text: str


@dataclass(frozen=True, slots=True)
class ProofJudged:
    """What is known of one group of pictures that somebody else signed: ``findings`` are kinds and details, in words."""

    camera: str
    frames: int
    proven: bool
    findings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProofLost:
    """What somebody else signed is not to be trusted any more, and why; nothing of it is sent on from now on."""

    camera: str
    why: str


@dataclass(frozen=True, slots=True)
class AuditLooked:
    """Since it last said so, whoever audits looked at so many pictures of what is sent, and saw so many faces in them."""

    camera: str
    looks: int
    faces: int


@dataclass(frozen=True, slots=True)
class CoverHeeded:
    """A process did as it was told: no picture of the scene leaves it any more where it is ``covered``, or they do again."""

    camera: str
    covered: bool


@dataclass(frozen=True, slots=True)
class FaceFound:
    """Whoever audits saw the same face ``sightings`` times within ``seconds``."""

    camera: str
    sightings: int
    seconds: float


Event = (
    SourceChanged
    | SinkChanged
    | FrameSent
    | FramesDropped
    | DecoderOpened
    | EncoderOpened
    | PassFailed
    | DamageSeen
    | StageTimed
    | SceneSeen
    | ProcessChanged
    | Tally
    | ClaimMade
    | ProofJudged
    | ProofLost
    | AuditLooked
    | FaceFound
    | CoverHeeded
)
Observer = Callable[[Event], None]
