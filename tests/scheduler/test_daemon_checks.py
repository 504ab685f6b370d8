"""The daemon checks its rules: new ones before they come into force, all of them every month."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sqlite3
from collections.abc import Awaitable, Callable, Iterable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from daemons import Daemon, Prover, daemon
from house import AFTERNOON, BASE, EVERYDAY, FULL, House, local
from journaling import stored

from rules.errors import RuleProblems
from rules.inputs import NO_INPUTS
from rules.language import load_rules
from scheduler.checking import Answer, CheckUnfinished, Found, Question
from scheduler.clock import Clock
from scheduler.domain import Kind
from scheduler.errors import DaemonEnding, JournalUnavailable, NotAnswered
from scheduler.inputs import set_flag
from scheduler.journal import MemoryJournal
from scheduler.journal.sqlite import SqliteJournal
from scheduler.process.rule_checks import AGAIN, LOOKED_AFTER, MONTH, RuleChecks

NOON, FIVE = local(7, 15, "12:00"), local(7, 15, "17:00")
TWO, FOUR = local(7, 15, "14:00"), local(7, 15, "16:00")
LAST = AFTERNOON + (
    '\n[[rule]]\nname = "half"\nset = { mode = "backup", reserve = 50 }\n'
    'while = { time = "15:00-17:00"'
)
CONFLICT = LAST + " }\n"
CONFLICT_NEXT_SUMMER = LAST + ', dates = "2027-08-18..2027-08-22" }\n'
"""Too far away for a check in this July, and not for one in August."""

LATER = local(8, 16, "12:00")


def a_house(folder: Path, rules: str, **more: object) -> House:
    return House(folder, rules, NOON, poll=timedelta(minutes=5), **more)  # type: ignore[arg-type]


def run(house: House, play: Callable[[Daemon], Awaitable[object]], ask: Prover) -> None:
    async def whole() -> None:
        async with daemon(house, ask) as running:
            await play(running)

    asyncio.run(whole())


def play(house: House, until: timedelta, ask: Prover | None = None) -> Prover:
    """Run the daemon for so long."""
    ask = ask or Prover(house.clock)
    end = house.unstepped() + until
    run(house, lambda running: running.until(end), ask)
    return ask


def checks(house: House) -> list[tuple[object, ...]]:
    return [
        (entry.fields["rules_hash"], entry.fields["errors"], entry.fields["warnings"])
        for entry in house.entries(Kind.RULE_CHECK)
    ]


def findings(house: House) -> list[str]:
    """The kinds of finding in the notes."""
    told = [text for _, text in house.notes("rule_finding")]
    return [text.split(": ")[1] for text in told]


def digest(house: House) -> str:
    return load_rules(house.site.rules).digest


# --- the start -------------------------------------------------------------------------------


@pytest.mark.parametrize("dry_run", [False, True])
def test_new_rules_with_an_error_end_the_start(tmp_path: Path, dry_run: bool) -> None:
    house = a_house(tmp_path, CONFLICT)

    async def whole() -> None:
        async with daemon(house, Prover(house.clock), dry_run=dry_run):
            raise AssertionError("it began")

    with pytest.raises(RuleProblems) as refused:
        asyncio.run(whole())
    assert refused.value.exit_code == 2
    (sentence,) = str(refused.value).splitlines()
    assert sentence.startswith(f'{house.rules}:11: conflict: "fill up" wants reserve 100 %')
    assert "as on Wednesday 15 July 2026 15:00" in sentence
    assert 'repair, proved: priority = 1 in rule "fill up"' in sentence
    assert not house.record.requests
    assert stored(house.path, "SELECT count(*) FROM run") == [(0,)]


def test_warnings_are_told_and_accepted(tmp_path: Path) -> None:
    house = a_house(tmp_path, AFTERNOON)
    ask = play(house, timedelta(hours=5))
    assert house.writes == [(TWO, FULL), (FOUR, EVERYDAY)]
    assert checks(house) == [(digest(house), 0, 1)]
    ((at, text),) = house.notes("rule_finding")
    assert at == NOON
    assert text.startswith(f"{house.rules}:11: left-on: if the daemon stops")
    assert ask.asked == [NOON]


def test_what_is_in_the_input_folder_and_permitted_is_known_to_the_check(tmp_path: Path) -> None:
    inputs = tmp_path / "inputs"
    set_flag(inputs, "strom", None)
    asking = '[[rule]]\nname = "{0}"\nwhile = {{ {1} }}\nset = {{ reserve = 3 }}\npriority = {2}\n'
    rules = asking.format("storm", 'flag = "storm"', 1) + asking.format(
        "sun", 'input = "sun", above = 9', 2
    )
    house = a_house(tmp_path, BASE + rules, inputs=inputs)
    with pytest.raises(RuleProblems, match=r"out-of-reach: .*reserve_floor") as refused:
        play(house, timedelta(hours=1))
    assert {each.text.split(":")[0] for each in refused.value.problems} == {"out-of-reach"}
    house.rules.write_text((BASE + rules).replace("reserve = 3", "reserve = 30"))
    play(house, timedelta(hours=1))
    assert {"similar-flag", "missing-input"} <= set(findings(house))


def test_what_is_found_makes_no_tick_of_its_own(tmp_path: Path) -> None:
    house = a_house(tmp_path, AFTERNOON)

    async def look(running: Daemon) -> None:
        await running.until(NOON + timedelta(minutes=12))
        assert len(running.ticks) > 2
        assert len(set(running.ticks)) == len(running.ticks)

    run(house, look, Prover(house.clock))
    assert len(checks(house)) == 1


class Undecided(Prover):
    """Comes to no end."""

    async def answer(self, _question: Question) -> Answer:
        raise CheckUnfinished("it took longer than 60 s")


def test_rules_that_could_not_be_checked_are_no_reason_to_leave_the_house(tmp_path: Path) -> None:
    house = a_house(tmp_path, AFTERNOON)
    ask = play(house, AGAIN + 2 * LOOKED_AFTER, Undecided(house.clock))
    assert house.writes[:2] == [(TWO, FULL), (FOUR, EVERYDAY)]
    told = [text for _, text in house.notes("rule_finding")]
    assert told[0] == (
        f"{house.rules}: the rules could not be checked: it took longer than 60 s;"
        " pwsched check may find more"
    )
    assert len(ask.asked) == 2  # and again on the next day
    assert NOON + AGAIN <= ask.asked[1] <= NOON + AGAIN + LOOKED_AFTER


class Plenty(Prover):
    """Finds more than anybody reads."""

    async def answer(self, _question: Question) -> Answer:
        found = (Found(0, line, "never-wins: x", is_error=False) for line in range(1, 31))
        return Answer(LATER, tuple(found))


def test_the_journal_is_not_flooded_with_findings(tmp_path: Path) -> None:
    house = a_house(tmp_path, AFTERNOON)
    play(house, timedelta(minutes=10), Plenty(house.clock))
    told = [text for _, text in house.notes("rule_finding")]
    assert len(told) == 21
    assert told[-1] == "and 10 more; pwsched check shows them all"
    assert checks(house) == [(digest(house), 0, 30)]


# --- once accepted ---------------------------------------------------------------------------


def test_rules_once_accepted_always_start(tmp_path: Path) -> None:
    house = a_house(tmp_path, CONFLICT_NEXT_SUMMER)
    play(house, timedelta(hours=1))
    house.wait(LATER)
    ask = play(house, timedelta(hours=3))
    assert ask.asked == [LATER]
    assert [errors for _, errors, _ in checks(house)] == [0, 1]
    assert "conflict" in findings(house)
    assert FULL in [setting for at, setting in house.writes if at >= LATER]


def test_new_rules_are_refused_however_many_were_accepted_before(tmp_path: Path) -> None:
    house = a_house(tmp_path, AFTERNOON)
    play(house, timedelta(hours=1))
    house.rules.write_text(CONFLICT)
    with pytest.raises(RuleProblems, match="conflict"):
        play(house, timedelta(hours=1))


def older(path: Path) -> None:
    """The journal as a pwsched that checked no rules left it."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE rule_check")
        connection.execute("ALTER TABLE observation DROP COLUMN storm_watch")
        connection.execute("UPDATE alembic_version SET version_num = 'r1'")
        connection.execute("PRAGMA user_version=1")
        connection.commit()


