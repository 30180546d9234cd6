"""Nothing but the picture: what a camera wrote into its file is in no output, and secrets are in no argument list."""

import os
import subprocess
import sys
import time
from pathlib import Path

import av
import pytest

from tests.peers.process import free_port

VEILCAST = str(Path(sys.executable).with_name("veilcast"))
CUTS = Path(__file__).parents[2] / "sample_videos" / "cuts.mp4"
TOLD = ("Hauptstrasse 12", "48.1374", "2019-01-02", "Chapter of the owner")

pytestmark = [pytest.mark.peer, pytest.mark.timeout(120)]


def talkative(folder: Path) -> Path:
    """A clip with a title, a place, a date, a chapter, subtitles and a cover picture."""
    subtitles, chapters, clip = folder / "words.srt", folder / "chapters.txt", folder / "talkative.mkv"
    subtitles.write_text(f"1\n00:00:00,000 --> 00:00:02,000\n{TOLD[0]}\n")
    chapters.write_text(f";FFMETADATA1\ntitle={TOLD[0]}\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=2000\ntitle={TOLD[3]}\n")
    command = ["ffmpeg", "-v", "error", "-y", "-i", str(CUTS), "-i", str(subtitles), "-i", str(chapters), "-map_metadata", "2"]
    command += ["-map", "0:v", "-map", "1:s", "-t", "2", "-c:v", "libx264", "-preset", "ultrafast", "-c:s", "srt"]
    command += ["-metadata", f"location={TOLD[1]}", "-metadata", f"creation_time={TOLD[2]}T00:00:00Z"]
    command += ["-bsf:v", "h264_metadata=sei_user_data=086f3693-b7b3-4f2c-9653-21492feee5b8+" + TOLD[0].replace(" ", "_")]
    subprocess.run([*command, str(clip)], check=True, timeout=60)
    return clip


@pytest.mark.parametrize("ending", ["mp4", "mkv"])
def test_titles_places_dates_chapters_subtitles_and_sei_stay_behind(tmp_path, ending):
    clip, out = talkative(tmp_path), tmp_path / f"out.{ending}"
    content = clip.read_bytes()
    assert all(words.encode() in content for words in (TOLD[0], TOLD[1], TOLD[3], TOLD[0].replace(" ", "_")))
    subprocess.run([VEILCAST, "anonymise", str(clip), str(out), "--accuracy", "light"], check=True, timeout=90, capture_output=True)
    written = out.read_bytes()
    for words in (*TOLD, TOLD[0].replace(" ", "_")):
        assert words.encode() not in written
    with av.open(str(out)) as after:
        assert {stream.type for stream in after.streams} == {"video"}
        assert not after.chapters()
        assert not {name.lower() for name in after.metadata} & {"title", "location", "creation_time", "date"}


def test_secrets_are_in_no_argument_list_and_no_environment_of_a_camera(tmp_path):
    """As every user of the machine can read them, while the service runs."""
    port, secret = free_port(), "h1dden-s3cret"
    command = [VEILCAST, "run", "--source", "env:CAMERA", "--sink", f"rtmp://127.0.0.1:{port}/live/{secret}", "--no-http"]
    command += ["--accuracy", "light"]
    environment = os.environ | {"CAMERA": f"file://{CUTS}?loop=true&realtime=true", "CAMERA_PASSWORD": secret}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as service:
        try:
            deadline = time.monotonic() + 60
            while not (children := family(service.pid)) and time.monotonic() < deadline:
                time.sleep(0.1)
            time.sleep(2)
            assert children
            for pid in (service.pid, *children):
                assert secret.encode() not in Path(f"/proc/{pid}/cmdline").read_bytes()
            for pid in children:
                assert secret.encode() not in Path(f"/proc/{pid}/environ").read_bytes()
        finally:
            service.terminate()
            _, log = service.communicate(timeout=20)
    assert "sink waiting" in log
    assert secret not in log


def family(pid: int) -> list[int]:
    found = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return found + [grandchild for child in found for grandchild in family(child)]
