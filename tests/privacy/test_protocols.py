"""Every way in with every way out: the service as it is run, real peers at both ends, and nobody is seen at any of them.

Each way in is a camera that shows the canary and has every way out at once: a row of the matrix in docs/protocols.md. A pair
counts when a peer decoded pictures in which the scene is and the canary is not. Detectors are made up, nothing else is.
"""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Final, TypeAlias
from urllib.parse import urljoin

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.peers.camera import Camera
from tests.peers.ffmpeg import publishing_rtmp, publishing_whip, writing_hls
from tests.peers.http_camera import HttpCamera
from tests.peers.platform import Platform
from tests.peers.process import HOST, PeerProcess, free_port
from tests.peers.recorder import Recorder
from tests.peers.srt import recording, sending
from tests.peers.webrtc import http, viewing
from tests.peers.webrtc_platform import WebRtcPlatform
from tests.privacy.canary import SEEN, decoded_file, likeness, luma_with_canary

Luma: TypeAlias = NDArray[np.uint8]
Begin: TypeAlias = Callable[[str], str]
"""Starts the service with a source, as TOML writes it, and gives its HTTP address."""

ENOUGH: Final = 10
"""Pictures of the scene that every peer has to get."""
WITHIN_S: Final = 100.0
WAYS_OUT: Final = ("file", "rtsp", "rtmp", "srt", "whip", "whep", "mjpeg", "hls")
SEARCHED: Final = 120
"""Pictures of each output that are searched, the first of them included."""

pytestmark = [pytest.mark.peer, pytest.mark.timeout(150)]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds of the canary and of a tone."""
    folder = tmp_path_factory.mktemp("clip")
    still, film = folder / "still.png", folder / "clip.mp4"
    cv2.imwrite(str(still), luma_with_canary())
    command = ["ffmpeg", "-v", "error", "-loop", "1", "-framerate", "25", "-i", str(still), "-f", "lavfi", "-i", "sine"]
    command += ["-t", "4", "-c:v", "libx264", "-preset", "ultrafast", "-crf", "12", "-bf", "0", "-g", "25", "-pix_fmt", "yuv420p"]
    subprocess.run([*command, "-c:a", "aac", str(film)], check=True, timeout=60)
    return film


@contextmanager
def file(clip: Path, _folder: Path, begin: Begin) -> Iterator[None]:
    begin(f'"file://{clip}?loop=true&realtime=true"')
    yield


@contextmanager
def rtsp(clip: Path, folder: Path, begin: Begin) -> Iterator[None]:
    with Camera(folder, audio=True, clip=clip) as camera:
        begin(f'"{camera.url}"')
        yield


@contextmanager
def rtmp(clip: Path, folder: Path, begin: Begin) -> Iterator[None]:
    with Platform(folder, keys={"in"}) as server, publishing_rtmp(server.url("in"), clip):
        begin(f'"{server.url("in")}"')
        yield


@contextmanager
def srt(clip: Path, folder: Path, begin: Begin) -> Iterator[None]:
    port = free_port()
    with sending(f"srt://{HOST}:{port}?mode=listener", folder / "sender.log", clip=clip):
        begin(f'"srt://{HOST}:{port}"')
        yield


@contextmanager
def whip(clip: Path, folder: Path, begin: Begin) -> Iterator[None]:
    address = begin('"whip:"')
    with publishing_whip(f"{address}/whip/door", log=folder / "publisher.log", clip=clip):
        yield


@contextmanager
def whep(_clip: Path, folder: Path, begin: Begin) -> Iterator[None]:
    np.save(folder / "shown.npy", luma_with_canary())
    with WebRtcPlatform(folder, shown=folder / "shown.npy") as platform:
        begin(f'{{ url = "{platform.watch}", addresses = ["{HOST}"] }}')
        yield


@contextmanager
def mjpeg(_clip: Path, folder: Path, begin: Begin) -> Iterator[None]:
    with HttpCamera(folder, picture=luma_with_canary()) as camera:
        begin(f'"{camera.url("/video")}"')
        yield


@contextmanager
def hls(clip: Path, folder: Path, begin: Begin) -> Iterator[None]:
    with HttpCamera(folder) as camera, writing_hls(camera.folder, clip):
        begin(f'"{camera.url("/index.m3u8")}"')
        yield


WAYS_IN: Final = (file, rtsp, rtmp, srt, whip, whep, mjpeg, hls)
WayIn: TypeAlias = Callable[[Path, Path, Begin], AbstractContextManager[None]]


@pytest.mark.parametrize("way_in", WAYS_IN, ids=[way.__name__ for way in WAYS_IN])
async def test_each_way_in_reaches_every_way_out_and_shows_nobody(
    way_in: WayIn, clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    (tmp_path / "in").mkdir()
    with Peers(tmp_path) as peers, Service(tmp_path, peers.sinks) as service, way_in(clip, tmp_path / "in", service.begin):
        got = await peers.outputs(service.address)
    assert (tmp_path / "seen").exists(), "the canary was in what came in"
    assert {name: len(scenes(lumas)) >= ENOUGH for name, lumas in got.items()} == dict.fromkeys(WAYS_OUT, True)
    assert {name: worst for name, lumas in got.items() if (worst := max(map(likeness, lumas[:SEARCHED]))) >= SEEN} == {}


def test_the_search_sees_what_is_not_hidden(clip: Path) -> None:
    """The suite can fail."""
    lumas = decoded_file(clip)
    assert len(scenes(lumas)) == len(lumas) == 100
    assert min(map(likeness, lumas[:10])) > SEEN
    assert scenes([np.tile(np.arange(240, dtype=np.uint8)[:, None], (1, 320))]) == []


def scenes(lumas: list[Luma]) -> list[Luma]:
    """Those pictures that show the camera's scene, a ramp from left to right: no slates."""
    return [luma for luma in lumas if ramp(luma[:40].mean(axis=0)) > 0.9]


