"""`pwsched demo`: one simulated day of the real daemon, in about a minute.

A simulated home answers over real HTTPS on loopback; the loop, the adapter and the journal are the
ones that `pwsched run` uses. Only the clock is not: it stands still while the loop works and runs
fast while it waits. Everything lives in a temporary folder and is gone at the end.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from scheduler.cli.demo_view import DemoView

SUMMER_WEEKDAY = "2026-07-15"
LOGIN = "installer"
SITE = "demo home"


def demo(
    rules: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[RULES...]", help="Your own rules instead of the example."),
    ] = None,
    *,
    day: Annotated[str, typer.Option(metavar="DATE", help="The day to simulate.")] = SUMMER_WEEKDAY,
    seconds: Annotated[float, typer.Option(min=1, max=3600, help="How long the day takes.")] = 60.0,
    seed: Annotated[int, typer.Option(help="Another seed is another home and sky.")] = 24,
    soe: Annotated[
        float, typer.Option(min=0, max=100, help="Percent in the battery at midnight.")
    ] = 35.0,
    picture: Annotated[
        Path | None, typer.Option(metavar="FILE.svg", help="Save the day as a picture.")
    ] = None,
) -> None:
    """Watch a simulated home live through a day under the rules. No hardware, no account."""
    import asyncio

    from rules.language import load_rules
    from scheduler.cli.demo_view import DemoView
    from scheduler.errors import ConfigProblem
    from scheduler.gateways.local import quiet_http_logs

    try:
        date.fromisoformat(day)
    except ValueError:
        raise ConfigProblem(f'--day must be a date like "2026-07-15", got "{day}"') from None
    quiet_http_logs()
    files = rules or [example()]
    found = load_rules(files)
    zone = found.almanac.zone
    start = datetime.fromisoformat(day).replace(tzinfo=zone).astimezone(UTC)
    following = date.fromisoformat(day) + timedelta(days=1)
    end = datetime.fromisoformat(following.isoformat()).replace(tzinfo=zone).astimezone(UTC)
    view = DemoView(found.almanac, start, end, [str(path.name) for path in files])
    play = Play(tuple(files), start, end, seconds, seed, soe)
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


def example() -> Path:
    """The rules of the demo: in a wheel beside this file, in a checkout among the examples."""
    beside = Path(__file__).with_name("tou_sce.toml")
    return beside if beside.exists() else Path(__file__).parents[2] / "examples" / "tou_sce.toml"


async def _play(play: Play, view: DemoView) -> bool:
    """Play the day; False if somebody stopped it before its end."""
    import tempfile

    from rules.domain import Mode, Setting
    from rules.language import load_rules
    from scheduler.clock import SimulatedClock, SystemClock
    from scheduler.config import GatewayAccess, Site
    from scheduler.domain import Safety
    from scheduler.gateways.local import LocalGateway
    from scheduler.journal.sqlite import SqliteJournal
    from scheduler.loop import Notification, OnNote, Ticked
    from scheduler.process import Run, Services, compose, on_signals
    from scheduler.simulator import PROFILES, Home, Household, SimulatedGateway, self_signed, serve

    rules = load_rules(play.rules)
    clock = SimulatedClock(play.start, pace=(play.end - play.start).total_seconds() / play.seconds)
    home = Home(Household(play.seed, rules.almanac.zone), play.start, soe=play.soe)
    gateway = SimulatedGateway(home, PROFILES["1.49"], clock, seed=play.seed)
    password = gateway.credentials.password(gateway.profile, LOGIN)
    certificate = self_signed(SystemClock().now())
    async with serve(gateway, "127.0.0.1", 0, certificate) as address:
        with tempfile.TemporaryDirectory(prefix="pwsched-demo-") as folder:
            pin = f"sha256:{certificate.fingerprint}"
            access = GatewayAccess(str(address), pin, LOGIN, "", None, "")
            safety = Safety(5, Setting(Mode.SELF_CONSUMPTION, 20))
            site = Site(SITE, play.rules, timedelta(minutes=1), access, safety)

            def make(hear: OnNote) -> LocalGateway:
                return LocalGateway(access.host, LOGIN, password, "", pin, clock, on_note=hear)

            def watch(notification: Notification) -> None:
                view.heard(notification, home.meters)
                if isinstance(notification, Ticked) and notification.at >= play.end:
                    loop.stop("the day is over")

            journal = await SqliteJournal.open(Path(folder) / "journal.sqlite")
            try:
                services = Services(journal, clock, Run("demo", "demo"), (watch,))
                loop = compose(site, rules, make, services)
                with on_signals([loop]):
                    await loop.run()
            finally:
                await journal.close()
    return clock.now() >= play.end
