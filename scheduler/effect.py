"""What the power flows show of a setting that the gateway reports to hold. Pure.

A gateway may store and report a setting and go on as before. So after a write is held, the battery
itself is looked at: from `settling` on, over three readings in a row that say the same. What is
judged, and what a reading must show (powers in watts, import and discharge positive, net load is
load less sun):

    self-consumption, SOE above the reserve, net load over 400 W
                        the battery carries it: not most of it comes from the grid
    self-consumption, SOE below the reserve
                        the battery does not discharge
    backup              the battery does not discharge
    autonomous          nothing: it follows a forecast of its own

Nothing is judged while the home is not on the grid, while grid services run it, while the battery
stands or an update runs. A reading that the setting before explains as well proves nothing. The
reading that settles it against the setting must show that the gateway still reports it: what
somebody changed a minute ago is no fault of the gateway's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from rules.domain import Mode, Observation, Quantity, Setting
from scheduler.domain import Effect
from scheduler.reconcile import reports

SETTLING = timedelta(minutes=2)
"""How long after it is held a setting may take to show, unless the route needs longer."""

READINGS = 3
"""Readings in a row that must agree."""

CLEAR = 400.0
"""Watts from which on a flow is no noise."""

MARGIN = 2.0
"""Percent that the SOE must be away from the reserve for its side to be certain."""

UNIT_POWER = 5000.0
"""Watts that one Powerwall 2 can discharge; what a home draws beyond may come from the grid."""


@dataclass(frozen=True, slots=True)
class Held:
    """A write that was read back, and what its power flows have shown so far.

    `run` are the last readings in a row that said the same (`shown`). `verdict` is what the journal
    knows already.
    """

    intent_id: int
    wanted: Setting
    previous: Setting | None
    since: datetime
    shown: bool | None = None
    run: int = 0
    verdict: Effect | None = None

    def shifted(self, by: timedelta) -> Held:
        """The same, on a wall clock that was set."""
        return replace(self, since=self.since + by)


@dataclass(frozen=True, slots=True)
class Seen:
    """A verdict, with a sentence of what was seen."""

    effect: Effect
    detail: str


def look(
    held: Held, observation: Observation, now: datetime, settling: timedelta, *, updating: bool
) -> tuple[Held, Seen | None]:
    """The write after one more reading, and its effect if this reading settled it anew."""
    if now < held.since + max(settling, SETTLING):
        return held, None
    shown = None if updating else _proof(held, observation)
    if shown is None:
        return replace(held, shown=None, run=0), None
    run = held.run + 1 if held.shown is shown else 1
    held = replace(held, shown=shown, run=run)
    effect = Effect.CONFIRMED if shown else Effect.CONTRADICTED
    if (
        run < READINGS
        or effect is held.verdict
        or (not shown and not _still_there(held, observation))
    ):
        return held, None
    return replace(held, verdict=effect), Seen(effect, _sentence(observation))


def fits(setting: Setting, observation: Observation) -> bool | None:
    """Whether the power flows are those of a setting; `None` where they do not tell."""
    battery, soe = observation.battery_power, observation.soe
    if battery is None or soe is None or not _judged(observation):
        return None
    match setting.mode:
        case Mode.BACKUP:
            return battery < CLEAR
        case Mode.SELF_CONSUMPTION if soe < setting.reserve - MARGIN:
            return battery < CLEAR
        case Mode.SELF_CONSUMPTION if soe > setting.reserve + MARGIN:
            return _carries(observation, battery)
    return None


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
        and observation.running is True
        and not observation.grid_services
    )


def _still_there(held: Held, observation: Observation) -> bool:
    """The setting was read together with the powers."""
    together = observation.measured(Quantity.RESERVE) == observation.at
    return together and reports(observation, held.wanted)


def _proof(held: Held, observation: Observation) -> bool | None:
    """Whether a reading speaks for the setting or against it, if it speaks at all."""
    shown = fits(held.wanted, observation)
    before = fits(held.previous, observation) if held.previous else None
    if shown and before is not False:
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
    site = f", {observation.site_power:.0f} W come from the grid" if observation.site_power else ""
    return f"at SOE {observation.soe:.1f} % and {load:.0f} W of load the battery {doing}{site}"
