"""SVG by hand: a box with scales, the ground of a chart, and its parts as elements."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Final

from rules.errors import printable


@dataclass(frozen=True, slots=True)
class Frame:
    """How wide a drawing is, in pixels, and the margins beside what it shows."""

    width: int
    left: int
    right: int
    name: str

    @property
    def inner(self) -> int:
        """What is between the margins."""
        return self.width - self.left - self.right

    @property
    def edge(self) -> int:
        """Where what is drawn ends at the right."""
        return self.width - self.right


BROAD: Final = Frame(960, 64, 12, "broad")
NARROW: Final = Frame(370, 42, 6, "narrow")
"""For a phone: letters keep their size where a broad drawing would be made smaller."""

FRAMES: Final = (BROAD, NARROW)

SWATCH, LETTER, SPACE = 24, 6.9, 18
"""Pixels across of a legend's swatch, about as many of a letter, and between two entries."""

COLOURS: Final = 10
"""As many as `charts.css` has, for schedules and for rules; then they begin anew."""

Scale = Callable[[float], float]


@dataclass(slots=True)
class Drawing:
    """The elements of an SVG drawing, later ones above earlier ones."""

    title: str
    frame: Frame = BROAD
    elements: list[str] = field(default_factory=list)

    def add(self, element: str) -> None:
        """Add an element, well-formed already."""
        self.elements.append(element)

    def text(self, x: float, y: float, text: str, style: str = "") -> None:
        """Add a text whose base line begins there."""
        named = f' class="{style}"' if style else ""
        self.add(f'<text{named} x="{x:.1f}" y="{y:.1f}">{said(text)}</text>')

    def rectangle(
        self, x: float, y: float, width: float, height: float, style: str, title: str = ""
    ) -> None:
        """Add a rectangle; its title shows under a pointer."""
        told = f"<title>{said(title)}</title>" if title else ""
        self.add(
            f'<rect class="{style}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}"'
            f' height="{max(0.5, height):.1f}">{told}</rect>'
        )

    def line(self, points: Iterable[tuple[float, float]], style: str) -> None:
        """Add a line through points."""
        self.add(f'<path class="{style}" d="{path(points)}"/>')

    def marks(self, values: Iterable[float], y: Scale, shown: Callable[[float], str]) -> None:
        """A line across at each value, with the value beside it."""
        for value in values:
            left, edge = self.frame.left, self.frame.edge
            self.add(f'<path class="ground" d="M{left} {y(value):.1f}H{edge}"/>')
            self.text(left - 8, y(value) + 4, shown(value), "quiet end")

    def legend(self, y: float, entries: Sequence[tuple[str, str]]) -> float:
        """Swatches of these styles with their names, in lines; the base line of the last."""
        broad = self.frame is BROAD
        first = self.frame.left if broad else 4
        at, longest = first, int((self.frame.width - first - SWATCH) / LETTER)
        for style, name in entries:
            short = name if len(name) <= longest else f"{name[: longest - 1]}…"
            width = SWATCH + SPACE + LETTER * len(short)
            if at > first and at + width - SPACE > self.frame.edge:
                at, y = first, y + 20
            self.rectangle(at, y - 10, 18, 11, style)
            self.text(at + SWATCH, y, short, "quiet")
            at += round(width)
        return y

    def svg(self, height: float, style: str = "") -> str:
        """The drawing; with a style it can stand alone."""
        within = f"<style>\n{style}</style>\n" if style else ""
        width = self.frame.width
        size = f' width="{width}" height="{height:.0f}"' if style else ""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height:.0f}"{size}'
            f' role="img" class="chart {self.frame.name}">\n'
            f"<title>{said(self.title)}</title>\n{within}" + "\n".join(self.elements) + "\n</svg>\n"
        )


def said(text: str) -> str:
    """A text of whatever origin, fit to stand in HTML and SVG."""
    return escape(printable(text))


def path(points: Iterable[tuple[float, float]]) -> str:
    """The description of a line through points."""
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def scale(low: float, high: float, top: float, height: float) -> Scale:
    """From a value to its place, the highest at the top."""
    return lambda value: top + height * (high - value) / (high - low)


def ticks(low: float, high: float, most: int) -> list[float]:
    """Round values from `low` to `high`, both included or passed, `most` steps at most."""
    least = (high - low) / most
    power = 10 ** math.floor(math.log10(least))
    step = next(each * power for each in (1, 2, 2.5, 5, 10) if each * power >= least * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [number * step for number in range(first, last + 1)]
