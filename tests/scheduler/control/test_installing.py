"""When a staged update may be installed, as a truth table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rules.domain import GridStatus, Observation
from rules.inputs import NO_INPUTS, Inputs, PriceSeries, PriceSlot
from rules.language import find_tariff, load_tariff
from scheduler.control.installing import grid_up_since, next_dearer, objections

NOW = datetime(2026, 7, 15, 14, 20, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
FINE = Observation(NOW, grid=GridStatus.CONNECTED, grid_services=False, running=True)


def seen(**fields: object) -> Observation:
    return Observation(NOW, **{"grid": GridStatus.CONNECTED, "running": True} | fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("up_for", "observation", "overridden", "dearer", "said"),
    [
        (30, FINE, "", 40, []),
        (30, FINE, "", 39, ["too late"]),
        (30, FINE, "", -5, ["in 0 min"]),
        (29, FINE, "", 40, ["not been up"]),
        (0, FINE, "", 40, ["not been up"]),
        (30, seen(grid_services=True), "", 40, ["grid services"]),
        (30, seen(grid_services=None), "", 40, []),
        (30, FINE, "somebody else set backup", 40, ["somebody else"]),
        (30, seen(running=False), "", 40, ["battery"]),
        (30, seen(running=None), "", 40, ["battery"]),
        (
            0,
            seen(running=False, grid_services=True),
            "x",
            0,
            ["late", "up", "services", "x", "run"],
        ),
    ],
)
def test_every_reason_against_it_is_told(
    up_for: int, observation: Observation, overridden: str, dearer: int, said: list[str]
) -> None:
    found = objections(NOW - up_for * MINUTE, observation, overridden, NOW + dearer * MINUTE, NOW)
    assert len(found) == len(said)
    assert all(word in reason for word, reason in zip(said, found, strict=True))


def test_a_grid_that_was_not_seen_up_is_an_objection() -> None:
    assert objections(None, FINE, "", NOW + 40 * MINUTE, NOW) == (
        "the grid has not been up for 30 min",
    )


def test_the_grid_counts_as_up_since_the_last_break() -> None:
    since = None
    for minute, grid, up in (
        (0, GridStatus.CONNECTED, 0),
        (40, GridStatus.CONNECTED, 40),
        (41, GridStatus.ISLANDED, None),
        (42, GridStatus.TRANSITION_TO_GRID, None),
        (43, GridStatus.CONNECTED, 0),
        (53, GridStatus.CONNECTED, 10),
        (54, None, None),  # nobody knows
        (55, GridStatus.CONNECTED, 0),
        (-60, GridStatus.CONNECTED, 0),  # a clock that was set back
    ):
        now = NOW + minute * MINUTE
        since = grid_up_since(since, Observation(now, grid=grid), now)
        assert since == (None if up is None else now - up * MINUTE), minute


def test_power_gets_dearer_by_the_tariff_or_by_the_day_s_prices() -> None:
    tariff = load_tariff(find_tariff("sce-tou-d-a", Path()))  # dearer from 8 am and from 2 pm
    eight, two = (datetime(2026, 7, 15, hour, tzinfo=UTC) for hour in (15, 21))
    assert next_dearer(tariff, NO_INPUTS, NOW) == eight
    assert next_dearer(tariff, NO_INPUTS, eight) == two
    assert next_dearer(None, NO_INPUTS, NOW) == NOW + timedelta(days=1)
    slots = [
        PriceSlot(NOW, NOW + 30 * MINUTE, 0.2, None),
        PriceSlot(NOW + 30 * MINUTE, NOW + 60 * MINUTE, 0.3, None),
    ]
    prices = Inputs({}, {}, PriceSeries(slots))
    assert next_dearer(tariff, prices, NOW) == NOW + 30 * MINUTE
    assert next_dearer(None, prices, NOW) == NOW + 30 * MINUTE
