"""What a simulated day cost: by its meters, and as it would have been without the battery."""

from __future__ import annotations

import pytest
from rich.console import Console

from scheduler.cli.demo_cost import DayCost, Price
from scheduler.simulator import Meters

NIGHT, PEAK = Price("off-peak", 0.25), Price("on-peak", 0.60)


def said(cost: DayCost) -> str:
    console = Console(width=100)
    with console.capture() as captured:
        console.print(cost.shown(" USD", (35.0, 24.0)))
    return " ".join(captured.get().split())


def test_the_day_costs_what_the_meter_counted_and_would_have_what_the_sun_lacked() -> None:
    cost = DayCost()
    # The battery is charged with 2 kWh at night, and gives them in the peak.
    night = Meters(site_imported=3_000, load=1_000)
    peak = Meters(site_imported=3_500, load=4_000, solar=500)
    noon = Meters(site_imported=3_500, site_exported=1_200, load=4_300, solar=2_000)
    cost.count(NIGHT, Meters(), night)
    cost.count(PEAK, night, peak)
    cost.count(NIGHT, peak, noon)
    assert cost.ours.cost == pytest.approx(3 * 0.25 + 0.5 * 0.60)
    assert cost.bare.cost == pytest.approx(1 * 0.25 + 2.5 * 0.60)
    assert (cost.ours.sold, cost.bare.sold) == pytest.approx((1.2, 1.2))
    text = said(cost)
    assert "The day cost 1.05 USD; without the battery it would have cost 1.75 USD." in text
    assert "Energy only, without fixed charges; what was sold is not counted" in text
    assert "began with 35 % and ended with 24 %" in text


def test_what_was_sold_counts_where_its_price_is_known() -> None:
    cost = DayCost()
    cost.count(
        Price("at the given prices", 0.3, 0.1), Meters(), Meters(site_exported=2_000, solar=5_000)
    )
    assert cost.ours.cost == pytest.approx(-0.2)
    assert cost.bare.cost == pytest.approx(-0.5)
    assert "less what was sold" in said(cost)
