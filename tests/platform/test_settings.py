"""gateway.toml is read as it is meant, or refused with everything that is wrong."""

import pytest
from pydantic import SecretStr

from proxy.errors import ConfigError
from proxy.platform.relay import Order
from proxy.platform.settings import GatewaySettings, load
from proxy.settings.camera import dump_camera, parse_camera
from proxy.sinks import rtmp as rtmp_sink
from proxy.sources import rtmp as rtmp_source

GOOD = {
    "folder": "/var/lib/veilcast-gateway",
    "key": "/etc/veilcast/gateway.pem",
    "pull": "rtmp://127.0.0.1/ingest",
    "publish": "rtmp://127.0.0.1/live/",
    "http": {"admin": "admin-token-0123456789"},
    "privacy": {"accuracy": "light", "method": "solid"},
    "encoding": {"bitrate_kbps": 1500},
}


def test_a_stream_is_run_as_the_file_says():
    settings = GatewaySettings.model_validate(GOOD)
    camera = settings.camera("door", rtmp_source.Options(url=SecretStr(settings.ingest("door"))))
    assert isinstance(camera.source, rtmp_source.Options)
    assert camera.source.url.get_secret_value() == "rtmp://127.0.0.1/ingest/door"
    (sink,) = camera.sinks
    assert isinstance(sink, rtmp_sink.Options)
    assert (sink.address().app, sink.address().key) == ("live", "door")
    assert (camera.privacy.method, camera.encoding.bitrate_kbps) == ("solid", 1500)
    assert parse_camera(dump_camera(camera)) == camera


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"pull": "rtsp://127.0.0.1/ingest"}, "rtmp://"),
        ({"pull": "rtmp://"}, "RTMP"),
        ({"publish": "rtmp://127.0.0.1"}, "RTMP"),
        ({"publish": "rtmp://127.0.0.1/ingest"}, "different"),
        ({"http": {"admin": "short"}}, "16 characters"),
        ({"http": {"admin": "a" * 20, "viewer": "a" * 20}}, "of its own"),
        ({"http": {}}, "http.admin"),
        ({"admission": "trust"}, "admission"),
        ({"admission": "verify"}, "proof.trust"),
        ({"colour": 1}, "colour"),
    ],
)
def test_what_is_wrong_is_named_and_no_secret_is_repeated(tmp_path, change, words):
    def toml(value):
        if isinstance(value, dict):
            return "{" + ", ".join(f"{key} = {toml(inner)}" for key, inner in value.items()) + "}"
        return f'"{value}"' if isinstance(value, str) else str(value)

    path = tmp_path / "gateway.toml"
    path.write_text("".join(f"{key} = {toml(value)}\n" for key, value in (GOOD | change).items()))
    with pytest.raises(ConfigError) as refusal:
        load(path)
    said = " ".join((refusal.value.message, *refusal.value.problems))
    assert words in said
    assert "aaaaaaaa" not in said


def test_a_file_that_is_not_there_or_no_toml_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_text("folder = [")
    with pytest.raises(ConfigError, match="not valid TOML"):
        load(tmp_path / "bad.toml")


def test_a_relay_is_told_what_is_asked_of_the_stream(tmp_path):
    proof = {"trust": str(tmp_path / "keys.json"), "max_age_s": 20}
    order = GatewaySettings.model_validate(GOOD | {"proof": proof, "admission": "verify"}).relay("door")
    assert (order.name, order.max_age_ms, order.patience_s, order.minimum) == ("door", 20_000, 10.0, None)
    assert Order.model_validate_json(order.model_dump_json()) == order
    with pytest.raises(ConfigError, match=r"proof\.trust"):
        GatewaySettings.model_validate(GOOD).relay("door")


def test_the_policy_for_the_ledger_says_what_is_hidden_and_what_is_asked(tmp_path):
    (tmp_path / "minimum.toml").write_text('targets = ["head", "face"]\n')
    proof = {"trust": str(tmp_path / "keys.json"), "policy": str(tmp_path / "minimum.toml")}
    policy = GatewaySettings.model_validate(GOOD | {"proof": proof}).policy()
    assert policy["privacy"]["method"] == "solid"
    assert policy["asked_of_proof"]["targets"] == ["face", "head"]
    assert GatewaySettings.model_validate(GOOD).policy()["asked_of_proof"] is None
