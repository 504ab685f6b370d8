"""What the engine is given goes through JSON and comes back as it was."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from rules.domain import Export, Mode, Part
from rules.inputs import DatedValue, Inputs, PriceSeries, PriceSlot
from rules.resolve import Levers
from scheduler.domain import (
    LEVERS,
    inputs_from_json,
    inputs_to_json,
    levers_from_json,
    levers_to_json,
)

NAMES = st.text(min_size=1, max_size=8)
TIMES = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 -- the zone is given beside
RATES = st.none() | st.floats(-1, 1)
LEVERS_OF_A_ROUTE = st.builds(
    Levers,
    modes=st.frozensets(st.sampled_from(Mode)),
    reserve_ceiling=st.integers(0, 100),
    grid_charging=st.frozensets(st.booleans()),
    export=st.frozensets(st.sampled_from(Export)),
    together=st.frozensets(st.sampled_from(Part)),
    unreadable=st.frozensets(st.sampled_from(Part)),
)


@st.composite
def prices(draw: st.DrawFn) -> PriceSeries | None:
    edges = sorted(draw(st.sets(TIMES, max_size=5)))
    slots = [PriceSlot(start, end, draw(RATES), draw(RATES)) for start, end in pairwise(edges)]
    return PriceSeries(slots) if slots else None


INPUTS = st.builds(
    Inputs,
    st.dictionaries(NAMES, st.none() | TIMES, max_size=3),
    st.dictionaries(NAMES, st.builds(DatedValue, st.floats(-9, 9), TIMES), max_size=3),
    prices(),
)


@given(LEVERS_OF_A_ROUTE)
def test_levers_come_back(levers: Levers) -> None:
    kept = levers_to_json(levers)
    assert levers_from_json(json.loads(json.dumps(kept))) == levers
    assert levers_to_json(levers_from_json(kept)) == kept


@given(INPUTS, LEVERS_OF_A_ROUTE)
def test_inputs_come_back_beside_the_levers(inputs: Inputs, levers: Levers) -> None:
    kept = json.loads(json.dumps(inputs_to_json(inputs) | {LEVERS: levers_to_json(levers)}))
    found = inputs_from_json(kept)
    assert (found.flags, found.values) == (inputs.flags, inputs.values)
    slots = [series.slots if series else () for series in (inputs.prices, found.prices)]
    assert slots[0] == slots[1]


def test_nothing_is_given_where_nothing_is() -> None:
    assert inputs_to_json(Inputs()) == {}
    assert inputs_from_json({}) == Inputs()
    at = datetime(2026, 7, 1, tzinfo=UTC)
    flags = Inputs({"storm": at + timedelta(hours=1), "away": None})
    assert set(inputs_to_json(flags)) == {"flag storm", "flag away"}
