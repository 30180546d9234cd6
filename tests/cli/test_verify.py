"""``verify`` on recordings that the product made and somebody else edited."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import pytest

from proxy.attestation.keys import DeviceKey
from proxy.cli import entry
from proxy.encoding.packet import NAL_CODECS, EncodedPacket, VideoCodec
from proxy.sinks import hls
from proxy.sinks.file import FileSink, Options
from proxy.sinks.hls import HlsSink
from tests.attestation.signing import GOP, KEY, device, signed
from tests.programmes import stream

Edit = Callable[[list[list[bytes]]], list[list[bytes]]]
NOW_MS = 1_790_000_000_000
TICKS = Fraction(1, 25)


@pytest.fixture
def trust(tmp_path: Path) -> Path:
    path = tmp_path / "keys.json"
    path.write_text(json.dumps({"keys": [KEY.public.jwk() | {"name": "Box 7"}]}))
    return path


async def recorded(folder: Path, name: str, *, codec: VideoCodec = VideoCodec.H264, live: bool = True) -> Path:
    packets, _ = signed(8 * GOP - 2, codec=codec, by=device(live=live))
    return await written(folder / name, packets)


async def written(path: Path, packets: list[EncodedPacket]) -> Path:
    await FileSink(Options(path=path)).run(stream(packets))
    return path


def edited(path: Path, edit: Edit) -> Path:
    """Another file with the pictures of ``path`` after ``edit`` did something to its groups, at 25 pictures a second."""
    out = path.with_stem("edited")
    with av.open(str(path)) as source, av.open(str(out), "w") as target:
        from_stream = source.streams.video[0]
        to_stream = target.add_stream_from_template(from_stream, opaque=True)
        groups: list[list[bytes]] = []
        for packet in source.demux(from_stream):
            if packet.size:
                if packet.is_keyframe:
                    groups.append([])
                groups[-1].append(bytes(packet))
        number = 0
        for group in edit(groups):
            for at, data in enumerate(group):
                packet = av.Packet(data)
                packet.stream, packet.time_base = to_stream, TICKS
                packet.pts = packet.dts = number
                packet.duration, packet.is_keyframe = 1, at == 0
                target.mux(packet)
                number += 1
    return out


def verify(path: Path | str, trust: Path, capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int, str]:
    code = entry.execute(["verify", str(path), "--trust", str(trust), *more])
    return code, capsys.readouterr().out


@pytest.mark.parametrize("codec", list(NAL_CODECS.values()))
@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.mov"])
@pytest.mark.parametrize("live", [True, False])
async def test_a_recording_is_proven_and_says_by_whom(tmp_path, trust, capsys, codec, name, live):
    code, said = verify(await recorded(tmp_path, name, codec=codec, live=live), trust, capsys)
    assert code == 0, said
    assert 'proven by "Box 7"' in said
    assert "camera door" in said
    assert "NOT PROVEN" not in said


@pytest.mark.parametrize("codec", list(NAL_CODECS.values()))
@pytest.mark.parametrize("container", ["fmp4", "ts"])
async def test_hls_is_proven(tmp_path, trust, capsys, codec, container):
    packets, _ = signed(8 * GOP - 2, codec=codec)
    sink = HlsSink(hls.Options.model_validate({"path": tmp_path / "live", "container": container, "segment_s": 0.8}))
    await sink.run(stream(packets))
    code, said = verify(tmp_path / "live" / "index.m3u8", trust, capsys)
    assert code == 0, said
    assert "79 of 79 pictures are proven" in said


def altered(groups: list[list[bytes]]) -> list[list[bytes]]:
    data = bytearray(groups[3][4])
    data[-3] ^= 1
    return [*groups[:3], [*groups[3][:4], bytes(data), *groups[3][5:]], *groups[4:]]


@pytest.mark.parametrize("live", [True, False])
@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
@pytest.mark.parametrize(
    ("edit", "code", "word"),
    [
        (lambda groups: groups, 0, "79 of 79"),
        (lambda groups: groups[:3] + groups[4:], 51, "removed"),
        (lambda groups: [*groups[:4], groups[3], *groups[4:]], 51, "repeated"),
        (lambda groups: [*groups[:3], groups[4], groups[3], *groups[5:]], 51, "reordered"),
        (lambda groups: [*groups[:3], [*groups[3][:4], *groups[3][6:]], *groups[4:]], 51, "altered"),
        (altered, 51, "altered"),
    ],
    ids=["nothing", "removed", "repeated", "reordered", "shortened", "altered"],
)
async def test_what_was_done_to_a_recording_is_found(tmp_path, trust, capsys, live, name, edit, code, word):
    path = await recorded(tmp_path, name, live=live)
    if not live:
        word = word.replace("79", "78")
    found, said = verify(edited(path, edit), trust, capsys)
    assert (found, word in said) == (code, True), said


async def test_a_splice_of_another_recording_is_found(tmp_path, trust, capsys):
    other = edited(await written(tmp_path / "other.mp4", signed(8 * GOP, shade=3)[0]), lambda groups: groups)
    theirs: list[list[bytes]] = []
    edited(other, lambda groups: theirs.extend(groups) or groups)
    mine = await recorded(tmp_path, "a.mp4")
    code, said = verify(edited(mine, lambda groups: groups[:3] + theirs[3:5] + groups[5:]), trust, capsys)
    assert code == 51
    assert "spliced" in said


async def test_a_weaker_policy_and_an_unknown_key_have_codes_of_their_own(tmp_path, trust, capsys):
    path = await recorded(tmp_path, "a.mp4")
    minimum = tmp_path / "minimum.toml"
    minimum.write_text("lookback_ms = 500\n")
    assert verify(path, trust, capsys, "--policy", str(minimum))[0] == 53
    minimum.write_text("lookback_ms = 400\n")
    assert verify(path, trust, capsys, "--policy", str(minimum))[0] == 0
    assert verify(path, trust, capsys, "--camera", "yard")[0] == 51
    assert verify(path, trust, capsys, "--max-age", "1")[0] == 54
    trust.write_text(json.dumps(DeviceKey.new().public.jwk()))
    code, said = verify(path, trust, capsys)
    assert code == 52
    assert "unknown-key" in said


async def test_the_result_for_programs_has_every_claim(tmp_path, trust, capsys):
    code, said = verify(await recorded(tmp_path, "a.mkv"), trust, capsys, "--json")
    document = json.loads(said)
    assert (document["exit_code"], document["frames"], document["frames_proven"]) == (code, 79, 79) == (0, 79, 79)
    (span,) = document["spans"]
    assert span["key"] == {"id": KEY.public.id, "name": "Box 7"}
    assert [claim["seq"] for claim in span["claims"]] == list(range(8))


def test_a_recording_without_claims_is_not_proven(tmp_path, trust, capsys):
    street = Path(__file__).parents[2] / "sample_videos" / "street.mp4"
    code, said = verify(street, trust, capsys)
    assert code == 50
    assert "NOT PROVEN" in said
    assert "0 of" in said


def test_what_cannot_be_read_is_one_line(tmp_path, trust, capsys):
    assert entry.execute(["verify", str(tmp_path / "none.mp4"), "--trust", str(trust)]) == 10
    assert entry.execute(["verify", "x.mp4", "--trust", str(tmp_path / "none.json")]) == 2
    assert "Traceback" not in capsys.readouterr().err
