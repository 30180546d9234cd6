"""Numbers in Prometheus' text format, kept up from events."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

from proxy.telemetry.events import (
    Connection,
    DamageSeen,
    EncoderOpened,
    Event,
    FramesDropped,
    FrameSent,
    PassFailed,
    ProcessChanged,
    SinkChanged,
    SourceChanged,
    StageTimed,
    Tally,
)
from proxy.telemetry.tally import tasks_now
from proxy.vision.detections import Label


class Metrics:
    """Counters and gauges of every camera, in a registry of their own.

    Frames are counted either one by one or from tallies; a camera's events hold the one or the other.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._sent = self._counter("frames_sent", "anonymised frames that went to the encoder", "camera")
        self._dropped = self._counter("frames_dropped", "frames left out because the machine could not keep up", "camera")
        self._covered = self._counter("frames_covered", "frames covered whole", "camera", "reason")
        self._regions = self._counter("regions", "regions painted", "camera", "label")
        self._damaged = self._counter("damaged_packets", "packets of the input that could not be decoded", "camera")
        self._failed = self._counter("pass_failures", "looks at a frame that failed", "camera", "detector")
        self._retries = self._counter("retries", "waits before another try", "camera", "what")
        self._stage_seconds = self._counter("stage_seconds", "time spent in a stage", "camera", "stage")
        self._stage_runs = self._counter("stage_runs", "pieces of work done in a stage", "camera", "stage")
        self._people = self._gauge("people", "people hidden in the latest frame", "camera")
        self._rate = self._gauge("frame_rate", "frames sent each second", "camera")
        self._latency = self._gauge("latency_seconds", "from a frame's arrival to its leaving the encoder", "camera", "quantile")
        self._tasks = self._gauge("tasks", "tasks of the event loop in a camera's process, which is steady", "camera")
        self._own_tasks = self._gauge("service_tasks", "tasks of the service's own event loop, which is steady")
        self._source = self._gauge("source_state", "1 for the state that the source is in", "camera", "state")
        self._sink = self._gauge("sink_state", "1 for the state that a sink is in", "camera", "sink", "state")
        self._process = self._gauge("process_state", "1 for the state that a camera's process is in", "camera", "state")
        self._encoder = self._gauge("encoder_info", "1 for the encoder that runs", "camera", "encoder", "hardware", "size")
        self._encoders: dict[str, tuple[str, str, str, str]] = {}

    def observe(self, event: Event) -> None:
        """Count ``event``."""
        match event:
            case Tally():
                self._tally(event)
            case FrameSent():
                self._frame(event)
            case StageTimed():
                self._stage(event.camera, str(event.stage), 1, event.nanoseconds / 1e9)
            case FramesDropped():
                self._dropped.labels(event.camera).inc(event.count)
            case DamageSeen():
                self._damaged.labels(event.camera).inc(event.packets)
            case PassFailed():
                self._failed.labels(event.camera, event.detector).inc()
            case SourceChanged() | SinkChanged() | ProcessChanged() | EncoderOpened():
                self._change(event)

    def render(self) -> bytes:
        """Everything, in Prometheus' text format."""
        self._own_tasks.set(tasks_now())
        return generate_latest(self.registry)

    def _tally(self, tally: Tally) -> None:
        self._tasks.labels(tally.camera).set(tally.tasks)
        self._sent.labels(tally.camera).inc(tally.sent)
        self._dropped.labels(tally.camera).inc(tally.dropped)
        self._people.labels(tally.camera).set(tally.people)
        for reason, count in tally.covered.items():
            self._covered.labels(tally.camera, reason).inc(count)
        for label, count in tally.regions.items():
            self._regions.labels(tally.camera, label).inc(count)
        for stage, (runs, seconds) in tally.stages.items():
            self._stage(tally.camera, stage, runs, seconds)
        if tally.seconds > 0:
            self._rate.labels(tally.camera).set(tally.sent / tally.seconds)
        for quantile, milliseconds in zip(("0.5", "0.99"), tally.latency_ms, strict=True):
            self._latency.labels(tally.camera, quantile).set(milliseconds / 1000)

    def _frame(self, frame: FrameSent) -> None:
        self._sent.labels(frame.camera).inc()
        if frame.cover is not None:
            self._covered.labels(frame.camera, str(frame.cover)).inc()
        for label in frame.regions.label.tolist():
            self._regions.labels(frame.camera, Label(label).name.lower()).inc()

    def _stage(self, camera: str, stage: str, runs: int, seconds: float) -> None:
        self._stage_runs.labels(camera, stage).inc(runs)
        self._stage_seconds.labels(camera, stage).inc(seconds)

    def _change(self, event: SourceChanged | SinkChanged | ProcessChanged | EncoderOpened) -> None:
        match event:
            case SourceChanged():
                self._state(self._source, event.state, event.camera)
            case SinkChanged():
                self._state(self._sink, event.state, event.camera, event.sink)
            case ProcessChanged():
                self._state(self._process, event.state, event.camera)
            case EncoderOpened():
                self._replace_encoder(event)
                return
        if event.state is Connection.WAITING:
            self._retries.labels(event.camera, type(event).__name__.removesuffix("Changed").lower()).inc()

    def _replace_encoder(self, event: EncoderOpened) -> None:
        if event.camera in self._encoders:
            self._encoder.remove(*self._encoders[event.camera])
        labels = (event.camera, event.name, str(event.hardware).lower(), f"{event.width}x{event.height}")
        self._encoders[event.camera] = labels
        self._encoder.labels(*labels).set(1)

    @staticmethod
    def _state(gauge: Gauge, state: Connection, *labels: str) -> None:
        for other in Connection:
            gauge.labels(*labels, str(other)).set(other is state)

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"veilcast_{name}", text, labels, registry=self.registry)

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(f"veilcast_{name}", text, labels, registry=self.registry)
