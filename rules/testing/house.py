"""From what a test says of its house to the series of everything that a controller reads."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from difflib import get_close_matches

from rules.domain import Export, Mode, Quantity, Setting
from rules.engine import Condition, FlagSet, InputThreshold, RuleSet, leaves
from rules.inputs import DatedValue, PriceSeries, PriceSlot
from rules.language import Path as Place
from rules.testing import house_model as model
from rules.testing.model import Test
from rules.testing.rule_test import BY_ITSELF, ORDINARY, House, SimulatedHome
from rules.testing.series import Point, Series
from rules.testing.times import Times

_SIGNED = {
    "soe": (Quantity.SOE, 1),
    "load": (Quantity.LOAD_POWER, 1),
    "solar": (Quantity.SOLAR_POWER, 1),
    "charging": (Quantity.BATTERY_POWER, -1),
    "discharging": (Quantity.BATTERY_POWER, 1),
    "import_": (Quantity.SITE_POWER, 1),
    "export": (Quantity.SITE_POWER, -1),
    "grid": (Quantity.GRID, 0),
    "grid_services": (Quantity.GRID_SERVICES, 0),
}
"""The key of each quantity, and its sign on the gateway's scale; 0 for words."""

_AT_FIRST = Setting(Mode.SELF_CONSUMPTION, 20)

_MOST_DATES = 100_000
"""So often a number that stays fresh is dated anew at most."""

Points = Sequence[tuple[datetime, model.Values]]
"""What is said, and from when on; the first point is the start."""


def points_of(said: Test, times: Times) -> Points:
    """What a test says of its house, point by point."""
    points: list[tuple[datetime, model.Values]] = [(times.start, said.given or model.Values())]
    for index, each in enumerate(said.then):
        at = times.read(each.at, ("then", index, "at"))
        if at < points[-1][0] or (index and at == points[-1][0]):
            times.report(("then", index, "at"), "must be after the point before")
            at = points[-1][0]
        points.append((at, each))
    return points


def house_of(said: Test, points: Points, rules: RuleSet, times: Times) -> House:
    """The house of a test."""
    home = said.home
    reader = _Reader(points, rules, times, simulated=home is not None)
    return House(
        reader.quantities(),
        reader.flags(),
        reader.values(),
        reader.prices(),
        reader.settings(),
        None if home is None else SimulatedHome(home.soe, home.seed, home.panels),
    )


def setting_of(said: model.SettingOf | None) -> Setting:
    """The setting that a table says."""
    if said is None:
        return Setting()
    return Setting(
        None if said.mode is None else Mode(said.mode),
        said.reserve,
        said.grid_charging,
        None if said.export is None else Export(said.export),
    )


def set_at_first(rules: RuleSet) -> Setting:
    """What a gateway is set to where nobody says: what `[default]` says, as far as it does."""
    default = rules.default
    restored = Setting(default.mode, default.reserve, default.grid_charging, default.export)
    return restored.over(_AT_FIRST)


