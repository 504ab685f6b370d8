"""A site by Tesla's Fleet API, through pypowerwall's client of it.

Policy:

* The cloud takes mode, reserve and permissions as commands of their own and carries them out when
  it reaches the gateway, so they go one after the other, and only those that differ. Where a later
  one fails after an earlier one went, it is uncertain what the site has.
* One request shows the setting, another one what the site does; neither shows whether the battery
  runs. Both are counted, and the time between two polls is what the account's budget permits.
* The library answers nothing at all for whatever failed, so what came of a call is taken from the
  exchange below it, not from the library.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from rules.domain import NOTHING, Observation, Part, Quantity, Setting
from scheduler.clock import Clock
from scheduler.domain import (
    SHOWN_AT_HOME,
    BudgetState,
    Capabilities,
    Endpoint,
    FirmwareStatus,
    NoteKind,
)
from scheduler.errors import (
    GatewayProblem,
    LoginRefused,
    NotPermitted,
    Refused,
    Unreachable,
    WriteUncertain,
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
from scheduler.gateways.pypowerwall.fleet import refusals
from scheduler.gateways.pypowerwall.fleet.account import FleetAccount
from scheduler.gateways.pypowerwall.fleet.answers import (
    energy_sites,
    parse_live_status,
    parse_site_info,
    parse_zone_of,
)
from scheduler.gateways.pypowerwall.fleet.budget import LIVE_PER_SETTING, spread
from scheduler.gateways.pypowerwall.fleet.client import Client, client_for
from scheduler.gateways.pypowerwall.fleet.transport import Fate, Outcome
from scheduler.gateways.pypowerwall.library import Worker

LOGIN: Final = "fleet"

LIVE: Final = frozenset({Endpoint.SOE, Endpoint.METERS, Endpoint.GRID, Endpoint.STORM_WATCH})
"""What one request of `live_status` shows."""

SITE: Final = frozenset({Endpoint.OPERATION, Endpoint.PERMISSIONS, Endpoint.STATUS})
"""What one request of `site_info` shows."""

SHOWS: Final = (SHOWN_AT_HOME | {Quantity.STORM_WATCH}) - {Quantity.RUNNING}

READ_BACKS: Final = (30.0, 90.0, 180.0, 300.0, 600.0, 900.0)
FEWER_READ_BACKS: Final = (120.0, 900.0)
"""While the budget for readings is spent."""

_PATIENCE: Final = 4.0
"""How many deadlines of one request a call may take: refused, renewed, repeated, and one more."""

_JUST_UNDER: Final = 0.99
"""What is due at the next poll is due a little before it, as polls are not made to the second."""

_NO_FIRMWARE: Final = (
    "the Fleet API neither checks for firmware updates nor installs them; the gateway does so by "
    "itself"
)


class FleetGateway:
    """A `Gateway` by the Fleet API.

    `account` is shared by all sites of an application. `site_id` is the number of the energy site;
    without one it is the only one that the login names, or that the Tesla account has. `deadline`
    is in real seconds and holds for each request. `on_note` gets what the adapter and the account
    found of their own accord. Raises `ConfigProblem` where the library is not installed.
    """

    def __init__(
        self,
        account: FleetAccount,
        site_id: str | None,
        clock: Clock,
        *,
        deadline: float = 10.0,
        on_note: OnNote = lambda _kind, _text: None,
    ) -> None:
        self._account = account
        self._clock = clock
        self._deadline = deadline
        self._on_note = on_note
        named = account.registration.site_ids
        self._site_id = site_id or (named[0] if len(named) == 1 else "")
        self._client = client_for(self._site_id, account)
        self._worker = Worker("the Fleet API")
        self._one_at_a_time = asyncio.Lock()
        self._known = Capabilities(
            LOGIN,
            levers=levers_of_route(Route.FLEET, None, None),
            settling_time=settling_of(Route.FLEET, None, None),
            may_check_firmware=False,
            may_install_firmware=False,
            shows=SHOWS,
        )
        self._told_scope = False
        account.join(self._site_id, self._note)

    @property
    def capabilities(self) -> Capabilities:
        usage = self._account.usage()
        poll = spread(self._account.pace().seconds, self._site_id)
        spent = usage.state is BudgetState.SPENT
        return replace(
            self._known,
            shortest_poll=poll,
            at_intervals=_intervals(poll),
            read_backs=FEWER_READ_BACKS if spent else READ_BACKS,
            usage=usage,
        )

    async def connect(self) -> None:
        async with self._one_at_a_time:
            if not self._site_id:
                self._settle_on(await self._read(lambda client: client.getsites(force=True)))
            await self._read_site()
            self._check_scopes()

    async def observe(self, endpoints: frozenset[Endpoint]) -> Observation:
        at = self._clock.now()
        found = Observation(at)
        parts: list[Callable[[], Any]] = []
        if endpoints & LIVE:
            parts.append(self._read_live)
        if endpoints & SITE:
            parts.append(self._read_site)
        async with self._one_at_a_time:
            for number, read in enumerate(parts):
                try:
                    found = _both(found, await read())
                except GatewayProblem:
                    if number == 0:
                        raise
                    break
        if endpoints and not _shows_anything(found):
            raise Unreachable("the Fleet API gives no reading (its answers are of no use)")
        return found

    async def apply(self, setting: Setting, found: Setting = NOTHING) -> None:
        check_parts(setting, self._known.levers)
        async with self._one_at_a_time:
            await self._send(
                {
                    part: value
                    for part, value in setting.present.items()
                    if found.present.get(part) != value
                }
            )

    async def write_back(self) -> None:
        async with self._one_at_a_time:
            shown = await self._read_site()
            mode, reserve = shown.mode, shown.reserve
            if mode is None or reserve is None:
                raise Refused(
                    "the Fleet API does not show the site's whole setting, so nothing was written "
                    "back"
                )
            if not self._known.levers.is_legal_reserve(round(reserve)):
                raise Refused(
                    f"the site is set to a reserve of {reserve:.1f} %, which the Fleet API would "
                    "not take back as it is. Try again when it is set to something else"
                )
            exact = float(reserve)
            await self._send(
                {Part.MODE: mode, Part.RESERVE: int(exact) if exact.is_integer() else exact}
            )

    def assume(self, *, may_write: bool | None) -> None:
        self._known = replace(self._known, may_write=may_write)

    async def trust(self, certificate: str) -> None:
        """Nothing: the cloud is known by the authorities that vouch for it."""

    async def run_battery(self) -> None:
        raise NotPermitted(
            "the Fleet API cannot start a battery; start it in the Tesla app or at the gateway"
        )

    def leave_battery(self, seconds: float) -> None:
        """Nothing: this route never starts a battery."""

    async def start_firmware_check(self) -> None:
        raise NotPermitted(_NO_FIRMWARE)

    async def install_firmware(self) -> None:
        raise NotPermitted(_NO_FIRMWARE)

    async def firmware_status(self) -> FirmwareStatus:
        raise NotPermitted(_NO_FIRMWARE)

    async def close(self) -> None:
        self._worker.close()
        self._account.leave(self._site_id)

    # --- readings ----------------------------------------------------------------------------

    async def _read_live(self) -> Observation:
        document = await self._read(lambda client: client.get_live_status(force=True))
        return parse_live_status(_object(document), self._clock.now())

    async def _read_site(self) -> Observation:
        document = _object(await self._read(lambda client: client.get_site_info(force=True)))
        observation = parse_site_info(document, self._clock.now())
        self._learn(observation.firmware, parse_zone_of(document))
        return observation

    async def _read(self, function: Callable[[Client], object]) -> object:
        answer, outcome = await self._call(function, lost=Unreachable)
        if outcome is None or not outcome.ok:
            raise refusals.of_read(outcome or _NOTHING_SENT)
        return answer

    def _learn(self, firmware: str | None, zone: str | None) -> None:
        """What can be set, and what is refused, belongs to a firmware."""
        known = replace(self._known, timezone=zone or self._known.timezone)
        if firmware is not None and firmware != known.firmware:
            version = parse_version(firmware)
            known = replace(
                known,
                firmware=firmware,
                may_write=None,
                levers=levers_of_route(Route.FLEET, None, version),
                settling_time=settling_of(Route.FLEET, None, version),
                caveats=caveats_of(Route.FLEET, None, version),
            )
        self._known = known

    def _settle_on(self, products: object) -> None:
        """The account's only site. Raises `LoginRefused` where there is none, or more."""
        sites = energy_sites(products)
        if len(sites) != 1:
            listed = ", ".join(sites) or "none"
            raise LoginRefused(
                f"which energy site is meant is not clear: the Tesla account has {listed}. Name "
                "one as site_id in pwsched.toml"
            )
        self._account.leave(self._site_id)
        self._site_id = sites[0]
        self._account.join(self._site_id, self._note)
        self._client = client_for(self._site_id, self._account)

    def _check_scopes(self) -> None:
        """What the login may do is in it: known before anything is written."""
        scopes = self._account.tokens.scopes
        if scopes is None or refusals.WRITE_SCOPE in scopes:
            return
        self._known = replace(self._known, may_write=False)
        if not self._told_scope:
            self._told_scope = True
            missing = Outcome("POST", "", Fate.NOT_SENT, said="so its token says")
            self._note(NoteKind.NOT_PERMITTED, refusals.scope_missing(missing))

    # --- commands ----------------------------------------------------------------------------

    async def _send(self, wanted: Mapping[Part, object]) -> None:
        """Send these commands one after the other."""
        sent: list[str] = []
        for part in (part for part in Part if part in wanted):
            try:
                await self._command(part, wanted[part])
            except GatewayProblem as problem:
                if isinstance(problem, NotPermitted):
                    self._known = replace(self._known, may_write=False)
                if sent and not isinstance(problem, WriteUncertain):
                    raise WriteUncertain(
                        f"the Fleet API took {' and '.join(sent)} of the setting, and not "
                        f"{part.value.replace('_', ' ')}: {problem}"
                    ) from problem
                raise
            sent.append(part.value.replace("_", " "))
        if sent:
            self._known = replace(self._known, may_write=True)

    async def _command(self, part: Part, value: Any) -> None:  # noqa: ANN401 -- each part has its own
        command = _COMMANDS[part]
        answer, outcome = await self._call(
            lambda client: command(client, value), lost=WriteUncertain
        )
        if outcome is None or not outcome.ok:
            raise refusals.of_command(outcome or _NOTHING_SENT)
        if (said := refusals.said_in_answer(answer)) is not None:
            raise Refused(f"the Fleet API refused the setting ({said})")

    # --- the library -------------------------------------------------------------------------

    async def _call(
        self, function: Callable[[Client], object], *, lost: type[Unreachable]
    ) -> tuple[object, Outcome | None]:
        """What the library answered, and what came of the last request. Raises `GatewayProblem`."""
        exchange = self._account.begin()
        client, deadline = self._client, _PATIENCE * self._deadline
        answer: object = None
        problem: GatewayProblem | None = None
        try:
            answer = await self._worker.call(
                lambda: self._account.call(client, exchange, function), deadline
            )
        except TimeoutError:
            problem = lost(f"the Fleet API gave no answer within {deadline:g} s")
        except GatewayProblem as known:
            problem = known
        except Exception as error:  # noqa: BLE001 -- the library stumbles over answers in many ways
            # Its own words may quote the answer.
            problem = lost(f"the Fleet API gave no usable answer ({type(error).__name__})")
        finally:
            exchange.given_up = True
        self._account.settle(exchange.last)
        if problem is not None:
            raise problem
        return answer, exchange.last

    def _note(self, kind: NoteKind, text: str) -> None:
        self._on_note(kind, text)


