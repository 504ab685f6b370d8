"""The certificate of the simulated gateway."""

from __future__ import annotations

import hashlib
import ssl
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from scheduler.simulator.certificate import self_signed

NOW = datetime(2026, 7, 1, tzinfo=UTC)


def test_it_looks_like_that_of_a_gateway() -> None:
    made = x509.load_pem_x509_certificate(self_signed(NOW).certificate)
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    key = made.public_key()
    assert names.get_values_for_type(x509.DNSName) == ["teg", "powerwall", "powerpack"]
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert isinstance(key.curve, ec.SECP256R1)
    assert made.issuer == made.subject
    assert made.not_valid_before_utc < NOW < made.not_valid_after_utc


def test_its_fingerprint_is_the_sha256_of_its_der() -> None:
    made = self_signed(NOW)
    der = ssl.PEM_cert_to_DER_cert(made.certificate.decode())
    assert made.fingerprint == hashlib.sha256(der).hexdigest()


def test_each_one_is_new_and_its_key_is_not_shown() -> None:
    one, other = self_signed(NOW), self_signed(NOW)
    assert one.fingerprint != other.fingerprint
    assert one.key != other.key
    assert "PRIVATE KEY" not in repr(one)


def test_the_key_is_on_disk_for_us_alone_and_only_while_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    load = ssl.SSLContext.load_cert_chain

    def watched(context: ssl.SSLContext, path: Path) -> None:
        seen.append(path.stat().st_mode & 0o777)
        load(context, path)

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(ssl.SSLContext, "load_cert_chain", watched)
    self_signed(NOW).server_context()
    assert seen == [0o600]
    assert list(tmp_path.iterdir()) == []


def test_the_key_is_gone_even_if_it_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_context: ssl.SSLContext, _path: Path) -> None:
        raise ssl.SSLError("no")

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(ssl.SSLContext, "load_cert_chain", broken)
    with pytest.raises(ssl.SSLError):
        self_signed(NOW).server_context()
    assert list(tmp_path.iterdir()) == []