def ramp(values: NDArray[np.float64]) -> float:
    """How much ``values`` are like a ramp, up to 1."""
    return float(np.corrcoef(values, np.arange(len(values)))[0, 1]) if values.std() > 1 else 0.0


class Service:
    """``veilcast run`` with one camera, ``door``, and the ``sinks``, as TOML writes them."""

    def __init__(self, folder: Path, sinks: str, *, audio: str = "silence") -> None:
        self._settings, self._sinks, self._audio, self._port = folder / "veilcast.toml", sinks, audio, free_port()
        self.address = f"http://{HOST}:{self._port}"
        command = [sys.executable, "-m", "tests.privacy.made_up_service", str(self._settings), str(folder)]
        self._process = PeerProcess(command, port=self._port, log=folder / "veilcast.log", start_s=30)

    def begin(self, source: str) -> str:
        """Start it with ``source``, as TOML writes it; gives the address of its HTTP."""
        self._settings.write_text(
            f'[[camera]]\nname = "door"\nsource = {source}\nsinks = [{self._sinks}]\nprivacy = {{ method = "solid" }}\n'
            f'audio = "{self._audio}"\n'
            f"encoding = {{ gop_s = 0.5 }}\n[control]\nport = {self._port}\n"
        )
        self._process.start()
        return self.address

    def __enter__(self) -> Service:  # noqa: PYI034 - it is never subclassed
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._process.kill()


