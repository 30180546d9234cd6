"""Nothing but the picture: what a camera wrote into its stream is in no output, and planted secrets are nowhere to be read."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import av
import pytest

from tests.peers.camera import Camera
from tests.peers.platform import Platform
from tests.peers.process import free_port

VEILCAST = str(Path(sys.executable).with_name("veilcast"))
CUTS = Path(__file__).parents[2] / "sample_videos" / "cuts.mp4"
TOLD = ("Hauptstrasse 12", "48.1374", "2019-01-02", "Chapter of the owner", "Hauptstrasse_12")
SEI, USER_DATA = 6, 5
ENCODER = bytes.fromhex("dc45e9bde6d948b7962cd820d923eeef")
"""How x264's own note about itself begins: what it is and with which options it encoded."""

pytestmark = [pytest.mark.peer, pytest.mark.timeout(150)]


def talkative(folder: Path, *, ending: str = "mkv") -> Path:
    """A clip with a title, a place, a date, a chapter, subtitles, captions, and words in its stream."""
    subtitles, chapters, clip = folder / "words.srt", folder / "chapters.txt", folder / f"talkative.{ending}"
    subtitles.write_text(f"1\n00:00:00,000 --> 00:00:02,000\n{TOLD[0]}\n")
    chapters.write_text(f";FFMETADATA1\ntitle={TOLD[0]}\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=2000\ntitle={TOLD[3]}\n")
    command = ["ffmpeg", "-v", "error", "-y", "-i", str(CUTS), "-i", str(subtitles), "-i", str(chapters), "-map_metadata", "2"]
    command += ["-map", "0:v", "-t", "2", "-c:v", "libx264", "-preset", "ultrafast"]
    if ending == "mkv":
        command += ["-map", "1:s", "-c:s", "srt"]
    command += ["-metadata", f"location={TOLD[1]}", "-metadata", f"creation_time={TOLD[2]}T00:00:00Z"]
    command += ["-bsf:v", "h264_metadata=sei_user_data=086f3693-b7b3-4f2c-9653-21492feee5b8+" + TOLD[4]]
    subprocess.run([*command, str(clip)], check=True, timeout=60)
    content = clip.read_bytes()
    assert all(words.encode() in content for words in (TOLD[0], TOLD[1], TOLD[3], TOLD[4]))
    return clip


def supplements(path: Path) -> list[bytes]:
    """The supplemental information in the H.264 stream of a file (captions, clocks, user data) that is not the encoder's own."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        filtered = av.BitStreamFilterContext("h264_mp4toannexb", stream)
        units = b"".join(bytes(out) for packet in container.demux(stream) if packet.size for out in filtered.filter(packet))
    found = [unit[1:] for unit in units.split(b"\x00\x00\x01") if unit and unit[0] & 31 == SEI]
    return [message for body in found for message in messages(body) if not (message[0] == USER_DATA and message[1:17] == ENCODER)]


def messages(body: bytes) -> Iterator[bytes]:
    """Each message in a unit of supplemental information, behind its type (ITU-T H.264, 7.3.2.3.1; types below 255)."""
    body = body.replace(b"\x00\x00\x03", b"\x00\x00")
    while len(body) > 2:
        kind, size, at = body[0], 0, 1
        while body[at] == 255:
            size, at = size + 255, at + 1
        size, at = size + body[at], at + 1
        yield bytes([kind]) + body[at : at + size]
        body = body[at + size :]


def test_the_search_sees_what_is_there(tmp_path: Path) -> None:
    """The suite can fail."""
    assert any(TOLD[4].encode() in body for body in supplements(talkative(tmp_path)))


@pytest.mark.parametrize("ending", ["mp4", "mkv"])
def test_titles_places_dates_chapters_subtitles_and_sei_stay_behind(tmp_path: Path, ending: str) -> None:
    clip, out = talkative(tmp_path), tmp_path / f"out.{ending}"
    subprocess.run([VEILCAST, "anonymise", str(clip), str(out), "--accuracy", "light"], check=True, timeout=90, capture_output=True)
    written = out.read_bytes()
    assert [words for words in TOLD if words.encode() in written] == []
    assert supplements(out) == []
    with av.open(str(out)) as after:
        assert {stream.type for stream in after.streams} == {"video"}
        assert not after.chapters()
        assert not {name.lower() for name in after.metadata} & {"title", "location", "creation_time", "date"}


def test_nothing_of_it_reaches_a_platform_or_a_playlist_and_no_secret_reaches_anybody(tmp_path: Path) -> None:
    """A whole service with secrets everywhere, one sink that works and two that do not, read by every way that there is."""
    port, secrets = free_port(), Secrets()
    with (
        Camera(tmp_path, user="admin", password=secrets.camera, clip=talkative(tmp_path)) as camera,
        Platform(tmp_path, keys={secrets.key}) as platform,
    ):
        (tmp_path / "token").write_text(secrets.token)
        (tmp_path / "settings.toml").write_text(
            f"""
