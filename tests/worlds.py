"""Two worlds for a controller: one without any physics, and one that is a simulated home.

`AnyWorld` answers anything at all, in runs and by chance. `HomeWorld` is a `DirectGateway`, so that
what is written takes effect, what is read back is true and the power flows show it.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from controlled import HandClock, done

from rules.domain import AppPercent, Export, GridStatus, Mode, Observation, Part, Setting
from rules.inputs import NO_INPUTS, DatedValue, Inputs, PriceSeries, PriceSlot
from rules.resolve import Levers
from scheduler.control import Action, Failure, FailureKind, actions, events
from scheduler.control.events import Event
from scheduler.domain import QUANTITIES, Capabilities, Endpoint, FirmwareState, FirmwareStatus
from scheduler.errors import GatewayProblem, NotPermitted, Refused, WriteUncertain
from scheduler.simulator.direct import DirectGateway, WriteFate

UNREACHABLE = Failure(FailureKind.UNREACHABLE, "no answer")
FAILURES = tuple(Failure(kind, f"by chance: {kind}") for kind in FailureKind)
SHOWN = tuple(each for each in QUANTITIES if each is not Endpoint.STORM_WATCH)
STORM = Setting(Mode.BACKUP, 100)
STATUSES = tuple(FirmwareStatus(state, "9.9", state.value) for state in FirmwareState)

USUAL: dict[str, tuple[Any, ...]] = {
    "grid": (GridStatus.CONNECTED,),
    "grid_services": (False,),
    "running": (True,),
    "soe": (50.0,),
}
ANY: dict[str, tuple[Any, ...]] = {
    "soe": (0.0, 19.5, 20.0, 22.0, 49.75, 50.0, 52.5, 55.0, 79.0, 80.0, 97.0, 100.0),
    "site_power": (-3000.0, -500.0, 0.0, 300.0, 500.0, 2000.0, 6000.0),
    "battery_power": (-3300.0, -500.0, 0.0, 250.0, 500.0, 2000.0, 5000.0),
    "load_power": (0.0, 400.0, 500.0, 2000.0, 2300.0, 7000.0),
    "solar_power": (0.0, 500.0, 700.0, 2000.0, 5000.0),
    "grid": (*[GridStatus.CONNECTED] * 5, *GridStatus),
    "grid_services": (False, False, False, False, True),
    "running": (True, True, True, True, False),
    "mode": (*Mode, Mode.SELF_CONSUMPTION),
    "reserve": (0.0, 3.0, 19.4, 20.0, 20.5, 50.0, 52.6, 80.0, 85.0, 100.0),
    "grid_charging": (False, True),
    "export": tuple(Export),
    "firmware": ("1.49", "1.50", "25.18"),
}
FLAGS, VALUES = ("storm", "away"), ("sun", "carbon")


def some_inputs(chance: Random, now: datetime) -> Inputs:
    """What may be in the input folder."""
    expiry = chance.choice((None, now + timedelta(seconds=chance.choice((60, 7_200)))))
    flags = {name: expiry for name in FLAGS if chance.random() < 0.4}
    values = {
        name: DatedValue(chance.choice((19.0, 50.0, 81.0)), now - timedelta(minutes=7))
        for name in VALUES
        if chance.random() < 0.5
    }
    if chance.random() < 0.5:
        return Inputs(flags, values)
    start = now.replace(minute=0, second=0, microsecond=0)
    hours = [start + timedelta(hours=hour) for hour in range(30)]
    prices = [
        PriceSlot(hour, hour + timedelta(hours=1), chance.choice((0.1, 0.3, 0.55)), None)
        for hour in hours
    ]
    return Inputs(flags, values, PriceSeries(prices))


@dataclass
class Weather:
    """How often things happen: `change` a poll, `failing` of what is asked for."""

    change: float = 0.3
    failing: float = 0.1
    inputs: float = 0.01
    slow: float = 0.05


@dataclass
class AnyWorld:
    """A gateway that may answer anything, whatever is asked of it."""

    chance: Random
    clock: HandClock
    weather: Weather
    capabilities: Capabilities
    values: dict[str, Any] = field(default_factory=dict)
    inputs: Inputs = NO_INPUTS
    silent: bool = False
    ignored: bool = False
    stubborn: Setting | None = None
    """What somebody sets again and again."""

    def __post_init__(self) -> None:
        for name, usual in (ANY | USUAL).items():
            self.values[name] = usual[0]
        self.values.update(mode=Mode.SELF_CONSUMPTION, reserve=20.0)

    def connect(self, at: datetime) -> events.Connected:
        failure = UNREACHABLE if self.silent else None
        return events.Connected(at, self.capabilities, failure)

    def carry_out(self, action: Action, at: datetime) -> Event | None:
        match action:
            case actions.Observe():
                return self._seen(action.endpoints, at)
            case actions.Apply() | actions.WriteBack():
                return self._written(action, at)
            case actions.RunBattery():
                failure = self._failure()
                self.values["running"] = self.chance.choice((True, False))
                return events.BatteryRunRequested(at, failure)
            case actions.CheckFirmware():
                return events.CheckStarted(at, self._failure())
            case actions.ReadFirmware():
                failure = self._failure()
                status = None if failure else self.chance.choice(STATUSES[3:6] + STATUSES)
                self._capabilities_change(0.2)
                return events.FirmwareRead(at, status, self.capabilities, failure)
            case actions.InstallFirmware():
                return events.InstallRequested(at, self.capabilities, self._failure())
            case actions.Assume():
                self.capabilities = replace(self.capabilities, may_write=action.may_write)
        return None

    def change(self) -> None:
        """Something becomes different."""
        chance, values = self.chance, self.values
        drawn = chance.random()
        if drawn < 0.60:
            name = chance.choice(tuple(ANY))
            values[name] = chance.choice(ANY[name])
        elif drawn < 0.70:
            values[chance.choice(tuple(ANY))] = None
        elif drawn < 0.85:
            values.update({name: chance.choice(usual) for name, usual in USUAL.items()})
            values["mode"], values["reserve"] = Mode.SELF_CONSUMPTION, 20.0
            values["firmware"] = values["firmware"] or "1.49"
            self.silent = self.ignored = False
        elif drawn < 0.88:
            values["mode"], values["reserve"] = STORM.mode, 100.0
        elif drawn < 0.91:
            self.silent = chance.random() < 0.5
        elif drawn < 0.93:
            self.ignored = not self.ignored
        elif drawn < 0.94:
            self.stubborn = chance.choice((None, Setting(Mode.SELF_CONSUMPTION, 50)))
        else:
            self._capabilities_change(1.0)

    def _capabilities_change(self, how_likely: float) -> None:
        chance, now = self.chance, self.capabilities
        if chance.random() >= how_likely:
            return
        drawn = chance.random()
        if drawn < 0.3:
            started = chance.choice((None, "monday", "friday"))
            self.capabilities = replace(now, started=started)
        elif drawn < 0.5:
            firmware = chance.choice(("1.49", "1.50", "25.18"))
            self.capabilities = replace(now, firmware=firmware, may_write=None)
        elif drawn < 0.8:
            may_write = chance.choice((True, True, None, False))
            self.capabilities = replace(now, may_write=may_write)
        elif drawn < 0.9:
            levers = replace(now.levers, reserve_ceiling=chance.choice((80, 100)))
            self.capabilities = replace(now, levers=levers)
        else:
            self.capabilities = replace(
                now,
                writes_a_day=chance.choice((8, 24)),
                settling_time=chance.choice((10.0, 120.0, 300.0)),
                may_check_firmware=chance.random() < 0.8,
                timezone=chance.choice((None, "Europe/London", "America/Los_Angeles")),
            )

    def _failure(self) -> Failure | None:
        if self.silent:
            return UNREACHABLE
        if self.chance.random() < self.weather.failing:
            return self.chance.choice(FAILURES)
        return None

    def _seen(self, endpoints: frozenset[Endpoint], at: datetime) -> events.Seen:
        chance, weather = self.chance, self.weather
        while chance.random() < weather.change:
            self.change()
        if self.stubborn is not None and chance.random() < 0.2:
            _take_over(self.values, self.stubborn)
        if chance.random() < weather.inputs:
            self.inputs = some_inputs(chance, self.clock.wall)
        found = self.capabilities
        if self.silent or chance.random() < weather.failing / 4:
            nothing = Observation(at)
            return events.Seen(at, endpoints, nothing, found, UNREACHABLE, self.inputs)
        if chance.random() < weather.slow:
            self.clock.pass_by(chance.choice((1.0, 9.0)))
        values, levers = self.values, found.levers
        known = {
            quantity.value: values[quantity.value]
            for endpoint in endpoints
            for quantity in QUANTITIES[endpoint]
            if quantity.value in values
        }
        if chance.random() < weather.failing / 4:
            for quantity in QUANTITIES[chance.choice(SHOWN)]:
                known.pop(quantity.value, None)
        for part in levers.unreadable:
            known.pop(part.value, None)
        if not levers.grid_charging:
            known.pop("grid_charging", None)
        if not levers.export:
            known.pop("export", None)
        return events.Seen(
            at, endpoints, Observation(self.clock.wall, **known), found, None, self.inputs
        )

    def _written(self, action: actions.Apply | actions.WriteBack, at: datetime) -> events.Written:
        chance = self.chance
        failure = self._failure()
        if chance.random() < self.weather.slow:
            self.clock.pass_by(chance.choice((2.0, 20.0)))
        uncertain = failure is not None and failure.kind is FailureKind.UNCERTAIN
        done = failure is None or (uncertain and chance.random() < 0.5)
        if isinstance(action, actions.Apply) and done and not self.ignored:
            _take_over(self.values, action.setting)
        if failure is not None and failure.kind is FailureKind.NOT_PERMITTED:
            self.capabilities = replace(self.capabilities, may_write=False)
        elif failure is None:
            self.capabilities = replace(self.capabilities, may_write=True)
        return events.Written(at, self.clock.wall, self.capabilities, failure)


def _take_over(values: dict[str, Any], setting: Setting) -> None:
    for part, value in setting.present.items():
        values[part.value] = (
            AppPercent(value)
            if isinstance(value, int | float) and not isinstance(value, bool)
            else value
        )


@dataclass
class HomeWorld:
    """A simulated home behind its gateway, and what happens to it."""

    chance: Random
    clock: HandClock
    weather: Weather
    gateway: DirectGateway
    missing: frozenset[Endpoint] = frozenset()
    inputs: Inputs = NO_INPUTS

    @property
    def capabilities(self) -> Capabilities:
        return self.gateway.capabilities

    def connect(self, at: datetime) -> events.Connected:
        return events.Connected(at, self.capabilities, self._tried(self.gateway.connect)[1])

    def carry_out(self, action: Action, at: datetime) -> Event | None:
        gateway = self.gateway
        match action:
            case actions.Observe():
                return self._seen(action.endpoints, at)
            case actions.Apply():
                failure = self._tried(lambda: gateway.apply(action.setting))[1]
                return events.Written(at, self.clock.wall, self.capabilities, failure)
            case actions.WriteBack():
                failure = self._tried(gateway.write_back)[1]
                return events.Written(at, self.clock.wall, self.capabilities, failure)
            case actions.RunBattery():
                return events.BatteryRunRequested(at, self._tried(gateway.run_battery)[1])
            case actions.CheckFirmware():
                return events.CheckStarted(at, self._tried(gateway.start_firmware_check)[1])
            case actions.ReadFirmware():
                status, failure = self._tried(gateway.firmware_status)
                return events.FirmwareRead(at, status, self.capabilities, failure)
            case actions.InstallFirmware():
                failure = self._tried(gateway.install_firmware)[1]
                return events.InstallRequested(at, self.capabilities, failure)
            case actions.Assume():
                gateway.assume(may_write=action.may_write)
        return None

    def change(self) -> None:
        """Something happens to the home, its gateway, or between us and it."""
        chance, gateway, home = self.chance, self.gateway, self.gateway.home
        now = gateway.advance()
        drawn = chance.random()
        if drawn < 0.25:
            self.mend()
        elif drawn < 0.40:
            gateway.fate = chance.choice(tuple(WriteFate))
        elif drawn < 0.50:
            gateway.silent = chance.random() < 0.7
        elif drawn < 0.60:
            mode = chance.choice((Mode.BACKUP, Mode.SELF_CONSUMPTION))
            reserve = chance.choice((0, 20, 45, 80))
            gateway.set_in_app(Setting(mode, reserve))
        elif drawn < 0.65:
            gateway.set_in_app(STORM)
        elif drawn < 0.72:
            home.running = False
        elif drawn < 0.80:
            home.grid_services = chance.random() < 0.6
        elif drawn < 0.90:
            home.grid_down(now)
            home.grid_up(now + timedelta(minutes=chance.choice((1, 10, 90))))
        else:
            self.missing = frozenset({chance.choice(tuple(Endpoint))})

    def mend(self) -> None:
        """All is as it should be."""
        gateway = self.gateway
        gateway.fate, gateway.silent, self.missing = WriteFate.CARRIED_OUT, False, frozenset()
        gateway.home.grid_services = False
        gateway.home.running = True
        if self.capabilities.may_write is False and self.chance.random() < 0.5:
            gateway.assume(may_write=None)

    def _seen(self, endpoints: frozenset[Endpoint], at: datetime) -> events.Seen:
        chance = self.chance
        if chance.random() < self.weather.change:
            self.change()
        if chance.random() < self.weather.inputs:
            self.inputs = some_inputs(chance, self.clock.wall)
        read, failure = self._tried(lambda: self.gateway.observe(endpoints))
        if read is None:
            read = Observation(at)
        elif self.missing:
            lost = [each.value for endpoint in self.missing for each in QUANTITIES[endpoint]]
            read = replace(read, **dict.fromkeys(lost))
        return events.Seen(at, endpoints, read, self.capabilities, failure, self.inputs)

    @staticmethod
    def _tried(ask: Callable[[], Coroutine[Any, Any, Any]]) -> tuple[Any, Failure | None]:
        try:
            return done(ask()), None
        except WriteUncertain as error:
            return None, Failure(FailureKind.UNCERTAIN, str(error))
        except NotPermitted as error:
            return None, Failure(FailureKind.NOT_PERMITTED, str(error))
        except Refused as error:
            return None, Failure(FailureKind.REFUSED, str(error))
        except GatewayProblem as error:
            return None, Failure(FailureKind.UNREACHABLE, str(error))


LOCAL = Levers()
OLD_LOCAL = Levers(frozenset(Mode))
NEW_LOCAL = Levers(reserve_ceiling=80)
FOUR = Levers(frozenset(Mode), grid_charging=frozenset({False, True}), export=frozenset(Export))
UNREAD = replace(FOUR, unreadable=frozenset({Part.EXPORT, Part.GRID_CHARGING}))
