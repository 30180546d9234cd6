"""A list of trusted keys is read as it is meant, or refused."""

import json

import pytest

from proxy.attestation.keys import DeviceKey
from proxy.attestation.trust import Trust
from proxy.errors import ConfigError

KEY = DeviceKey.new().public


def loaded(folder, document):
    path = folder / "keys.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return Trust.load(path)


def test_a_single_key_as_it_is_printed_is_a_list(tmp_path):
    trusted = loaded(tmp_path, KEY.jwk()).keys[KEY.id]
    assert (trusted.key, trusted.cameras, trusted.revoked) == (KEY, None, False)


def test_a_set_says_more_of_each_key(tmp_path):
    row = KEY.jwk() | {
        "name": "Box 7",
        "cameras": ["door"],
        "not_before": "2026-01-01T00:00:00Z",
        "not_after": "2027-01-01T00:00:00+01:00",
        "revoked": "2026-06-01T00:00:00Z",
    }
    trusted = loaded(tmp_path, {"keys": [row, DeviceKey.new().public.jwk()]}).keys[KEY.id]
    assert (trusted.name, trusted.cameras, trusted.revoked) == ("Box 7", frozenset({"door"}), True)
    assert (trusted.not_before_ms, trusted.not_after_ms) == (1_767_225_600_000, 1_798_758_000_000)
    assert "Box 7" in trusted.told


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ("{", "not JSON"),
        ([], "no keys"),
        ({"keys": []}, "no keys"),
        ({"keys": [KEY.jwk(), KEY.jwk()]}, "more than once"),
        (KEY.jwk() | {"kid": "another"}, "thumbprint"),
        (KEY.jwk() | {"d": "c2VjcmV0"}, "keys.0.d"),
        (KEY.jwk() | {"revoked": "yesterday"}, "keys.0.revoked"),
        (KEY.jwk() | {"not_before": "2026-01-01T00:00:00"}, "keys.0.not_before"),
        (KEY.jwk() | {"crv": "X25519"}, "Ed25519"),
    ],
)
def test_what_is_no_list_of_keys_is_refused_and_says_where(tmp_path, document, words):
    with pytest.raises(ConfigError) as refusal:
        loaded(tmp_path, document)
    assert words in " ".join((refusal.value.message, *refusal.value.problems))
    with pytest.raises(ConfigError, match="cannot be read"):
        Trust.load(tmp_path / "none.json")
