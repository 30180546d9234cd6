"""How long a stream is trusted, and what ends that. tests/platform/test_service.py runs the process itself."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from proxy.attestation.findings import Finding, Kind, Verdict
from proxy.attestation.keys import DeviceKey
from proxy.attestation.minimum import Minimum
from proxy.attestation.trust import TrustedKey
from proxy.errors import ConfigError
from proxy.platform.relay import GRAVE, Faith, Order
from proxy.telemetry.wire import Failed, from_line
from tests.attestation.signing import KEY, signed

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
        "name": "door", "pull": "rtmp://127.0.0.1:1/ingest", "publish": "rtmp://127.0.0.1:1/live", "trust": folder / "keys.json",
        "minimum": None, "max_age_ms": 60_000, "patience_s": 10.0,
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
