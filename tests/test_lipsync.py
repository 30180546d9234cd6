"""Pictures and sound leave together: what flashes and claps at once does so in the output too, whatever becomes of sound."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import av
import numpy as np
import pytest

from proxy.app import anonymise
from proxy.settings.service import Settings
from proxy.voices.policy import AudioPolicy
from tests.peers.ffmpeg import recording_rtsp
from tests.peers.moments import Moments
from tests.peers.process import free_port
from tests.peers.webrtc import http, viewing
from tests.privacy.test_protocols import Peers, Service

RATE = 48_000
AT_S = (1.0, 2.2, 3.4, 4.6)
CLAP_S = 0.12
HEARD = [policy for policy in AudioPolicy if policy.needs_sound]


def clip(path: Path) -> Path:
    """Six seconds of a grey picture that is bright for three frames at each of ``AT_S``, where a burst of noise begins as well."""
    sound = np.zeros(6 * RATE, np.float32)
    for at in AT_S:
        sound[round(at * RATE) : round((at + CLAP_S) * RATE)] = 0.3 * np.random.default_rng(0).standard_normal(round(CLAP_S * RATE))
    with av.open(str(path), "w") as out:
        video, audio = out.add_stream("ffv1", rate=25), out.add_stream("pcm_s16le", rate=RATE, layout="mono")
        video.width, video.height, video.pix_fmt = 320, 240, "yuv420p"
        for number in range(150):
            bright = any(at <= number / 25 + 1e-6 < at + CLAP_S for at in AT_S)
            buffer = np.full((360, 320), 128, np.uint8)
            buffer[:240] = 150 if bright else 90
            out.mux(video.encode(av.VideoFrame.from_ndarray(buffer, "yuv420p")))
            block = sound[None, number * RATE // 25 : (number + 1) * RATE // 25]
            frame = av.AudioFrame.from_ndarray((block * 32_767).clip(-32_768, 32_767).astype(np.int16), "s16", "mono")
            frame.sample_rate = RATE
            out.mux(audio.encode(frame))
        out.mux(video.encode(None))
        out.mux(audio.encode(None))
    return path


def rises(times: np.ndarray, levels: np.ndarray) -> list[float]:
    """When ``levels`` come to more than half of their range, after having been below it."""
    high = levels > (levels.min() + levels.max()) / 2
    return [float(times[index]) for index in np.nonzero(high[1:] & ~high[:-1])[0] + 1]


def flashes(path: Path) -> list[float]:
    with av.open(str(path)) as film:
        seen = [(float(frame.time), float(np.frombuffer(frame.planes[0], np.uint8)[:300].mean())) for frame in film.decode(video=0)]
    return rises(*map(np.array, zip(*seen, strict=True)))


def claps(path: Path) -> list[float]:
    """Where bursts begin, to 5 ms, by the packets' timestamps."""
    times, levels = [], []
    with av.open(str(path)) as film:
        for frame in film.decode(audio=0):
            samples = np.abs(frame.to_ndarray()[0])
            step = frame.sample_rate // 200
            for begin in range(0, len(samples) - step, step):
                times.append(float(frame.time) + begin / frame.sample_rate)
                levels.append(samples[begin : begin + step].mean())
    found = rises(np.array(times), np.array(levels))
    return [at for number, at in enumerate(found) if not number or at - found[number - 1] > 0.5]


@pytest.mark.peer
@pytest.mark.timeout(120)
@pytest.mark.parametrize("policy", HEARD)
def test_sound_stays_within_40_ms_of_its_picture(policy: AudioPolicy, tmp_path: Path) -> None:
    out = tmp_path / "out.mkv"
    camera = {
        "source": str(clip(tmp_path / "in.mkv")),
        "sinks": [str(out)],
        "audio": policy,
        "privacy": {"accuracy": "light"},
    }
    anonymise(Settings.model_validate({"cameras": [camera]}).cameras[0], observer=lambda _event: None)
    seen, heard = flashes(out), claps(out)
    assert seen == pytest.approx(AT_S, abs=0.002)
    assert heard == pytest.approx(seen, abs=0.04)


async def watched(url: str, seconds: float) -> dict[str, list[tuple[float, float]]]:
    """When a viewer over WebRTC sees and hears what."""
    async with http(None) as client, viewing(client, url) as viewer:
        moments = Moments(viewer.peer.connection)

        async def see() -> None:
            while True:
                moments.saw(await viewer.picture())

        async def hear() -> None:
            while True:
                moments.heard(await viewer.sound())

        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds), asyncio.TaskGroup() as group:
                group.create_task(see())
                group.create_task(hear())
    return moments.told()


def met(told: dict[str, list[tuple[float, float]]]) -> list[float]:
    """By how much flashes and claps are apart for a peer over WebRTC, by the sender's reports."""
    seen, heard = (rises(*np.array(told[kind]).T) for kind in ("video", "audio"))
    return apart(seen, heard)


def apart(seen: list[float], heard: list[float]) -> list[float]:
    """By how much each flash and its clap are apart."""
    return [abs(clap - flash) for flash in seen for clap in heard if abs(clap - flash) < 0.5]


@pytest.mark.peer
@pytest.mark.timeout(120)
async def test_live_every_way_out_keeps_sound_within_40_ms_of_its_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the times that each peer is told. GStreamer's recorder is left out: it writes down when packets come."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    film, port, source = tmp_path / "rtsp.mkv", free_port(), clip(tmp_path / "in.mkv")
    with Peers(tmp_path) as peers, recording_rtsp(port, film):
        sinks = f'{peers.sinks}, "rtsp://127.0.0.1:{port}/live/door"'
        with Service(tmp_path, sinks, audio="pass") as service:
            service.begin(f'"file://{source}?loop=true&realtime=true"')
            async with asyncio.timeout(60), http(None) as client:
                while (await client.get(f"{service.address}/live/door/index.m3u8")).status != 200:
                    await asyncio.sleep(0.5)
            found = {"whep": met(await watched(f"{service.address}/whep/door", 12)), "whip": met(peers.moments())}
            films = {**peers.films(service.address), "rtsp": lambda: film}
            found |= {name: apart(flashes(path), claps(path)) for name, get in films.items() if (path := get())}
    assert set(found) == {"file", "rtmp", "rtsp", "srt", "hls", "whep", "whip"}
    assert {name: len(values) >= 3 for name, values in found.items()} == dict.fromkeys(found, True)
    assert {name: worst for name, values in found.items() if (worst := float(np.median(values))) > 0.04} == {}
