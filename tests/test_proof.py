"""What a camera's process signs arrives at a real platform and is proven there: live, recorded, and behind its HLS."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.request import urlopen

import pytest
from aiortc.codecs.h264 import H264Encoder, H264PayloadDescriptor

from proxy.attestation.framing import Framing
from proxy.attestation.judging import Rules
from proxy.attestation.minimum import Minimum
from proxy.attestation.trust import Trust, TrustedKey
from proxy.attestation.verification import Verifier
from proxy.encoding.packet import VideoCodec
from proxy.sinks.rtmp import Options, RtmpSink
from tests.attestation.signing import GOP, KEY, Clock, signed
from tests.peers.camera import Camera
from tests.peers.platform import Platform
from tests.peers.process import free_port
from tests.programmes import stream

VEILCAST = str(Path(sys.executable).with_name("veilcast"))
STREET = Path(__file__).parents[1] / "sample_videos" / "street.mp4"


def verify(source: str | Path, trust: Path, *more: str) -> tuple[int, str]:
    command = [VEILCAST, "verify", str(source), "--trust", str(trust), *more]
    done = subprocess.run(command, capture_output=True, text=True, timeout=90, check=False)
    return done.returncode, done.stdout + done.stderr


def until(condition: Callable[[], object], *, within_s: float, why: Callable[[], str]) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, why()
        time.sleep(0.2)


@pytest.mark.peer
@pytest.mark.timeout(300)
def test_a_live_camera_is_proven_at_the_platform_while_it_plays_and_in_what_was_recorded(tmp_path):
    key, trust, log = tmp_path / "device.pem", tmp_path / "device.jwk", tmp_path / "veilcast.log"
    with trust.open("w") as public:
        subprocess.run([VEILCAST, "keys", "init", str(key)], stdout=public, stderr=subprocess.DEVNULL, check=True, timeout=60)
    http = f"127.0.0.1:{free_port()}"
    command = [VEILCAST, "run", "--source", "env:CAMERA", "--sink", "env:SINK", "--sink", str(tmp_path / "kept.mp4")]
    command += ["--accuracy", "light", "--name", "door", "--sign-with", str(key), "--http", http]
    with Camera(tmp_path, clip=STREET) as camera, Platform(tmp_path, keys={"k3y"}) as platform, log.open("w") as errors:
        environment = os.environ | {"CAMERA": camera.url, "SINK": platform.url("k3y")}
        with subprocess.Popen(command, stderr=errors, env=environment) as process:
            try:
                claims = lambda: json.load(urlopen(f"http://{http}/api/cameras/door/claims", timeout=10))  # noqa: E731
                until(lambda: "sink running" in log.read_text(), within_s=60, why=log.read_text)
                until(lambda: len(claims()["claims"]) > 3, within_s=60, why=log.read_text)
                played = verify(platform.url("k3y"), trust, "--for", "8", "--max-age", "120", "--camera", "door")
                hls = verify(platform.hls("k3y"), trust, "--for", "8", "--max-age", "120")
                published = claims()
            finally:
                process.send_signal(signal.SIGTERM)
                process.wait(30)
        (recording,) = platform.recordings("k3y")
    assert played[0] == 0, played[1]
    assert hls[0] == 0, hls[1]
    assert published["key"] == json.loads(trust.read_text())
    for path in (recording, tmp_path / "kept.mp4"):
        code, said = verify(path, trust)
        assert code == 0, said
        assert "camera door" in said
        assert "groups 0 to" in said


@pytest.mark.peer
@pytest.mark.timeout(60)
async def test_what_went_through_rtmp_and_came_out_as_a_recording_is_the_same(tmp_path):
    packets, _ = signed(12 * GOP, clock=Clock(int(time.time() * 1000) - 3_600_000))
    trust = tmp_path / "keys.json"
    trust.write_text(json.dumps(KEY.public.jwk()))
    with Platform(tmp_path, keys={"k3y"}) as platform:
        await RtmpSink(Options.from_url(platform.url("k3y"))).run(stream(packets))
        until(lambda: platform.recordings("k3y"), within_s=10, why=str)
        (recording,) = platform.recordings("k3y")
        code, said = await asyncio.to_thread(verify, recording, trust)
        assert code == 0, said
        assert f"{len(packets)} of {len(packets)} pictures" in said


def test_what_goes_over_webrtc_is_the_same():
    """aiortc's own packetiser and depacketiser, without the network between them."""
    packets, _ = signed(3 * GOP)
    rules = Rules(Trust.of(TrustedKey(KEY.public)), Minimum())
    verifier = Verifier(VideoCodec.H264, Framing(0, ()), rules, now_ms=lambda: 2**42, live=False)
    verdicts = []
    for packet in packets:
        payloads = H264Encoder._packetize(H264Encoder._split_bitstream(packet.data))
        arrived = b"".join(H264PayloadDescriptor.parse(payload)[1] for payload in payloads)
        verdicts += verifier.add(arrived, pts=packet.pts)
    verdicts += verifier.finish()
    assert [verdict.proven for verdict in verdicts] == [True] * 4
