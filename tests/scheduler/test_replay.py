"""The journal's past along the engine: the same rules come to the same decisions, byte for byte."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

from house import BASE, House, local
from journaling import stored

from scheduler.holding import Wish
from scheduler.inputs import set_flag, take_back
from scheduler.journal.engine import reader_engine
from scheduler.journal.past import happened, rules_of
from scheduler.journal.rows import decision_row
from scheduler.journal.tables import instant_text
from scheduler.replay import replayed
from scheduler.simulator.home import Outage

MANY = (
    BASE
    + """
[[rule]]
name  = "fill up"
while = { time = "01:00-05:00", soe_below = 60 }
set   = { battery = "charge", to = 60 }

[[rule]]
name     = "storm"
priority = 50
while    = { flag = "storm" }
set      = { mode = "backup", reserve = 100 }

[[rule]]
name     = "sunny"
priority = 5
while    = { input = "sun", above = 25 }
set      = { reserve = 30 }

[[rule]]
name     = "outage"
priority = 100
while    = { grid = "down" }
keep     = "40m"
set      = { mode = "backup", reserve = 100 }

[[rule]]
name  = "hold what is there"
while = { time = "16:00-21:00", soe_above = 40 }
set   = { battery = "hold" }

[[rule]]
name = "look"
when = { at = "07:15" }
do   = "firmware-check"
"""
)
OTHER = MANY.replace("01:00-05:00", "02:00-06:00").replace('"sunny"', '"bright"')


def decided(path: Path, site: str = "home") -> list[tuple[Any, ...]]:
    what = "SELECT at, mode, reserve, winners, rules_hash, reason, memory FROM decision"
    return stored(path, f"{what} WHERE site = ? ORDER BY id", site)


def canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def along_its_own_rules(path: Path, site: str = "home") -> list[tuple[Any, ...]]:
    engine = reader_engine(path)
    try:
        with engine.begin() as connection:
            records = replayed(happened(connection, site), partial(rules_of, connection, site))
            rows = [decision_row(0, record) for record in records]
    finally:
        engine.dispose()
    return [
        (
            instant_text(row["at"]),
            row["mode"],
            row["reserve"],
            canonical(row["winners"]),
            row["rules_hash"],
            row["reason"],
            canonical(row["memory"]),
        )
        for row in rows
    ]


def test_a_day_with_everything_in_it(tmp_path: Path) -> None:
    inputs = tmp_path / "inputs"
    (inputs / "values").mkdir(parents=True)
    start = local(7, 14, "22:00")
    outages = [Outage(local(7, 15, "10:00"), local(7, 15, "11:00"))]
    house = House(tmp_path, MANY, start, inputs=inputs, outages=outages, soe=35.0)

    def sun(value: float) -> None:
        at = house.unstepped().isoformat()
        (inputs / "values" / "sun.json").write_text(json.dumps({"value": value, "at": at}))

    def reload(text: str) -> None:
        house.rules.write_text(text)
        house.reload()

    def hold(wish: Wish) -> None:
        assert house.loop is not None
        house.loop.hold(wish)

    house.at(local(7, 14, "23:10"), set_flag, inputs, "storm", local(7, 15, "00:30"))
    house.at(local(7, 15, "02:30"), reload, OTHER)
    house.at(local(7, 15, "03:00"), sun, 31.0)
    house.play(local(7, 15, "06:30"), kill=True)
    house.at(local(7, 15, "07:00"), hold, Wish("anna", reserve=70, lasting="2h"))
    house.at(local(7, 15, "09:40"), reload, MANY)
    house.at(local(7, 15, "12:00"), set_flag, inputs, "storm", None)
    house.play(local(7, 15, "12:30"))
    take_back(inputs, "storm")
    house.wait(local(7, 15, "15:00"))
    house.play(local(7, 15, "22:00"))
    said = decided(house.path)
    assert len(said) > 15
    assert along_its_own_rules(house.path) == said
