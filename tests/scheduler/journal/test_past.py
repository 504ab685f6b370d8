"""What a journal knows of a site's past, whichever journal it is."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from journaling import (
    EVERYDAY,
    FULL,
    NOON,
    Recorder,
    after,
    decision,
    event,
    firmware_check,
    intent,
    note,
    observed,
    opened,
    outcome,
    run_start,
    sent,
    stored,
    with_run,
)
from sqlalchemy import Engine
from sqlalchemy import event as sql_event

from rules.domain import Export, Mode, Observation, Part, Setting
from rules.engine import Action, Happened
from scheduler.domain import (
    CapabilityRecord,
    Cause,
    Effect,
    EffectRecord,
    FailedWrites,
    HeldWrite,
    HoldKind,
    HoldRecord,
    InputRecord,
    NoteKind,
    NoteRecord,
    ObservationRecord,
    OpenIntent,
    Outcome,
    OverrideEnd,
    OverrideRecord,
    OverrideState,
    Past,
    PastClockStep,
    PastDecision,
    PastWrite,
    UnfinishedCheck,
    step_in_words,
)
from scheduler.errors import JournalProblem
from scheduler.journal import MemoryJournal, OccurrenceExists, OpenIntentExists
from scheduler.journal.sqlite import SqliteJournal

HALF = Setting(Mode.SELF_CONSUMPTION, 50)
Act = Callable[[Recorder], Awaitable[None]]
Run = Callable[[Act], None]


@pytest.fixture(params=["memory", "sqlite"])
def run(request: pytest.FixtureRequest, tmp_path: Path) -> Run:
    """Let something happen during a run of "home" in either journal."""

    def in_memory(act: Act) -> None:
        async def whole() -> None:
            await act(await Recorder.begin(MemoryJournal()))

        asyncio.run(whole())

    def on_disk(act: Act) -> None:
        with_run(tmp_path / "journal.sqlite", lambda _journal, home: act(home))

    return in_memory if request.param == "memory" else on_disk


async def past(home: Recorder) -> Past:
    return await home.journal.past(home.site)


def capability(firmware: str) -> CapabilityRecord:
    return CapabilityRecord(
        NOON,
        firmware,
        "installer",
        may_write=True,
        may_check_firmware=False,
        may_install_firmware=None,
        levers={"modes": ["backup"]},
        started="today",
    )


# --- what a past begins with ------------------------------------------------------------------


def test_an_unknown_site_has_an_empty_past(run: Run) -> None:
    async def act(home: Recorder) -> None:
        await home.commit(decision(), intent(), note())
        assert await home.journal.past("cabin") == Past()

    run(act)


def test_a_run_alone_is_a_number(run: Run) -> None:
    async def act(home: Recorder) -> None:
        assert await past(home) == Past(next_number=2)

    run(act)


def test_the_next_number_counts_what_waits(run: Run) -> None:
    async def act(home: Recorder) -> None:
        await home.commit(observed())
        assert (await past(home)).next_number == 3
        await home.commit(note())
        assert (await past(home)).next_number == 4

    run(act)


def test_a_reading_says_when_the_gateway_was_read_last(run: Run) -> None:
    nothing = ObservationRecord(after(2), Observation(after(2), mode=Mode.BACKUP))

    async def act(home: Recorder) -> None:
        await home.commit(InputRecord(NOON, "flag storm", {"until": None}), note(), decision())
        assert (await past(home)).read_at is None
        await home.commit(replace(nothing, at=NOON))
        assert (await past(home)).read_at is None
        await home.commit(observed(after(1)))
        assert (await past(home)).read_at == after(1)
        await home.commit(nothing)
        assert (await past(home)).read_at == after(1)
        assert (await home.journal.past("cabin")).read_at is None
        await home.commit(note())
        assert (await past(home)).read_at == after(1)

    run(act)


def test_the_last_decision_comes_back_as_it_was(run: Run) -> None:
    whole = Setting(Mode.AUTONOMOUS, 80, grid_charging=False, export=Export.SOLAR)

    async def act(home: Recorder) -> None:
        await home.commit(decision(after(60)))
        number = await home.commit(decision(after(0), whole))  # the clock was set back
        found = (await past(home)).decision
        assert found == PastDecision(number, decision(after(0), whole))
        assert {type(part) for part in found.record.winners} == {Part}
        assert found.record.cause is Cause.TIME

    run(act)


def test_json_is_kept_in_a_fixed_order(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    with_run(path, lambda _journal, home: home.commit(decision()))
    assert stored(path, "SELECT memory, winners FROM decision") == [
        (
            '{"captured":{},"since":{"fill up":"2026-07-01T12:00:00Z"}}',
            '{"mode":"fill up","reserve":"fill up"}',
        )
    ]


def test_what_was_given_last_counts_also_while_it_waits(run: Run) -> None:
    async def act(home: Recorder) -> None:
        await home.commit(InputRecord(NOON, "flag storm", {"until": None}))
        await home.commit(InputRecord(NOON, "value sun", {"value": 1.5}))
        assert (await past(home)).engine_inputs == {
            "flag storm": {"until": None},
            "value sun": {"value": 1.5},
        }
        await home.commit(note())
        await home.commit(InputRecord(NOON, "flag storm", None))
        await home.commit(InputRecord(NOON, "value sun", {"value": 2}))
        assert (await past(home)).engine_inputs == {"value sun": {"value": 2}}
        await home.commit(note())
        assert (await past(home)).engine_inputs == {"value sun": {"value": 2}}

    run(act)


def test_the_owners_last_word_is_known_whatever_it_was(run: Run) -> None:
    words = [
        HoldRecord(after(5), HoldKind.HOLD, Setting(reserve=80), after(800), "me"),
        HoldRecord(after(1), HoldKind.RESUME, Setting(), None, "me"),
        HoldRecord(after(2), HoldKind.RELEASE, EVERYDAY, None, "the page"),
    ]

    async def act(home: Recorder) -> None:
        assert (await past(home)).hold is None
        for word in words:
            await home.commit(word)
            assert (await past(home)).hold == word

    run(act)


def test_the_last_override_is_its_beginning_and_its_end(run: Run) -> None:
    began = OverrideRecord(after(1), OverrideState.BEGAN, FULL, EVERYDAY, after(9), None, "app")
    ended = replace(began, at=after(5), state=OverrideState.ENDED, end=OverrideEnd.SET_BACK)
    again = replace(began, at=after(0), found=HALF)

    async def act(home: Recorder) -> None:
        assert (await past(home)).overrides == ()
        for record, known in ((began, (began,)), (ended, (began, ended)), (again, (again,))):
            await home.commit(record)
            assert (await past(home)).overrides == known

    run(act)


def test_each_kind_of_note_has_its_last_time(run: Run) -> None:
    async def act(home: Recorder) -> None:
        await home.commit(note(after(9), kind=NoteKind.BATTERY_RUN))
        await home.commit(note(after(1), kind=NoteKind.BATTERY_RUN))
        await home.commit(note(after(5), kind=NoteKind.REACHABLE))
        assert (await past(home)).last_notes == {
            NoteKind.BATTERY_RUN: after(1),
            NoteKind.REACHABLE: after(5),
        }

    run(act)


# --- the route ---------------------------------------------------------------------------------


def test_what_the_route_allowed_is_known_of_three_moments(run: Run) -> None:
    """By the order in which it was learned, whatever the clock said."""

    async def act(home: Recorder) -> None:
        await home.commit(capability("1"))
        intent_id = await home.commit(intent())
        await home.commit(capability("2"))
        await home.commit(outcome(intent_id))
        await home.commit(capability("3"))
        await home.commit(note(kind=NoteKind.FIRMWARE_INSTALL))
        await home.commit(capability("4"), note())
        known = await past(home)
        assert known.capability == capability("4")
        assert known.capability_when_held == capability("2")
        assert known.capability_when_installing == capability("3")

    run(act)


def test_without_such_a_moment_nothing_was_known_then(run: Run) -> None:
    async def act(home: Recorder) -> None:
        intent_id = await home.commit(intent())
        await home.commit(note(kind=NoteKind.FIRMWARE_INSTALL))
        await home.commit(outcome(intent_id, outcome=Outcome.MISMATCH), capability("1"))
        known = await past(home)
        assert known.capability_when_held is None
        assert known.capability_when_installing is None

    run(act)


def test_a_check_that_fired_and_has_no_end_is_found(run: Run) -> None:
    async def act(home: Recorder) -> None:
        await home.commit(event(state=Happened.MISSED))
        await home.commit(replace(event(rule="tell"), action=Action.NOTIFY))
        assert (await past(home)).unfinished_check is None
        first = await home.commit(event(after(60), scheduled_at=after(60)))
        second = await home.commit(event(after(50), "again", after(50)))
        expected = UnfinishedCheck(second, "again", after(50))
        assert (await past(home)).unfinished_check == expected
        await home.commit(firmware_check(), firmware_check(after(90), second))
        expected = UnfinishedCheck(first, "firmware", after(60))
        assert (await past(home)).unfinished_check == expected
        await home.commit(firmware_check(after(91), first))
        assert (await past(home)).unfinished_check is None

    run(act)


# --- writes ------------------------------------------------------------------------------------


def test_the_open_intent_is_known_with_its_last_sending(run: Run) -> None:
    async def act(home: Recorder) -> None:
        number = await home.commit(intent(previous=Setting()))
        expected = OpenIntent(number, NOON, Setting(), FULL, Cause.TIME, None)
        assert (await past(home)).open_intent == expected
        await home.commit(sent(number, after(5)))
        await home.commit(sent(number, after(2)))
        assert (await past(home)).open_intent == replace(expected, sent_at=after(2))
        await home.commit(outcome(number))
        assert (await past(home)).open_intent is None

    run(act)


@pytest.mark.parametrize("result", Outcome)
def test_only_a_write_that_went_unanswered_is_uncertain(run: Run, result: Outcome) -> None:
    async def act(home: Recorder) -> None:
        number = await home.commit(intent())
        assert (await past(home)).uncertain_write is None
        await home.commit(outcome(number, after(9), result))
        await home.commit(intent(after(10), EVERYDAY, would=True))
        expected = FULL if result is Outcome.UNREACHABLE else None
        assert (await past(home)).uncertain_write == expected

    run(act)


def test_a_later_write_settles_an_uncertain_one(run: Run) -> None:
    async def act(home: Recorder) -> None:
        for at, result in ((after(0), Outcome.UNREACHABLE), (after(60), Outcome.HELD)):
            await home.commit(outcome(await home.commit(intent(at)), at, result))
        assert (await past(home)).uncertain_write is None

    run(act)


@pytest.mark.parametrize("result", Outcome)
def test_a_write_that_was_read_back_is_held(run: Run, result: Outcome) -> None:
    async def act(home: Recorder) -> None:
        number = await home.commit(intent(wanted=FULL, previous=EVERYDAY))
        assert (await past(home)).held_write is None
        await home.commit(outcome(number, after(9), result))
        expected = HeldWrite(number, FULL, EVERYDAY, Cause.TIME, after(9), result, None)
        read_back = {Outcome.HELD, Outcome.UNVERIFIED, Outcome.RECOVERED_APPLIED}
        assert (await past(home)).held_write == (expected if result in read_back else None)

    run(act)


def test_a_held_write_has_what_the_first_of_its_like_found_and_its_last_effect(run: Run) -> None:
    async def act(home: Recorder) -> None:
        await home.commit(outcome(await home.commit(intent(previous=HALF, wanted=EVERYDAY))))
        await home.commit(outcome(await home.commit(intent(previous=EVERYDAY, wanted=FULL))))
        number = await home.commit(intent(after(60), FULL, FULL))
        await home.commit(outcome(number, after(61)))
        for effect in (Effect.CONTRADICTED, Effect.CONFIRMED):
            await home.commit(EffectRecord(after(70), number, FULL, effect, ""))
        expected = HeldWrite(
            number, FULL, EVERYDAY, Cause.TIME, after(61), Outcome.HELD, Effect.CONFIRMED
        )
        assert (await past(home)).held_write == expected
        await home.commit(intent())
        assert (await past(home)).held_write is None

    run(act)


def test_failures_in_a_row_are_counted(run: Run) -> None:
    async def act(home: Recorder) -> None:
        await home.commit(outcome(await home.commit(intent()), outcome=Outcome.REFUSED))
        await home.commit(outcome(await home.commit(intent())))
        assert (await past(home)).failed_writes is None
        failed = (Outcome.REFUSED, Outcome.MISMATCH, Outcome.UNREACHABLE)
        for count, result in enumerate(failed, 1):
            number = await home.commit(intent())
            assert (await past(home)).failed_writes is None  # nobody knows yet
            await home.commit(outcome(number, after(count), result))
            assert (await past(home)).failed_writes == FailedWrites(count, after(count))

    run(act)


def test_failures_are_counted_up_to_twenty(run: Run) -> None:
    async def act(home: Recorder) -> None:
        for _ in range(23):
            number = await home.commit(intent())
            await home.commit(outcome(number, after(number), Outcome.REFUSED))
        assert (await past(home)).failed_writes == FailedWrites(20, after(number))

    run(act)


def test_the_newest_hundred_writes_are_known_whatever_their_times(run: Run) -> None:
    """Last means last committed, not latest by the clock."""

    async def act(home: Recorder) -> None:
        for count in range(103):
            await home.commit(outcome(await home.commit(intent(after(-60 * count)))))
        found = (await past(home)).writes
        assert [write.at for write in found] == [after(-60 * count) for count in range(3, 103)]

    run(act)


def test_a_clock_that_was_set_moves_the_writes_before(run: Run) -> None:
    def stepped(seconds: int, how: str = "") -> NoteRecord:
        return note(after(0), step_in_words(timedelta(seconds=seconds), how), stepping)

    stepping = NoteKind.CLOCK_STEPPED

    async def act(home: Recorder) -> None:
        await home.commit(stepped(50_000))
        await home.commit(outcome(await home.commit(intent(after(0)))))
        await home.commit(note(after(0), "the clock was set by +9000 s"))  # of another kind
        await home.commit(stepped(-3600))
        await home.commit(intent(after(100), would=True))
        await home.commit(note(after(0), "nobody knows by how much", stepping))
        number = await home.commit(stepped(61, " in small steps"))
        known = await past(home)
        assert [write.at for write in known.writes] == [after(61 - 3600)]
        assert [write.at for write in known.would_writes] == [after(161)]
        assert known.clock_step == PastClockStep(number, timedelta(seconds=61))

    run(act)


def test_a_dry_run_is_counted_apart(run: Run) -> None:
    async def act(home: Recorder) -> None:
        await home.commit(intent(after(0), FULL, would=True))
        await home.commit(intent(after(1), EVERYDAY, Setting(), would=True))
        await home.commit(intent(after(2), FULL))
        known = await past(home)
        assert known.would_writes == (
            PastWrite(after(0), FULL, EVERYDAY, Cause.TIME),
            PastWrite(after(1), EVERYDAY, Setting(), Cause.TIME),
        )
        assert known.writes == (PastWrite(after(2), FULL, EVERYDAY, Cause.TIME),)

    run(act)


def test_every_part_of_a_setting_is_kept(run: Run) -> None:
    wanted = Setting(Mode.BACKUP, 100, grid_charging=True, export=Export.NEVER)
    partly = Setting(grid_charging=False)

    async def act(home: Recorder) -> None:
        await home.commit(intent(wanted=wanted, previous=partly))
        await home.commit(HoldRecord(NOON, HoldKind.HOLD, partly, None, "me"))
        known = await past(home)
        assert known.writes == (PastWrite(NOON, wanted, partly, Cause.TIME),)
        assert known.hold is not None
        assert known.hold.setting == partly

    run(act)


# --- what a journal refuses -------------------------------------------------------------------


def test_a_step_that_is_refused_leaves_nothing(run: Run) -> None:
    async def act(home: Recorder) -> None:
        await home.commit(intent(), event())
        before = await past(home)
        for refused, record in ((OpenIntentExists, intent()), (OccurrenceExists, event(after(1)))):
            with pytest.raises(refused):
                await home.commit(decision(), note(), record)
            assert await past(home) == before
        await home.commit(decision(), outcome(2), intent())

    run(act)


def test_a_number_that_is_not_new_is_refused(run: Run) -> None:
    async def act(home: Recorder) -> None:
        rows = home.rows(note())
        await home.commit(note())
        with pytest.raises(JournalProblem, match="row 2 of 'home' comes after row 2"):
            await home.journal.commit("home", rows)
        assert (await past(home)).next_number == 3

    run(act)


def test_a_memory_journal_goes_on_from_rows() -> None:
    async def act() -> None:
        first = MemoryJournal()
        home = await Recorder.begin(first)
        await home.commit(observed(), decision(), intent())
        second = MemoryJournal({"home": first.rows("home")})
        assert second.sites == ("home",)
        assert await second.past("home") == await first.past("home")
        await (await Recorder.begin(second)).commit(outcome(4))
        assert len(first.rows("home")) == 4
        assert len(second.rows("home")) == 6

    asyncio.run(act())


# --- one moment --------------------------------------------------------------------------------


def test_a_past_is_of_one_moment(tmp_path: Path) -> None:
    """Whoever commits between two of its questions changes no answer."""
    path = tmp_path / "journal.sqlite"
    begun: list[str] = []

    async def act(journal: SqliteJournal, home: Recorder) -> None:
        await home.commit(decision(), intent())

        def listen(_connection: object, _cursor: object, statement: str, *_rest: Any) -> None:
            begun.extend([statement] if statement.startswith(("BEGIN", "COMMIT")) else [])

        sql_event.listen(Engine, "before_cursor_execute", listen)
        try:
            await journal.past("home")
        finally:
            sql_event.remove(Engine, "before_cursor_execute", listen)

    with_run(path, act)
    assert begun == ["BEGIN"]


def test_what_is_being_committed_is_in_the_past(tmp_path: Path) -> None:
    """Rows that wait are not lost to sight while another site's commit takes them along."""

    async def whole() -> None:
        async with opened(tmp_path / "journal.sqlite") as journal:
            home = await Recorder.begin(journal)
            cabin = await Recorder.begin(journal, "cabin", run_start(after(1)))
            await home.commit(InputRecord(NOON, "flag storm", {"until": None}))
            looking = asyncio.create_task(journal.past("home"))
            writing = asyncio.create_task(cabin.commit(note()))
            assert (await looking).next_number == 3
            await writing
            looking = asyncio.create_task(journal.past("home"))
            assert (await looking).engine_inputs == {"flag storm": {"until": None}}

    asyncio.run(whole())


def test_what_could_not_be_committed_after_all_is_in_the_past(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows that were on their way when the past was asked for wait again when it is looked up."""

    async def whole() -> None:
        async with opened(tmp_path / "journal.sqlite") as journal:
            home = await Recorder.begin(journal)
            await home.commit(observed())

            commit = journal._engine.dialect.do_commit

            def fail_once(_connection: object) -> None:
                monkeypatch.setattr(journal._engine.dialect, "do_commit", commit)
                raise OSError("no disk")

            monkeypatch.setattr(journal._engine.dialect, "do_commit", fail_once)
            writing = asyncio.create_task(home.commit(note()))
            looking = asyncio.create_task(journal.past("home"))
            assert (await looking).next_number == 3
            with pytest.raises(OSError, match="no disk"):
                await writing

    asyncio.run(whole())