[[camera]]
name = "door"
source = "env:CAMERA"
sinks = ["env:SINK", {{ url = "rtmp://127.0.0.1:{platform.port}/live", key = "env:WRONG" }},
    "rtmp://127.0.0.1:{free_port()}/live/{secrets.gone}", "hls://{tmp_path}/shown", "{tmp_path}/out.mkv"]
privacy = {{ accuracy = "light" }}
[control]
port = {port}
token = "file:{tmp_path}/token"
[log]
level = "debug"
"""
        )
        environment = os.environ | {"CAMERA": camera.url, "SINK": platform.url(secrets.key), "WRONG": secrets.wrong}
        command = [VEILCAST, "run", "-c", str(tmp_path / "settings.toml")]
        checked = subprocess.run([VEILCAST, "check", "-c", str(tmp_path / "settings.toml")], env=environment, capture_output=True)
        drawn = subprocess.run([VEILCAST, "graph", "-c", str(tmp_path / "settings.toml")], env=environment, capture_output=True)
        with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE) as service:
            try:
                deadline = time.monotonic() + 60
                while not all_there(platform, secrets.key, tmp_path) and time.monotonic() < deadline:
                    time.sleep(0.2)
                read = dict(everything_readable(service.pid, tmp_path, port, secrets.token))
                os.kill(family(service.pid)[0], signal.SIGSEGV)
                time.sleep(1.0)
            finally:
                service.terminate()
                _, log = service.communicate(timeout=20)
        read |= {"log": log, "check": checked.stdout + checked.stderr, "graph": drawn.stdout + drawn.stderr}
        outputs = [*platform.recordings(secrets.key), tmp_path / "out.mkv", *(tmp_path / "shown").iterdir()]
        assert b"SIGSEGV" in log
        assert platform.asked.count(secrets.key) >= 1
        for path in outputs:
            content = path.read_bytes()
            assert [words for words in TOLD if words.encode() in content] == [], path
            assert [secret for secret in secrets.all if secret.encode() in content] == [], path
        assert supplements(tmp_path / "out.mkv") == []
    assert len(read) > 10
    assert [(name, secret) for name, text in read.items() for secret in secrets.all if secret.encode() in text] == []


class Secrets:
    """Words that are nowhere else."""

    camera, key, wrong, gone = "c4mera-pass", "k3y-of-platform", "wr0ng-key", "g0ne-key"
    token = "t0ken-that-is-long-enough"

    @property
    def all(self) -> tuple[str, ...]:
        return (self.camera, self.key, self.wrong, self.gone, self.token)


def all_there(platform: Platform, key: str, folder: Path) -> bool:
    recorded = sum(path.stat().st_size for path in platform.recordings(key))
    return recorded > 50_000 and (folder / "shown" / "index.m3u8").exists() and len(platform.asked) > 1


def everything_readable(pid: int, folder: Path, port: int, token: str) -> Iterator[tuple[str, bytes]]:
    """Whatever a visitor, another user or a support engineer can read while the service runs."""
    children = family(pid)
    assert children
    for process in (pid, *children):
        yield f"arguments of {process}", Path(f"/proc/{process}/cmdline").read_bytes()
    for process in children:
        try:
            yield f"environment of {process}", Path(f"/proc/{process}/environ").read_bytes()
        except PermissionError:
            yield f"environment of {process}", b"not even its own user can read it"
    for path in ("/", "/metrics", "/api/cameras", "/readyz", "/live/door/index.m3u8", "/live/..%2fsettings.toml", "/nothing"):
        yield f"HTTP {path}", answer(f"http://127.0.0.1:{port}{path}", token)
        yield f"HTTP {path} without a token", answer(f"http://127.0.0.1:{port}{path}", "")
    for path in (folder / "shown").glob("*.m3u8"):
        yield str(path), path.read_bytes()


def answer(url: str, token: str) -> bytes:
    command = [
        "curl",
        "-s",
        "-i",
        "--path-as-is",
        "--max-time",
        "5",
        "-H",
        f"Authorization: Bearer {token}" if token else "X: y",
        url,
    ]
    return subprocess.run(command, capture_output=True, check=True).stdout


def family(pid: int) -> list[int]:
    found = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return found + [grandchild for child in found for grandchild in family(child)]


def test_a_secret_typed_into_the_command_line_is_soon_in_no_argument_list(tmp_path: Path) -> None:
    port, secret = free_port(), "h1dden-s3cret"
    command = [VEILCAST, "run", "--sink", f"rtmp://127.0.0.1:{port}/live/{secret}", "--no-http", "--accuracy", "light"]
    command += ["--source", f"file://{CUTS}?loop=true&realtime=true"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as service:
        try:
            deadline = time.monotonic() + 60
            while not (children := family(service.pid)) and time.monotonic() < deadline:
                time.sleep(0.1)
            for pid in (service.pid, *children):
                assert secret.encode() not in Path(f"/proc/{pid}/cmdline").read_bytes()
            time.sleep(2)
        finally:
            service.terminate()
            _, log = service.communicate(timeout=20)
    assert "sink waiting" in log
    assert secret not in log