class Peers:
    """Somebody at the other end of every way out."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._stack, self._srt = folder, ExitStack(), free_port()
        for name in ("rtmp", "whip"):
            (folder / name).mkdir()
        self._rtmp, self._rtsp = Platform(folder / "rtmp", keys={"out"}), Recorder(folder)
        self._whip = WebRtcPlatform(folder / "whip", keeps=True)

    def __enter__(self) -> Peers:  # noqa: PYI034 - it is never subclassed
        for peer in (self._rtmp, self._rtsp, self._whip):
            self._stack.enter_context(peer)
        player = recording(f"srt://{HOST}:{self._srt}?mode=listener", self._folder / "srt.ts", self._folder / "player.log")
        self._stack.enter_context(player)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stack.close()

    @property
    def sinks(self) -> str:
        """Where a camera sends to, as TOML writes it."""
        urls = [f"{self._folder}/out.mkv", f"hls://{self._folder}/hls", self._rtmp.url("out"), self._rtsp.url]
        urls += [f"srt://{HOST}:{self._srt}", "whep:", "mjpeg:"]
        whip = f'{{ url = "{self._whip.ingest("out")}", addresses = ["{HOST}"] }}'
        return ", ".join([*(f'"{url}"' for url in urls), whip])

    def moments(self) -> dict[str, list[tuple[float, float]]]:
        """When the WHIP platform saw and heard what, as ``tests.peers.moments`` tells it."""
        return self._whip.moments()

    def films(self, address: str) -> dict[str, Callable[[], Path | None]]:
        """What was recorded so far by each peer that records, ``None`` for nothing; ``address`` is that of the service's HTTP."""
        return {
            "file": lambda: self._folder / "out.mkv",
            "rtsp": lambda: self._rtsp.film,
            "rtmp": lambda: next(iter(self._rtmp.recordings("out")), None),
            "srt": lambda: self._folder / "srt.ts",
            "hls": lambda: played(f"{address}/live/door/index.m3u8", self._folder / "played.mp4"),
        }

    async def outputs(self, address: str) -> dict[str, list[Luma]]:
        """What each peer decoded, once it is enough, or when it takes too long."""
        recorded: dict[str, Callable[[], list[Luma]]] = {
            "whip": lambda: self._whip.kept("out"),
            **{name: partial(recorded_in, film) for name, film in self.films(address).items()},
        }
        got: dict[str, list[Luma]] = {name: [] for name in WAYS_OUT}
        with suppress(TimeoutError):
            async with asyncio.timeout(WITHIN_S), asyncio.TaskGroup() as group:
                group.create_task(watch(f"{address}/whep/door", got["whep"]))
                group.create_task(fetch(f"{address}/live/door/picture.jpg", got["mjpeg"]))
                for name, read in recorded.items():
                    group.create_task(follow(read, got[name]))
        return got


async def follow(read: Callable[[], list[Luma]], into: list[Luma]) -> None:
    """Read a recording that is still written until there is enough in it."""
    while len(scenes(into)) < ENOUGH:
        await asyncio.sleep(0.5)
        into[:] = await asyncio.to_thread(read)


def recorded_in(film: Callable[[], Path | None]) -> list[Luma]:
    """The pictures of a recording that may still be written, as far as there is one."""
    path = film()
    return decoded_file(path) if path is not None and path.exists() else []


def played(playlist: str, film: Path) -> Path | None:
    """What a player gets that begins with the oldest segment; nothing before there is one."""
    try:
        text = content(playlist).decode()
        parts = re.findall(r'#EXT-X-MAP:URI="([^"]+)"', text)[:1] + re.findall(r"^[^#\s].*$", text, re.MULTILINE)
        film.write_bytes(b"".join(content(urljoin(playlist, part)) for part in parts))
    except OSError:
        return None
    return film


def content(url: str) -> bytes:
    """What is there, over HTTP."""
    with urllib.request.urlopen(url, timeout=5) as answer:
        return bytes(answer.read())


async def fetch(url: str, into: list[Luma]) -> None:
    """JPEG pictures, as an old dashboard fetches them."""
    async with http(None) as client:
        while len(scenes(into)) < ENOUGH:
            async with client.get(url) as answer:
                if answer.status == 200:
                    picture = cv2.imdecode(np.frombuffer(await answer.read(), np.uint8), cv2.IMREAD_GRAYSCALE)
                    into.append(np.asarray(picture, np.uint8))
            await asyncio.sleep(0.1)


async def watch(url: str, into: list[Luma]) -> None:
    """A viewer over WebRTC, who asks again until there is something to see."""
    async with http(None) as client:
        while len(scenes(into)) < ENOUGH:
            with suppress(AssertionError):
                async with viewing(client, url) as viewer:
                    while len(scenes(into)) < ENOUGH:
                        into.append((await viewer.picture(WITHIN_S)).to_ndarray(format="gray"))
            await asyncio.sleep(0.5)
