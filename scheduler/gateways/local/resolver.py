"""Finds the address to connect to: a name is resolved once for a connection, and judged."""

from __future__ import annotations

import asyncio
import ipaddress
import socket

from scheduler.errors import Unreachable
from scheduler.gateways import WAY_OUT, is_private, literal_address, split_host


class AddressResolver:
    """The address to connect to, judged.

    What a name resolved to serves until a connection to it fails: then it is the next one's turn,
    and after the last of them the name is resolved anew. `patience` is in seconds.
    """

    def __init__(self, host: str, *, allow_public: bool, patience: float) -> None:
        self._host = host
        self._allow_public = allow_public
        self._patience = patience
        self._addresses: list[str] = []

    async def authority(self) -> str:
        """Address and port as they stand in a URL. Raises `Unreachable` where there is none."""
        try:
            name, port = split_host(self._host)
        except ValueError as error:
            raise Unreachable(f"the host of the gateway, {self._host}, {error}") from None
        if not self._addresses:
            self._addresses = self._allowed(await self._resolve(name, port))
        address = self._addresses[0]
        return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"

    def failed(self) -> bool:
        """Nobody, or somebody else, answers there. Says whether there is another address."""
        self._addresses = self._addresses[1:]
        return bool(self._addresses)

    async def _resolve(self, name: str, port: int) -> list[str]:
        if literal_address(name) is not None:
            return [name]
        try:
            async with asyncio.timeout(self._patience):
                found = await asyncio.get_running_loop().getaddrinfo(
                    name, port, type=socket.SOCK_STREAM
                )
        except TimeoutError:
            reason = "no answer in time"
        except (OSError, UnicodeError) as error:
            reason = str(getattr(error, "strerror", None) or error).lower()
        else:
            return list(dict.fromkeys(str(address[0]) for *_, address in found))
        raise Unreachable(
            f"cannot resolve the gateway's name, {name}: {reason}; you can use its address instead"
        )

    def _allowed(self, addresses: list[str]) -> list[str]:
        if self._allow_public:
            return addresses
        private = [each for each in addresses if is_private(ipaddress.ip_address(each))]
        if not private:
            raise Unreachable(
                f"the gateway at {self._host} would be at {', '.join(addresses) or 'no address'}, "
                f"which is in no private network, so nothing was sent: {WAY_OUT}, under "
                "[site.gateway] in pwsched.toml"
            )
        return private
