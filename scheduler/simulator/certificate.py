"""A certificate as a gateway has one: self-signed, EC P-256, made at start.

Names are those of real gateways (`teg`, `powerwall`, `powerpack`; README of vloschiavo/powerwall2).
A client that asks for any other server name is turned away in the handshake, as on the device; one
that connects by address and sends no name is let in.
"""

from __future__ import annotations

import os
import ssl
import tempfile
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NAMES: Final = ("teg", "powerwall", "powerpack")

_LIFE: Final = timedelta(days=25 * 365)


@dataclass(frozen=True, slots=True)
class Certificate:
    """Certificate and key, both PEM, and the SHA-256 of the certificate's DER as 64 hex digits."""

    certificate: bytes
    key: bytes = field(repr=False)
    fingerprint: str

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
        context.sni_callback = _only_own_names
        return context


def self_signed(now: datetime) -> Certificate:
    """A new key and a certificate for it, valid from the day before `now` for 25 years."""
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
            x509.SubjectAlternativeName([x509.DNSName(name) for name in NAMES]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    return Certificate(
        certificate=certificate.public_bytes(serialization.Encoding.PEM),
        key=key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
        fingerprint=certificate.fingerprint(hashes.SHA256()).hex(),
    )


def _only_own_names(
    _socket: ssl.SSLObject, name: str | None, _context: ssl.SSLContext
) -> int | None:
    if name is None or name in NAMES:
        return None
    return int(ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME)
