"""A plan as a picture: prices, what is wanted at every state of energy, and a simulated home.

The middle is a map: time to the right, the state of energy upwards, and a colour for each thing
that is wanted there. The line of a simulated home crosses it. The picture is drawn in the viewer's
scheme, light or dark, and says everything in words as well.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from html import escape
from textwrap import wrap

from rules.domain import Observation
from rules.engine import DEFAULT
from rules.errors import printable
from rules.timeline import Case
from scheduler.cli.planned import Planned, due_in_words

WIDTH, LEFT, RIGHT = 1000, 62, 24
INNER = WIDTH - LEFT - RIGHT
PRICE_TOP, PRICE_HEIGHT = 78, 90
MAP_HEIGHT, POWER_HEIGHT = 240, 150
GAP = 46
LINE = 20
"""Heights and widths in pixels; a line of text."""

COLOURS = 8
"""The first is that of `[default]`."""

SMALL = 13
"""Between two lines of a scale."""

LETTERS = 128
"""Of a line of text over the whole width."""

QUARTER = timedelta(minutes=15)

STYLE = """\
svg { background: #fff; color: #1d2733; font: 13px system-ui, sans-serif }
text { fill: #1d2733 } .quiet { fill: #5c6873 } .bold { font-weight: 600 } .end { text-anchor: end }
.middle { text-anchor: middle } .title { font-size: 16px; font-weight: 600 }
.grid { stroke: #d5dbe1 } .day { stroke: #8b96a1 } .edge { stroke: #fff }
.event { stroke: #b0367a; stroke-dasharray: 4 3 } .named { fill: #b0367a }
.price { fill: #dfe6ee; stroke: #6a7d91 } .soe { fill: none; stroke: #10181f; stroke-width: 2.5 }
.sun { fill: #f5d77c } .load { stroke: #1f6fb2 } .site { stroke: #c0392b }
.battery { stroke: #2c8a57 }
.power { fill: none; stroke-width: 1.6 }
.c0 { fill: #e3e9ef } .c1 { fill: #a8d5b5 } .c2 { fill: #f4c49a } .c3 { fill: #a9cbee }
.c4 { fill: #d8bce8 } .c5 { fill: #f2b3b8 } .c6 { fill: #e8dd93 } .c7 { fill: #a5dad8 }
@media (prefers-color-scheme: dark) {
svg { background: #12181f; color: #e4e9ee } text { fill: #e4e9ee } .quiet { fill: #9aa7b4 }
.grid { stroke: #2b3641 } .day { stroke: #5d6a77 } .edge { stroke: #12181f }
.event { stroke: #f08cc0 } .named { fill: #f08cc0 } .price { fill: #243140; stroke: #8fa5bb }
.soe { stroke: #fff } .sun { fill: #7d6620 } .load { stroke: #74b9f2 } .site { stroke: #ff8a7a }
.battery { stroke: #6fd39b }
.c0 { fill: #2a343f } .c1 { fill: #235a3a } .c2 { fill: #76481f } .c3 { fill: #24507c }
.c4 { fill: #57397a } .c5 { fill: #7a2f38 } .c6 { fill: #665a17 } .c7 { fill: #1c5f5e }
}
"""


def plan_picture(told: Planned) -> str:
    """The plan as an SVG document."""
    return _Drawing(told).document()


@dataclass(frozen=True, slots=True)
class _Box:
    """A rectangle of the map: in which time and between which states of energy what is wanted."""

    start: datetime
    end: datetime
    low: float
    high: float
    wanted: str
    by_default: bool


class _Drawing:
    """Draws one plan from top to bottom."""

    def __init__(self, told: Planned) -> None:
        self._told = told
        self._boxes = list(_boxes(told))
        by_rules = dict.fromkeys(box.wanted for box in self._boxes if not box.by_default)
        self._colours = {box.wanted: 0 for box in self._boxes}
        self._colours |= {name: 1 + number % (COLOURS - 1) for number, name in enumerate(by_rules)}
        self._map_top = PRICE_TOP + (PRICE_HEIGHT + 42 if told.prices else 14)
        self._said: list[str] = []

    def document(self) -> str:
        """Everything, in the order in which it lies upon each other."""
        told, bottom = self._told, self._map_top + MAP_HEIGHT + GAP
        start, end = _local(told.begin.at, told), _local(told.end, told)
        title = f"{start:%a %d %b %Y %H:%M} to {end:%a %d %b %Y %H:%M}"
        self._text(LEFT, 26, title, "title")
        files = ", ".join(map(printable, told.files))
        self._text(LEFT, 46, f"{files}, times in {told.zone.key}", "quiet")
        self._prices()
        self._map()
        if told.forecast is not None:
            self._powers(told.forecast.seen, bottom)
            bottom += POWER_HEIGHT + GAP
        bottom = self._legend(bottom)
        said = "\n".join(self._said)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {bottom}"'
            f' width="{WIDTH}" height="{bottom}" role="img">\n'
            f"<title>{escape(f'pwsched plan, {title}')}</title>\n"
            f"<style>\n{STYLE}</style>\n{said}\n</svg>\n"
        )

    # --- the parts --------------------------------------------------------------------------------

    def _prices(self) -> None:
        known = [each for each in self._told.prices if each.imported is not None]
        if not known:
            return
        self._text(LEFT, PRICE_TOP - 10, "price of a kWh", "bold")
        prices = [each.imported or 0.0 for each in known]
        low, high = min(0.0, *prices), max(*prices, 0.01)
        y = _scale(low, high, PRICE_TOP, PRICE_HEIGHT)
        for each, price in zip(known, prices, strict=True):
            left, right = self._x(each.start), self._x(each.end)
            top, foot = sorted((y(price), y(0.0)))
            self._add(
                f'<rect class="price" x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}"'
                f' height="{max(0.5, foot - top):.1f}"/>'
            )
            for name in (f"{each.period} {price:.2f}".strip(), f"{price:.2f}"):
                if right - left > 7.5 * len(name) and foot - top > LINE:
                    self._text((left + right) / 2, top + 16, name, "middle")
                    break
        self._marks((high, 0.0, low), y, lambda price: f"{price:.2f}")

    def _map(self) -> None:
        y = _scale(0.0, 100.0, self._map_top, MAP_HEIGHT)
        self._text(LEFT, self._map_top - 22, "what is wanted, by the state of energy", "bold")
        for box in self._boxes:
            left, right, top = self._x(box.start), self._x(box.end), y(box.high)
            height = y(box.low) - top
            self._add(
                f'<rect class="c{self._colours[box.wanted]} edge" x="{left:.1f}" y="{top:.1f}"'
                f' width="{right - left:.1f}" height="{height:.1f}">'
                f"<title>{escape(box.wanted)}</title></rect>"
            )
            number = str(list(self._colours).index(box.wanted) + 1)
            if right - left > 14 and height > 14:
                self._text((left + right) / 2, top + height / 2 + 4, number, "middle quiet")
        self._marks((100.0, 75.0, 50.0, 25.0, 0.0), y, lambda percent: f"{percent:g} %")
        self._hours(self._map_top, MAP_HEIGHT)
        if self._told.forecast is not None:
            seen = self._told.forecast.seen
            self._add(self._line(seen, lambda each: each.soe, y, "soe"))
        self._events()

    def _events(self) -> None:
        """The instants of events, with a letter each that the legend explains."""
        for number, (at, _) in enumerate(self._dated_events()):
            x = self._x(at)
            self._add(
                f'<line class="event" x1="{x:.1f}" x2="{x:.1f}" y1="{self._map_top - 4}"'
                f' y2="{self._map_top + MAP_HEIGHT}"/>'
            )
            self._text(x, self._map_top - 7, _letter(number), "named middle")

    def _dated_events(self) -> list[tuple[datetime, str]]:
        return [(due.at, due.event.name) for due in self._told.events if due.at is not None]

    def _powers(self, seen: Sequence[Observation], top: float) -> None:
        signed = [each for one in seen for each in (one.site_power, one.battery_power)]
        made = [each for one in seen for each in (one.solar_power, one.load_power)]
        low = min([0.0, *(each or 0.0 for each in signed)])
        high = max([1000.0, *(each or 0.0 for each in (*signed, *made))])
        y = _scale(low, high, top, POWER_HEIGHT)
        self._text(LEFT, top - 10, "a simulated home", "bold")
        names = {"load": "home", "site": "grid, down: sold", "battery": "battery, down: charging"}
        x = LEFT + 150.0
        for style, name in {"sun": "sun", **names}.items():
            mark = "sun" if style == "sun" else f"{style} power"
            self._add(
                f'<path class="{mark}" d="M{x:.0f} {top - 14:.0f}h18'
                f'{"v-6h-18z" if style == "sun" else ""}"/>'
            )
            self._text(x + 24, top - 10, name, "quiet")
            x += 50 + 7.2 * len(name)
        foot = f"L{self._x(self._told.end):.1f} {y(0):.1f}L{LEFT} {y(0):.1f}Z"
        area = self._path(seen, lambda each: each.solar_power, y)
        self._add(f'<path class="sun" d="{area}{foot}"/>')
        self._add(self._line(seen, lambda each: each.load_power, y, "power load"))
        self._add(self._line(seen, lambda each: each.site_power, y, "power site"))
        self._add(self._line(seen, lambda each: each.battery_power, y, "power battery"))
        self._marks((high, 0.0, low), y, lambda watts: f"{watts / 1000:.1f} kW")
        self._hours(top, POWER_HEIGHT)

    def _legend(self, top: float) -> int:
        """What numbers and letters mean, and what could win besides; where it ends."""
        told, y = self._told, int(top)

        def lines(text: str, x: float, style: str = "") -> None:
            nonlocal y
            for line in wrap(printable(text), LETTERS) or [""]:
                self._text(x, y, line, style)
                y += LINE

        for number, (wanted, colour) in enumerate(self._colours.items(), start=1):
            self._add(
                f'<rect class="c{colour}" x="{LEFT}" y="{y - 12}" width="22" height="16" rx="3"/>'
            )
            self._text(LEFT + 11, y, str(number), "middle quiet")
            lines(wanted, LEFT + 32)
        for number, (at, name) in enumerate(self._dated_events()):
            self._text(LEFT + 11, y, _letter(number), "named middle")
            lines(f'{_local(at, told):%a %H:%M} event "{name}"', LEFT + 32)
        for also in dict.fromkeys(each for entry in told.entries for each in entry.also):
            first = next(entry.start for entry in told.entries if also in entry.also)
            when = "at any time" if also in told.always else f"from {_local(first, told):%a %H:%M}"
            lines(f"{when}: {told.waits_for(also)}", LEFT, "quiet")
        for due in told.events:
            if due.at is None:
                lines(f"event at any time: {due_in_words(due)}", LEFT, "quiet")
        return y

    # --- the ground -------------------------------------------------------------------------------

    def _hours(self, top: float, height: float) -> None:
        """A line each few hours of the wall clock, a strong one and the day at midnight."""
        told = self._told
        hours = (told.end - told.begin.at) / timedelta(hours=1)
        every = next((each for each in (1, 2, 3, 6, 12) if hours / each <= 20), 24)
        at = told.begin.at.replace(minute=told.begin.at.minute // 15 * 15, second=0, microsecond=0)
        while at <= told.end:
            local = _local(at, told)
            if at >= told.begin.at and local.minute == 0 and local.hour % every == 0:
                midnight, x = local.hour == 0, self._x(at)
                style = "day" if midnight else "grid"
                self._add(
                    f'<line class="{style}" x1="{x:.1f}" x2="{x:.1f}" y1="{top}"'
                    f' y2="{top + height}"/>'
                )
                label = f"{local:%a %d %b}" if midnight else f"{local:%H}"
                room = min(x - LEFT, LEFT + INNER - x) > 30 or not midnight
                style = "middle bold" if midnight else "middle quiet"
                self._text(x, top + height + 16, label if room else "", style)
            at += QUARTER

    def _marks(
        self,
        values: Iterable[float],
        y: Callable[[float], float],
        said: Callable[[float], str],
    ) -> None:
        """Values beside their scale, the highest first, as far as there is room for each."""
        last = -math.inf
        for value in values:
            if y(value) - last >= SMALL:
                last = y(value)
                self._text(LEFT - 8, last + 4, said(value), "quiet end")

    def _line(
        self,
        seen: Sequence[Observation],
        value: Callable[[Observation], float | None],
        y: Callable[[float], float],
        style: str,
    ) -> str:
        return f'<path class="{style}" d="{self._path(seen, value, y)}"/>'

    def _path(
        self,
        seen: Sequence[Observation],
        value: Callable[[Observation], float | None],
        y: Callable[[float], float],
    ) -> str:
        """The means of as many parts as there are pixels to show."""
        parts = min(len(seen), INNER // 2)
        points = []
        for number in range(parts):
            some = seen[number * len(seen) // parts : (number + 1) * len(seen) // parts]
            known = [found for each in some if (found := value(each)) is not None]
            if known:
                points.append(f"{self._x(some[0].at):.1f} {y(sum(known) / len(known)):.1f}")
        return "M" + "L".join(points) if points else ""

    def _x(self, at: datetime) -> float:
        told = self._told
        share = (at - told.begin.at) / (told.end - told.begin.at)
        return LEFT + INNER * min(1.0, max(0.0, share))

    def _text(self, x: float, y: float, text: str, style: str = "") -> None:
        named = f' class="{style}"' if style else ""
        self._add(f'<text{named} x="{x:.1f}" y="{y:.1f}">{escape(text)}</text>')

    def _add(self, element: str) -> None:
        self._said.append(element)


def _boxes(told: Planned) -> Iterator[_Box]:
    """The cases of all entries; those that go on in the next entry are one."""
    open_boxes: list[_Box] = []
    for entry in told.entries:
        boxes = [
            _Box(entry.start, entry.end, case.low, min(100.0, case.high), *_wanted(told, case))
            for case in entry.cases
        ]
        before = {replace(each, start=entry.start, end=entry.end): each for each in open_boxes}
        yield from (each for same, each in before.items() if same not in boxes)
        open_boxes = [
            replace(each, start=before[each].start) if each in before else each for each in boxes
        ]
    yield from open_boxes


def _wanted(told: Planned, case: Case) -> tuple[str, bool]:
    """What a case comes to in words, with what its timers lead to; whether by default alone."""
    outcomes = [step.outcome for step in case.steps]
    said = (f"{told.written(each)}: {told.by(each.winners)}" for each in outcomes)
    by_default = all(set(each.winners.values()) == {DEFAULT} for each in outcomes)
    return ", then ".join(dict.fromkeys(said)), by_default


def _scale(low: float, high: float, top: float, height: float) -> Callable[[float], float]:
    """From a value to its place, the highest at the top."""
    return lambda value: top + height * (high - value) / (high - low)


def _letter(number: int) -> str:
    """A, B, … Z, A, …: events of a few days."""
    return chr(ord("A") + number % 26)


def _local(at: datetime, told: Planned) -> datetime:
    return at.astimezone(told.zone)
