"""The wire format of protobuf, as much of it as the gateway's answers need.

Written down here rather than generated, so that a client's own messages are read by somebody else
than whoever wrote them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

VARINT: Final = 0
EIGHT_BYTES: Final = 1
BYTES: Final = 2
FOUR_BYTES: Final = 5

_LONGEST_VARINT: Final = 10


def text(field: int, value: str) -> bytes:
    """A field with a text."""
    return message(field, value.encode())


def message(field: int, content: bytes) -> bytes:
    """A field with bytes, or with a message of its own."""
    return varint(field << 3 | BYTES) + varint(len(content)) + content


def number(field: int, value: int) -> bytes:
    """A field with a number from 0 on."""
    return varint(field << 3 | VARINT) + varint(value)


def varint(value: int) -> bytes:
    """Seven bits a byte, the lowest first; the highest bit of a byte says that more follow."""
    said = bytearray()
    while value > 0x7F:
        said.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*said, value))


class Fields:
    """A message that was received. Of a field that comes twice, the last one counts.

    Raises `ValueError` for what is no message.
    """

    def __init__(self, content: bytes) -> None:
        self._values = dict(_fields(content))

    def __contains__(self, field: int) -> bool:
        return field in self._values

    def number(self, field: int) -> int:
        """The number in this field; 0 where there is none."""
        value = self._values.get(field, 0)
        return value if isinstance(value, int) else 0

    def bytes(self, field: int) -> bytes:
        """The bytes in this field; empty where there are none."""
        value = self._values.get(field, b"")
        return value if isinstance(value, bytes) else b""

    def message(self, *path: int) -> Fields:
        """The message that one follows these fields to; an empty one where there is none."""
        found = self
        for field in path:
            found = Fields(found.bytes(field))
        return found


def _fields(content: bytes) -> Iterator[tuple[int, int | bytes]]:
    at = 0
    while at < len(content):
        key, at = _varint_at(content, at)
        kind = key & 7
        if kind == VARINT:
            value, at = _varint_at(content, at)
            yield key >> 3, value
            continue
        if kind == BYTES:
            length, at = _varint_at(content, at)
        elif kind in {EIGHT_BYTES, FOUR_BYTES}:
            length = 8 if kind == EIGHT_BYTES else 4
        else:
            raise ValueError("no protobuf")
        if at + length > len(content):
            raise ValueError("protobuf that breaks off")
        said, at = content[at : at + length], at + length
        yield key >> 3, said if kind == BYTES else int.from_bytes(said, "little")


def _varint_at(content: bytes, at: int) -> tuple[int, int]:
    value = 0
    for place, byte in enumerate(content[at : at + _LONGEST_VARINT]):
        value |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            return value, at + place + 1
    raise ValueError("protobuf that breaks off")
