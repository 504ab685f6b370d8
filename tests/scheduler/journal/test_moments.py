"""What the journal knows of a moment, and what a replay goes along."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from journaling import (
    EVERYDAY,
    FULL,
    NOON,
    Recorder,
    after,
    decision,
    intent,
    note,
    observed,
    opened,
    outcome,
    run_start,
    with_run,
)
from simulated_client import HandClock

from rules.domain import Mode, Setting
from rules.language import load_rules
from rules.resolve import Levers
from scheduler.domain import (
    LEVERS,
    CapabilityRecord,
    Cause,
    Effect,
    EffectRecord,
    HoldKind,
    HoldRecord,
    InputRecord,
    NoteKind,
    Outcome,
    OverrideEnd,
    OverrideRecord,
    OverrideState,
    ReloadRecord,
    RuleFilesRecord,
    RunEnd,
    levers_to_json,
)
from scheduler.errors import JournalProblem
from scheduler.history import levers_in
from scheduler.journal import (
    DecisionMade,
    HoldChanged,
    InputChanged,
    Moment,
    PastEvent,
    PastReading,
    RowsLost,
    RulesChanged,
    RulesNotStored,
    RunBegan,
    Silence,
    Write,
)
from scheduler.journal.sqlite import Chronicle, SqliteJournal

EXAMPLES = Path(__file__).parents[3] / "examples"

T = TypeVar("T")
HOLD = HoldRecord(after(20), HoldKind.HOLD, Setting(reserve=80), None, "me")
FLAG = InputRecord(after(10), "flag storm", {"until": None})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


def asked(path: Path, ask: Callable[[Chronicle], T]) -> T:
    with Chronicle.opened(path) as chronicle:
        return ask(chronicle)


def moment(path: Path, second: float) -> Moment | Silence:
    return asked(path, lambda chronicle: chronicle.moment("home", after(second)))


async def some_minutes(_journal: SqliteJournal, home: Recorder) -> None:
    await home.commit(FLAG, observed(after(10)), decision(after(10)))
    await home.commit(HOLD, observed(after(20)), decision(after(20), EVERYDAY))
    await home.commit(ReloadRecord(after(30), "89ab"), observed(after(30)))
    await home.commit(replace(FLAG, at=after(40), content=None), observed(after(40)))
    await home.commit(RunEnd(after(50), "asked to stop"))


# --- row by row --------------------------------------------------------------------------------


def test_what_happened_comes_in_the_order_of_the_numbers(path: Path) -> None:
    with_run(path, some_minutes)
    found = asked(path, lambda chronicle: list(chronicle.happened("home")))
    assert [(type(each), each.id) for each in found] == [
        (RunBegan, 1),
        (InputChanged, 2),
        (PastReading, 3),
        (DecisionMade, 4),
        (HoldChanged, 5),
        (PastReading, 6),
        (DecisionMade, 7),
        (RulesChanged, 8),
        (PastReading, 9),
        (InputChanged, 10),
        (PastReading, 11),
    ]
    assert found[1] == InputChanged(2, after(10), "flag storm", {"until": None})
    assert found[2] == PastReading(3, after(10), observed(after(10)).observation)
    assert found[3] == DecisionMade(4, after(10), decision(after(10)))
    assert found[4] == HoldChanged(5, after(20), HOLD)
    assert found[7] == RulesChanged(8, after(30), "89ab")
    between = asked(path, lambda chronicle: list(chronicle.happened("home", 4, 8)))
    assert between == found[4:7]


def test_a_reading_is_as_of_the_tick_that_it_was_decided_for(path: Path) -> None:
    with_run(path, lambda _journal, home: home.commit(observed(after(10), tick_at=after(12))))
    (_, seen) = asked(path, lambda chronicle: list(chronicle.happened("home")))
    assert isinstance(seen, PastReading)
    assert (seen.at, seen.observation.at) == (after(12), after(10))


def test_means_stand_between_the_readings_that_were_left(path: Path) -> None:
    async def act(journal: SqliteJournal, home: Recorder) -> None:
        for second in range(0, 3600, 10):
            await home.commit(observed(after(second), soe=second / 100))
        for now in (NOON + timedelta(days=1, hours=1), NOON + timedelta(days=32)):
            while await journal.upkeep(now):
                pass

    with_run(path, act)
    found = asked(path, lambda chronicle: list(chronicle.happened_with_means("home")))
    seen = [each for each in found if isinstance(each, PastReading)]
    assert [each.at for each in seen if not each.mean] == [after(0), after(3590)]
    assert [each.at for each in seen if each.mean] == [after(300 * slot) for slot in range(1, 12)]
    assert {each.observation.mode for each in seen} == {Mode.SELF_CONSUMPTION}
    assert [each.observation.soe for each in seen[:3]] == [0.0, 4.45, 7.45]
    known = moment(path, 1000)
    assert isinstance(known, Moment)
    assert (known.seen.mean, known.seen.observation.soe) == (True, 10.45)
    assert known.raw.observation.soe == 0.0


def test_what_was_so_after_a_row(path: Path) -> None:
    with_run(path, some_minutes)

    def standing(number: int) -> tuple[object, ...]:
        found = asked(path, lambda chronicle: chronicle.standing("home", number))
        return (
            found.began and found.began.id,
            found.rules_hash,
            found.decision and found.decision.id,
            found.hold,
            found.engine_inputs,
        )

    given = {"flag storm": {"until": None}}
    assert standing(0) == (None, "", None, None, {})
    assert standing(3) == (1, "0123456789abcdef", None, None, given)
    assert standing(7) == (1, "0123456789abcdef", 7, HOLD, given)
    assert standing(9) == (1, "89ab", 7, HOLD, given)
    assert standing(99) == (1, "89ab", 7, HOLD, {})


def test_the_levers_are_those_that_were_given_or_those_of_the_route(path: Path) -> None:
    local, fleet = Levers(), Levers(grid_charging=frozenset({True, False}))
    known = CapabilityRecord(
        NOON, "1", "customer", None, may_check_firmware=False, may_install_firmware=None,
        levers=levers_to_json(fleet), started=None,
    )  # fmt: skip

    async def act(_journal: SqliteJournal, home: Recorder) -> None:
        await home.commit(known, note())
        await home.commit(InputRecord(NOON, LEVERS, levers_to_json(local)), note())

    with_run(path, act)

    def levers(number: int) -> Levers:
        return levers_in(
            asked(path, lambda chronicle: chronicle.standing("home", number)).engine_inputs
        )

    assert (levers(1), levers(2), levers(4)) == (Levers(), fleet, local)


def test_a_new_run_has_its_own_rules(path: Path) -> None:
    with_run(path, some_minutes)

    async def act(journal: SqliteJournal, _home: Recorder) -> None:
        await Recorder.begin(journal, start=replace(run_start(after(60)), rules_hash="cdef"))

    with_run(path, act)
    assert asked(path, lambda chronicle: chronicle.standing("home", 99)).rules_hash == "cdef"


def test_rows_are_found_by_their_time(path: Path) -> None:
    with_run(path, some_minutes)
    numbers = [
        asked(path, lambda chronicle, at=at: chronicle.number_before("home", after(at)))
        for at in (0, 5, 20, 35, 99)
    ]
    assert numbers == [0, 1, 4, 9, 11]


# --- rules -------------------------------------------------------------------------------------


def test_rules_that_were_not_kept_are_told_of(path: Path) -> None:
    async def act(_journal: SqliteJournal, home: Recorder) -> None:
        await home.commit(RuleFilesRecord(NOON, "0123456789abcdeX", {"files": {}}))

    with_run(path, act)
    with (
        Chronicle.opened(path) as chronicle,
        pytest.raises(RulesNotStored, match="the rule files 0123456789ab that were in force then"),
    ):
        chronicle.rules("home", "0123456789abcdef")
    assert asked(path, lambda chronicle: chronicle.newest_rules("home")) is None


def test_rules_that_were_kept_come_back(path: Path) -> None:
    rules = load_rules([EXAMPLES / "ev_night.toml"])
    start = replace(run_start(), rules_hash=rules.digest)

    async def act() -> None:
        async with opened(path) as journal:
            home = await Recorder.begin(journal, start=start)
            await home.commit(RuleFilesRecord(NOON, rules.digest, rules.sources.to_json()))

    asyncio.run(act())
    kept = asked(path, lambda chronicle: chronicle.newest_rules("home"))
    assert kept is not None
    assert kept.digest == rules.digest


# --- moments -----------------------------------------------------------------------------------


def test_a_moment_has_what_was_read_decided_and_said(path: Path) -> None:
    with_run(path, some_minutes)
    found = moment(path, 25)
    assert isinstance(found, Moment)
    assert found.seen == found.raw == PastReading(6, after(20), observed(after(20)).observation)
    assert found.before.hold == HOLD
    assert found.before.decision is not None
    assert found.before.decision.id == 4
    assert found.decision == DecisionMade(7, after(20), decision(after(20), EVERYDAY))
    assert (found.write, found.held_back, found.override) == (None, None, None)


def test_since_when_the_same_was_wanted(path: Path) -> None:
    free = replace(FULL, grid_charging=True)

    async def act(_journal: SqliteJournal, home: Recorder) -> None:
        for second, setting in ((10, EVERYDAY), (20, FULL), (30, FULL), (40, free), (50, free)):
            await home.commit(observed(after(second)), decision(after(second), setting))

    with_run(path, act)
    found = [moment(path, second) for second in (15, 35, 55)]
    assert [each.decided_since for each in found if isinstance(each, Moment)] == [
        after(10),
        after(20),
        after(40),
    ]


def test_a_write_is_told_with_all_that_became_of_it_but_for_one_that_tried_the_account(
    path: Path,
) -> None:
    async def act(_journal: SqliteJournal, home: Recorder) -> None:
        intent_id = await home.commit(observed(after(10)), intent(after(10)))
        await home.commit(outcome(intent_id, after(15), detail="after 5 s"))
        await home.commit(EffectRecord(after(300), intent_id, FULL, Effect.CONFIRMED, "charges"))
        probe = replace(intent(after(20), would=True), cause=Cause.PROBE)
        await home.commit(probe, note(after(20)))
        await home.commit(note(after(22), "too many writes", NoteKind.HELD_BACK))

    with_run(path, act)
    write = Write(
        at=after(10), wanted=FULL, previous=EVERYDAY, cause=Cause.TIME, would=False,
        outcome=Outcome.HELD, ended_at=after(15), detail="after 5 s",
        effect=Effect.CONFIRMED, effect_detail="charges",
    )  # fmt: skip
    found = moment(path, 25)
    assert isinstance(found, Moment)
    assert found.write == write
    assert found.held_back == (after(22), "too many writes")
    writes = asked(path, lambda chronicle: chronicle.writes("home", NOON, after(60)))
    assert writes == [write]


def test_an_override_is_told_of_until_it_is_over(path: Path) -> None:
    began = OverrideRecord(after(10), OverrideState.BEGAN, FULL, EVERYDAY, after(90), None, "")
    ended = replace(began, at=after(20), state=OverrideState.ENDED, end=OverrideEnd.BOUNDARY)

    async def act(_journal: SqliteJournal, home: Recorder) -> None:
        await home.commit(observed(after(10)), began)
        await home.commit(observed(after(20)), ended)

    with_run(path, act)
    found = [moment(path, second) for second in (15, 25)]
    assert [each.override for each in found if isinstance(each, Moment)] == [began, None]


def test_silences_have_a_reason(path: Path) -> None:
    with_run(path, some_minutes)

    async def later() -> None:
        async with opened(path) as journal:
            second = await Recorder.begin(journal, start=run_start(after(3600)))
            await second.commit(observed(after(3600)))
            await second.commit(observed(after(7200)))
            third = await Recorder.begin(journal, start=run_start(after(10_800)))
            await third.commit(observed(after(10_800)))

    asyncio.run(later())
    found = [moment(path, second) for second in (-5, 1000, 5000, 9000, 99_999)]
    assert [
        (each.reason, each.since, each.until) for each in found if isinstance(each, Silence)
    ] == [
        ("before", None, after(0)),
        ("stopped", after(50), after(3600)),
        ("unread", after(3600), after(7200)),
        ("cut off", after(7200), after(10_800)),
        ("unread", after(10_800), None),
    ]


def test_what_was_lost_is_a_silence(path: Path) -> None:
    async def act(journal: SqliteJournal, home: Recorder) -> None:
        await some_minutes(journal, home)
        await journal.upkeep(after(50))

    async def whole() -> None:
        journal = await SqliteJournal.open(path, HandClock(after(600)), ("home",))
        await Recorder.begin(journal, start=run_start(after(600)))
        await journal.close()

    with_run(path, act)
    path.unlink()
    asyncio.run(whole())
    found = moment(path, 300)
    assert isinstance(found, Silence)
    assert (found.reason, found.since, found.until) == ("gap", after(50), after(600))
    assert "is missing, and there was one" in found.detail
    kinds = [type(each) for each in asked(path, happened_at_home)]
    assert kinds[-3:] == [PastReading, RowsLost, RunBegan]


def happened_at_home(chronicle: Chronicle) -> list[PastEvent]:
    return list(chronicle.happened("home"))


def test_a_site_is_asked_for_by_name_where_there_are_several(path: Path) -> None:
    with_run(path, lambda journal, _home: Recorder.begin(journal, "cabin"))
    with Chronicle.opened(path) as chronicle:
        assert chronicle.site("cabin") == "cabin"
        for name, said in ((None, "say which site with --site"), ("x", "there is no site 'x'")):
            with pytest.raises(JournalProblem, match=f"{said}; the journal has: cabin, home"):
                chronicle.site(name)
