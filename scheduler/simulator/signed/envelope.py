"""What is signed: the envelope that a request comes in, and the one that is answered with.

Field numbers, the TLV before the message and the kind of signature are those that pypowerwall's
client sends (`tedapi_v1r`): RSA with PKCS #1 v1.5 and SHA-512. In which order a gateway looks at
them is not recorded, nor is what it says of a wrong domain or name; which faults there are is.
"""

from __future__ import annotations

import struct
from datetime import datetime
from enum import IntEnum
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from scheduler.simulator.protobuf import Fields, message, number

_DESTINATION, _PAYLOAD, _STATUS, _SIGNATURE, _REQUEST_UUID, _UUID = 6, 10, 12, 13, 50, 51
_SIGNER, _RSA = 1, 7
_ENERGY_DEVICE: Final = 7
_RSA_SIGNATURE: Final = 7


class SignedFault(IntEnum):
    """Why a request is not carried out: `MessageFault_E`."""

    UNKNOWN_KEY_ID = 3
    INVALID_SIGNATURE = 5
    INVALID_DOMAINS = 8
    DECODING = 10
    TIME_EXPIRED = 17


class NotCarriedOut(Exception):
    """The request is answered with a fault."""

    def __init__(self, fault: int, uuid: bytes) -> None:
        super().__init__(fault)
        self.fault = fault
        self.uuid = uuid


class Request:
    """A request out of its envelope; `payload` is what was signed."""

    def __init__(self, payload: bytes, uuid: bytes) -> None:
        self.payload = payload
        self.uuid = uuid


def new_key() -> bytes:
    """A private key in PEM; owners have longer ones, which take longer to make."""
    return rsa.generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def public_bytes(key: bytes) -> bytes:
    """The public part of a private key in PEM, as it is registered and sent."""
    private = serialization.load_pem_private_key(key, None)
    return private.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.PKCS1
    )


def opened(content: bytes, din: str, registered: bytes | None, now: datetime) -> Request:
    """The request in this envelope, if whoever has the registered key signed it for `din`.

    `now` is the time by the clock of the gateway that signatures expire by. Raises `NotCarriedOut`.
    """
    try:
        envelope = Fields(content)
        uuid, payload = envelope.bytes(_UUID), envelope.bytes(_PAYLOAD)
        signature = envelope.message(_SIGNATURE)
        key = signature.message(_SIGNER).bytes(1)
        expires = signature.message(_RSA).number(1)
        signed = signature.message(_RSA).bytes(2)
        domain = envelope.message(_DESTINATION).number(1)
    except ValueError:
        raise NotCarriedOut(SignedFault.DECODING, b"") from None
    if domain != _ENERGY_DEVICE:
        raise NotCarriedOut(SignedFault.INVALID_DOMAINS, uuid)
    if registered is None or key != registered:
        raise NotCarriedOut(SignedFault.UNKNOWN_KEY_ID, uuid)
    if not _is_signed(key, signed, _tlv(din, expires) + payload):
        raise NotCarriedOut(SignedFault.INVALID_SIGNATURE, uuid)
    if expires < now.timestamp():
        raise NotCarriedOut(SignedFault.TIME_EXPIRED, uuid)
    return Request(payload, uuid)


def answered(payload: bytes, uuid: bytes) -> bytes:
    """The envelope of an answer."""
    return message(_PAYLOAD, payload) + message(_REQUEST_UUID, uuid)


def refused(fault: int, uuid: bytes) -> bytes:
    """The envelope of an answer that is no more than a fault."""
    return message(_STATUS, number(1, fault)) + message(_REQUEST_UUID, uuid)


def _tlv(din: str, expires: int) -> bytes:
    tagged = (
        (0, bytes([_RSA_SIGNATURE])),
        (1, bytes([_ENERGY_DEVICE])),
        (2, din.encode()),
        (4, struct.pack(">I", expires)),
    )
    return b"".join(bytes([tag, len(value)]) + value for tag, value in tagged) + b"\xff"


def _is_signed(key: bytes, signature: bytes, content: bytes) -> bool:
    public = serialization.load_der_public_key(key)
    if not isinstance(public, rsa.RSAPublicKey):
        return False
    try:
        public.verify(signature, content, padding.PKCS1v15(), hashes.SHA512())
    except InvalidSignature:
        return False
    return True
