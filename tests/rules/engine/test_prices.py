"""Prices, and the cheapest and dearest slots of a window."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from pictured import Watch, base_in, plan, rule, wall

from rules.inputs import Inputs, PriceSeries, PriceSlot

HALF_HOUR = timedelta(minutes=30)
NO_TARIFF = base_in("America/Los_Angeles")


def priced(
    start: str,
    imported: Sequence[float | None],
    exported: float | None = None,
    *,
    minutes: int = 30,
) -> Inputs:
    """Slots from an instant of the wall clock on; a price of -1 is a gap in the series."""
    length, first = timedelta(minutes=minutes), wall(start)
    return Inputs(
        prices=PriceSeries(
            [
                PriceSlot(first + index * length, first + (index + 1) * length, price, exported)
                for index, price in enumerate(imported)
                if price != -1
            ]
        )
    )


def verdict(clause: str, when: str | datetime, inputs: Inputs, base: str = NO_TARIFF) -> str:
    """T, F or U."""
    watch = Watch.since(plan(rule("a", clause, "reserve = 50"), base=base), "2026-07-01 00:00")
    (trace,) = watch.explained(when, inputs=inputs).rules
    return {True: "T", False: "F", None: "U"}[trace.clauses[-1].verdict]


@pytest.mark.parametrize(
    ("clause", "minute_of_day", "expected"),
    [
        # 0.10 from 12:00, 0.20 from 12:30, unknown from 13:00, a gap from 13:30, 0.30 from 14:00
        ("price_below = 0.2", "11:59", "U"),
        ("price_below = 0.2", "12:00", "T"),
        ("price_below = 0.2", "12:29", "T"),
        ("price_below = 0.2", "12:30", "F"),
        ("price_above = 0.2", "12:29", "F"),
        ("price_above = 0.2", "12:30", "T"),
        ("price_above = 0.2", "13:00", "U"),
        ("price_above = 0.2", "13:30", "U"),
        ("price_above = 0.2", "14:29", "T"),
        ("price_above = 0.2", "14:30", "U"),
        ("export_price_above = 0.05", "12:00", "T"),
        ("export_price_below = 0.05", "13:00", "F"),
        ("export_price_below = 0.05", "13:30", "U"),
    ],
)
def test_prices_of_a_series(clause: str, minute_of_day: str, expected: str) -> None:
    inputs = priced("2026-07-01 12:00", [0.1, 0.2, None, -1, 0.3], 0.05)
    assert verdict(clause, f"2026-07-01 {minute_of_day}", inputs) == expected


def test_a_decision_on_a_price_stands_until_the_next_one() -> None:
    inputs = priced("2026-07-01 12:00", [0.1, 0.2, -1, 0.3])
    rules = plan(rule("a", "price_below = 0.2", "reserve = 50"), base=NO_TARIFF)
    watch = Watch.since(rules, "2026-07-01 00:00")
    for when, until in (("12:10", "12:30"), ("12:40", "13:00"), ("13:40", "14:00")):
        decision = watch.look(f"2026-07-01 {when}", inputs=inputs)
        assert decision.until == wall(f"2026-07-01 {until}")


def test_where_no_price_is_known_a_decision_stands_until_one_is() -> None:
    inputs = priced("2026-07-01 12:00", [0.1, -1, -1, 0.3])
    rules = plan(rule("a", "price_below = 0.2", "reserve = 50"), base=NO_TARIFF)
    watch = Watch.since(rules, "2026-07-01 00:00")
    # Once the patience of 10 minutes is over.
    for when, until in (("12:30", "12:40"), ("12:40", "13:30"), ("13:00", "13:30")):
        decision = watch.look(f"2026-07-01 {when}", inputs=inputs)
        assert decision.until == wall(f"2026-07-01 {until}")


def test_without_a_series_the_tariff_prices() -> None:
    base = NO_TARIFF.replace('timezone = "America/Los_Angeles"', 'tariff = "sce-tou-d-4-9pm"')
    nothing = Inputs()
    for when, expected in (("15:59", "F"), ("16:00", "T"), ("20:59", "T"), ("21:00", "F")):
        assert verdict("price_above = 0.5", f"2026-07-01 {when}", nothing, base) == expected
    assert verdict("export_price_above = 0", "2026-07-01 16:00", nothing, base) == "U"
    # A series that is there stands in for it altogether, even where it has no price.
    short = priced("2026-07-01 12:00", [1])
    assert verdict("price_above = 0.5", "2026-07-01 16:00", short, base) == "U"


def chosen(clause: str, inputs: Inputs, hours: int = 8) -> str:
    """The half hours from midnight on at which a rank holds, with "?" where it is unknown."""
    found = []
    for slot in range(2 * hours):
        now = wall("2026-07-01 00:00") + slot * HALF_HOUR
        said = verdict(clause, now, inputs)
        if said != "F":
            found.append(f"{slot // 2:02}:{slot % 2 * 30:02}{'?' if said == 'U' else ''}")
    return " ".join(found)


DIP: list[float | None] = [0.3, 0.1, 0.1, 0.2, 0.1, 0.3, 0.3, 0.2]
"""From midnight to 4:00."""


@pytest.mark.parametrize(
    ("clause", "prices", "expected"),
    [
        ('cheapest = 1, of = "00:00-04:00"', DIP, "00:30"),
        # Ties go to the earlier slot, of the dearest as of the cheapest.
        ('cheapest = 2, of = "00:00-04:00"', DIP, "00:30 01:00"),
        ('cheapest = 3, of = "00:00-04:00"', DIP, "00:30 01:00 02:00"),
        ('cheapest = 4, of = "00:00-04:00"', DIP, "00:30 01:00 01:30 02:00"),
        ('dearest = 1, of = "00:00-04:00"', DIP, "00:00"),
        ('dearest = 2, of = "00:00-04:00"', DIP, "00:00 02:30"),
        ('dearest = 4, of = "00:00-04:00"', DIP, "00:00 01:30 02:30 03:00"),
        ('cheapest = 2, of = "00:00-04:00"', [0.1] * 8, "00:00 00:30"),
        # More than there are is all of them, and never what lies outside.
        ('cheapest = 9, of = "01:00-02:30"', DIP, "01:00 01:30 02:00"),
        # A price below nothing is the cheapest.
        ('cheapest = 1, of = "00:00-02:00"', [0.0, 0.1, -0.5, 0.1], "01:00"),
        # One price that is missing leaves the whole window unknown, and nothing else.
        (
            'cheapest = 1, of = "00:00-01:30"',
            [0.1, None, 0.2, 0.3],
            "00:00? 00:30? 01:00?",
        ),
        ('cheapest = 1, of = "00:00-01:30"', [0.1, -1, 0.2, 0.3], "00:00? 00:30? 01:00?"),
        ('cheapest = 1, of = "00:00-01:30"', [0.2, 0.1], "00:00? 00:30? 01:00?"),
        ('cheapest = 1, of = "00:30-01:30"', [None, 0.2, 0.1, None], "01:00"),
        ('cheapest = 1, of = "00:30-01:30"', [-1, 0.2, 0.1], "01:00"),
    ],
)
def test_ranks(clause: str, prices: list[float | None], expected: str) -> None:
    assert chosen(clause, priced("2026-07-01 00:00", prices), hours=5) == expected


def test_a_rank_over_midnight_is_one_rank() -> None:
    # From 22:00: dear until midnight, cheap from 1:00 to 2:00.
    inputs = priced("2026-06-30 22:00", [0.4, 0.3, 0.4, 0.3, 0.2, 0.2, 0.1, 0.1])
    assert chosen('cheapest = 3, of = "22:00-02:00"', inputs, hours=3) == "00:00 01:00 01:30"


def test_slots_are_those_of_the_series() -> None:
    quarters = priced("2026-07-01 00:00", [0.3, 0.1, 0.3, 0.2], minutes=15)
    for when, expected in (("00:14", "F"), ("00:15", "T"), ("00:29", "T"), ("00:30", "F")):
        clause = 'cheapest = 1, of = "00:00-01:00"'
        assert verdict(clause, f"2026-07-01 {when}", quarters) == expected
    # A slot that begins before the window counts there only as far as it lies inside.
    hours = priced("2026-07-01 00:00", [0.1, 0.2, 0.3], minutes=60)
    assert chosen('cheapest = 1, of = "00:30-02:30"', hours) == "00:30"


def test_the_whole_day_unless_said() -> None:
    inputs = priced("2026-07-01 00:00", [0.2] * 47 + [0.1])
    assert chosen("cheapest = 1", inputs, hours=24) == "23:30"


def test_a_tariff_is_ranked_by_half_hours() -> None:
    base = NO_TARIFF.replace('timezone = "America/Los_Angeles"', 'tariff = "sce-tou-d-4-9pm"')
    for when, expected in (("15:59", "F"), ("16:00", "T"), ("16:59", "T"), ("17:00", "F")):
        assert verdict("dearest = 2", f"2026-07-01 {when}", Inputs(), base) == expected


def test_without_any_prices_a_rank_is_unknown() -> None:
    assert verdict("cheapest = 2", "2026-07-01 12:00", Inputs()) == "U"


def test_a_rank_says_which_slots_it_has_chosen() -> None:
    rules = plan(rule("a", 'cheapest = 3, of = "00:00-04:00"', "reserve = 50"), base=NO_TARIFF)
    watch = Watch.since(rules, "2026-07-01 00:00")
    inputs = priced("2026-07-01 00:00", DIP)
    (trace,) = watch.explained("2026-07-01 00:00", inputs=inputs).rules
    assert trace.clauses[0].wanted == "the 3 cheapest of the window (00:30, 01:00, 02:00)"
    assert watch.look("2026-07-01 00:00", inputs=inputs).until == wall("2026-07-01 00:30")
    assert watch.look("2026-07-01 00:40", inputs=inputs).until == wall("2026-07-01 01:00")
    assert watch.look("2026-07-01 02:31", inputs=inputs).until == wall("2026-07-01 04:00")
