"""What pwsched.toml may say: its tables, and the mistakes that each of them shows."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from rules.domain import Export
from rules.errors import KeyMistake
from rules.language import Duration, ExportWord, ModeWord, Reserve, Strict
from scheduler.gateways import WAY_OUT, is_plain, public_literal

SHORTEST_POLL = timedelta(seconds=5)
"""Reported harmless to the gateway; below it nobody has tried for long."""

LONGEST_POLL = timedelta(minutes=5)
"""Beyond it a stopped battery or a grid that is down would go unnoticed; the watchdog of the
service unit is longer."""


class SafeTable(Strict):
    """The setting that the owner wants if all else fails."""

    mode: ModeWord
    """The operation mode."""
    reserve: Reserve
    """The backup reserve in percent as the Tesla app shows it."""
    grid_charging: bool | None = None
    """Whether the battery may be charged from the grid; not beyond the limit beside `safe`."""
    export: ExportWord | None = None
    """What may be sold to the grid; not beyond the limit beside `safe`."""


class SafetyTable(Strict):
    """The owner's limits. There is no default for the first two: only the owner can say them.

    `grid_charging` and `export` are what the terms of the interconnection permit.
    """

    reserve_floor: Reserve
    """No rule and no hold sets the reserve below this."""
    safe: SafeTable
    """The safe state: the setting that you want if all else fails."""
    grid_charging: bool = True
    """`false` if your interconnection agreement forbids charging the battery from the grid."""
    export: ExportWord = "battery_ok"
    """The most that may be exported: nothing, solar power only, or from the battery too."""
    writes_an_hour: Annotated[int, Field(ge=2, le=12)] = 6
    """At most so many writes in an hour. The last one is kept for the safe state; `hold`, `resume`
    and `release` have 6 of their own."""
    writes_a_day: Annotated[int, Field(ge=1, le=96)] = 24
    """At most so many writes in 24 hours."""
    dwell: Duration = timedelta(minutes=15)
    """How long a setting must have been left before the daemon returns to it."""
    hold_max: Duration = timedelta(hours=12)
    """How long a change made in the app is respected at most, 15 minutes to 168 hours."""

    @field_validator("hold_max")
    @classmethod
    def _is_respectful(cls, length: timedelta) -> timedelta:
        if not timedelta(minutes=15) <= length <= timedelta(days=7):
            raise ValueError("must be between 15m and 168h")
        return length

    @model_validator(mode="after")
    def _permits_the_safe_state(self) -> SafetyTable:
        safe = self.safe
        if safe.grid_charging and not self.grid_charging:
            raise KeyMistake(
                "safe", "grid_charging = true goes beyond grid_charging = false beside it"
            )
        if safe.export is not None and Export(safe.export).rank > Export(self.export).rank:
            said = f'export = "{safe.export}" goes beyond export = "{self.export}" beside it'
            raise KeyMistake("safe", said)
        return self


class GatewayTable(Strict):
    """How to reach and to trust the gateway in your home."""

    host: Annotated[str, Field(min_length=1)]
    """Name or address of the gateway, with `:port` if it is not 443. With `http://` before it,
    `pwsched` speaks plain http, port 80, which only [firmware before 1.20](firmware.md#plain-http)
    needs: anybody in your network can then read the password."""
    certificate: str | None = None
    """The SHA-256 fingerprint of the gateway's certificate. Without it, the daemon shows what it
    found and ends. Plain http has none."""
    login: Literal["customer", "installer"] = "customer"
    """Whose login it is."""
    email: str = ""
    """Sent with the login; some firmware asks for it."""
    password_file: str | None = None
    """A file with the password that only you can read (mode 600)."""
    credential: str = "gateway-password"
    """The systemd credential with the password. It takes precedence over `password_file`."""
    allow_public: bool = False
    """Permit an address outside private networks; never over plain http."""

    @model_validator(mode="after")
    def _is_in_a_private_network(self) -> GatewayTable:
        try:
            public = public_literal(self.host)
        except ValueError as error:
            raise KeyMistake("host", str(error)) from None
        if public is not None and not self.allow_public:
            raise KeyMistake("host", f"{public} is in no private network: {WAY_OUT}")
        return self

    @model_validator(mode="after")
    def _says_nothing_that_plain_http_has_not(self) -> GatewayTable:
        if is_plain(self.host) and self.certificate is not None:
            raise KeyMistake(
                "certificate", "plain http has none: leave it out, or take http:// from the host"
            )
        if is_plain(self.host) and self.allow_public:
            raise KeyMistake(
                "allow_public", "over plain http the password never leaves a private network"
            )
        return self

    @field_validator("certificate")
    @classmethod
    def _is_a_fingerprint(cls, said: str | None) -> str | None:
        if said is not None and not re.fullmatch("sha256:[0-9a-f]{64}", said):
            raise ValueError('must be "sha256:" and the 64 hex digits that the gateway shows')
        return said


class SignedTable(Strict):
    """The key with which requests are signed that the gateway is to obey."""

    key_file: str | None = None
    """A file with the registered RSA key that only you can read (mode 600)."""
    credential: str = "gateway-key"
    """The systemd credential with the key. It takes precedence over `key_file`."""

    @model_validator(mode="after")
    def _has_a_key(self) -> SignedTable:
        if not self.key_file and not self.credential:
            raise KeyMistake("key_file", "is missing: where is the key that was registered?")
        return self


class FleetTable(Strict):
    """Access to Tesla's Fleet API."""

    tokens_file: str | None = None
    """The file with the application's registration and tokens that only you can read (mode 600).
    Renewed tokens are written back to it."""
    credential: str = "fleet-tokens"
    """The systemd credential with the first tokens. Renewed ones are kept beside the journal."""
    site_id: Annotated[int, Field(ge=1)] | None = None
    """The `energy_site_id`, where the account has several."""
    budget: Annotated[float, Field(ge=0, le=1000)] = 10.0
    """Dollars a month that requests and commands may cost, for all sites of the application."""


class SiteTable(Strict):
    """One home."""

    name: str
    """Up to 40 letters, digits, `-` and `_`, starting with a letter or digit."""
    rules: Annotated[list[str], Field(min_length=1)]
    """The rule files: one base file and any others, in order."""
    poll: Duration = timedelta(seconds=30)
    """The time between polls, 5 seconds to 5 minutes."""
    inputs: str | None = None
    """The folder for flags, values and prices."""
    route: Literal["local", "v1r", "fleet"] = "local"
    """How the site is controlled. What `[site.gateway]` shows is read at home whatever the route.
    """
    gateway: GatewayTable | None = None
    """How to reach the gateway. Only a site of the Fleet API can do without."""
    v1r: SignedTable | None = None
    """The key of signed control."""
    fleet: FleetTable | None = None
    """Access to the Fleet API."""
    safety: SafetyTable
    """Your limits."""

    @field_validator("name")
    @classmethod
    def _is_a_name(cls, said: str) -> str:
        if not re.fullmatch("[A-Za-z0-9][A-Za-z0-9_-]{0,39}", said):
            raise ValueError("must be up to 40 letters, digits, - and _, a letter or digit first")
        return said

    @model_validator(mode="after")
    def _polls_sensibly(self) -> SiteTable:
        if not SHORTEST_POLL <= self.poll <= LONGEST_POLL:
            raise ValueError("poll must be between 5s and 5m")
        return self

    @model_validator(mode="after")
    def _has_what_its_route_needs(self) -> SiteTable:
        needed = {"local": ("gateway",), "v1r": ("gateway", "v1r"), "fleet": ("fleet",)}
        for table in needed[self.route]:
            if getattr(self, table) is None:
                raise KeyMistake(table, f'is missing: route = "{self.route}" needs [site.{table}]')
        for table in ("v1r", "fleet"):
            if getattr(self, table) is not None and table != self.route:
                raise KeyMistake(table, f'is of no use with route = "{self.route}"')
        if self.route == "v1r" and self.gateway is not None and is_plain(self.gateway.host):
            raise KeyMistake("gateway", "signed control speaks https: take http:// from the host")
        return self


class ControlTable(Strict):
    """Where the daemon hears what its owner says."""

    socket: Annotated[str, Field(min_length=1)]
    """The path of the control socket, at most 107 bytes."""


class ConfigFile(Strict):
    """The whole file."""

    journal: str = "journal.sqlite"
    """The journal's file. One journal holds all sites."""
    control: ControlTable | None = None
    """The control socket, where it is not in the usual place."""
    site: Annotated[list[SiteTable], Field(min_length=1)]
    """One table for each home."""

    @model_validator(mode="after")
    def _names_differ(self) -> ConfigFile:
        names = [site.name for site in self.site]
        if len(set(names)) < len(names):
            raise ValueError("two sites have the same name")
        return self
