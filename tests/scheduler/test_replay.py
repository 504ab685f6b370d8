"""The journal's past along the engine: the same rules come to the same decisions, byte for byte."""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from house import BASE, House, local, trouble
from journaling import Recorder, opened, stored
from taped import reworded

from rules.language import load_kept, shipped
from rules.sources import Sources
from scheduler.history.replay import replayed
from scheduler.inputs import set_flag, take_back
from scheduler.journal.sqlite import SqliteJournal, instant_text
from scheduler.journal.sqlite.engine import reader_engine
from scheduler.journal.sqlite.past_events import past_events, rules_of
from scheduler.loop import Notification, Ticked
from scheduler.simulator.fault_plan import FaultKind
from scheduler.simulator.home import Outage

GOLDEN = Path(__file__).with_name("golden")

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
            records = list(
                replayed(past_events(connection, site), partial(rules_of, connection, site))
            )
    finally:
        engine.dispose()
    return [
        (
            instant_text(record.at),
            record.setting.mode,
            record.setting.reserve,
            canonical(record.winners),
            record.rules_hash,
            record.reason,
            canonical(record.memory),
        )
        for record in records
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

    house.at(local(7, 14, "23:10"), set_flag, inputs, "storm", local(7, 15, "00:30"))
    house.at(local(7, 15, "02:30"), reload, OTHER)
    house.at(local(7, 15, "03:00"), sun, 31.0)
    house.play(local(7, 15, "06:30"), kill=True)
    house.at(local(7, 15, "07:00"), lambda: house.hold("anna", reserve=70, lasting="2h"))
    house.at(local(7, 15, "09:40"), reload, MANY)
    house.at(local(7, 15, "12:00"), set_flag, inputs, "storm", None)
    house.play(local(7, 15, "12:30"))
    take_back(inputs, "storm")
    house.wait(local(7, 15, "15:00"))
    house.play(local(7, 15, "22:00"))
    said = decided(house.path)
    assert len(said) > 15
    assert along_its_own_rules(house.path) == said


@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(1, 12))]
)
def test_any_history_thinned_or_not_leads_to_the_same_decisions(tmp_path: Path, seed: int) -> None:
    house = a_random_history(tmp_path, random.Random(seed))
    said = decided(house.path)
    assert len(said) > 10
    assert along_its_own_rules(house.path) == said
    before = stored(house.path, "SELECT count(*) FROM observation")[0]
    thin(house.path, house.unstepped())
    after = stored(house.path, "SELECT count(*) FROM observation")[0]
    assert after < before
    assert decided(house.path) == said
    assert along_its_own_rules(house.path) == said


def a_random_history(folder: Path, chance: random.Random) -> House:
    """Two days with restarts, kills, reloads, inputs, outages, faults, words and updates."""
    inputs = folder / "inputs"
    (inputs / "values").mkdir(parents=True)
    start = local(7, 14, "20:00")
    minutes = 48 * 60

    def some(count: int) -> list[datetime]:
        found = (start + timedelta(seconds=chance.randrange(minutes * 60)) for _ in range(count))
        return sorted(found)

    outages = [Outage(at, at + timedelta(minutes=chance.randrange(5, 90))) for at in some(1)]
    faults = [
        trouble(kind, at, at + timedelta(minutes=chance.randrange(1, 40)))
        for at in some(3)
        for kind in [chance.choice([FaultKind.NO_ANSWER, FaultKind.BAD_GATEWAY, FaultKind.REBOOT])]
    ]
    house = House(
        folder, MANY, start, inputs=inputs, outages=outages, faults=faults,
        soe=chance.uniform(20, 80), profile=chance.choice(["1.49", "23.44"]),
        poll=timedelta(seconds=60),
    )  # fmt: skip

    def word() -> None:
        assert house.loop is not None
        if chance.random() < 0.3:
            house.resume("anna")
        else:
            lasting = chance.choice([None, "1h", "3h"])
            house.hold("anna", reserve=chance.randrange(20, 80), lasting=lasting)

    def rules() -> None:
        house.rules.write_text(chance.choice([MANY, OTHER, "nonsense"]))
        house.reload()

    def flag() -> None:
        if chance.random() < 0.5:
            set_flag(inputs, "storm", house.unstepped() + timedelta(minutes=40))
        else:
            take_back(inputs, "storm")

    def sun() -> None:
        value = {"value": chance.uniform(10, 40), "at": house.unstepped().isoformat()}
        new = inputs / "values" / ".new"
        new.write_text(json.dumps(value))
        new.replace(inputs / "values" / "sun.json")

    acts = sorted([(at, chance.choice([word, rules, flag, sun])) for at in some(24)], key=first)
    for end in [*some(3), start + timedelta(minutes=minutes)]:
        for at, act in acts:
            if house.unstepped() < at < end:
                house.at(at, act)
        house.rules.write_text(chance.choice([MANY, OTHER]))
        house.play(end, kill=chance.random() < 0.5)
        house.wait(house.unstepped() + timedelta(minutes=chance.randrange(1, 30)))
    return house


