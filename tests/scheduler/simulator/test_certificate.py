"""The certificate of the simulated gateway."""

from __future__ import annotations

import hashlib
import ssl
import tempfile
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from scheduler.errors import ConfigProblem
from scheduler.simulator.certificate import LOOPBACK_NAMES, kept, self_signed

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


def test_it_may_be_known_by_other_names() -> None:
    made = self_signed(NOW, LOOPBACK_NAMES)
    names = (
        x509.load_pem_x509_certificate(made.certificate)
        .extensions.get_extension_for_class(x509.SubjectAlternativeName)
        .value
    )
    assert names.get_values_for_type(x509.DNSName) == ["localhost"]
    assert names.get_values_for_type(x509.IPAddress) == [IPv4Address("127.0.0.1")]


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


class TestKept:
    def test_the_second_one_is_the_first_and_its_key_is_ours_alone(self, tmp_path: Path) -> None:
        path = tmp_path / "data" / "gateway.pem"
        first = kept(path, NOW)
        assert kept(path, NOW + timedelta(days=1)) == first
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.parent.stat().st_mode & 0o777 == 0o700
        assert list(path.parent.iterdir()) == [path]
        first.server_context()

    def test_a_fresh_one_is_kept_in_place_of_the_old_one(self, tmp_path: Path) -> None:
        path = tmp_path / "gateway.pem"
        old = kept(path, NOW)
        fresh = kept(path, NOW, fresh=True)
        assert fresh.fingerprint != old.fingerprint
        assert kept(path, NOW) == fresh
        assert path.stat().st_mode & 0o777 == 0o600

    @pytest.mark.parametrize("fresh", [False, True])
    def test_what_others_put_in_the_way_is_not_followed(self, tmp_path: Path, fresh: bool) -> None:
        path, victim = tmp_path / "gateway.pem", tmp_path / "victim"
        victim.write_text("precious")
        path.symlink_to(victim)
        (tmp_path / ".gateway.pem.new").symlink_to(victim)
        if fresh:
            kept(path, NOW, fresh=True)
            assert not path.is_symlink()
        else:
            with pytest.raises(ConfigProblem, match="cannot read the certificate"):
                kept(path, NOW)
        assert victim.read_text() == "precious"

    def test_a_key_that_others_may_read_is_not_used(self, tmp_path: Path) -> None:
        path = tmp_path / "gateway.pem"
        kept(path, NOW)
        path.chmod(0o640)
        with pytest.raises(ConfigProblem, match="others may read the key; chmod 600 it"):
            kept(path, NOW)

    @pytest.mark.parametrize("whose", ["nobody", "another", "no key", "no certificate"])
    def test_what_is_no_certificate_with_its_key_is_not_overwritten(
        self, tmp_path: Path, whose: str
    ) -> None:
        path = tmp_path / "gateway.pem"
        ours, theirs = self_signed(NOW), self_signed(NOW)
        content = {
            "nobody": b"hello",
            "another": ours.key + theirs.certificate,
            "no key": ours.certificate,
            "no certificate": ours.key,
        }[whose]
        path.write_bytes(content)
        path.chmod(0o600)
        with pytest.raises(ConfigProblem, match="--fresh-certificate replaces it"):
            kept(path, NOW)
        assert path.read_bytes() == content
        assert kept(path, NOW, fresh=True) == kept(path, NOW)

    @pytest.mark.parametrize("place", ["folder", "file/below", "zero\0byte"])
    def test_where_it_cannot_be_kept_is_one_sentence_with_the_way_out(
        self, tmp_path: Path, place: str
    ) -> None:
        (tmp_path / "folder").mkdir()
        (tmp_path / "file").touch()
        for fresh in (False, True):
            with pytest.raises(ConfigProblem, match=r"with --certificate$"):
                kept(tmp_path / place, NOW, fresh=fresh)
