"""The null sink counts."""

from proxy.sinks.null import NullSink, Options
from tests.programmes import STEP, encoded, every, pictures, stream


async def test_every_packet_is_counted_and_forgotten():
    packets = encoded(pictures(every(STEP, 8)))
    sink = NullSink(Options.from_url("null:"))
    await sink.run(stream(packets))
    assert (sink.packets, sink.size) == (8, sum(len(packet.data) for packet in packets))
    assert sink.name == "null"