_NOTHING_SENT: Final = Outcome("", "", Fate.NOT_SENT, said="nothing was sent")

_COMMANDS: Final[Mapping[Part, Callable[[Client, Any], object]]] = MappingProxyType(
    {
        Part.MODE: lambda client, mode: client.set_operating_mode(mode.value),
        Part.RESERVE: lambda client, reserve: client.set_battery_reserve(reserve),
        Part.GRID_CHARGING: lambda client, may: client.set_grid_charging(may),
        Part.EXPORT: lambda client, export: client.set_grid_export(export.value),
    }
)


def _intervals(poll: float) -> Mapping[Endpoint, float]:
    """The setting is read in every few polls; Storm Watch comes with each."""
    seldom = LIVE_PER_SETTING * poll * _JUST_UNDER
    often = dict.fromkeys(SITE, seldom)
    return MappingProxyType({**often, Endpoint.STORM_WATCH: poll * _JUST_UNDER})


def _both(one: Observation, other: Observation) -> Observation:
    """Two observations of different quantities as one, as of the first."""
    values = {
        each.value: getattr(one if getattr(other, each) is None else other, each)
        for each in Quantity
    }
    return Observation(
        at=one.at,
        earlier={**one.earlier, **other.earlier},
        unknown_words={**(one.unknown_words or {}), **(other.unknown_words or {})} or None,
        **values,
    )


def _shows_anything(observation: Observation) -> bool:
    shown = any(getattr(observation, each) is not None for each in Quantity)
    return shown or bool(observation.unknown_words)


def _object(answer: object) -> Mapping[str, object]:
    return answer if isinstance(answer, dict) else {}