def test_rules_of_before_there_were_checks_are_accepted(tmp_path: Path) -> None:
    house = House(tmp_path, CONFLICT, NOON).play(NOON + timedelta(minutes=10))
    older(house.path)
    ask = play(house, timedelta(hours=1))
    assert len(ask.asked) == 1
    assert [errors for _, errors, _ in checks(house)] == [1]
    house.rules.write_text(CONFLICT + "# another\n")
    with pytest.raises(RuleProblems, match="conflict"):
        play(house, timedelta(hours=1))


def back_up(house: House) -> None:
    """What the nightly upkeep does."""

    async def upkeep() -> None:
        journal = await SqliteJournal.open(house.path, house.clock, ["home"])
        while await journal.upkeep(house.clock.now()):
            pass
        await journal.close()

    asyncio.run(upkeep())


@pytest.mark.parametrize("backed_up", [True, False], ids=["with an older backup", "without"])
def test_a_house_that_lost_its_journal_keeps_its_daemon(tmp_path: Path, backed_up: bool) -> None:
    house = a_house(tmp_path, AFTERNOON)
    play(house, timedelta(minutes=10))
    house.wait(NOON + timedelta(days=2))
    back_up(house)
    house.rules.write_text(CONFLICT_NEXT_SUMMER)
    play(house, timedelta(hours=1))
    house.wait(LATER)
    if not backed_up:
        shutil.rmtree(house.path.with_name("backups"))
    for log in house.path.parent.glob("journal.sqlite-*"):
        log.unlink()
    house.path.write_bytes(b"\xff" * 4096 + house.path.read_bytes()[4096:])
    play(house, timedelta(hours=1))
    assert house.rows("SELECT count(*) FROM gap WHERE site = :site") == [(1,)]
    assert [errors for _, errors, _ in checks(house)] == ([0, 1] if backed_up else [1])
    house.rules.write_text(CONFLICT)
    with pytest.raises(RuleProblems, match="conflict"):
        play(house, timedelta(hours=1))


