"""A backtest against the whole daemon in virtual time: the same settings at the same times."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from house import EXAMPLES, House, local
from simulated import LOS_ANGELES

from rules.domain import Setting
from rules.language import load_rules
from scheduler.household import Household
from scheduler.money import IntervalData
from scheduler.money.backtest import Backtest, Outage, Site, backtest
from scheduler.simulator.home import Outage as GridOutage

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
POLL = timedelta(minutes=1)
HOME = Household(24, LOS_ANGELES)
STORMY = """
[[rule]]
name     = "much use: keep the rest"
priority = 5
while    = { load_above = "2.5 kW", soe_below = 45 }
for      = "3m"
keep     = "20m"
set      = { reserve = 45 }

[[rule]]
name     = "after an outage"
priority = 9
while    = { grid = "down" }
keep     = "90m"
set      = { mode = "backup", reserve = 100 }
"""


class EveryMinute:
    """A household that is what the interval data say it is."""

    timezone: ZoneInfo = LOS_ANGELES

    def __init__(self, data: IntervalData) -> None:
        self._data = data

    def load_w(self, at: datetime) -> float:
        return self._data.load_w[(at - self._data.start) // self._data.step]

    def solar_w(self, at: datetime) -> float:
        return self._data.solar_w[(at - self._data.start) // self._data.step]


def data_of(start: datetime, end: datetime, step: timedelta) -> IntervalData:
    instants = [start + number * step for number in range((end - start) // step)]
    load, solar = (
        [HOME.load_w(each) for each in instants],
        [HOME.solar_w(each) for each in instants],
    )
    return IntervalData(start, step, LOS_ANGELES, load, solar)


def changes(found: Backtest) -> list[tuple[datetime, Setting]]:
    return [(write.at, write.wanted) for write in found.writes]


@pytest.mark.parametrize(
    ("example", "extra", "start", "outages"),
    [
        ("tou_sce", "", local(7, 15, "10:00"), ()),
        (
            "tou_sce",
            STORMY,
            local(12, 20, "11:00"),
            ((local(12, 20, "17:20"), HOUR),),
        ),
        ("tou_sce_2018", "", local(10, 31, "20:00"), ()),
    ],
)
def test_half_a_day_of_the_whole_daemon(
    tmp_path: Path,
    example: str,
    extra: str,
    start: datetime,
    outages: tuple[tuple[datetime, timedelta], ...],
) -> None:
    end = start + 14 * HOUR
    rules = tmp_path / "rules.toml"
    rules.write_text((EXAMPLES / f"{example}.toml").read_text("utf-8") + extra, "utf-8")
    data = data_of(start, end, MINUTE)
    house = House(
        tmp_path,
        rules,
        start,
        household=EveryMinute(data),
        soe=35.0,
        poll=POLL,
        outages=[GridOutage(at, at + length) for at, length in outages],
    ).play(end - MINUTE)
    found = backtest(
        Site(
            data,
            soe=35.0,
            safety=house.site.safety,
            outages=tuple(Outage(*each) for each in outages),
        ),
        load_rules([rules]),
    )
    written = [each for each in changes(found) if each[0] < end - MINUTE]
    # The house may begin with another setting than its rules' default.
    daemon = [each for each in house.writes if each[0] > start]
    assert [setting for _, setting in written] == [setting for _, setting in daemon]
    for (at, _), (really, _) in zip(written, daemon, strict=True):
        assert abs(at - really) <= POLL
    assert len(written) > 1
    assert found.flows.soe_at_end == pytest.approx(house.home.soe, abs=0.3)
