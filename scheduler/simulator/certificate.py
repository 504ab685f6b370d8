"""A certificate as a gateway has one: self-signed, EC P-256, the same for as long as it is kept.

Names are those of real gateways (`teg`, `powerwall`, `powerpack`; README of vloschiavo/powerwall2),
unless others are given: what stands for a server of the Internet is known by its address here.
A client that asks for any other server name is turned away in the handshake, as on the device; one
that connects by address and sends no name is let in.
"""

from __future__ import annotations

import os
import ssl
import stat
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from scheduler.errors import ConfigProblem

NAMES: Final = ("teg", "powerwall", "powerpack")
LOOPBACK_NAMES: Final = ("localhost", "127.0.0.1")
"""For a server whose clients verify its name and not its key."""

_LIFE: Final = timedelta(days=25 * 365)
_LONGEST: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Certificate:
    """Certificate and key, both PEM, and the SHA-256 of the certificate's DER as 64 hex digits.

    `names` are the server names by which it may be asked for.
    """

    certificate: bytes
    key: bytes = field(repr=False)
    fingerprint: str
    names: tuple[str, ...] = NAMES

    def server_context(self) -> ssl.SSLContext:
        """A TLS context that shows this certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_alpn_protocols(["http/1.1"])
        # The ssl module reads keys from files only. mkstemp makes them readable by us alone.
        handle, name = tempfile.mkstemp(prefix="pwsched-simulator-", suffix=".pem")
        path = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(self.key + self.certificate)
            context.load_cert_chain(path)
        finally:
            path.unlink()
        context.sni_callback = _only(self.names)
        return context


def self_signed(now: datetime, names: tuple[str, ...] = NAMES) -> Certificate:
    """A new key and a certificate for it, valid from the day before `now` for 25 years.

    `names` are host names and IP addresses.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, os.urandom(16).hex())])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + _LIFE)
        .add_extension(
            x509.SubjectAlternativeName([_general(name) for name in names]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    return _certificate(certificate, key, names)


def kept(path: Path, now: datetime, *, fresh: bool = False) -> Certificate:
    """The certificate that this file holds with its key, so that a client may pin it.

    Where there is none, or a `fresh` one is wanted, a new one is made and written there, for its
    owner alone to read. Raises `ConfigProblem` for a file that cannot be used or written.
    """
    if not fresh:
        with suppress(FileNotFoundError):
            return _read(path)
    made = self_signed(now)
    new = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        new.unlink(missing_ok=True)
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with open(descriptor, "wb") as file:  # noqa: PTH123 - a path cannot say O_EXCL and the mode
            file.write(made.key + made.certificate)
        new.replace(path)
    except (OSError, ValueError) as problem:
        with suppress(OSError, ValueError):
            new.unlink()
        raise ConfigProblem(
            f"{path}: cannot keep the certificate here: {_reason(problem)}; name another file with"
            " --certificate"
        ) from None
    return made


def _read(path: Path) -> Certificate:
    """Certificate and key of a file that nobody else may read; `FileNotFoundError` without one."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as problem:
        raise ConfigProblem(
            f"{path}: cannot read the certificate: {_reason(problem)}; name another file with"
            " --certificate"
        ) from None
    try:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            raise ConfigProblem(f"{path}: is not a regular file; name one with --certificate")
        if stat.S_IMODE(mode) & 0o077:
            raise ConfigProblem(f"{path}: others may read the key; chmod 600 it")
        content = os.read(descriptor, _LONGEST)
    finally:
        os.close(descriptor)
    with suppress(ValueError, TypeError, UnsupportedAlgorithm):
        key = serialization.load_pem_private_key(content, None)
        certificate = x509.load_pem_x509_certificate(content)
        if isinstance(key, ec.EllipticCurvePrivateKey) and (
            key.public_key() == certificate.public_key()
        ):
            return _certificate(certificate, key)
    raise ConfigProblem(
        f"{path}: does not hold a certificate with its key; --fresh-certificate replaces it"
    )


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _certificate(
    certificate: x509.Certificate,
    key: ec.EllipticCurvePrivateKey,
    names: tuple[str, ...] = NAMES,
) -> Certificate:
    return Certificate(
        certificate=certificate.public_bytes(serialization.Encoding.PEM),
        key=key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
        fingerprint=certificate.fingerprint(hashes.SHA256()).hex(),
        names=names,
    )


def _reason(problem: OSError | ValueError) -> str:
    return (getattr(problem, "strerror", None) or str(problem)).lower()


def _only(
    names: tuple[str, ...],
) -> Callable[[ssl.SSLObject, str | None, ssl.SSLContext], int | None]:
    def welcome(_socket: ssl.SSLObject, name: str | None, _context: ssl.SSLContext) -> int | None:
        if name is None or name in names:
            return None
        return int(ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME)

    return welcome
