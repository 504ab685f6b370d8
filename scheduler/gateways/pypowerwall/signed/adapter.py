"""A site by signed control on the home's own network (v1r), through pypowerwall's client of it.

Policy:

* What the site does is read by the classic API, as by the local route, with the owner's login. The
  setting is read and written in the gateway's configuration, signed with a key that Tesla's servers
  have registered and somebody has confirmed at the battery.
* All parts that are to be set go in one write, one write at a time: two at once corrupt each other
  (pypowerwall-server issue 55).
* A Powerwall 3 has little of the classic API. What a gateway does not have is not asked for again.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from rules.domain import NOTHING, Observation, Quantity, Setting
from scheduler.clock import Clock
from scheduler.domain import QUANTITIES, SHOWN_AT_HOME, Capabilities, Endpoint, FirmwareStatus
from scheduler.errors import (
    LoginRefused,
    NotPermitted,
    Refused,
    Unreachable,
)
from scheduler.gateways import (
    OnNote,
    Route,
    caveats_of,
    check_parts,
    levers_of_route,
    parse_version,
    settling_of,
)
from scheduler.gateways.local.answers import parse_started
from scheduler.gateways.local.reads import READS, ScaleWatch
from scheduler.gateways.local.stored_session import SessionFile
from scheduler.gateways.local.transport import RUN
from scheduler.gateways.pypowerwall.signed.answers import (
    MODE,
    RESERVE,
    SITE,
    Document,
    configured,
    parse_zone_of,
    updates_for,
)
from scheduler.gateways.pypowerwall.signed.session import LOGIN, Session
from scheduler.gateways.pypowerwall.signed.transport import DENIED, Network, Outcome

CONFIG: Final = frozenset({Endpoint.OPERATION, Endpoint.PERMISSIONS})
"""What one signed request shows."""

_BATTERY_STANDS: Final = 502
_UNAUTHORIZED: Final = 401
_ABSENT: Final = 404
_CLASSIC: Final = tuple(each for each in READS if each is not Endpoint.OPERATION)

_NO_FIRMWARE: Final = (
    "signed control neither checks for firmware updates nor installs them; the gateway does so by "
    "itself"
)


class SignedGateway:
    """A `Gateway` by signed control.

    `host` is a name or address, with a port where it is not 443; `password` and `email` are the
    owner's at the gateway, `pin` its confirmed certificate ("sha256:<hex>"). `key` is the private
    key in PEM, or the file with it, which only its owner may read. `deadline` is in real seconds
    and holds for each request. `allow_public` lifts the limit to private networks. `session_file`
    stores the session for the next process; `transport` replaces the network. `on_note` gets what
    the adapter found of its own accord.

    Raises `ConfigProblem` where the library is not installed, or the key cannot be used.
    """

    def __init__(
        self,
        host: str,
        password: str,
        email: str,
        pin: str | None,
        key: bytes | Path,
        clock: Clock,
        *,
        allow_public: bool = False,
        deadline: float = 10.0,
        session_file: SessionFile | None = None,
        transport: Network | None = None,
        on_note: OnNote = lambda _kind, _text: None,
    ) -> None:
        self._clock = clock
        self._scale = ScaleWatch(on_note)
        self._session = Session(
            host,
            password,
            email,
            pin,
            key,
            clock,
            allow_public=allow_public,
            deadline=deadline,
            file=session_file,
            transport=transport,
        )
        self._one_at_a_time = asyncio.Lock()
        self._answered: frozenset[Endpoint] = frozenset()
        self._known = Capabilities(
            LOGIN,
            levers=levers_of_route(Route.SIGNED, None, None),
            settling_time=settling_of(Route.SIGNED, None, None),
            may_check_firmware=False,
            may_install_firmware=False,
        )

    @property
    def capabilities(self) -> Capabilities:
        return self._known

    async def connect(self) -> None:
        async with self._one_at_a_time:
            await self._session.log_in()
            # Without the key nothing can be set, so that is known before anything else is read.
            self._learn_zone(await self._session.read_config())
            with suppress(Unreachable):
                await self._read(Endpoint.STATUS, {}, {})

    async def observe(self, endpoints: frozenset[Endpoint]) -> Observation:
        async with self._one_at_a_time:
            return await self._observe(endpoints)

    async def _observe(self, endpoints: frozenset[Endpoint]) -> Observation:
        at = self._clock.now()
        fields: dict[str, Any] = {}
        unknown: dict[Quantity, str] = {}
        refusals: list[Outcome] = []
        missing = self._requests(endpoints)
        while missing:
            endpoint = missing.pop(0)
            try:
                if endpoint in CONFIG:
                    self._take_config(await self._session.read_config(), endpoints, fields, unknown)
                    continue
                answer = await self._read(endpoint, fields, unknown)
            except Unreachable:
                if not refusals and not fields:
                    raise
                break
            if not answer.ok:
                self._check_session(answer)
                refusals.append(answer)
            stands = answer.status == _BATTERY_STANDS and Endpoint.SITEMASTER not in endpoints
            if stands and Quantity.RUNNING in self._known.shows:
                # So a gateway answers while the battery is stopped.
                endpoints |= {Endpoint.SITEMASTER}
                missing.append(Endpoint.SITEMASTER)
        shown = {key for key, value in fields.items() if value is not None} - {Quantity.FIRMWARE}
        if not shown and not unknown and Endpoint.SOE in endpoints:
            said = self._session.said(refusals[0]) if refusals else "its answers are of no use"
            raise Unreachable(f"the gateway at {self._session.host} gives no reading ({said})")
        return Observation(at=at, **fields, unknown_words=unknown or None)

    async def apply(self, setting: Setting, found: Setting = NOTHING) -> None:  # noqa: ARG002 -- one write costs the same whatever is in it
        check_parts(setting, self._known.levers)
        async with self._one_at_a_time:
            await self._write(updates_for(setting))

    async def write_back(self) -> None:
        async with self._one_at_a_time:
            config = await self._session.read_config()
            shown = configured(config)
            mode, raw = shown.mode, shown.raw_reserve
            if mode is None or raw is None or not shown.whole:
                raise Refused(
                    f"the gateway at {self._session.host} does not show its whole setting, so "
                    "nothing was written back"
                )
            await self._write({MODE: mode.value, f"{SITE}.{RESERVE}": raw})

    async def _write(self, updates: dict[str, object]) -> None:
        try:
            await self._session.write_config(updates)
        except NotPermitted:
            self._known = replace(self._known, may_write=False)
            raise
        self._known = replace(self._known, may_write=True)

    def assume(self, *, may_write: bool | None) -> None:
        self._known = replace(self._known, may_write=may_write)

    async def trust(self, certificate: str) -> None:
        async with self._one_at_a_time:
            self._session.trust(certificate)

    async def run_battery(self) -> None:
        async with self._one_at_a_time:
            answer = await self._session.get(RUN)
        if answer.status in (*DENIED, _ABSENT):
            raise NotPermitted(
                f"this account may not start the battery at {self._session.host} "
                f"({self._session.said(answer)}); start it in the Tesla app or at the gateway"
            )
        if not answer.ok:
            raise Refused(
                f"the gateway at {self._session.host} does not start ({self._session.said(answer)})"
            )

    def leave_battery(self, seconds: float) -> None:
        """Nothing: this route starts no battery of its own accord."""

    async def start_firmware_check(self) -> None:
        raise NotPermitted(_NO_FIRMWARE)

    async def install_firmware(self) -> None:
        raise NotPermitted(_NO_FIRMWARE)

    async def firmware_status(self) -> FirmwareStatus:
        raise NotPermitted(_NO_FIRMWARE)

    async def close(self) -> None:
        self._session.close()

    def _requests(self, endpoints: frozenset[Endpoint]) -> list[Endpoint]:
        """What is to be requested, the configuration once and last of what a tick needs."""
        shows = self._known.shows
        wanted: list[Endpoint] = [
            each
            for each in _CLASSIC
            if each in endpoints and not shows.isdisjoint(QUANTITIES[each])
        ]
        return [*wanted, Endpoint.OPERATION] if endpoints & CONFIG else wanted

    async def _read(
        self, endpoint: Endpoint, fields: dict[str, Any], unknown: dict[Quantity, str]
    ) -> Outcome:
        """Read what the classic API shows."""
        path, parse = READS[endpoint]
        answer = await self._session.get(path)
        if answer.ok:
            document = answer.document()
            found = parse(document)
            unknown.update(found.pop("unknown_words", None) or {})
            fields.update(found)
            self._scale.look(endpoint, document)
            if endpoint is Endpoint.STATUS:
                self._learn_status(found.get("firmware"), parse_started(document))
            self._answered |= {endpoint}
        elif answer.status == _ABSENT and endpoint not in self._answered:
            shows = self._known.shows - frozenset(QUANTITIES[endpoint])
            self._known = replace(self._known, shows=shows)
        return answer

    def _take_config(
        self,
        config: Document,
        endpoints: frozenset[Endpoint],
        fields: dict[str, Any],
        unknown: dict[Quantity, str],
    ) -> None:
        self._learn_zone(config)
        site = config.get(SITE)
        self._scale.look(Endpoint.OPERATION, site if isinstance(site, dict) else {})
        shown = configured(config)
        if Endpoint.OPERATION in endpoints:
            fields.update(mode=shown.mode, reserve=shown.reserve)
            unknown.update(shown.unknown_words or {})
        if Endpoint.PERMISSIONS in endpoints:
            fields.update(grid_charging=shown.grid_charging, export=shown.export)

    def _learn_zone(self, config: Document) -> None:
        self._known = replace(self._known, timezone=parse_zone_of(config) or self._known.timezone)

    def _learn_status(self, firmware: str | None, started: str | None) -> None:
        """Another firmware, or another start, is another gateway."""
        known = self._known
        firmware, started = firmware or known.firmware, started or known.started
        if (firmware, started) == (known.firmware, known.started):
            return
        version = parse_version(firmware)
        self._known = replace(
            known,
            firmware=firmware,
            started=started,
            may_write=known.may_write if firmware == known.firmware else None,
            levers=levers_of_route(Route.SIGNED, None, version),
            settling_time=settling_of(Route.SIGNED, None, version),
            caveats=caveats_of(Route.SIGNED, None, version),
            shows=SHOWN_AT_HOME,
        )

    def _check_session(self, refusal: Outcome) -> None:
        if refusal.status == _UNAUTHORIZED:
            raise LoginRefused(
                f"the gateway at {self._session.host} accepted the login but rejected its session "
                f"({self._session.said(refusal)})"
            )
