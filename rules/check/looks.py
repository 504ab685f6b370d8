"""One look at a house whose values are in given states, and those values in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rules.calendar import ONE_DAY, Almanac, Calendar, Span, Window
from rules.check.space import Key
from rules.check.states import State
from rules.domain import GridStatus, Mode, Observation, Quantity
from rules.inputs import DatedValue, Inputs, PriceSeries, PriceSlot

SLOTS = (timedelta(minutes=30), timedelta(minutes=15), timedelta(minutes=5))
"""Lengths of price slots, the usual one first; a rank may need more slots than a window has."""

USUAL_PRICE = 0.2
"""Where only its place among others matters."""

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


@dataclass(frozen=True, slots=True)
class _Rank:
    """Of so many slots in a window the present one is dearer (or cheaper)."""

    span: Span
    dearest: bool
    place: int


def _prices(almanac: Almanac, at: datetime, states: Mapping[Key, State]) -> PriceSeries | None:
    """Prices around an instant that have the wanted value now, and the wanted places."""
    imported = states.get(Key("price", name=False))
    exported = states.get(Key("price", name=True))
    asked = [key for key in states if key.kind == "rank"]
    if imported is None and exported is None and not asked:
        return None
    now = _number(imported, USUAL_PRICE if imported is None else None)
    sold = _number(exported, None)
    ranks = [rank for key in asked if (rank := _rank(almanac, at, key.name, states[key].value))]
    if now is None or not ranks:
        return PriceSeries([PriceSlot(at, at + SLOTS[0], now, sold)])
    return PriceSeries(list(_slots(at, now, sold, ranks)))


def _slots(
    at: datetime, now: float, sold: float | None, ranks: Sequence[_Rank]
) -> Iterator[PriceSlot]:
    """Slots over all windows, so many of them cheaper and dearer as their ranks say."""
    start = min(each.span.start for each in ranks)
    end = max(each.span.end for each in ranks)
    places = [each.place for each in ranks]
    length = next((each for each in SLOTS if (end - start) / each > sum(places) + 1), SLOTS[-1])
    cheaper = max((each.place for each in ranks if not each.dearest), default=0)
    dearer = max((each.place for each in ranks if each.dearest), default=0)
    # What has no place of its own must not take one: among equal prices the earlier comes first.
    other = now - PRICE_STEP if all(each.dearest for each in ranks) else now + PRICE_STEP
    while start < end:
        until, price = min(start + length, end), other
        if start <= at < until:
            price = now
        elif cheaper:
            price, cheaper = now - PRICE_STEP, cheaper - 1
        elif dearer:
            price, dearer = now + PRICE_STEP, dearer - 1
        elif start > at:
            price = now
        yield PriceSlot(start, until, price, sold)
        start = until


def _number(state: State | None, otherwise: float | None) -> float | None:
    value = otherwise if state is None else state.value
    return float(value) if isinstance(value, (int, float)) else None


def _rank(almanac: Almanac, at: datetime, name: object, place: object) -> _Rank | None:
    """A rank whose window is around an instant; `None` where its prices are not known."""
    match name, place:
        case (Window() as window, bool() as dearest), int():
            span = _around(almanac, at, window)
            return None if span is None else _Rank(span, dearest, place)
    return None


def _around(almanac: Almanac, at: datetime, window: Window) -> Span | None:
    """A window around an instant; one across midnight is joined from its days."""
    today = at.astimezone(almanac.zone).date()
    days = (today + after * ONE_DAY for after in (-1, 0, 1))
    spans = [span for day in days for span in Calendar((window,)).spans(day, almanac)]
    found = next((each for each in spans if each.start <= at < each.end), None)
    if found is None or not window.midnights:
        return found
    start = next((each.start for each in spans if each.end == found.start), found.start)
    end = next((each.end for each in spans if each.start == found.end), found.end)
    return Span(start, end)


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
