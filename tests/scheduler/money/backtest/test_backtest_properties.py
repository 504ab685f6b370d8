"""What holds of every backtest: whatever the rules, the home, the battery and the grid."""

from __future__ import annotations

from dataclasses import astuple, replace
from datetime import datetime, timedelta
from itertools import pairwise
from unittest.mock import patch

import pytest
from four_levers import FOUR_LEVERS
from hypothesis import given
from hypothesis import strategies as st
from random_rules import EVERY_MODE, FLAGS, STARTS, VALUES, plan_of, rule_files
from simulated import LOS_ANGELES

from rules.battery import POWERWALL_2, POWERWALL_3
from rules.domain import Export, Mode, Setting
from rules.engine import RuleSet
from rules.inputs import DatedValue, PriceSeries, PriceSlot
from rules.resolve import Levers
from scheduler.domain import Cause, Safety
from scheduler.money import IntervalData
from scheduler.money.backtest import Backtest, Outage, Outside, Raised, Site, backtest

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LONG = 32 * HOUR
POWERS = (0.0, 300.0, 500.0, 499.0, 2_000.0, 2_300.0, 7_000.0)
rule_sets = rule_files().map(lambda text: plan_of(text).rules)


@st.composite
def outsides(draw: st.DrawFn, start: datetime) -> Outside:
    """What may come from outside in two days."""
    hours = st.integers(0, 31).map(lambda hour: start + hour * HOUR)
    flags = {
        name: (Raised(begin, begin + draw(st.integers(1, 20)) * HOUR),)
        for name in FLAGS
        if (begin := draw(st.one_of(st.none(), hours)))
    }
    values = {
        name: [
            DatedValue(draw(st.sampled_from((19.0, 50.0, 81.0))), at)
            for at in draw(st.lists(hours, max_size=4, unique=True))
        ]
        for name in VALUES
    }
    prices = [
        PriceSlot(start + n * HOUR, start + (n + 1) * HOUR, draw(st.sampled_from((0.1, 0.3, 0.55))))
        for n in range(60)
    ]
    return Outside.of(flags, values, draw(st.sampled_from((None, PriceSeries(prices)))))


@st.composite
def sites(draw: st.DrawFn) -> Site:
    """Two days of a home."""
    start = draw(st.sampled_from(STARTS))
    step = draw(st.sampled_from((60, 30, 15, 5))) * timedelta(minutes=1)
    count = LONG // step
    powers = st.lists(st.sampled_from(POWERS), min_size=8, max_size=8)
    load, solar = ([watts for watts in draw(powers) for _ in range(count // 8)] for _ in range(2))
    kind = replace(
        draw(st.sampled_from((POWERWALL_2, POWERWALL_3))),
        standby_w=draw(st.sampled_from((0.0, 40.0))),
    )
    begin, length = draw(st.integers(0, 1_300)), draw(st.integers(1, 600))
    outage = Outage(start + begin * timedelta(minutes=1), length * timedelta(minutes=1))
    floor = draw(st.sampled_from((0, 10, 30)))
    safety = Safety(
        floor,
        Setting(Mode.SELF_CONSUMPTION, max(20, floor)),
        dwell=draw(st.sampled_from((timedelta(0), timedelta(minutes=15)))),
        grid_charging=draw(st.booleans()),
        export=draw(st.sampled_from(Export)),
    )
    return Site(
        IntervalData(start, step, LOS_ANGELES, load, solar),
        kind.scaled(draw(st.sampled_from((1, 3)))),
        draw(st.sampled_from((0.0, 20.0, 50.0, 98.0))),
        safety,
        draw(st.sampled_from((Levers(EVERY_MODE), Levers(EVERY_MODE, 80), FOUR_LEVERS))),
        draw(st.sampled_from(((), (outage,)))),
        draw(outsides(start)),
    )


def conserved(found: Backtest) -> None:
    flows, battery = found.flows, found.flows.site.battery
    energies, hours = flows.energies, flows.site.data.step / HOUR
    levels = pairwise([battery.energy(flows.site.soe), *energies.stored])
    for index, (before, after) in enumerate(levels):
        into = energies.imported[index] + energies.solar[index] + energies.discharged[index]
        out = energies.exported[index] + energies.load[index] + energies.charged[index]
        assert into == pytest.approx(out, abs=1e-6)
        kept = energies.charged[index] * battery.efficiency
        kept -= energies.discharged[index] / battery.efficiency
        assert -1e-6 <= before + kept - after <= battery.standby_w * hours + 1e-6
        assert 0 <= after <= battery.capacity_wh


def permitted(found: Backtest) -> None:
    site = found.flows.site
    safety, levers = site.safety, site.levers
    for write in found.writes:
        wanted = write.wanted
        assert wanted.mode is None or wanted.mode in levers.modes
        if wanted.reserve is not None:
            assert wanted.reserve >= safety.reserve_floor
            assert wanted.reserve <= levers.reserve_ceiling or wanted.reserve == 100
        assert not (wanted.grid_charging and not safety.grid_charging)
        assert wanted.export is None or wanted.export.rank <= safety.export.rank
        assert wanted.grid_charging is None or wanted.grid_charging in levers.grid_charging
    bought = site.battery.reserve_grid_charge_w if not safety.grid_charging else float("inf")
    hours = site.data.step / HOUR
    for charged, solar in zip(
        found.flows.energies.charged, found.flows.energies.solar, strict=True
    ):
        assert charged <= solar + bought * hours + 1e-6
    if safety.export is Export.NEVER:
        assert max(found.flows.energies.exported) <= 1e-6


def within_caps(found: Backtest) -> None:
    safety, at = found.flows.site.safety, [write.at for write in found.writes]
    for first in at:
        assert sum(first <= each < first + HOUR for each in at) <= safety.writes_an_hour
        assert sum(first <= each < first + DAY for each in at) <= safety.writes_a_day
    for one, two in pairwise(found.writes):
        if two.cause is Cause.STATE and two.wanted == one.previous:
            assert two.at - one.at >= safety.dwell


@given(sites(), rule_sets)
def test_energy_is_kept_permissions_are_and_so_are_the_caps(site: Site, rules: RuleSet) -> None:
    found = backtest(site, rules)
    conserved(found)
    permitted(found)
    within_caps(found)
    total = (site.data.end - site.data.start) / HOUR
    assert sum((end - start) / HOUR for start, end, _ in found.held()) == pytest.approx(total)
    unserved = sum(endured.unserved_wh for endured in found.flows.endured)
    served = sum(found.flows.energies.load)
    used = sum(site.data.load_w) * (site.data.step / HOUR)
    assert served + unserved == pytest.approx(used, abs=1e-3)


@given(sites(), rule_sets)
def test_what_is_skipped_does_not_matter(site: Site, rules: RuleSet) -> None:
    skipping = backtest(site, rules)
    with patch("scheduler.control.prompt_site.quiet", lambda *_: False):
        every_interval = backtest(site, rules)
    assert skipping.ticks <= every_interval.ticks
    assert [(each.at, each.wanted, each.cause) for each in skipping.writes] == [
        (each.at, each.wanted, each.cause) for each in every_interval.writes
    ]
    assert skipping.flows.settings == every_interval.flows.settings
    assert skipping.holdings == every_interval.holdings
    assert skipping.occurrences == every_interval.occurrences
    assert astuple(skipping.flows.energies) == astuple(every_interval.flows.energies)
