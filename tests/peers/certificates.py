"""Certificates for peers on loopback: nobody's, or of an authority of the test's own."""

from __future__ import annotations

import datetime as dt
import ipaddress
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

OUT_OF_DATE: Final = dt.timedelta(days=-30)


def self_signed(folder: Path, *, host: str = "127.0.0.1", age: dt.timedelta = dt.timedelta()) -> Path:
    """A file with a key and its certificate for ``host``, signed by itself; whoever trusts the file trusts the peer."""
    key = _key()
    path = folder / "peer.pem"
    path.write_bytes(_private(key) + _certificate("peer of a test", key, "peer of a test", key, host=host, age=age))
    return path


def authority(folder: Path, host: str, *, age: dt.timedelta = dt.timedelta()) -> tuple[Path, Path]:
    """A private authority and a certificate of it for ``host``: the paths of the authority, and of key and certificate."""
    signer, key = _key(), _key()
    trusted, peer = folder / "ca.pem", folder / "server.pem"
    trusted.write_bytes(_certificate("test authority", signer, "test authority", signer, host=host, age=age, is_authority=True))
    peer.write_bytes(_private(key) + _certificate(host, key, "test authority", signer, host=host, age=age))
    return trusted, peer


def _certificate(
    subject: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: str,
    signer: ec.EllipticCurvePrivateKey,
    *,
    host: str,
    age: dt.timedelta,
    is_authority: bool = False,
) -> bytes:
    """One that is valid for two days around now plus ``age``, PEM."""
    now = dt.datetime.now(dt.UTC) + age
    builder = (
        x509.CertificateBuilder()
        .subject_name(_named(subject))
        .issuer_name(_named(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(1))
        .not_valid_after(now + dt.timedelta(1))
        .add_extension(x509.SubjectAlternativeName([_general(host)]), critical=False)
    )
    if subject != issuer or is_authority:
        builder = builder.add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
    return builder.sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def _named(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, text)])


def _general(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
