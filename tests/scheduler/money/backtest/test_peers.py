"""The battery left to itself at a measured home, against what others came to with a linear one.

They count hours of 2018 at a fixed offset without holidays, the prices of June 2025, a floor of
20 % and a battery that is half full at first.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from billed import B01, FIXED, JUNE_2025, SCE_CREDITS, b01_in_2018, without_holidays

from rules.battery import POWERWALL_2
from rules.calendar import HolidayRule
from rules.terms import BillTariff
from scheduler.money import IntervalData
from scheduler.money.backtest import Site, self_consumption, without_battery
from scheduler.money.bill import Export, Kind, Plan, bill, read_export_credits

OF_SHEETS = {Kind.ENERGY, Kind.EXPORT, Kind.NON_BYPASSABLE}


def prime(export: Export) -> Plan:
    found = without_holidays("sce-tou-d-prime")
    assert found.terms.nbt is not None
    nbt = replace(found.terms.nbt, acc_plus={}, holidays=HolidayRule())
    nets = export is Export.NBT
    return Plan(
        BillTariff(found.tariff, replace(found.terms, nbt=nbt)),
        export,
        vintage=2025,
        credits=read_export_credits(SCE_CREDITS) if nets else None,
        credits_of=2026 if nets else None,
        prices_of=JUNE_2025,
        non_bypassable=0.0393,
    )


@pytest.mark.skipif(not B01.exists(), reason="needs the measured homes")
@pytest.mark.parametrize(
    ("export", "bare", "alone"),
    [(Export.NBT, 2044.53, 864.42), (Export.NEM2_BY_INTERVAL, 792.92, 210.98)],
)
def test_a_linear_battery_left_to_itself(export: Export, bare: float, alone: float) -> None:
    # A battery that is left to itself sees no more of a home than what it lacks and has left.
    net = b01_in_2018(sun=True)
    data = IntervalData(net.start, net.step, FIXED, net.imported_wh, net.exported_wh)
    site, plan = Site(data, replace(POWERWALL_2, taper_from=1.0), soe=50.0), prime(export)
    for flows, figure in ((without_battery(site), bare), (self_consumption(site, 20), alone)):
        parts = bill(flows.metered, plan).by_kind
        assert sum(parts.get(kind, 0.0) for kind in OF_SHEETS) == pytest.approx(figure, abs=0.005)
