"""One look at a house whose values are in given states, and those values in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from rules.calendar import ONE_DAY, Almanac, Calendar, Span, Window
from rules.check.space import Key
from rules.check.states import State
from rules.domain import GridStatus, Mode, Observation, Quantity
from rules.inputs import DatedValue, Inputs, PriceSeries, PriceSlot

SLOTS = (timedelta(minutes=30), timedelta(minutes=15), timedelta(minutes=5))
"""Lengths of price slots, the usual one first; a rank may need more slots than a window has."""

PRICE_STEP = 0.01
"""By how much a slot is cheaper or dearer than the present one; any step would do."""


@dataclass(frozen=True, slots=True)
class Look:
    """What is seen at one instant: the observation, and what comes from outside."""

    observation: Observation
    inputs: Inputs

    @property
    def at(self) -> datetime:
        """When."""
        return self.observation.at


def look(almanac: Almanac, at: datetime, states: Mapping[Key, State]) -> Look:
    """What is seen when values are in these states; the others are those of an ordinary house."""
    seen: dict[str, object] = {
        "soe": 50.0,
        "site_power": 500.0,
        "battery_power": 0.0,
        "load_power": 500.0,
        "solar_power": 0.0,
        "grid": GridStatus.CONNECTED,
        "grid_services": False,
        "mode": Mode.SELF_CONSUMPTION,
        "reserve": 20.0,
        "running": True,
    }
    flags: dict[str, datetime | None] = {}
    values: dict[str, DatedValue] = {}
    for key, state in states.items():
        match key:
            case Key("quantity", Quantity() as quantity):
                seen[quantity.value] = state.value
            case Key("flag", str() as name) if state.value:
                flags[name] = None
            case Key("input", str() as name) if isinstance(state.value, (int, float)):
                values[name] = DatedValue(float(state.value), at - state.age)
    inputs = Inputs(flags, values, _prices(almanac, at, states))
    return Look(Observation(at, **seen), inputs)  # type: ignore[arg-type]  # each by its name


def _prices(
    almanac: Almanac, at: datetime, states: Mapping[Key, State]
) -> PriceSeries | None:
    """Prices around an instant that have the wanted value now, and the wanted places."""
    imported, exported = states.get(Key("price", False)), states.get(Key("price", True))
    ranks = {key.name: state.value for key, state in states.items() if key.kind == "rank"}
    if imported is None and exported is None and not ranks:
        return None
    now = _number(imported, 0.2 if imported is None else None)
    sold = _number(exported, None)
    windows = {
        name: found
        for name, place in ranks.items()
        if place is not None and (found := _around(almanac, at, name))
    }
    if now is None or not windows:
        return PriceSeries([PriceSlot(at, at + SLOTS[0], now, sold)])
    most = max(int(ranks[name]) for name in windows)  # type: ignore[call-overload]  # a place
    start, end = min(each.start for each in windows.values()), max(each.end for each in windows.values())
    length = next((each for each in SLOTS if (end - start) / each > most + 1), SLOTS[-1])
    cheaper = sum(int(place) for name, place in ranks.items() if place is not None and not name[1])  # type: ignore[call-overload,index,misc]
    dearer = sum(int(place) for name, place in ranks.items() if place is not None and name[1])  # type: ignore[call-overload,index,misc]
    slots: list[PriceSlot] = []
    while start < end:
        until = min(start + length, end)
        price = now
        if not start <= at < until:
            if cheaper:
                price, cheaper = now - PRICE_STEP, cheaper - 1
            elif dearer:
                price, dearer = now + PRICE_STEP, dearer - 1
            elif start < at:
                # An equal price that comes first would take a place of both kinds.
                price = now + PRICE_STEP if not any(name[1] for name in windows) else now - PRICE_STEP  # type: ignore[index,misc]
        slots.append(PriceSlot(start, until, price, sold))
        start = until
    return PriceSeries(slots)


def _number(state: State | None, otherwise: float | None) -> float | None:
    value = otherwise if state is None else state.value
    return float(value) if isinstance(value, (int, float)) else None


def _around(almanac: Almanac, at: datetime, name: object) -> Span | None:
    """The window of a rank around an instant."""
    if not isinstance(name, tuple) or not isinstance(name[0], Window):
        return None
    window = name[0]
    today = at.astimezone(almanac.zone).date()
    calendar = Calendar((window,))
    whole = [span for back in (-1, 0, 1) for span in calendar.spans(today + back * ONE_DAY, almanac)]
    found = next((each for each in whole if each.start <= at < each.end), None)
    if found is None:
        return None
    # A window across midnight is cut there by its days.
    start = next((each.start for each in whole if each.end == found.start), found.start)
    end = next((each.end for each in whole if each.start == found.end), found.end)
    return Span(start, end) if window.midnights else found


def in_words(key: Key, state: State) -> str:
    """One value as a person would say it."""
    value = state.value
    match key:
        case Key("quantity", Quantity.SOE):
            return "SOE unknown" if value is None else f"SOE {value:g} %"
        case Key("quantity", Quantity.GRID):
            if not isinstance(value, GridStatus):
                return "grid unknown"
            return "grid up" if value.up else "grid down" if value.down else f"grid {value}"
        case Key("quantity", Quantity.GRID_SERVICES):
            said = "unknown" if value is None else "active" if value else "not active"
            return f"grid services {said}"
        case Key("quantity", Quantity() as quantity):
            word = quantity.value.replace("_", " ")
            return f"{word} unknown" if value is None else f"{word} {value:g} W"
        case Key("flag", name):
            return f'flag "{name}" {"set" if value else "not set"}'
        case Key("input", name):
            age = f", {state.age} old" if state.age else ""
            return f'"{name}" unknown' if value is None else f'"{name}" {value:g}{age}'
        case Key("price", exported):
            word = "export price" if exported else "price"
            return f"{word} unknown" if value is None else f"{word} {value:g}"
    if value is None:
        return "prices unknown"
    dearest = isinstance(key.name, tuple) and bool(key.name[1])
    return f"{value} slots of the window {'dearer' if dearest else 'cheaper'} than this one"
