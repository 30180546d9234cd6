"""``discover`` finds a camera, lists its streams and writes settings: a real ONVIF service, in a network namespace of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from proxy.cli import entry
from proxy.settings.service import load

ROOT = Path(__file__).parents[2]
VEILCAST = Path(sys.executable).with_name("veilcast")
NETWORK = (
    "ip link set lo up && ip link add here type veth peer name there && ip addr add 10.99.0.1/24 dev here && "
    "ip link set here up && ip link set there up && ip route add 224.0.0.0/4 dev here"
)


def in_a_network(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run ``script`` beside a camera at 10.99.0.1, in a namespace that nothing gets out of."""
    camera = f"{sys.executable} -m tests.peers.onvif_camera 10.99.0.1 admin hunter2 >{folder / 'camera.log'} 2>&1 & camera=$!"
    waited = "for try in $(seq 100); do (exec 3<>/dev/tcp/10.99.0.1/28180) 2>/dev/null && break; sleep 0.1; done"
    whole = f"{NETWORK}\n{camera}\n{waited}\n{script}\nstatus=$?; kill $camera; exit $status"
    environment = {**os.environ, "WORD": "hunter2", "BAD": "wrong"}
    command = ["unshare", "--net", "bash", "-c", whole]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=100, check=False)


POSSIBLE = subprocess.run(["unshare", "--net", "true"], check=False, capture_output=True).returncode == 0
needs_namespaces = pytest.mark.skipif(not POSSIBLE, reason="no network namespaces here")


@pytest.mark.peer
@pytest.mark.timeout(120)
@needs_namespaces
def test_a_camera_on_the_network_is_found_listed_and_written(tmp_path: Path) -> None:
    path = tmp_path / "veilcast.toml"
    login = "--user admin --password env:WORD"
    done = in_a_network(
        f"{VEILCAST} discover --wait 2 {login} && {VEILCAST} discover 10.99.0.1:28180 {login} --write {path} --name door", tmp_path
    )
    assert done.returncode == 0, done.stderr + (tmp_path / "camera.log").read_text()
    assert "http://10.99.0.1:28180/onvif/device_service  Door" in done.stdout
    assert "*Profile_Main  H264, 640x360, 30 frames/s  rtsp://10.99.0.1:28554/video_main" in done.stdout
    assert "hunter2" not in done.stdout + done.stderr + path.read_text()
    (camera,) = load(path).cameras
    assert camera.name == "door"
    assert camera.source.url.get_secret_value() == "rtsp://admin:hunter2@10.99.0.1:28554/video_main"


@pytest.mark.peer
@pytest.mark.timeout(120)
@needs_namespaces
def test_a_camera_that_says_no_is_told_as_such(tmp_path: Path) -> None:
    done = in_a_network(f"{VEILCAST} discover 10.99.0.1:28180 --user admin --password env:BAD", tmp_path)
    assert done.returncode == 11
    assert "refused the user name or password" in done.stderr
    assert in_a_network(f"{VEILCAST} discover 10.99.0.1:28180", tmp_path).returncode == 11


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--write", "x.toml"], "--write takes one camera"),
        (["h", "--user", "admin"], "go together"),
        (["ftp://h"], "CAMERA: expected"),
        (["h", "--user", "a", "--password", "env:NOT_SET_ANYWHERE"], "is not set"),
    ],
)
def test_what_does_not_fit_together_is_said(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert entry.execute(["discover", *arguments]) == 2
    assert said in capsys.readouterr().err