# --- a reload --------------------------------------------------------------------------------


def test_a_reload_with_an_error_is_refused_and_shown(tmp_path: Path) -> None:
    house = a_house(tmp_path, AFTERNOON)

    async def reload(running: Daemon) -> None:
        house.rules.write_text(CONFLICT)
        with pytest.raises(NotAnswered, match="conflict") as refused:
            await running.ask("reload")
        assert refused.value.exit_code == 2
        assert "conflict" in (await running.status())["reload_failed"]["text"]
        await running.until(FIVE)
        house.rules.write_text(AFTERNOON.replace("14:00", "13:00"))
        await running.ask("reload")
        assert (await running.status())["reload_failed"] is None

    run(house, reload, Prover(house.clock))
    assert house.writes == [(TWO, FULL), (FOUR, EVERYDAY)]
    ((_, text),) = house.notes("reload_failed")
    assert text.startswith(f"the rules that were in force stay: {house.rules}:11: conflict")
    assert len(checks(house)) == 2
    assert checks(house)[-1][0] == digest(house)


class Slow(Prover):
    """Comes to its end only when it is told to."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.finish = asyncio.Event()
        self.begun = asyncio.Event()
        self.broken_off = False

    async def answer(self, question: Question) -> Answer:
        self.begun.set()
        try:
            await self.finish.wait()
        except asyncio.CancelledError:
            self.broken_off = True
            raise
        return await super().answer(question)


@pytest.mark.parametrize("by_signal", [True, False], ids=["SIGHUP", "socket"])
def test_ticks_go_on_while_new_rules_are_checked_and_the_last_reload_counts(
    tmp_path: Path, by_signal: bool
) -> None:
    house = a_house(tmp_path, AFTERNOON)
    play(house, timedelta(minutes=10))

    async def whole() -> None:
        slow = Slow(house.clock)
        async with daemon(house, slow) as running:
            house.rules.write_text(AFTERNOON.replace("reserve = 100", "reserve = 70"))
            reload = asyncio.create_task(running.ask("reload"))
            await slow.begun.wait()
            await running.until(TWO + timedelta(minutes=30))
            assert not reload.done()
            assert len(running.ticks) > 25
            house.rules.write_text(AFTERNOON)  # accepted before
            if by_signal:
                os.kill(os.getpid(), signal.SIGHUP)
                await running.until(TWO + timedelta(minutes=50))
                slow.finish.set()
            else:
                again = asyncio.create_task(running.ask("reload"))
                slow.finish.set()
                assert "new rules are in force" in (await again)["text"][0]
            assert "new rules are in force" in (await reload)["text"][0]
            await running.until(FIVE)

    asyncio.run(whole())
    assert house.writes[0] == (TWO, FULL)
    assert len(house.entries(Kind.RELOAD)) == 2
    assert house.kept(Kind.RELOAD, "rules_hash")[-1] == digest(house)


def test_a_check_is_broken_off_at_the_end(tmp_path: Path) -> None:
    house = a_house(tmp_path, AFTERNOON)
    play(house, timedelta(minutes=10))
    slow: list[Slow] = []

    async def whole() -> None:
        slow.append(Slow(house.clock))
        async with daemon(house, slow[0]) as running:
            house.rules.write_text(CONFLICT)
            reload = asyncio.create_task(running.ask("reload"))
            await slow[0].begun.wait()
        with pytest.raises(NotAnswered):
            await reload

    asyncio.run(whole())
    assert slow[0].broken_off


# --- every month -----------------------------------------------------------------------------


def test_every_month_the_rules_are_checked_again_whoever_runs_then(tmp_path: Path) -> None:
    house = a_house(tmp_path, CONFLICT_NEXT_SUMMER)
    play(house, timedelta(hours=1))
    nearly = NOON + MONTH - timedelta(hours=2)
    house.wait(nearly)
    ask = play(house, timedelta(hours=5))
    (at,) = ask.asked
    assert NOON + MONTH <= at <= NOON + MONTH + LOOKED_AFTER
    assert len(checks(house)) == 2
    house.wait(LATER)
    play(house, timedelta(hours=1))

    async def look(running: Daemon) -> None:
        told = (await running.status())["rule_check"]
        assert (told["errors"], told["rules_hash"]) == (1, digest(house))
        assert "1 error" in told["text"]

    run(house, look, Prover(house.clock))  # by the journal: this one has checked nothing


def test_a_clock_that_was_set_back_does_not_put_the_check_off(tmp_path: Path) -> None:
    house = a_house(tmp_path, AFTERNOON)
    play(house, timedelta(hours=1))
    house.clock.step_wall(-timedelta(days=400))
    ask = play(house, timedelta(hours=1))
    assert len(ask.asked) == 1


def test_ticks_go_on_while_the_monthly_check_is_made(tmp_path: Path) -> None:
    house = a_house(tmp_path, AFTERNOON)
    play(house, timedelta(minutes=10))
    house.wait(NOON + MONTH)

    async def whole() -> None:
        slow = Slow(house.clock)
        async with daemon(house, slow) as running:
            await slow.begun.wait()
            await running.until(NOON + MONTH + timedelta(hours=3))
            assert len(running.ticks) > 30
            assert FULL in [setting for _, setting in house.writes]
            slow.finish.set()
            await running.until(NOON + MONTH + timedelta(hours=5))

    asyncio.run(whole())
    assert len(checks(house)) == 2


# --- several sites, and no journal -----------------------------------------------------------


def begin(houses: Iterable[House], ask: Prover, journal: MemoryJournal) -> set[str]:
    """The sites whose rules were checked for a start."""
    sites = [house.site for house in houses]
    found = RuleChecks(sites, journal, ask.clock, ask).begin(
        {site.name: load_rules(site.rules) for site in sites}
    )
    return set(asyncio.run(found))


def test_the_same_rules_of_two_sites_are_checked_once(tmp_path: Path) -> None:
    home, cabin = House(tmp_path, AFTERNOON, NOON), House(tmp_path, AFTERNOON, NOON, name="cabin")
    object.__setattr__(cabin.site, "rules", home.site.rules)
    ask = Prover(home.clock)
    assert begin([home, cabin], ask, MemoryJournal()) == {"home", "cabin"}
    assert len(ask.asked) == 1
    other = House(tmp_path, AFTERNOON + "# other\n", NOON, name="other")
    begin([home, other], ask, MemoryJournal())
    assert len(ask.asked) == 3


class Unreadable(MemoryJournal):
    """A journal whose disk fails for now."""

    async def past(self, _site: str) -> object:  # type: ignore[override]
        raise JournalUnavailable("the disk fails")


def test_while_the_journal_cannot_be_read_nothing_is_refused(tmp_path: Path) -> None:
    house = House(tmp_path, CONFLICT, NOON)
    ask = Prover(house.clock)
    assert begin([house], ask, Unreadable()) == set()
    with pytest.raises(RuleProblems):
        begin([house], ask, MemoryJournal())


def test_a_finding_names_the_file_that_it_is_in(tmp_path: Path) -> None:
    house = House(tmp_path, AFTERNOON, NOON)
    more = tmp_path / "more.toml"
    more.write_text(CONFLICT.removeprefix(AFTERNOON))
    object.__setattr__(house.site, "rules", (house.rules, more))

    class InTheSecond(Prover):
        async def answer(self, question: Question) -> Answer:
            assert question.inputs == NO_INPUTS
            return Answer(NOON, (Found(1, 3, "conflict: x", is_error=True),))

    with pytest.raises(RuleProblems, match=f"^{more}:3: conflict: x$"):
        begin([house], InTheSecond(house.clock), MemoryJournal())


class StubbornLoop:
    """A loop whose journal takes rows only at the third attempt."""

    def __init__(self, house: House) -> None:
        self.site, self.rules = house.site, load_rules(house.site.rules)
        self.asked = 0

    async def ask(self, _request: object, *, at_once: bool) -> None:
        assert not at_once
        self.asked += 1
        if self.asked < 3:
            raise JournalUnavailable("the disk is full")
        if self.asked > 3:
            raise DaemonEnding


def test_what_the_journal_does_not_take_is_told_again(tmp_path: Path) -> None:
    house = a_house(tmp_path, AFTERNOON)
    ask = Prover(house.clock)
    loop = StubbornLoop(house)
    rule_checks = RuleChecks([house.site], MemoryJournal(), house.clock, ask)

    async def whole() -> None:
        found = await rule_checks.begin({"home": loop.rules})
        await rule_checks.run([loop], found)  # type: ignore[list-item]

    asyncio.run(whole())
    assert ask.asked[0] == NOON
    assert NOON + MONTH <= ask.asked[1] <= NOON + MONTH + 2 * LOOKED_AFTER
    assert (loop.asked, len(ask.asked)) == (4, 2)
