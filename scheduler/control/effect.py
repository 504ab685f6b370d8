"""What the power flows show of a setting that the gateway reports to hold.

A gateway may store and report a setting and go on as before. So after a write is held, the battery
itself is watched: from `settling` on, over three readings in a row that say the same. What is
judged, and what a reading must show (powers in watts, import and discharge positive, net load is
load less sun):

    self-consumption, SOE above the reserve, net load over 400 W
                        the battery carries it: not most of it comes from the grid
    self-consumption, SOE below the reserve
                        the battery does not discharge
    backup              the battery does not discharge
    backup, grid charging off
                        nor does it charge more than the sun's surplus
    backup, grid charging on, SOE under 95 %
                        it charges more than that
    autonomous, SOE below the reserve
                        the battery does not discharge; of whatever else it does, nothing is
                        judged: it follows a forecast of its own
    export "never"      nothing flows to the grid
    export "pv_only"    nothing flows to the grid while the battery discharges

A setting shows when none of its parts speaks against it and one speaks for it.

Nothing is judged while the home is not on the grid, while grid services run it, while the battery
stands or an update runs. A reading that the setting before explains as well proves nothing. The
reading that settles it against the setting must show that the gateway still reports it: what
somebody changed a minute ago is no fault of the gateway's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from rules.domain import QUANTITY_OF, Export, Mode, Observation, Setting
from scheduler.control.reconcile import Again
from scheduler.control.target import parts_of, reports
from scheduler.domain import Cause, Caveat, Effect

SETTLING = timedelta(minutes=2)
"""How long after it is held a setting may take to show, unless the route needs longer."""

READINGS = 3
"""Readings in a row that must agree."""

CLEAR = 400.0
"""Watts from which on a flow is no noise."""

MARGIN = 2.0
"""Percent that the SOE must be away from the reserve for its side to be certain."""

NEARLY_FULL = 95.0
"""Percent from which on a battery that charges slowly, or not at all, may simply be full."""

UNIT_POWER = 5000.0
"""Watts that one Powerwall 2 can discharge; what a home draws beyond may come from the grid."""


@dataclass(frozen=True, slots=True)
class WatchedWrite:
    """A write that was read back, and what its power flows have shown so far.

    `run` are the last readings in a row that said the same (`shown`), `read_at` is when the newest
    of them was made. `verdict` is what is journaled of it. With `last_try` it is the second sending
    of a setting that did not show; `alerted`: the owner was notified that this one does not either.
    """

    intent_id: int
    wanted: Setting
    previous: Setting
    since: datetime
    shown: bool | None = None
    run: int = 0
    read_at: datetime | None = None
    verdict: Effect | None = None
    last_try: bool = False
    alerted: bool = False

    def shifted(self, by: timedelta) -> WatchedWrite:
        """The same, on a wall clock that was set."""
        return replace(self, since=self.since + by)

    @property
    def doubtful(self) -> bool:
        """The last reading spoke against the setting: somebody may have changed it since."""
        return self.shown is False

    def once_more(self) -> Again | None:
        """What to send again because it did not show; the second time it is of no use."""
        return None if self.last_try else Again(self.wanted, Cause.NO_EFFECT)


@dataclass(frozen=True, slots=True)
class Effects:
    """The effect of the last write of one site.

    `found` is the last setting that was held, with what the first of the writes in a row that set
    it had found.
    """

    watched: WatchedWrite | None = None
    found: tuple[Setting, Setting] | None = None

    def held(
        self, intent_id: int, wanted: Setting, previous: Setting, cause: Cause, now: datetime
    ) -> Effects:
        """A write was read back. One that was made again follows what the first one found."""
        if previous == wanted and self.found is not None and self.found[0] == wanted:
            previous = self.found[1]
        last_try = cause is Cause.NO_EFFECT
        watched = WatchedWrite(intent_id, wanted, previous, now, last_try=last_try)
        return Effects(watched, (wanted, previous))

    def forgotten(self) -> Effects:
        """Another write begins, or somebody else changed the setting."""
        return self if self.watched is None else Effects(found=self.found)

    def shifted(self, by: timedelta) -> Effects:
        """The same, on a wall clock that was set."""
        return replace(self, watched=self.watched and self.watched.shifted(by))


@dataclass(frozen=True, slots=True)
class EffectSeen:
    """An effect that a reading settled anew, with a sentence of what was seen."""

    effect: Effect
    detail: str


def judge(
    watched: WatchedWrite,
    observation: Observation,
    now: datetime,
    settling: timedelta,
    *,
    disturbed: bool,
) -> tuple[WatchedWrite, EffectSeen | None]:
    """The write after one more reading, and its effect if this reading settled it anew.

    While an update runs, or the battery may stand (`disturbed`), nothing is judged. The same
    reading never counts twice.
    """
    if now < watched.since + max(settling, SETTLING) or watched.read_at == observation.at:
        return watched, None
    shown = None if disturbed else _proof(watched, observation)
    if shown is None:
        if watched.shown is None and watched.run == 0:
            return watched, None
        return replace(watched, shown=None, run=0), None
    effect = Effect.CONFIRMED if shown else Effect.CONTRADICTED
    if watched.shown is shown and watched.verdict is effect:
        return watched, None
    run = watched.run + 1 if watched.shown is shown else 1
    watched = replace(watched, shown=shown, run=run, read_at=observation.at)
    if (
        run < READINGS
        or effect is watched.verdict
        or (not shown and not _still_there(watched, observation))
    ):
        return watched, None
    return replace(watched, verdict=effect), EffectSeen(effect, _sentence(observation))


def advice(setting: Setting, observation: Observation, caveats: frozenset[Caveat]) -> str:
    """What the owner can do about a setting that does not show in this reading."""
    known = []
    if Caveat.DONE_BY_THE_APP in caveats:
        known.append(
            "with this firmware what is set by this route is stored and not done until the Tesla"
            " app is opened, so open the app"
        )
    if Caveat.TARIFF_MAY_WIN in caveats and _drains(setting, observation):
        known.append(
            "from firmware 26.2 on a rate plan in the Tesla app may win over the reserve, so"
            " compare the prices under Settings, Utility Rate Plan in the app with what the"
            " rules want"
        )
    return "; ".join(known) or "look at the battery in the app"


def fits(setting: Setting, observation: Observation) -> bool | None:
    """Whether the power flows are those of a setting; `None` where they do not tell."""
    if not _judged(observation):
        return None
    verdicts = (_mode_fits(setting, observation), _export_fits(setting, observation))
    if False in verdicts:
        return False
    return True if True in verdicts else None


def _mode_fits(setting: Setting, observation: Observation) -> bool | None:
    battery, soe, reserve = observation.battery_power, observation.soe, setting.reserve
    if battery is None or soe is None:
        return None
    match setting.mode:
        case Mode.BACKUP if battery >= CLEAR:
            return False
        case Mode.BACKUP:
            return _grid_charging_fits(setting.grid_charging, observation, -battery, soe)
        case Mode.SELF_CONSUMPTION if reserve is not None and soe < reserve - MARGIN:
            return battery < CLEAR
        case Mode.AUTONOMOUS if _drains(setting, observation):
            return False
        case Mode.SELF_CONSUMPTION if reserve is not None and soe > reserve + MARGIN:
            return _carries(observation, battery)
    return None


def _drains(setting: Setting, observation: Observation) -> bool:
    """The battery discharges below its reserve, in a mode that would spare it for an outage."""
    battery, soe, reserve = observation.battery_power, observation.soe, setting.reserve
    if battery is None or soe is None or reserve is None or setting.mode is Mode.BACKUP:
        return False
    return battery >= CLEAR and soe < reserve - MARGIN


def _grid_charging_fits(
    grid_charging: bool | None, observation: Observation, charging: float, soe: float
) -> bool | None:
    """What a battery in backup that does not discharge shows of its grid charging."""
    if grid_charging is None:
        return True
    if observation.load_power is None:
        return None
    surplus = max(0.0, (observation.solar_power or 0.0) - observation.load_power)
    buys = charging >= surplus + CLEAR
    if grid_charging and not buys:
        return False if soe < NEARLY_FULL else None
    return buys is grid_charging


def _export_fits(setting: Setting, observation: Observation) -> bool | None:
    site, battery = observation.site_power, observation.battery_power
    if setting.export is None or site is None or battery is None or site > -CLEAR:
        return None
    match setting.export:
        case Export.NEVER:
            return False
        case Export.SOLAR:
            return battery < CLEAR
    return True


def _carries(observation: Observation, battery: float) -> bool | None:
    site, load = observation.site_power, observation.load_power
    if site is None or load is None:
        return None
    net = load - (observation.solar_power or 0.0)
    if net <= CLEAR:
        return None
    return not (site > net / 2 and battery < min(net, UNIT_POWER) / 2)


def _judged(observation: Observation) -> bool:
    return (
        observation.grid is not None
        and observation.grid.up
        and observation.running is not False
        and not observation.grid_services
    )


def _still_there(watched: WatchedWrite, observation: Observation) -> bool:
    """The setting was read together with the powers."""
    quantities = (QUANTITY_OF[part] for part in parts_of(watched.wanted))
    together = all(observation.measured(each) == observation.at for each in quantities)
    return together and reports(observation, watched.wanted)


def _proof(watched: WatchedWrite, observation: Observation) -> bool | None:
    """Whether a reading speaks for the setting or against it, if it speaks at all."""
    shown = fits(watched.wanted, observation)
    if shown and fits(watched.previous, observation) is not False:
        return None
    return shown


def _sentence(observation: Observation) -> str:
    battery, load = observation.battery_power or 0.0, observation.load_power or 0.0
    doing = (
        f"discharges {battery:.0f} W"
        if battery >= CLEAR
        else f"charges {-battery:.0f} W"
        if battery <= -CLEAR
        else "rests"
    )
    soe = "an unknown SOE" if observation.soe is None else f"SOE {observation.soe:.1f} %"
    site = f", {observation.site_power:.0f} W come from the grid" if observation.site_power else ""
    return f"at {soe} and {load:.0f} W of load the battery {doing}{site}"
