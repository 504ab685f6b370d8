"""`pwsched demo`: one simulated day of the real daemon, in about a minute.

A simulated home answers over real HTTPS on loopback; the loop, the adapter and the journal are the
ones that `pwsched run` uses. Only the clock is not: it stands still while the loop works and runs
fast while it waits. Everything lives in a temporary folder and is gone at the end.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from scheduler.cli.demo_route import Route
from scheduler.cli.given import FLAGS, PRICES, VALUES

if TYPE_CHECKING:
    from rules.inputs import Inputs, PriceSeries
    from scheduler.cli.demo_view import DemoView
    from scheduler.simulator import Home

SUMMER_WEEKDAY = "2026-07-15"
SITE = "demo home"
FRESH = timedelta(hours=1)
"""After so long a value that was given is written anew; rules may want them that fresh."""


def demo(
    rules: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[RULES...]", help="Your own rules instead of the example."),
    ] = None,
    *,
    day: Annotated[
        str, typer.Option(metavar="DATE", help='The day to simulate: a date, or "tomorrow".')
    ] = SUMMER_WEEKDAY,
    seconds: Annotated[float, typer.Option(min=1, max=3600, help="How long the day takes.")] = 60.0,
    seed: Annotated[int, typer.Option(help="Another seed is another home and sky.")] = 24,
    soe: Annotated[
        float, typer.Option(min=0, max=100, help="Percent in the battery at midnight.")
    ] = 35.0,
    route: Annotated[
        Route,
        typer.Option(help="How the home is controlled; all but local need the extra pypowerwall."),
    ] = Route.LOCAL,
    flag: FLAGS = None,
    value: VALUES = None,
    prices: PRICES = None,
    picture: Annotated[
        Path | None, typer.Option(metavar="FILE.svg", help="Save the day as a picture.")
    ] = None,
) -> None:
    """Watch a simulated home live through a day under the rules. No hardware, no account."""
    import asyncio

    from rules.calendar import ONE_DAY, midnight
    from rules.language import load_rules, parse_date
    from scheduler.cli.demo_route import check_route
    from scheduler.cli.demo_view import DemoView
    from scheduler.cli.given import inputs_of, without_prices
    from scheduler.clock import SystemClock
    from scheduler.errors import ConfigProblem
    from scheduler.gateways.local import quiet_http_logs

    check_route(route)
    quiet_http_logs()
    files = rules or [example()]
    found = load_rules(files)
    zone = found.almanac.zone
    try:
        chosen = parse_date(day, SystemClock().now(), zone)
    except ValueError as error:
        raise ConfigProblem(f"--day: {error}") from None
    start, end = midnight(chosen, zone), midnight(chosen + ONE_DAY, zone)
    inputs = inputs_of(flag, value, prices, start)
    _refuse_prices_of_other_days(inputs.prices, start, end, zone)
    view = DemoView(found.almanac, start, end, [path.name for path in files], inputs.prices)
    for name, sentence in without_prices(found, inputs).items():
        typer.echo(f'rule "{name}": {sentence}', err=True)
    play = Play(tuple(files), start, end, seconds, seed, soe, inputs, prices, route)
    with view.shown():
        finished = asyncio.run(_play(play, view))
    view.summary(finished=finished)
    if picture is not None:
        view.save(picture)


@dataclass(frozen=True, slots=True)
class Play:
    """What is to be shown."""

    rules: tuple[Path, ...]
    start: datetime
    end: datetime
    seconds: float
    seed: int
    soe: float
    inputs: Inputs
    prices: Path | None
    route: Route = Route.LOCAL


def home_of(play: Play, zone: ZoneInfo) -> Home:
    """The home of the day, where the zone of the rules is."""
    from scheduler.household import Household
    from scheduler.simulator import Home

    return Home(Household.in_zone(play.seed, zone), play.start, soe=play.soe)


class Given:
    """The input folder of the day, in which the values that were given never grow old."""

    def __init__(self, folder: Path, play: Play) -> None:
        from shutil import copyfile

        from scheduler.inputs import set_flag

        self.folder = folder
        self._values = play.inputs.values
        self._written = play.start
        folder.mkdir()
        if play.prices is not None:
            copyfile(play.prices, folder / "prices.json")
        for name in play.inputs.flags:
            set_flag(folder, name, None)
        self._write(play.start)

    def refresh(self, at: datetime) -> None:
        """Write the values anew where they are of the last hour."""
        if at - self._written >= FRESH:
            self._write(at)

    def _write(self, at: datetime) -> None:
        from rules.inputs import DatedValue
        from scheduler.inputs import set_value

        self._written = at
        for name, given in self._values.items():
            set_value(self.folder, name, DatedValue(given.value, at))


def _refuse_prices_of_other_days(
    prices: PriceSeries | None, start: datetime, end: datetime, zone: ZoneInfo
) -> None:
    """Raise `ConfigProblem` where prices are given and none is of the day."""
    from scheduler.errors import ConfigProblem

    if prices is None or any(slot.start < end and slot.end > start for slot in prices.slots):
        return
    if not prices.slots:
        raise ConfigProblem("--prices: the file has no price")
    first, last = (prices.slots[each].start.astimezone(zone) for each in (0, -1))
    raise ConfigProblem(
        "--prices: the file has no price of that day;"
        f" say a --day from {first:%Y-%m-%d} to {last:%Y-%m-%d}"
    )


def example() -> Path:
    """The rules of the demo: in a wheel beside this file, in a checkout among the examples."""
    beside = Path(__file__).with_name("tou_sce.toml")
    return beside if beside.exists() else Path(__file__).parents[2] / "examples" / "tou_sce.toml"


async def _play(play: Play, view: DemoView) -> bool:
    """Play the day; False if somebody stopped it before its end."""
    import tempfile

    from rules.domain import Mode, Setting
    from rules.language import load_rules
    from scheduler.cli.demo_route import World, staged
    from scheduler.clock import SimulatedClock
    from scheduler.config import Site
    from scheduler.domain import Safety
    from scheduler.journal.sqlite import SqliteJournal
    from scheduler.loop import Notification, Ticked
    from scheduler.process import Run, Services, compose, on_signals

    rules = load_rules(play.rules)
    clock = SimulatedClock(play.start, pace=(play.end - play.start).total_seconds() / play.seconds)
    home = home_of(play, rules.almanac.zone)
    with tempfile.TemporaryDirectory(prefix="pwsched-demo-") as name:
        folder = Path(name)
        async with staged(play.route, World(home, clock, play.seed, folder)) as stage:
            safety = Safety(5, Setting(Mode.SELF_CONSUMPTION, 20))
            given = Given(folder / "inputs", play)
            site = Site(SITE, play.rules, timedelta(minutes=1), stage.access, safety, given.folder)

            def watch(notification: Notification) -> None:
                view.heard(notification, home.meters)
                if isinstance(notification, Ticked):
                    given.refresh(notification.at)
                    if notification.at >= play.end:
                        loop.stop("the day is over")

            journal = await SqliteJournal.open(folder / "journal.sqlite")
            try:
                services = Services(journal, clock, Run("demo", "demo"), (watch,))
                loop = compose(site, rules, stage.make, services)
                with on_signals([loop]):
                    await loop.run()
            finally:
                await journal.close()
            view.used(stage.used())
    return clock.now() >= play.end
