"""Writes down what a daemon read, decided, wrote and journaled, in the order in which it did."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from house import House
from simulated_client import HandClock
from sqlalchemy import Boolean, LargeBinary

from rules.domain import Observation, Quantity, Setting
from rules.domain import Part as SettingPart
from rules.errors import PwschedError
from rules.inputs import Inputs
from scheduler.daemon import MakeGateway, SiteLoop
from scheduler.errors import GatewayProblem, JournalProblem
from scheduler.gateways.protocol import (
    Capabilities,
    FirmwareStatus,
    FullSetting,
    Gateway,
    Part,
)
from scheduler.happenings import Ticked
from scheduler.holding import Wish
from scheduler.journal.given import levers_to_json
from scheduler.journal.records import HoldRecord
from scheduler.journal.tables import AUDIT_TABLES, CanonicalJson, instant_text
from scheduler.journal.tables import input as input_table
from scheduler.journal.tables import observation as observation_table
from scheduler.journal.transaction import Transaction
from scheduler.journal.writer import Journal

T = TypeVar("T")
Json = dict[str, Any]
Rows = dict[str, list[Json]]
BETWEEN = timedelta(seconds=1.5)
STREAM = frozenset({observation_table.name, input_table.name})


def instant(at: datetime | None) -> str | None:
    return None if at is None else instant_text(at)


def setting_json(setting: Setting | FullSetting | None) -> Json | None:
    if setting is None:
        return None
    found = {part.value: getattr(setting, part.value, None) for part in SettingPart}
    return {name: _plain(value) for name, value in found.items() if value is not None}


def observation_json(seen: Observation) -> Json:
    found: Json = {"at": instant(seen.at)}
    for quantity in Quantity:
        value = getattr(seen, quantity.value)
        if value is not None:
            found[quantity.value] = _plain(value)
    found["earlier"] = {quantity.value: instant(at) for quantity, at in seen.earlier.items()}
    return found


def capabilities_json(found: Capabilities) -> Json:
    return {
        "login": found.login,
        "firmware": found.firmware,
        "started": found.started,
        "timezone": found.timezone,
        "may_write": found.may_write,
        "levers": levers_to_json(found.levers),
        "shortest_poll": found.shortest_poll,
        "writes_a_day": found.writes_a_day,
        "settling_time": found.settling_time,
        "may_check_firmware": found.may_check_firmware,
        "may_install_firmware": found.may_install_firmware,
    }


def problem_json(problem: BaseException | None) -> Json | None:
    if problem is None:
        return None
    return {
        "problem": type(problem).__name__,
        "text": str(problem),
        "seconds": getattr(problem, "seconds", None),
    }


def hold_json(word: HoldRecord) -> Json:
    return {
        "at": instant(word.at),
        "word": word.word.value,
        "mode": _plain(word.setting.mode),
        "reserve": word.setting.reserve,
        "until": instant(word.until),
        "by": word.by,
    }


def inputs_json(inputs: Inputs) -> Json:
    prices = None
    if inputs.prices is not None:
        prices = [
            [instant(slot.start), instant(slot.end), slot.imported, slot.exported]
            for slot in inputs.prices.slots
        ]
    return {
        "flags": {name: instant(expiry) for name, expiry in inputs.flags.items()},
        "values": {
            name: {"value": dated.value, "at": instant(dated.at)}
            for name, dated in inputs.values.items()
        },
        "prices": prices,
    }


def _plain(value: Any) -> Any:
    return getattr(value, "value", value)


def rows_of(path: Path) -> Rows:
    """Every row of the tables that share the row numbers, in order, as JSON values."""
    found: Rows = {}
    if not path.exists():
        return found
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        for table in AUDIT_TABLES:
            if table is observation_table:
                continue
            kept = connection.execute(f'SELECT * FROM "{table.name}" ORDER BY id').fetchall()  # noqa: S608 -- our own names
            found[table.name] = [
                {
                    column.name: _stored(column.type, row[column.name])
                    for column in table.columns
                    if column.name != "chain"
                }
                for row in kept
            ]
    return found


def _stored(kind: object, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, CanonicalJson):
        return json.loads(value)
    if isinstance(kind, Boolean):
        return bool(value)
    return value.hex() if isinstance(kind, LargeBinary) else value


class Tape:
    """What happened, in order."""

    def __init__(self, clock: HandClock) -> None:
        self.clock = clock
        self.events: list[Json] = []

    def add(self, what: str, /, **told: Any) -> Json:
        entry = {
            "e": what,
            "now": instant(self.clock.now()),
            "mono": self.clock.monotonic(),
            **told,
        }
        self.events.append(entry)
        return entry


class TapedGateway:
    """Passes every call on, and tapes it where its answer comes."""

    def __init__(self, inner: Gateway, tape: Tape, slow: Callable[[str], float] | None) -> None:
        self._inner = inner
        self._tape = tape
        self._slow = slow

    @property
    def capabilities(self) -> Capabilities:
        return self._inner.capabilities

    async def connect(self) -> None:
        await self._call("connect", {}, self._inner.connect(), as_answer=True)

    async def observe(self, parts: frozenset[Part]) -> Observation:
        names = sorted(part.name.lower() for part in parts)
        told = {"parts": names, "observation": None}
        work = self._inner.observe(parts)
        return await self._call("asked", told, work, observation=observation_json)

    async def apply(self, setting: FullSetting) -> None:
        told = {"setting": setting_json(setting)}
        await self._call("applied", told, self._inner.apply(setting))

    async def write_back(self) -> None:
        await self._call("wrote_back", {}, self._inner.write_back())

    def assume(self, *, may_write: bool | None) -> None:
        self._inner.assume(may_write=may_write)
        told = {"capabilities": capabilities_json(self.capabilities)}
        self._tape.add("assumed", may_write=may_write, **told)

    async def run_battery(self) -> None:
        await self._call("ran_battery", {}, self._inner.run_battery())

    def leave_battery(self, seconds: float) -> None:
        self._inner.leave_battery(seconds)
        self._tape.add("left_battery", seconds=seconds)

    async def start_firmware_check(self) -> None:
        await self._call("check_started", {}, self._inner.start_firmware_check())

    async def install_firmware(self) -> None:
        await self._call("install", {}, self._inner.install_firmware())

    async def firmware_status(self) -> FirmwareStatus:
        work = self._inner.firmware_status()
        return await self._call("firmware_status", {"status": None}, work, status=_status_json)

    async def close(self) -> None:
        await self._inner.close()

    async def _call(
        self,
        what: str,
        told: Json,
        work: Awaitable[T],
        *,
        as_answer: bool = False,
        **shown: Callable[[T], Json],
    ) -> T:
        problem = "answer" if as_answer else "problem"
        clock = self._tape.clock
        begun = {"now": instant(clock.now()), "mono": clock.monotonic()}

        def tape(**more: Any) -> None:
            entry = self._tape.add(what, **told, **more)
            entry |= begun
            entry["done"] = instant(clock.now())
            entry["capabilities"] = capabilities_json(self.capabilities)

        try:
            result = await work
        except GatewayProblem as error:
            self._take_time(what)
            tape(**{problem: problem_json(error)})
            raise
        except BaseException:
            tape(**{problem: None, "cut": True})
            raise
        self._take_time(what)
        told |= {name: show(result) for name, show in shown.items()}
        tape(**{problem: None})
        return result

    def _take_time(self, what: str) -> None:
        if self._slow is not None:
            self._tape.clock.pass_time(self._slow(what))


def _status_json(status: FirmwareStatus) -> Json:
    return {"state": status.state.value, "version": status.version, "raw": status.raw}


class TapedHouse(House):
    """A house in the present folder that keeps a tape of each run."""

    def __init__(
        self,
        rules: str,
        start: datetime,
        *,
        slow: Callable[[str], float] | None = None,
        **more: Any,
    ) -> None:
        # No folder, so that no message names one.
        super().__init__(Path(), rules, start, **more)
        self.tape = Tape(self.clock)
        self.rules_at_first = self.rules_text()
        self._slow = slow
        self._kept: Rows = {}

    # --- playing -----------------------------------------------------------------------------

    def play(self, until: datetime, *, dry_run: bool = False, kill: bool = False) -> TapedHouse:
        # Between two polls, so that no end falls into a tick by chance.
        try:
            super().play(until + BETWEEN, dry_run=dry_run, kill=kill)
        finally:
            self._kept = rows_of(self.path)
        return self

    def wait(self, until: datetime) -> None:
        before = self.clock.monotonic()
        assert until > self.unstepped()
        super().wait(until)
        self.tape.add("waited", seconds=self.clock.monotonic() - before)

    def make_loop(self, journal: Journal, *, dry_run: bool) -> SiteLoop:
        self._compare_journal()
        loop = super().make_loop(journal, dry_run=dry_run)
        self._tape_commits(journal)
        self._tape_run(loop, dry_run=dry_run)
        self._tape_requests(loop)
        self._tape_inputs(loop)
        return loop

    def rules_text(self) -> dict[str, str]:
        return {path.name: path.read_text("utf-8") for path in self.site.rules}

    def as_json(self, name: str, about: str) -> Json:
        safety = self.site.safety
        rows: Json = rows_of(self.path)
        (count,) = self.rows("SELECT count(*) FROM observation")[0]
        return {
            "scenario": name,
            "about": about,
            "site": {
                "name": self.site.name,
                "poll": self.site.poll.total_seconds(),
                "dry_run": self.tape.events[0]["dry_run"],
                "safety": {
                    "reserve_floor": safety.reserve_floor,
                    "safe": setting_json(safety.safe),
                    "writes_an_hour": safety.writes_an_hour,
                    "writes_a_day": safety.writes_a_day,
                    "dwell": safety.dwell.total_seconds(),
                    "hold_max": safety.hold_max.total_seconds(),
                },
            },
            "rules": self.rules_at_first,
            "events": self.tape.events,
            "rows": rows,
            "observations": count,
        }

    def _route(self) -> MakeGateway:
        make = super()._route()

        def made(hear: Callable[[str, str], None]) -> Gateway:
            def heard(kind: str, text: str) -> None:
                self.tape.add("heard", kind=kind, text=text)
                hear(kind, text)

            return TapedGateway(make(heard), self.tape, self._slow)

        return made

    # --- what is taped -----------------------------------------------------------------------

    def _compare_journal(self) -> None:
        """What became of the journal while no daemon ran."""
        found = rows_of(self.path)
        lost = {
            table: [row for row in rows if row not in found.get(table, [])]
            for table, rows in self._kept.items()
        }
        if any(lost.values()):
            self.tape.add(
                "journal_lost", rows={table: rows for table, rows in lost.items() if rows}
            )
        new = [
            (row["id"], table)
            for table, rows in found.items()
            for row in rows
            if table not in STREAM and row not in self._kept.get(table, [])
        ]
        for number, table in sorted(new):
            self.tape.add("row", table=table, id=number)

    def _tape_commits(self, journal: Journal) -> None:
        plain = journal._commit

        def commit(waited: Any, change: Callable[[Transaction], Any]) -> Any:
            appended: list[tuple[str, int]] = []

            def noted(transaction: Transaction) -> Any:
                appended.clear()
                append, unless = transaction.append, transaction.append_unless_there

                def taped(table: Any, site: str, row: Mapping[str, object]) -> int:
                    number = append(table, site, row)
                    appended.append((table.name, number))
                    return number

                def taped_unless(
                    table: Any, site: str, row: Mapping[str, object], identity: Any
                ) -> int | None:
                    number = unless(table, site, row, identity)
                    if number is not None:
                        appended.append((table.name, number))
                    return number

                transaction.append = taped  # type: ignore[method-assign]
                transaction.append_unless_there = taped_unless  # type: ignore[method-assign]
                return change(transaction)

            try:
                result = plain(waited, noted)
            except JournalProblem as error:
                self.tape.add("row_failed", text=str(error))
                raise
            for table, number in appended:
                if table not in STREAM:
                    self.tape.add("row", table=table, id=number)
            return result

        journal._commit = commit  # type: ignore[method-assign]

    def _tape_run(self, loop: SiteLoop, *, dry_run: bool) -> None:
        run, end, tick, go = loop.run, loop._recorder.end, loop.tick, loop._go_to_safety

        async def taped_run() -> None:
            found = capabilities_json(loop._gateway.capabilities)
            self.tape.add("run", dry_run=dry_run, rules=self.rules_text(), capabilities=found)
            try:
                await run()
            except PwschedError as error:
                self.tape.add("failed", **(problem_json(error) or {}))
                raise
            except BaseException:  # cancelled, or the end of the process
                self.tape.add("killed")
                raise

        async def taped_end(at: datetime, reason: str) -> None:
            self.tape.add("stop", reason=reason)
            await end(at, reason)

        async def taped_tick() -> float:
            self.tape.add("woke")
            wait = await tick()
            ticked = next(each for each in reversed(self.heard) if isinstance(each, Ticked))
            override = ticked.override
            self.tape.add(
                "ticked",
                wait=wait,
                rings_at=instant(loop._rings_at),
                setting=setting_json(ticked.decision.setting),
                advising=ticked.advising,
                shadow=setting_json(ticked.setting),
                respected=override and setting_json(override.found),
                respected_until=override and instant(override.until),
            )
            return wait

        async def taped_go(now: datetime) -> None:
            self.tape.add("broken_off")
            await go(now)

        loop.run = taped_run  # type: ignore[method-assign]
        loop._recorder.end = taped_end  # type: ignore[method-assign]
        loop.tick = taped_tick  # type: ignore[method-assign]
        loop._go_to_safety = taped_go  # type: ignore[method-assign]

    def _tape_requests(self, loop: SiteLoop) -> None:
        owner = loop._owner
        hold, release, resume, reload = owner.hold, owner.release, loop._resume, loop._reload

        async def answered(entry: Json, work: Awaitable[T], show: Callable[[T], Any]) -> T:
            try:
                result = await work
            except PwschedError as error:
                entry["answer"] = {"refused": str(error), "problem": type(error).__name__}
                raise
            entry["answer"] = show(result)
            return result

        async def taped_hold(wish: Wish, now: datetime, zone: ZoneInfo) -> HoldRecord:
            told = {
                "by": wish.by,
                "mode": _plain(wish.mode),
                "reserve": wish.reserve,
                "until": wish.until,
                "lasting": wish.lasting,
            }
            return await answered(
                self.tape.add("hold", wish=told), hold(wish, now, zone), hold_json
            )

        async def taped_release(by: str, now: datetime) -> HoldRecord:
            return await answered(self.tape.add("release", by=by), release(by, now), hold_json)

        async def taped_resume(by: str) -> tuple[str, ...]:
            return await answered(self.tape.add("resume", by=by), resume(by), list)

        async def taped_reload() -> str:
            files = self.rules_text()
            entry = self.tape.add("reload", rules=None, problem=None, answer=None)
            try:
                text = await reload()
            except PwschedError as error:
                entry |= {"problem": str(error), "files": files}
                raise
            entry |= {"rules": files, "answer": text}
            return text

        owner.hold = taped_hold  # type: ignore[method-assign]
        owner.release = taped_release  # type: ignore[method-assign]
        loop._resume = taped_resume  # type: ignore[method-assign]
        loop._reload = taped_reload  # type: ignore[method-assign]

    def _tape_inputs(self, loop: SiteLoop) -> None:
        folder = loop._inputs
        read = folder.read
        last: list[Inputs] = []

        def taped(objected: Callable[[str], None]) -> Inputs:
            def told(text: str) -> None:
                self.tape.add("objected", text=text)
                objected(text)

            found = read(told)
            if not last or last[0] is not found:
                last[:] = [found]
                self.tape.add("inputs", **inputs_json(found))
            return found

        folder.read = taped  # type: ignore[method-assign]

    # --- what a scenario may do --------------------------------------------------------------

    def ask(self, at: datetime, what: str, *args: object) -> None:
        """Let the owner ask something at an instant; a refusal is for the tape only."""

        def asks() -> None:
            done: asyncio.Future[Any] = getattr(self.loop, what)(*args)
            done.add_done_callback(lambda ended: ended.exception())

        self.at(at, asks)

    def step_clock(self, at: datetime, by: timedelta) -> None:
        """Set the wall clock at an instant of the unstepped one."""
        self.at(at, self.clock.step_wall, by)

    def change_rules(self, at: datetime, text: str) -> None:
        """Other rules in the file, and SIGHUP."""
        self.at(at, lambda: (self.rules.write_text(text, "utf-8"), self.reload()))
