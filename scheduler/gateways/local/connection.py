"""How a gateway is connected to, whichever client does it: whom to trust, and what went wrong.

The gateway's certificate is self-signed, so it is recognised by its SHA-256. The comparison is part
of the TLS handshake: an impostor never gets a byte of a request, hence no password.
"""

from __future__ import annotations

import hashlib
import os
import ssl
from typing import Final

import httpx

from scheduler.errors import CertificateMismatch, CertificateUnconfirmed

SERVER_NAME: Final = "powerwall"
"""The TLS server name: gateways abort a handshake that names anything but themselves."""

BODY_LIMIT: Final = 1024 * 1024
"""Bytes: no answer of a gateway is near it."""

IDLE_SECONDS: Final = 75.0
"""How long an idle connection is kept: longer than a poll interval, as handshakes are dear."""

CONNECTING: Final = 0.3
"""The part of the deadline that looking up a name, TCP and TLS may take, each."""

_NO_TLS: Final = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST")
"""How OpenSSL calls an answer that is no TLS."""


def _open_context() -> ssl.SSLContext:
    """A client context that leaves it to us whom to trust."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def pinned_context(host: str, pin: str | None) -> ssl.SSLContext:
    """A context whose handshake ends in `CertificateMismatch` for all but one certificate."""

    def compare(peer: ssl.SSLObject | ssl.SSLSocket) -> None:
        found = _fingerprint(peer)
        if pin is None:
            raise CertificateUnconfirmed(_unconfirmed(host, found), found)
        if found != pin.lower():
            raise CertificateMismatch(_another(host, pin, found), found)

    class PinnedObject(ssl.SSLObject):
        def do_handshake(self) -> None:
            super().do_handshake()
            compare(self)

    class PinnedSocket(ssl.SSLSocket):
        def do_handshake(self, block: bool = False) -> None:
            super().do_handshake(block)
            try:
                compare(self)
            except CertificateMismatch:
                self.close()
                raise

    context = _open_context()
    context.sslobject_class = PinnedObject
    context.sslsocket_class = PinnedSocket
    return context


def _fingerprint(peer: ssl.SSLObject | ssl.SSLSocket) -> str:
    certificate = peer.getpeercert(binary_form=True) or b""
    return f"sha256:{hashlib.sha256(certificate).hexdigest()}"


def _unconfirmed(host: str, found: str) -> str:
    return (
        f"no certificate is confirmed for the gateway at {host}; it shows {found}. If that is your "
        f'gateway, write certificate = "{found}" under [site.gateway] in pwsched.toml'
    )


def _another(host: str, pin: str, found: str) -> str:
    return (
        f"{host} shows the certificate {found}, but {pin} is the one that was confirmed, so "
        "nothing was sent. A firmware update or a reset of the gateway makes a new one; otherwise "
        f"somebody else answers. Compare it with what a browser shows at https://{host}; if it is "
        f'your gateway\'s, write certificate = "{found}" under [site.gateway] in pwsched.toml, and '
        "run pwsched reload"
    )


def not_reached(host: str, reason: str) -> str:
    """The sentence for a gateway to which there is no connection."""
    return (
        f"the gateway at {host} cannot be reached: {reason}. "
        "Check that it has power, and its address in pwsched.toml"
    )


def reason_of(error: BaseException) -> str:
    """Why in plain words: the operating system's where it has any, else the library's."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError) and cause.reason in _NO_TLS:
            return 'it does not speak https. Firmware before 1.20 needs host = "http://ADDRESS"'
        # A TLS error is an OSError too, but its number is not the operating system's.
        if isinstance(cause, OSError) and cause.errno and not isinstance(cause, ssl.SSLError):
            return os.strerror(cause.errno).lower()
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return "no answer in time"
    if isinstance(error, httpx.ProtocolError):
        return "what it sent is not HTTP, or broke off"
    return str(error) or type(error).__name__