def first(pair: tuple[datetime, object]) -> datetime:
    return pair[0]


def thin(path: Path, now: datetime) -> None:
    """The upkeep of the coming two months."""

    async def later(journal: SqliteJournal, _recorder: Recorder) -> None:
        for days in (2, 33, 34):
            while await journal.upkeep(now + timedelta(days=days)):
                pass

    with_run_of("other", path, later)


def with_run_of(site: str, path: Path, act: Any) -> None:
    async def whole() -> None:
        async with opened(path) as journal:
            await act(journal, await Recorder.begin(journal, site))

    asyncio.run(whole())


class _EndsAfterATick(list[Notification]):
    """What a house has heard; its loop ends after the first tick."""

    def __init__(self, house: House) -> None:
        super().__init__()
        self._house = house

    def append(self, notification: Notification) -> None:
        super().append(notification)
        if isinstance(notification, Ticked):
            assert self._house.loop is not None
            self._house.loop.stop("done")


def test_the_engine_remembers_from_the_instant_at_which_the_run_begins(tmp_path: Path) -> None:
    house = House(tmp_path, MANY, local(7, 14, "22:00"))
    house.heard = _EndsAfterATick(house)

    async def begin_late() -> None:
        async with opened(house.path) as journal:
            loop = house.make_loop(journal, dry_run=False)
            house.clock.pass_time(90)
            await loop.run()

    asyncio.run(begin_late())
    ((at,),) = house.rows("SELECT at FROM run WHERE site = :site")
    memory = json.loads(decided(house.path)[0][6])
    assert datetime.fromisoformat(memory["since"]) == datetime.fromisoformat(at)
    assert along_its_own_rules(house.path) == decided(house.path)


def test_a_fresh_reading_before_a_write_stands_before_what_was_decided_on_it(
    tmp_path: Path,
) -> None:
    house = House(tmp_path, MANY, local(7, 14, "22:00"), soe=30.0).play(local(7, 15, "02:00"))
    for number, at in house.rows("SELECT id, at FROM decision WHERE site = :site"):
        found = house.rows(
            f"SELECT tick_at FROM observation WHERE id < {number} ORDER BY id DESC LIMIT 1"  # noqa: S608 -- our own names
        )
        assert found == [(at,)]


def test_the_files_are_kept_once_for_each_hash_with_the_tariff(tmp_path: Path) -> None:
    tariff = tmp_path / "mine.toml"
    shipped_tariff = shipped()["sce-tou-d-prime"].read_text()
    tariff.write_text(shipped_tariff)
    rules = MANY.replace("language = 1", 'language = 1\ntariff = "mine.toml"')
    house = House(tmp_path, rules, local(7, 14, "22:00")).play(local(7, 14, "22:05"))
    house.play(local(7, 14, "22:10"))
    tariff.write_text(shipped_tariff + "# mine\n")
    house.play(local(7, 14, "22:15"))
    kept = house.rows("SELECT rules_hash, content FROM rule_files WHERE site = :site ORDER BY id")
    assert len(kept) == 2
    first_files, second_files = (json.loads(content) for _, content in kept)
    assert first_files["rules"] == second_files["rules"] == [{"name": "home.toml", "text": rules}]
    assert first_files["tariff"] == {"name": "mine.toml", "text": shipped_tariff}
    assert "# mine" in second_files["tariff"]["text"]
    assert [digest for digest, _ in kept] == [
        load_kept(Sources.from_json(json.loads(content))).digest for _, content in kept
    ]


def test_an_input_is_journaled_when_it_changes_and_when_it_goes(tmp_path: Path) -> None:
    inputs = tmp_path / "inputs"
    set_flag(inputs, "storm", local(7, 15, "00:00"))
    house = House(tmp_path, MANY, local(7, 14, "22:00"), inputs=inputs)
    house.at(local(7, 14, "22:10"), take_back, inputs, "storm")
    house.play(local(7, 14, "22:20"))
    house.play(local(7, 14, "22:30"))
    rows = house.rows("SELECT name, content FROM input WHERE name LIKE 'flag %' ORDER BY id")
    assert rows == [
        ("flag storm", '{"until":"2026-07-15T07:00:00+00:00"}'),
        ("flag storm", None),
    ]


@pytest.mark.parametrize("name", ["summer", "storm"])
def test_a_golden_journal_is_decided_as_it_was(tmp_path: Path, name: str) -> None:
    """Recorded by `record_golden.py`. A decision that changed here would change in a house."""
    path = tmp_path / "journal.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript((GOLDEN / f"{name}.sql").read_text("utf-8"))
    with_run_of("other", path, _nothing)  # brings it to the present schema
    said = [(*row[:5], reworded(row[5]), *row[6:]) for row in decided(path)]
    assert len(said) >= 10
    assert along_its_own_rules(path) == said


async def _nothing(_journal: SqliteJournal, _recorder: Recorder) -> None:
    pass
