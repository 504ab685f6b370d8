"""A week of a schedule: prices, powers, the battery's energy, and which rules held."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import groupby
from typing import Final

from scheduler.money.report.course import Course
from scheduler.money.report.drawing import (
    BROAD,
    COLOURS,
    Drawing,
    Frame,
    Scale,
    path,
    scale,
    ticks,
)
from scheduler.money.report.typical_week import DAYS, Week

PRICE, POWER, ENERGY, RULES = 70, 190, 90, 22
"""Heights in pixels."""
GAP: Final = 44
DAY_NAMES: Final = 12
"""What stands between two parts, and what more below the names of days."""

ABOVE: Final = 9
"""How far above a part the base line of its legend is."""


def week_chart(
    name: str, week: Week, course: Course, currency: str, frame: Frame = BROAD, style: str = ""
) -> str:
    """The chart as SVG; with a style it stands alone."""
    return _Week(name, week, course, currency, frame).svg(style)


class _Week:
    """Draws one week from top to bottom."""

    def __init__(self, name: str, week: Week, course: Course, currency: str, frame: Frame) -> None:
        self._week, self._course, self._currency = week, course, currency
        first = (week.start - course.start) // course.step
        self._shown = range(first, first + (week.end - week.start) // course.step)
        start = course.local(first)
        self._of = f"{week.season}, week of {start:%a %d %b %Y}"
        self._drawing, self._frame = Drawing(f"{name}: {self._of}", frame), frame

    def svg(self, style: str) -> str:
        drawing, top = self._drawing, 56.0
        broad = self._frame is BROAD
        title = drawing.title if broad else self._of
        drawing.text(self._frame.left if broad else 4, 22, title, "bold")
        top = self._prices(top) + GAP
        top = self._powers(top) + GAP
        top = self._energy(top)
        if self._course.held:
            top = self._rules(top + GAP + DAY_NAMES)
        return drawing.svg(top + 16, style)

    def _prices(self, top: float) -> float:
        course, drawing = self._course, self._drawing
        bought = [course.import_price[each] for each in self._shown]
        sold = [course.export_price[each] for each in self._shown]
        marks = ticks(min(0.0, *bought, *sold), max(0.01, *bought, *sold), 3)
        entries = [("fill bought", f"price of a kWh bought, {self._currency}")]
        if any(sold):
            entries.append(("fill sold", "of one sold"))
        top = drawing.legend(top - ABOVE, entries) + ABOVE
        y = scale(marks[0], marks[-1], top, PRICE)
        drawing.marks(marks, y, lambda value: f"{value:.2f}")
        self._days(top, PRICE)
        drawing.line(self._steps(bought, y), "line bought")
        if any(sold):
            drawing.line(self._steps(sold, y), "line sold")
        return top + PRICE

    def _powers(self, top: float) -> float:
        course, drawing = self._course, self._drawing
        series = {
            "sun": course.solar, "load": course.load,
            "grid": course.grid, "battery": course.battery,
        }  # fmt: skip
        shown = {name: [each[at] / 1000 for at in self._shown] for name, each in series.items()}
        values = [value for each in shown.values() for value in each]
        marks = ticks(min(0.0, *values), max(1.0, *values), 5)
        names = {
            "sun": "sun, kW", "load": "home", "grid": "grid (down: sold)",
            "battery": "battery (down: charging)",
        }  # fmt: skip
        entries = [(f"fill {kind}", name) for kind, name in names.items()]
        top = drawing.legend(top - ABOVE, entries) + ABOVE
        y = scale(marks[0], marks[-1], top, POWER)
        drawing.marks(marks, y, lambda value: f"{value:g}")
        self._days(top, POWER)
        foot = f"L{self._x(len(self._shown)):.1f} {y(0):.1f}L{self._frame.left} {y(0):.1f}Z"
        sun = path(self._points(shown["sun"], y))
        drawing.add(f'<path class="fill sun" d="{sun}{foot}"/>')
        for name in ("battery", "grid", "load"):
            drawing.line(self._points(shown[name], y), f"line {name}")
        return top + POWER

    def _energy(self, top: float) -> float:
        drawing, soe = self._drawing, self._course.soe
        y = scale(0, 100, top, ENERGY)
        drawing.legend(top - ABOVE, [("fill energy", "state of energy, %")])
        drawing.marks((0, 50, 100), y, lambda value: f"{value:g}")
        line = path(self._points([soe[each] for each in self._shown], y))
        foot = f"L{self._x(len(self._shown)):.1f} {y(0):.1f}L{self._frame.left} {y(0):.1f}Z"
        drawing.add(f'<path class="fill energy" d="{line}{foot}"/>')
        self._days(top, ENERGY, named=True)
        return top + ENERGY

    def _rules(self, top: float) -> float:
        course, drawing = self._course, self._drawing
        seen: dict[int, None] = {}
        held = [course.held[each] for each in self._shown]
        place = 0
        for number, group in groupby(held):
            length = len(list(group))
            left, right = self._x(place), self._x(place + length)
            start, end = (self._clock(each) for each in (place, place + length))
            title = f"{course.labels[number]}: {start} to {end}"
            drawing.rectangle(left, top, right - left, RULES, f"fill {rule_style(number)}", title)
            seen[number] = None
            place += length
        self._days(top, RULES)
        entries = [(f"fill {rule_style(each)}", course.labels[each]) for each in sorted(seen)]
        drawing.text(self._frame.left, top - ABOVE, "which rule held", "quiet")
        return drawing.legend(top + RULES + 20, entries)

    # --- the ground -------------------------------------------------------------------------------

    def _days(self, top: float, height: float, *, named: bool = False) -> None:
        """A line at each midnight; with names of days below."""
        day = timedelta(days=1) // self._course.step
        for number in range(DAYS + 1):
            x = self._x(number * day)
            self._drawing.add(f'<path class="day" d="M{x:.1f} {top:.1f}v{height:.1f}"/>')
            if named and number < DAYS:
                at = self._course.local(self._shown[number * day])
                middle = x + self._frame.inner / DAYS / 2
                name = f"{at:%a %d}" if self._frame is BROAD else f"{at:%a}"
                self._drawing.text(middle, top + height + 16, name, "quiet middle")

    def _clock(self, place: int) -> str:
        return f"{self._course.local(self._shown.start + place):%a %H:%M}"

    def _x(self, place: float) -> float:
        return self._frame.left + self._frame.inner * place / len(self._shown)

    def _points(self, values: Sequence[float], y: Scale) -> list[tuple[float, float]]:
        return [(self._x(place + 0.5), y(value)) for place, value in enumerate(values)]

    def _steps(
        self, values: Sequence[float], y: Callable[[float], float]
    ) -> list[tuple[float, float]]:
        """A line that goes up and down at once, with no more points than that needs."""
        points = []
        place = 0
        for value, group in groupby(values):
            length = len(list(group))
            points += [(self._x(place), y(value)), (self._x(place + length), y(value))]
            place += length
        return points


def rule_style(number: int) -> str:
    """The colour of the rules with this number in a course."""
    return f"r{number % COLOURS}"
