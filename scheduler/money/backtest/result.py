"""What came of a backtest: what flowed, who held when, what was written, how outages went."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from rules.battery import Energies
from rules.domain import Part, Setting
from rules.engine import DEFAULT, RuleSet
from scheduler.domain import EventRecord, IntentRecord
from scheduler.money import MeteredEnergy
from scheduler.money.backtest.site import Outage, Site

HOUR = timedelta(hours=1)
SERVED_WH = 1e-6
"""Load that is not served below this is a rounding."""


class Holding(NamedTuple):
    """From an instant on these rules win the parts of the setting, and this is what they want."""

    start: datetime
    winners: Mapping[Part, str]
    wanted: Setting


class Endured(NamedTuple):
    """How a home stood an outage.

    `soe` is what was in the battery when the grid went, in app percent. `stood` is for how long all
    load was served, `unserved_wh` what was not, until the home had joined the grid again: the
    battery was empty, or could not give so much.
    """

    outage: Outage
    soe: float
    stood: timedelta
    unserved_wh: float


@dataclass(frozen=True, slots=True)
class Flows:
    """What flowed at a site under some schedule, and the settings in effect, each from an instant.

    Energies are by interval of the site's data.
    """

    site: Site
    energies: Energies
    settings: tuple[tuple[datetime, Setting], ...]

    @property
    def metered(self) -> MeteredEnergy:
        """What the meter counted."""
        data, energies = self.site.data, self.energies
        return MeteredEnergy(data.start, data.step, energies.imported, energies.exported)

    @property
    def cycles(self) -> float:
        """Full cycles: what left the battery, by what it can hold."""
        battery = self.site.battery
        return sum(self.energies.discharged) / battery.efficiency / battery.capacity_wh

    @property
    def highest_import_w(self) -> float:
        """The highest mean power of an interval that was taken from the grid."""
        return max(self.energies.imported) / (self.site.data.step / HOUR)

    @property
    def self_sufficiency(self) -> float:
        """The share of what the home used that was not bought, 0 to 1; less where it is stored."""
        used = sum(self.energies.load)
        return 1.0 - sum(self.energies.imported) / used if used else 1.0

    @property
    def soe_at_end(self) -> float:
        """What is in the battery in the end, in app percent."""
        return self.site.battery.soe(self.energies.stored[-1])

    @property
    def endured(self) -> tuple[Endured, ...]:
        """How the home stood the outages."""
        return tuple(_endured(self, outage) for outage in self.site.outages)


@dataclass(frozen=True, slots=True)
class Backtest:
    """What came of a rule set: `flows`, and of its controller who held, what was written.

    `writes` are the intents that went out, `occurrences` what became of the rules' events; `ticks`
    says how often the controller was woken.
    """

    rules: RuleSet
    flows: Flows
    holdings: tuple[Holding, ...]
    writes: tuple[IntentRecord, ...]
    occurrences: tuple[EventRecord, ...]
    ticks: int

    @property
    def hours_by_rule(self) -> dict[str, float]:
        """For how many hours each rule, and the default, won a part of the setting at least."""
        hours = dict.fromkeys((*(rule.name for rule in self.rules.state_rules), DEFAULT), 0.0)
        for start, end, holding in self.held():
            for name in set(holding.winners.values()):
                hours[name] = hours.get(name, 0.0) + (end - start) / HOUR
        return hours

    @property
    def never_won(self) -> tuple[str, ...]:
        """The rules that won nothing at any time; a default that leaves all as it is is none."""
        hours = self.hours_by_rule
        return tuple(rule.name for rule in self.rules.state_rules if not hours[rule.name])

    def held(self) -> Iterator[tuple[datetime, datetime, Holding]]:
        """Each holding with its beginning and end."""
        ends = [each.start for each in self.holdings[1:]] + [self.flows.site.data.end]
        for holding, end in zip(self.holdings, ends, strict=True):
            yield holding.start, end, holding


def _endured(flows: Flows, outage: Outage) -> Endured:
    site, energies = flows.site, flows.energies
    data, unserved_wh, stood = site.data, 0.0, outage.length
    first = (outage.start - data.start) // data.step
    last = -((data.start - outage.joined) // data.step)
    for index in range(first, min(last, len(data))):
        begin = max(outage.start, data.start + index * data.step)
        length = min(outage.joined, data.start + (index + 1) * data.step) - begin
        missing_wh = data.load_w[index] * (data.step / HOUR) - energies.load[index]
        if missing_wh <= SERVED_WH:
            continue
        if not unserved_wh:
            wanted_wh = data.load_w[index] * (length / HOUR)
            stood = begin - outage.start + max(0.0, 1.0 - missing_wh / wanted_wh) * length
        unserved_wh += missing_wh
    before = energies.stored[first - 1] if first else site.battery.energy(site.soe)
    return Endured(outage, site.battery.soe(before), min(stood, outage.length), unserved_wh)
