"""The library's client of signed control, on a session of ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, cast

from scheduler.errors import ConfigProblem
from scheduler.gateways.pypowerwall.library import importing
from scheduler.gateways.pypowerwall.signed.key import as_path, unusable
from scheduler.gateways.pypowerwall.signed.transport import NOWHERE, Wire, session_over


class Client(Protocol):
    """What is used of the library's client. Each call blocks, and answers nothing for any failure.

    `token` is the session, `din` the name of the gateway.
    """

    token: str | None
    din: str | None

    def login(self) -> bool:
        """Log in as the customer."""

    def get_din(self) -> str | None:
        """The name of the gateway, which what is signed is signed for."""

    def get_config_v1r(self, din: str) -> Mapping[str, object] | None:
        """The configuration."""

    def write_config_v1r(self, din: str, updates: Mapping[str, object]) -> bool:
        """Read the configuration, put these in their dotted places, and replace it."""

    def api_get(self, path: str) -> Mapping[str, object] | None:
        """An answer of the classic API."""


def client_over(wire: Wire, password: str, key: bytes) -> Client:
    """A client that has no way to the world but this wire.

    Raises `ConfigProblem` where there is no library for it, or no usable key.
    """
    with importing():
        from pypowerwall.tedapi.tedapi_v1r import TEDAPIv1r
    with as_path(key) as path:
        try:
            client = TEDAPIv1r(NOWHERE, password, path, poolmaxsize=0)
        except Exception:  # noqa: BLE001 -- the words of whatever it is may have parts of the key
            raise ConfigProblem(unusable()) from None
    # It is for hints to people, which come from us.
    client.rsa_key_path = None
    client.session.close()
    client.session = session_over(wire)
    return cast("Client", client)
