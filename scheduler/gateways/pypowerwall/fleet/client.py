"""The library's client of the Fleet API, with the login kept by us.

The library reads and writes its login as a file of its own, truncates that in place, and renews the
login without saying what came of it. So these three are the account's here; the requests and what
is in them stay the library's.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol, cast

from scheduler.gateways.pypowerwall.fleet.transport import install

if TYPE_CHECKING:
    from scheduler.gateways.pypowerwall.fleet.tokens import Registration, Tokens


class Keeper(Protocol):
    """Whoever keeps the login."""

    registration: Registration

    def renew(self, client: Client) -> None:
        """Give the client a login that is not the one it has. Raises `GatewayProblem`."""

    def keep(self, access: str, refresh: str) -> None:
        """Keep a login that was just given."""


class Client(Protocol):
    """What is used of the library's client. Each call blocks, and answers `None` for any failure.

    `take` gives it the login to use, `ask_for_login` has the library request a new one.
    """

    access_token: str
    refresh_token: str

    def take(self, tokens: Tokens) -> None:
        """Use this login from now on."""

    def ask_for_login(self) -> None:
        """Request a new login for the refresh token; `Keeper.keep` gets what is given."""

    def getsites(self, force: bool = False) -> object:
        """The account's products."""

    def get_site_info(self, force: bool = False) -> object:
        """What the site is and is set to."""

    def get_live_status(self, force: bool = False) -> object:
        """What the site does."""

    def set_operating_mode(self, mode: str) -> object:
        """Set the mode."""

    def set_battery_reserve(self, reserve: float) -> object:
        """Set the backup reserve, in app percent."""

    def set_grid_charging(self, mode: bool) -> object:
        """Permit charging from the grid, or not."""

    def set_grid_export(self, mode: str) -> object:
        """Set what may be sold to the grid."""


def client_for(site_id: str, keeper: Keeper) -> Client:
    """A client for one site. Raises `ConfigProblem` where there is no library for it."""
    return cast("Client", _kept_client()(site_id, keeper))


@cache
def _kept_client() -> Any:  # noqa: ANN401 -- the class is made of one that has no types
    fleetapi = install()

    class KeptClient(fleetapi.FleetAPI):  # type: ignore[name-defined,misc] # the library has no types
        """The library's client, whose login is the account's."""

        def __init__(self, site_id: str, keeper: Keeper) -> None:
            self._keeper = keeper
            # Every read is forced; without an age at which its cache is good, none ever is.
            super().__init__(configfile="", site_id=site_id, pwcacheexpire=0)

        def load_config(self) -> Mapping[str, object]:
            registration = self._keeper.registration
            self.CLIENT_ID = registration.client_id
            self.CLIENT_SECRET = registration.client_secret or ""
            self.AUDIENCE = registration.audience
            return {}

        def save_config(self) -> None:
            self._keeper.keep(self.access_token, self.refresh_token)

        def new_token(self) -> None:
            self._keeper.renew(self)

        def take(self, tokens: Tokens) -> None:
            self.access_token, self.refresh_token = tokens.access, tokens.refresh

        def ask_for_login(self) -> None:
            super().new_token()

    return KeptClient
