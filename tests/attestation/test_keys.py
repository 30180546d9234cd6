"""A device key stays where it is, and its public half is what RFC 8037 says."""

import stat

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from proxy.attestation.keys import DeviceKey, PublicKey
from proxy.errors import ConfigError


def test_the_public_half_is_the_jwk_of_rfc_8037_and_its_id_the_thumbprint():
    """RFC 8037, appendices A.2 and A.3."""
    key = PublicKey.from_jwk({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})
    assert key.id == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
    assert PublicKey.from_jwk(key.jwk()) == key


def test_a_key_survives_its_file_and_only_its_owner_may_read_that(tmp_path):
    path = tmp_path / "device.pem"
    key = DeviceKey.new()
    key.save(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    again = DeviceKey.load(path)
    assert again.public == key.public
    assert key.public.signed(again.sign(b"text"), b"text")
    assert not key.public.signed(again.sign(b"text"), b"another text")


def test_no_key_is_ever_overwritten(tmp_path):
    path = tmp_path / "device.pem"
    DeviceKey.new().save(path)
    content = path.read_bytes()
    with pytest.raises(ConfigError, match="exists"):
        DeviceKey.new().save(path)
    assert path.read_bytes() == content


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_key_that_others_may_read_is_refused_with_what_to_do(tmp_path, mode):
    path = tmp_path / "device.pem"
    DeviceKey.new().save(path)
    path.chmod(mode)
    with pytest.raises(ConfigError, match="by others") as refusal:
        DeviceKey.load(path)
    assert "chmod 600" in refusal.value.hint


def test_what_is_no_ed25519_key_is_refused(tmp_path):
    other = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for content in (b"", b"\xff" * 200, other):
        path = tmp_path / "key.pem"
        path.write_bytes(content)
        path.chmod(0o600)
        with pytest.raises(ConfigError, match="no Ed25519 key"):
            DeviceKey.load(path)
    with pytest.raises(ConfigError, match="cannot be read"):
        DeviceKey.load(tmp_path / "nowhere.pem")


@pytest.mark.parametrize("jwk", [None, [], {}, {"kty": "OKP", "crv": "Ed25519"}, {"kty": "OKP", "crv": "Ed25519", "x": "AAAA"}])
def test_what_is_no_public_key_is_refused(jwk):
    with pytest.raises(ValueError, match=r"expected|Ed25519|32"):
        PublicKey.from_jwk(jwk)


def test_the_secret_is_in_no_text_that_is_made_of_a_key(tmp_path):
    key = DeviceKey.new()
    path = tmp_path / "device.pem"
    key.save(path)
    secret = path.read_text().splitlines()[1]
    assert secret not in repr(key)
    assert secret not in str(key.public.jwk())
