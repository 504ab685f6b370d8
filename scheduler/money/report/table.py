"""Tables of a page: each with a caption, and a header for every column and row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scheduler.money.report.drawing import said


@dataclass(frozen=True, slots=True)
class Table:
    """The first column names the rows. `strong` rows stand out; `worded` columns are texts."""

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    strong: frozenset[int] = frozenset()
    worded: frozenset[int] = frozenset()

    def html(self) -> str:
        """The table, which can be moved to and fro where it is wider than the page."""
        head = "".join(
            f'<th scope="col"{self._style(place)}>{said(each)}</th>'
            for place, each in enumerate(self.columns)
        )
        body = "\n".join(self._row(number, row) for number, row in enumerate(self.rows))
        return (
            f'<div class="wide" tabindex="0" role="region" aria-label="{said(self.caption)}">'
            f"<table><caption>{said(self.caption)}</caption>\n"
            f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>\n"
        )

    def _row(self, number: int, row: Sequence[str]) -> str:
        cells = "".join(
            f"<td{self._style(place)}>{said(each)}</td>" for place, each in enumerate(row[1:], 1)
        )
        strong = ' class="strong"' if number in self.strong else ""
        return f'<tr{strong}><th scope="row">{said(row[0])}</th>{cells}</tr>'

    def _style(self, place: int) -> str:
        return ' class="words"' if place in self.worded else ""
