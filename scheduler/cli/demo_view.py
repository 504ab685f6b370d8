"""What the demo shows: the house as it is now, what the rules decide, and the day at its end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from rules.calendar import Almanac
from rules.domain import Observation, Setting
from rules.engine import DEFAULT
from rules.inputs import PriceSeries
from scheduler.cli.columns import longest_word
from scheduler.cli.demo_cost import DayCost, Price
from scheduler.cli.picture import save_picture
from scheduler.cli.sparkline import sparkline
from scheduler.domain import (
    Cause,
    DecisionRecord,
    EventRecord,
    FirmwareCheckRecord,
    IntentRecord,
    NoteRecord,
    Outcome,
    OutcomeRecord,
    Record,
)
from scheduler.loop import Notification, Recorded, Ticked
from scheduler.simulator import Meters

BAR = 40
FEED = 12
PICTURE_WIDTH = 110
GOOD, BAD, QUIET = "green", "red", "dim"


@dataclass(slots=True)
class WriteShown:
    """One row of the summary: a write, why, and what became of it."""

    at: datetime
    wanted: Setting
    why: str
    outcome: str = "on its way"


@dataclass(slots=True)
class Day:
    """What is remembered of the day for the summary."""

    soe: list[float] = field(default_factory=list)
    solar: list[float] = field(default_factory=list)
    load: list[float] = field(default_factory=list)
    site: list[float] = field(default_factory=list)
    writes: list[WriteShown] = field(default_factory=list)
    firmware: list[str] = field(default_factory=list)
    cost: DayCost = field(default_factory=DayCost)
    used: list[str] = field(default_factory=list)


class DemoView:
    """A listener of the loop that draws on a terminal, or prints lines where there is none."""

    def __init__(
        self,
        almanac: Almanac,
        start: datetime,
        end: datetime,
        rule_files: list[str],
        prices: PriceSeries | None = None,
    ) -> None:
        self._almanac = almanac
        self._start = start
        self._end = end
        self._rule_files = rule_files
        self._prices = prices
        self._console = Console(highlight=False)
        self._live: Live | None = None
        self._feed: list[Text] = []
        self._tick: Ticked | None = None
        self._meters: Meters | None = None
        self._winners = ""
        self._day = Day()

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Draw while the day is played."""
        if not self._console.is_terminal:
            self._console.print(self._title())
            yield
            return
        with Live(console=self._console, refresh_per_second=12, transient=True) as live:
            self._live = live
            yield
            self._live = None

    def heard(self, notification: Notification, meters: Meters) -> None:
        """Take in what the loop tells, and the home's own meters at that moment."""
        match notification:
            case Ticked():
                self._take_tick(notification, meters)
            case Recorded():
                self._take_record(notification.record)
        if self._live is not None:
            self._live.update(self._picture())

    def used(self, sentences: list[str]) -> None:
        """Take in what the route was asked."""
        self._day.used = sentences

    def summary(self, *, finished: bool) -> None:
        """Print the day as it was."""
        self._console.print(self._summary(self._console.width, finished=finished))

    def save(self, path: Path) -> None:
        """Save the summary as an SVG picture. Raises `ConfigProblem`."""
        summary = self._summary(PICTURE_WIDTH, finished=True)
        save_picture(summary, path, title="pwsched demo", width=PICTURE_WIDTH)

    # --- taking in ---------------------------------------------------------------------------

    def _take_tick(self, tick: Ticked, meters: Meters) -> None:
        seen, day = tick.observation, self._day
        for values, value in (
            (day.soe, seen.soe),
            (day.solar, seen.solar_power),
            (day.load, seen.load_power),
            (day.site, seen.site_power),
        ):
            values.append(value if value is not None else (values[-1] if values else 0.0))
        priced = None if self._tick is None else self._price(self._tick.at)
        if self._meters is not None and priced is not None:
            day.cost.count(priced, self._meters, meters)
        self._tick, self._meters = tick, copy(meters)

    def _take_record(self, record: Record) -> None:
        match record:
            case DecisionRecord():
                self._winners = _winners(record)
                self._say(record.at, f"decided  {record.reason}")
            case IntentRecord():
                probing = record.cause is Cause.PROBE
                why = record.cause if probing else f"{self._winners} ({record.cause})"
                self._day.writes.append(WriteShown(record.at, record.wanted, why))
                self._say(record.at, f"writing  {record.wanted} ({record.cause})", "cyan")
            case OutcomeRecord():
                self._settle(record)
            case EventRecord():
                self._say(record.at, f'event    "{record.rule}": {record.action.value}', "cyan")
            case FirmwareCheckRecord():
                text = f"{record.result}: {record.detail} ({record.version or 'no version'})"
                self._day.firmware.append(f"{self._clock(record.at)} {text}")
                self._say(record.at, f"firmware {text}", GOOD)
            case NoteRecord():
                self._say(record.at, f"note     {record.text}", "yellow")

    def _settle(self, notification: OutcomeRecord) -> None:
        outcome = f"{notification.outcome.value}, {notification.detail}"
        self._day.writes[-1].outcome = outcome
        good = notification.outcome in {Outcome.HELD, Outcome.WOULD}
        self._say(notification.at, f"outcome  {outcome}", GOOD if good else BAD)

    def _say(self, at: datetime, text: str, style: str = "") -> None:
        line = Text.assemble((f"{self._clock(at)}  ", QUIET), (text, style))
        line.no_wrap, line.overflow = True, "ellipsis"
        self._feed = [*self._feed, line][-FEED:]
        if self._live is None:
            self._console.print(line, soft_wrap=True, overflow="ignore")

    def _clock(self, at: datetime) -> str:
        return f"{at.astimezone(self._almanac.zone):%H:%M}"

    # --- drawing -----------------------------------------------------------------------------

    def _title(self) -> str:
        day = self._start.astimezone(self._almanac.zone)
        tariff = self._almanac.tariff.title if self._almanac.tariff else "no tariff"
        return f"{day:%A %d %B %Y}, {tariff}, rules {', '.join(self._rule_files)}"

    def _picture(self) -> RenderableType:
        feed = Panel(Group(*self._feed), title="what the scheduler does", height=FEED + 2)
        now = self._now() if self._tick else Text("connecting ...")
        return Group(Panel(now, title=f"pwsched demo: {self._title()}"), feed)

    def _now(self) -> RenderableType:
        tick = self._tick
        if tick is None:
            return Text("")
        seen = tick.observation
        table = Table.grid(padding=(0, 2))
        table.add_row("time", Text(self._clock(tick.at), "bold"), self._period(tick.at))
        table.add_row("energy", _bar(seen), f"{seen.soe:.0f} %" if seen.soe is not None else "?")
        table.add_row("setting", _setting(seen), "")
        table.add_row("power", _powers(seen), "")
        return table

    def _period(self, at: datetime) -> Text:
        priced = self._price(at)
        if priced is None:
            return Text("")
        style = "bold red" if "on-peak" in priced.period else QUIET
        return Text(f"{priced.period}, {priced.bought:.2f}{self._currency()}/kWh", style)

    def _price(self, at: datetime) -> Price | None:
        """What a kilowatt hour costs: by the prices that are given, else by the tariff."""
        if self._prices is not None:
            slot = self._prices.at(at)
            if slot is None or slot.imported is None:
                return None
            return Price("at the given prices", slot.imported, slot.exported)
        if self._almanac.tariff is None:
            return None
        period = self._almanac.tariff.at(at)
        return Price(period.name, period.price)

    def _currency(self) -> str:
        """The tariff's; a price file names none."""
        tariff = self._almanac.tariff
        return f" {tariff.currency}" if tariff is not None else ""

    def _summary(self, width: int, *, finished: bool) -> RenderableType:
        title = "The day" if finished else "Stopped before the end of the day"
        parts: list[RenderableType] = [
            Text(f"\n{title}: {self._title()}\n", "bold"),
            self._chart(width),
            Text("\nWhat was set, and why", "bold"),
            self._writes(),
        ]
        if self._day.firmware:
            parts += [Text("\nFirmware check", "bold"), *map(Text, self._day.firmware)]
        if self._day.used:
            parts += [Text("\nWhat the route was asked", "bold"), *map(Text, self._day.used)]
        if self._day.cost.ours.bought:
            soe = (self._day.soe[0], self._day.soe[-1])
            heading = Text("\nEnergy bought, by price period, and what it cost", "bold")
            parts += [heading, self._day.cost.shown(self._currency(), soe)]
        return Group(*parts)

    def _chart(self, width: int) -> RenderableType:
        day = self._day
        blocks = max(24, min(96, (width - 20) // 24 * 24))
        table = Table.grid(padding=(0, 2))
        scale = max([*day.load, *day.solar, *map(abs, day.site), 1.0])
        hours = "".join(f"{hour:<{blocks // 8}}" for hour in range(0, 24, 3))
        table.add_row("", Text(hours, QUIET), "")
        table.add_row("energy", Text(sparkline(day.soe, 100.0, blocks), "green"), "0-100 %")
        top = f"0-{scale / 1000:.1f} kW"
        table.add_row("sun", Text(sparkline(day.solar, scale, blocks), "yellow"), top)
        table.add_row("home", Text(sparkline(day.load, scale, blocks), "cyan"), top)
        table.add_row("import", Text(sparkline(day.site, scale, blocks), "red"), top)
        return table

    def _writes(self) -> RenderableType:
        table = Table(box=None, pad_edge=False, header_style=QUIET)
        rows = [
            (self._clock(write.at), str(write.wanted), write.why, write.outcome)
            for write in self._day.writes
        ]
        for place, column in enumerate(("at", "setting", "why", "outcome")):
            table.add_column(column, min_width=longest_word(row[place] for row in rows))
        for row in rows:
            table.add_row(*row)
        return table


def _bar(seen: Observation) -> Text:
    """The state of energy as a bar, with a mark at the reserve."""
    soe = seen.soe or 0.0
    filled = round(soe / 100 * BAR)
    bar = Text("█" * filled + "░" * (BAR - filled), "green")
    if seen.reserve is not None:
        mark = min(BAR - 1, round(seen.reserve / 100 * BAR))
        bar = Text.assemble(bar[:mark], ("┃", "bold red"), bar[mark + 1 :])
    return bar


def _setting(seen: Observation) -> Text:
    if seen.mode is None or seen.reserve is None:
        return Text("unknown", "yellow")
    return Text(f"{seen.mode.value}, reserve {seen.reserve:.0f} %", "bold")


def _powers(seen: Observation) -> Text:
    def shown(name: str, watts: float | None) -> str:
        return f"{name} ?" if watts is None else f"{name} {abs(watts) / 1000:.1f} kW"

    charging = seen.battery_power is not None and seen.battery_power < 0
    selling = seen.site_power is not None and seen.site_power < 0
    return Text(
        ", ".join(
            (
                shown("sun", seen.solar_power),
                shown("home", seen.load_power),
                shown("battery takes" if charging else "battery gives", seen.battery_power),
                shown("to the grid" if selling else "from the grid", seen.site_power),
            )
        )
    )


def _winners(decision: DecisionRecord) -> str:
    """The rules that won a part, or the default."""
    names = dict.fromkeys(decision.winners.values())
    return ", ".join("default" if name == DEFAULT else f'"{name}"' for name in names)