class _Reader:
    """Takes series out of the points of one test."""

    def __init__(self, points: Points, rules: RuleSet, times: Times, *, simulated: bool) -> None:
        self._points, self._rules, self._times = points, rules, times
        self._simulated = simulated
        self._read = _read_by(rules)

    def quantities(self) -> dict[Quantity, Series]:
        """The series of what the gateway measures."""
        found: dict[Quantity, list[Point]] = {
            quantity: [Point(self._times.start, value)] for quantity, value in ORDINARY.items()
        }
        found[Quantity.SITE_POWER] = [Point(self._times.start, BY_ITSELF)]
        if self._simulated:
            found = {
                Quantity.GRID: found[Quantity.GRID],
                Quantity.GRID_SERVICES: found[Quantity.GRID_SERVICES],
                Quantity.LOAD_POWER: [Point(self._times.start, BY_ITSELF)],
                Quantity.SOLAR_POWER: [Point(self._times.start, BY_ITSELF)],
            }
        for index, (at, values) in enumerate(self._points):
            for key, (quantity, sign) in _SIGNED.items():
                value = getattr(values, key)
                if value is None:
                    continue
                if value == model.UNKNOWN and self._simulated and sign:
                    place = _place(index, key.rstrip("_"))
                    self._times.report(
                        place, '"unknown" goes without home: its battery moves by this'
                    )
                known = None if value == model.UNKNOWN else value * sign if sign else value
                found[quantity].append(Point(at, known, _ramps(values)))
        return {quantity: Series(points) for quantity, points in found.items()}

    def flags(self) -> dict[str, Series]:
        """The series of flags."""
        known = {each.name for each in self._read if isinstance(each, FlagSet)}
        found: dict[str, list[Point]] = {}
        for index, (at, values) in enumerate(self._points):
            for name, value in values.flags.items():
                place = _place(index, "flags", name)
                self._is_read(name, known, "flag", place)
                until = self._times.read_any(value, place) if isinstance(value, str) else value
                found.setdefault(name, []).append(Point(at, until or None))
        return {name: Series(points) for name, points in found.items()}

    def values(self) -> dict[str, Series]:
        """The series of values from the input folder."""
        oldest = oldest_values(self._rules)
        found: dict[str, list[Point]] = {}
        for index, (at, values) in enumerate(self._points):
            for name, said in values.inputs.items():
                place = _place(index, "inputs", name)
                self._is_read(name, oldest.keys(), "input", place)
                point = Point(at, self._dated(said, at, place), _ramps(values))
                found.setdefault(name, []).append(point)
        return {
            name: Series(list(refreshed(points, oldest.get(name), self._times.end)))
            for name, points in found.items()
        }

    def prices(self) -> Series:
        """The series of price lists."""
        points = [
            Point(at, self._price_list(values.prices, index))
            for index, (at, values) in enumerate(self._points)
            if values.prices is not None
        ]
        return Series(points)

    def settings(self) -> tuple[tuple[datetime, Setting], ...]:
        """What the gateway is set to at the start, and what others set later."""
        (start, given), *then = self._points
        found = [(start, setting_of(given.setting).over(set_at_first(self._rules)))]
        found += [(at, setting_of(each.setting)) for at, each in then if each.setting is not None]
        return tuple(found)

    def _dated(self, said: model.Dated, at: datetime, place: Place) -> object:
        if isinstance(said.value, str):
            return None
        if said.at is not None:
            return DatedValue(said.value, self._times.read_any(said.at, (*place, "at")))
        return said.value if said.age is None else DatedValue(said.value, at - said.age)

    def _price_list(self, slots: Sequence[model.Slot], index: int) -> PriceSeries | None:
        try:
            found = [
                each
                for number, slot in enumerate(slots)
                for each in self._slots(slot, index, number)
            ]
            return PriceSeries(found) if found else None
        except ValueError as error:
            self._times.report(_place(index, "prices"), str(error))
            return None

    def _slots(self, said: model.Slot, index: int, number: int) -> Iterator[PriceSlot]:
        times, place = self._times, _place(index, "prices", number)
        start = times.read_any(said.from_, (*place, "from"))
        count = max(len(each) for each in (said.import_, said.export) if each is not None)
        imported, exported = said.import_ or [None] * count, said.export or [None] * count
        end = start + said.every if said.every else times.read_any(said.to or "", (*place, "to"))
        length = end - start
        for each, (bought, sold) in enumerate(zip(imported, exported, strict=True)):
            begin = start + each * length
            yield PriceSlot(begin, begin + length, _known(bought), _known(sold))

    def _is_read(self, name: str, known: Iterable[str], kind: str, place: Place) -> None:
        names = sorted(known)
        if name in names:
            return
        near = get_close_matches(name, names, n=1)
        hint = f'; did you mean "{near[0]}"?' if near else ""
        self._times.report(place, f'no rule reads the {kind} "{name}"{hint}')


def oldest_values(rules: RuleSet) -> dict[str, timedelta]:
    """How old each value of the input folder may be for the rule that is strictest about it."""
    oldest: dict[str, timedelta] = {}
    for each in _read_by(rules):
        if isinstance(each, InputThreshold):
            oldest[each.name] = min(each.oldest, oldest.get(each.name, each.oldest))
    return oldest


def _read_by(rules: RuleSet) -> list[Condition]:
    """Every condition of the rules, of states and of events."""
    clauses = [rule.conditions for rule in rules.state_rules]
    clauses += [event.conditions for event in rules.event_rules]
    return [each for clause in clauses for each in leaves(clause)]


def refreshed(points: Sequence[Point], oldest: timedelta | None, end: datetime) -> Iterator[Point]:
    """The points of one input, with a number that stays fresh dated anew before it is too old.

    `oldest` is the age at which it would be, for the rule that is strictest.
    """
    for index, point in enumerate(points):
        following = points[index + 1] if index + 1 < len(points) else None
        if not isinstance(point.value, float):
            yield point
            continue
        if point.ramp or (following is not None and following.ramp):
            yield point
        if following is not None and following.ramp:
            continue
        yield Point(point.at, DatedValue(point.value, point.at))
        left = (end if following is None else following.at) - point.at
        if oldest:
            every = max(oldest, left / _MOST_DATES)
            for number in range(1, math.ceil(left / every)):
                at = point.at + number * every
                yield Point(at, DatedValue(point.value, at))


def _known(price: object) -> float | None:
    return price if isinstance(price, float) else None


def _ramps(values: model.Values) -> bool:
    return isinstance(values, model.At) and values.ramp


def _place(index: int, *keys: str | int) -> Place:
    """The place of a key of a point: the first one is `given`."""
    return ("then", index - 1, *keys) if index else ("given", *keys)
