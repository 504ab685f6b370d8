"""What `pwsched autonomous` shows: bills of the same days, and how far they can be believed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from rules.errors import printable

if TYPE_CHECKING:
    from scheduler.money.intervals import History
    from scheduler.money.measured import Compared, Day, Stretch, Sums

WIDTH = 80
FEW_DAYS = 14
"""With fewer days than this their weather says more than any control."""

_QUIET = "dim"


class Gain(NamedTuple):
    """By how much less the rules cost than was measured, and what may be so."""

    sum: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found: the days, what they would have cost, and a check of the model.

    `beside` has what was measured, the rules, self-consumption and no battery, in this order;
    `modelled` days that were measured in self-consumption, and the same by the model.
    """

    history: History
    days: Sequence[Day]
    stretches: Sequence[Stretch]
    name: str
    beside: Compared
    modelled: Compared | None

    @property
    def measured(self) -> Sums:
        """What Tesla's own control really cost."""
        return self.beside.sums[0]

    @property
    def ours(self) -> Sums:
        """What the rules would have cost."""
        return self.beside.sums[1]

    @property
    def gain(self) -> Gain:
        """What the rules cost less: a real battery loses more than the model's, never less."""
        from scheduler.money.comparison import UNCERTAINTY

        found = self.measured.dollars - self.ours.dollars
        saving = abs(self.beside.sums[-1].dollars - self.ours.dollars)
        less, more = UNCERTAINTY
        return Gain(found, found - more * saving, found - less * saving)


def answer_view(answer: Answer) -> RenderableType:
    """The answer for a terminal of 80 columns or more."""
    parts: list[RenderableType] = [
        Text("Tesla's own control as it was metered, beside other control of those days", "bold"),
        Text(_about(answer), _QUIET),
        "",
        _table(answer),
        "",
        Text(_verdict(answer)),
    ]
    if told := [*_told(answer), *answer.beside.notes, *answer.history.notes, *_repairs(answer)]:
        parts += ["", Text("Told", "bold")]
        parts += [Padding(Text(printable(each)), (0, 0, 0, 2)) for each in told]
    return Group(*parts)


def _about(answer: Answer) -> str:
    data = answer.history
    first, last = answer.stretches[0].data, answer.stretches[-1].data
    start, end = first.start.astimezone(data.zone), last.end.astimezone(data.zone)
    low = min(each.reserves[0] for each in answer.stretches)
    high = max(each.reserves[1] for each in answer.stretches)
    reserve = f"{low:.0f} %" if round(low) == round(high) else f"{low:.0f} to {high:.0f} %"
    return (
        f"{_days(answer.beside.days)} in the mode autonomous between {start:%Y-%m-%d} and"
        f" {end:%Y-%m-%d}, with a reserve of {reserve}"
    )


def _days(count: int) -> str:
    return "1 whole day" if count == 1 else f"{count} whole days"


def _table(answer: Answer) -> Table:
    table = Table(box=None, pad_edge=False, header_style=_QUIET)
    table.add_column("")
    for each in answer.beside.sums:
        table.add_column(printable(each.name), justify="right")

    def row(name: str, figures: Iterable[str], style: str | None = None) -> None:
        table.add_row(name, *figures, style=style)

    sums = answer.beside.sums
    row(f"bill, {answer.beside.currency}", (f"{each.dollars:,.2f}" for each in sums), "bold")
    row("kWh bought", (f"{each.imported_kwh:,.1f}" for each in sums))
    row("kWh sold", (f"{each.exported_kwh:,.1f}" for each in sums))
    stored = [f"{round(each.stored_kwh, 1) + 0.0:+,.1f}" for each in sums[:-1]]
    row("more stored at the end, kWh", [*stored, ""])
    return table


def _verdict(answer: Answer) -> str:
    gain, low, high = answer.gain
    how = "less" if gain >= 0 else "MORE"
    sign = 1 if gain >= 0 else -1
    bounds = sorted((sign * low, sign * high))
    said = (
        f"{printable(answer.name)} would have cost {abs(gain):,.2f} {how} than was measured;"
        f" {bounds[0]:,.2f} to {bounds[1]:,.2f}, as a real battery loses more at high power."
    )
    ours, measured = answer.ours, answer.measured
    more = ours.stored_kwh - measured.stored_kwh
    if abs(more) < 0.05:
        return f"{said} Both leave the same in the battery."
    worth = sorted(abs(each) for each in ours.worth)
    return (
        f"{said} At the end it has {abs(more):,.1f} kWh {'more' if more > 0 else 'LESS'} in the"
        f" battery than was measured, worth {worth[0]:,.2f} to {worth[1]:,.2f}, which is not in"
        " these sums."
    )


def _told(answer: Answer) -> list[str]:
    told = []
    if answer.beside.days < FEW_DAYS:
        told.append(f"fewer than {FEW_DAYS} days: their weather says more than any control does")
    if said := left_out(answer.days):
        told.append(f"of {len(answer.days)} whole days some cannot be compared{said}")
    if answer.modelled is None:
        told.append("no whole day in self-consumption is there to check the model with")
    else:
        metered, model = answer.modelled.sums
        apart = model.dollars - metered.dollars
        told.append(
            f"checked on {_days(answer.modelled.days)} in self-consumption: the model comes to"
            f" {model.dollars:,.2f} where {metered.dollars:,.2f} was metered, {apart:+,.2f}"
        )
    return told


def _repairs(answer: Answer) -> list[str]:
    return [each.what for each in answer.history.repairs]


def left_out(days: Iterable[Day]) -> str:
    """How many days are left out for which reason, as the end of a sentence."""
    counts = Counter(each.left_out for each in days if each.left_out is not None)
    return "".join(f", {count}: {reason}" for reason, count in sorted(counts.items()))


def as_json_of(answer: Answer) -> dict[str, Any]:
    """Everything, for a script."""
    return {
        "timezone": answer.history.zone.key,
        "currency": answer.beside.currency,
        "days": answer.beside.days,
        "stretches": [
            {
                "start": each.data.start.isoformat(),
                "end": each.data.end.isoformat(),
                "soe": list(each.soe),
                "reserves": list(each.reserves),
            }
            for each in answer.stretches
        ],
        "controls": [_sums(each) for each in answer.beside.sums],
        "less_than_measured": round(answer.gain.sum, 2),
        "less_than_measured_may_be": [round(answer.gain.low, 2), round(answer.gain.high, 2)],
        "left_out": [
            {"date": each.date.isoformat(), "reason": each.left_out}
            for each in answer.days
            if each.left_out is not None
        ],
        "check_in_self_consumption": None
        if answer.modelled is None
        else {
            "days": answer.modelled.days,
            "controls": [_sums(each) for each in answer.modelled.sums],
        },
        "notes": [*_told(answer), *answer.beside.notes, *answer.history.notes],
        "repairs": _repairs(answer),
    }


def _sums(sums: Sums) -> dict[str, Any]:
    return {
        "name": sums.name,
        "bill": round(sums.dollars, 2),
        "imported_kwh": round(sums.imported_kwh, 3),
        "exported_kwh": round(sums.exported_kwh, 3),
        "stored_kwh": round(sums.stored_kwh, 3),
        "more_than_measured_is_worth": [round(each, 2) for each in sums.worth],
    }
