"""How long a stream is trusted, what ends that, and what viewers get in the place of what is not proven."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys

import pytest

from proxy.attestation.digest import is_picture
from proxy.attestation.findings import Finding, Kind, Verdict
from proxy.attestation.keys import DeviceKey
from proxy.attestation.minimum import Minimum
from proxy.attestation.trust import TrustedKey
from proxy.encoding.annexb import nal_units
from proxy.encoding.packet import VideoCodec
from proxy.errors import ConfigError
from proxy.platform.relay import GRAVE, Faith, Order, Relay
from proxy.telemetry.events import CoverHeeded
from proxy.telemetry.wire import Failed, from_line
from tests.attestation.signing import KEY, signed
from tests.peers.lying_box import lying_box
from tests.platform.running import CAFE, VEILCAST, box_key, platform, rows, until
from tests.programmes import STEP, encoded, every, pictures

CLAIM = signed(1)[1].take()[0].claim
PROVEN = Verdict(0, 1, 5, CLAIM, TrustedKey(KEY.public), ())


def unproven(kind: Kind) -> Verdict:
    return Verdict(0, 1, 5, None, None, (Finding(kind, "words"),))


def test_a_stream_is_trusted_for_as_long_as_something_of_it_is_proven_now_and_then():
    faith = Faith(10, since=0)
    assert faith.judge(unproven(Kind.UNPROVEN), 9) == ""
    assert faith.judge(PROVEN, 10) == ""
    assert faith.judge(unproven(Kind.ALTERED), 20) == ""
    assert faith.tired(20) == ""
    assert "10 s" in faith.judge(unproven(Kind.UNPROVEN), 20.1)
    assert "10 s" in faith.tired(20.1)


@pytest.mark.parametrize("kind", sorted(GRAVE))
def test_what_no_bad_line_does_ends_the_trust_at_once(kind):
    assert Faith(10, since=0).judge(unproven(kind), 1) == f"{kind}: words"


def test_a_gap_beside_proven_pictures_is_forgiven():
    beside = Verdict(0, 1, 5, CLAIM, TrustedKey(KEY.public), (Finding(Kind.REMOVED, "words"),))
    assert beside.proven
    assert Faith(10, since=0).judge(beside, 100) == ""


def order(folder, **more):
    members = {
        "name": "door", "source": "rtmp://127.0.0.1:1/ingest/door", "publish": "rtmp://127.0.0.1:1/live",
        "trust": folder / "keys.json", "minimum": None, "max_age_ms": 60_000, "patience_s": 10.0,
    }  # fmt: skip
    return Order.model_validate(members | more)


def test_what_is_asked_of_claims_is_read_from_the_files(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        order(tmp_path).rules()
    (tmp_path / "keys.json").write_text(json.dumps(DeviceKey.new().public.jwk()))
    (tmp_path / "minimum.toml").write_text("lookback_ms = 300\n")
    rules = order(tmp_path, minimum=tmp_path / "minimum.toml").rules()
    assert (rules.camera, rules.max_age_ms, rules.minimum, len(rules.trust.keys)) == ("door", 60_000, Minimum(lookback_ms=300), 1)


@pytest.mark.timeout(60)
def test_the_process_says_why_it_ends(tmp_path):
    line = order(tmp_path).model_dump_json().encode() + b"\n"
    with subprocess.Popen(
        [sys.executable, "-m", "proxy.platform.relay"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(line)
        process.stdin.flush()
        said = [from_line(one) for one in process.stdout.read().splitlines()]
        assert process.wait(30) == 10
    (failed,) = [one for one in said if isinstance(one, Failed)]
    assert (failed.exit_code, failed.retryable) == (10, True)


EMPTY = 300
"""No recording with a picture in it is smaller."""


def pictures_in(path) -> set[str]:
    """The hash of each slice, parameter sets and messages left out."""
    units = nal_units(path.read_bytes())
    return {hashlib.sha256(unit).hexdigest() for unit in units if is_picture(unit, VideoCodec.H264)}


def recorded(ingest):
    """What the platform recorded of the door, recordings without a picture left out."""
    return [path for path in ingest.recordings("door") if path.stat().st_size > EMPTY]


def annexb(recording, folder):
    """The H.264 in a recording, as it was sent."""
    out = folder / f"{recording.stem}.h264"
    command = ["ffmpeg", "-v", "error", "-y", "-i", str(recording), "-map", "0:v", "-c", "copy", "-bsf:v", "h264_mp4toannexb"]
    subprocess.run([*command, str(out)], check=True, timeout=60)
    return out


@pytest.mark.peer
@pytest.mark.timeout(300)
@pytest.mark.parametrize("attack", ["claims of others", "a key that nobody knows"])
def test_not_one_picture_passes_of_a_raw_stream_whose_proof_looks_right(tmp_path, attack):
    """The bytes that reach the platform hold no slice of what was sent, but a slate, and then what was anonymised here."""
    key, trust = box_key(tmp_path)
    if attack != "claims of others":
        key = tmp_path / "other.pem"
        subprocess.run([VEILCAST, "keys", "init", str(key)], check=True, capture_output=True, timeout=60)
    with platform(tmp_path, f'[proof]\ntrust = "{trust}"\npatience_s = 5\n') as (gateway, ingest):
        token = gateway.register("acme", "door", admission="verify")
        sent = tmp_path / "sent.h264"
        with lying_box(CAFE, ingest.url("door", token), key=key, camera="door", sent=sent, grafted=attack == "claims of others"):
            until(gateway.streams, within_s=60, why=gateway.log.read_text)
            until(lambda: gateway.streams()[0]["admission"] == "anonymise", within_s=60, why=gateway.log.read_text)
            until(lambda: gateway.sent("door") > 50, within_s=120, why=gateway.log.read_text)
            until(lambda: len(recorded(ingest)) >= 2, within_s=120, why=gateway.log.read_text)
        until(lambda: not gateway.streams(), within_s=20, why=gateway.log.read_text)
        raw, recordings = pictures_in(sent), recorded(ingest)
        passed = [pictures_in(annexb(path, tmp_path)) for path in recordings]
        assert len(raw) > 100
        assert len([shown for shown in passed if shown]) >= 2, [len(shown) for shown in passed]
        assert not raw & set().union(*passed)
        assert rows(tmp_path, "finding") == [], "there was nothing to find"
        assert len(rows(tmp_path, "proof-lost")) == 1


async def test_a_relay_that_is_told_to_cover_takes_back_what_waits_and_says_so(tmp_path):
    events = []
    watched = [{"type": "hls", "path": tmp_path, "door": tmp_path / "hls"}, {"type": "whep", "door": tmp_path / "whep"}]
    relay = Relay(order(tmp_path, watched=watched), events.append)
    (packet, *_) = encoded(pictures(every(STEP, 10)))
    await relay._send(packet)
    assert [len(publisher.channel) for publisher in relay._publishers] == [1, 1, 1]
    relay.heed(b"cover\n")
    assert [len(publisher.channel) for publisher in relay._publishers] == [0, 0, 0]
    relay.heed(b"uncover\n")
    relay.heed(b"something else\n")
    assert events == [CoverHeeded("door", covered=True), CoverHeeded("door", covered=False)]
