"""The writes of a tick, step by step: what became of each, and what follows from it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pretended import (
    AFTERNOON,
    AWAY,
    BACKUP,
    BASE,
    EVERY_LEVER,
    EVERYDAY,
    FULL,
    MAY_NOT,
    MINUTE,
    NOW,
    POLL,
    REFUSED,
    ROUTE,
    SELF,
    TERMS,
    UNCERTAIN,
    UNREADABLE,
    Desk,
    local,
)

from rules.domain import Export, GridStatus, Mode, Setting
from scheduler.control import Failure, actions, events
from scheduler.control.polling import BEFORE_WRITING
from scheduler.control.reconcile import Again
from scheduler.domain import (
    Capabilities,
    Cause,
    Caveat,
    Effect,
    EffectRecord,
    IntentRecord,
    NoteKind,
    OpenIntent,
    Outcome,
    OutcomeRecord,
    OverrideRecord,
    Past,
    PastGap,
    SentRecord,
)

TWO = local("14:00")
UNKNOWN = replace(ROUTE, may_write=None)
EVEN = BASE + "\n[[rule]]\nname='x'\nwhile={grid='down'}\nset={reserve=20}\n"
"""The same is wanted all day."""


def before_two(rules: str = AFTERNOON, **more: Any) -> Desk:
    return Desk(rules, local("13:58"), past=more.pop("past", Past()), **more)


def outcomes(desk: Desk) -> list[Outcome]:
    return [record.outcome for record in desk.records(OutcomeRecord)]


# --- one write --------------------------------------------------------------------------------


def test_a_write_is_intended_sent_and_read_back() -> None:
    desk = before_two().until(local("14:02"))
    assert desk.writes == [(TWO, FULL)]
    (intent,) = desk.records(IntentRecord)
    assert (intent.previous, intent.wanted, intent.cause) == (EVERYDAY, FULL, Cause.TIME)
    assert len(desk.records(SentRecord)) == 1
    assert outcomes(desk) == [Outcome.HELD]
    assert desk.state.ownership.owned is not None


def test_what_is_needed_for_a_write_is_read_in_the_same_tick() -> None:
    desk = before_two().until(local("13:59"))
    desk.done.clear()
    desk.wait(TWO - desk.now)
    desk.tick(after=0 * POLL)
    asked = [action.endpoints for _, action in desk.done if isinstance(action, actions.Observe)]
    assert frozenset().union(*asked) >= BEFORE_WRITING
    assert desk.settings == [FULL]


@pytest.mark.parametrize(
    ("failure", "outcome", "again"),
    [
        (REFUSED, Outcome.REFUSED, None),
        (AWAY, Outcome.UNREACHABLE, None),
        (UNCERTAIN, Outcome.UNREACHABLE, Again(FULL, Cause.REPEAT)),
        (MAY_NOT, Outcome.REFUSED, None),
    ],
)
def test_a_write_that_failed_pauses_the_next(
    failure: Failure, outcome: Outcome, again: Again | None
) -> None:
    desk = before_two()
    desk.fails[actions.Apply].append(failure)
    desk.until(TWO + POLL / 2)
    assert outcomes(desk) == [outcome]
    assert desk.records(OutcomeRecord)[0].detail == failure.text
    assert (desk.state.writing.failures, desk.state.writing.again) == (1, again)
    assert len(desk.notes(NoteKind.NOT_PERMITTED)) == (failure is MAY_NOT)
    desk.until(TWO + 2 * MINUTE)
    assert desk.settings == [FULL, FULL]
    assert desk.writes[1][0] >= TWO + POLL


def test_a_refused_account_is_told_once() -> None:
    desk = before_two()
    desk.fails[actions.Apply] += [MAY_NOT, MAY_NOT]
    desk.until(TWO + 3 * MINUTE)
    assert outcomes(desk)[:2] == [Outcome.REFUSED, Outcome.REFUSED]
    assert len(desk.notes(NoteKind.NOT_PERMITTED)) == 1


def test_a_newer_decision_supersedes_a_write_on_its_way() -> None:
    desk = before_two(AFTERNOON.replace("16:00", "14:01"))
    desk.until(TWO)
    desk.unanswered.add(actions.Apply)
    desk.tick(after=0 * POLL)
    desk.unanswered.clear()
    desk.take(events.Written(desk.now, desk.now, desk.route))
    desk.until(local("14:01") + POLL)
    assert outcomes(desk)[0] is Outcome.SUPERSEDED
    # What the gateway reports is wanted: the last write may still come to be.
    assert desk.state.writing.applying is None


def test_why_a_write_waits_is_told_once_for_each_set_of_blockers() -> None:
    desk = before_two().sets(EVERYDAY, grid_services=True).until(TWO + 2 * MINUTE)
    desk.sets(EVERYDAY, running=False).until(TWO + 4 * MINUTE)
    told = desk.notes(NoteKind.HELD_BACK)
    assert told == [
        f"{FULL} is wanted, but grid services are active",
        f"{FULL} is wanted, but the battery is stopped; grid services are active",
    ]
    desk.sets(EVERYDAY, running=True, grid_services=False).until(TWO + 6 * MINUTE)
    assert desk.settings == [FULL]
    assert desk.state.writing.blockers == ()


# --- all four parts ---------------------------------------------------------------------------

FOUR = BASE + 'grid_charging = false\nexport = "pv_only"\n' + AFTERNOON.removeprefix(BASE)
WHOLE = Setting(SELF, 20, grid_charging=False, export=Export.SOLAR)


@pytest.mark.parametrize(
    ("levers", "written_first", "outcome"),
    [
        (EVERY_LEVER, Setting(grid_charging=False, export=Export.SOLAR), Outcome.HELD),
        (UNREADABLE, Setting(grid_charging=False, export=Export.SOLAR), Outcome.UNVERIFIED),
    ],
)
def test_what_was_accepted_and_cannot_be_read_is_not_written_for_ever(
    levers: Any, written_first: Setting, outcome: Outcome
) -> None:
    desk = before_two(FOUR, route=replace(ROUTE, levers=levers))
    desk.sets(Setting(SELF, 20, grid_charging=True, export=Export.BATTERY))
    desk.until(local("13:59"))
    assert len(desk.settings) == 1
    assert desk.settings[0] == WHOLE.over(written_first)
    assert outcomes(desk) == [outcome]
    desk.until(local("15:00"))
    assert len(desk.settings) == 2
    assert desk.settings[1].mode is Mode.BACKUP


def test_somebody_who_sells_from_the_battery_is_respected_and_set_back() -> None:
    desk = before_two(FOUR, route=replace(ROUTE, levers=EVERY_LEVER)).sets(WHOLE)
    desk.until(local("14:30"))
    count = len(desk.settings)
    desk.sets(Setting(export=Export.BATTERY)).until(local("14:40"))
    override = desk.state.ownership.override
    assert override is not None
    assert override.found.export is Export.BATTERY
    assert len(desk.settings) == count
    desk.sets(Setting(export=Export.SOLAR)).until(local("14:50"))
    assert desk.state.ownership.override is None
    ended = desk.records(OverrideRecord)[-1]
    assert ended.end == "set_back"
    assert len(desk.settings) == count


# --- where nothing may be written -------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"terms": replace(TERMS, dry_run=True)}, "dry run"),
        ({"route": replace(ROUTE, may_write=False)}, "no permission to write"),
    ],
)
def test_rows_say_what_would_be_written(more: dict[str, Any], why: str) -> None:
    desk = before_two(**more).until(local("14:30"))
    assert desk.did(actions.Apply) == []
    (intent,) = desk.records(IntentRecord)
    assert (intent.wanted, intent.would) == (FULL, True)
    (outcome,) = desk.records(OutcomeRecord)
    assert (outcome.outcome, outcome.detail) == (Outcome.WOULD, why)
    assert desk.state.shadow == FULL
    desk.start().tick(3)
    assert desk.state.shadow == FULL
    assert len(desk.records(IntentRecord)) == 1
    assert desk.state.writing.writes == ()
    assert len(desk.state.writing.would_writes) == 1


def test_nobody_s_change_is_noticed_where_nothing_is_written() -> None:
    desk = before_two(terms=replace(TERMS, dry_run=True)).until(local("14:10"))
    desk.sets(Setting(SELF, 60)).until(local("14:30"))
    assert desk.records(OverrideRecord) == []


# --- finding out whether this account may write -----------------------------------------------


def test_what_is_set_is_written_back_once_when_all_is_quiet() -> None:
    desk = before_two(EVEN, route=UNKNOWN).until(local("14:30"))
    assert len(desk.did(actions.WriteBack)) == 1
    (intent,) = desk.records(IntentRecord)
    assert (intent.wanted, intent.previous, intent.cause) == (EVERYDAY, EVERYDAY, Cause.PROBE)


@pytest.mark.parametrize(
    ("rules", "more", "world"),
    [
        (EVEN, {"terms": replace(TERMS, dry_run=True), "route": UNKNOWN}, {}),
        (EVEN, {"route": ROUTE}, {}),
        (EVEN, {"route": replace(ROUTE, may_write=False)}, {}),
        (EVEN, {"route": UNKNOWN}, {"grid": GridStatus.ISLANDED}),
        (
            BASE + '\n[[rule]]\nname="x"\nwhile={time="00:00-24:00"}\nset={battery="leave"}\n',
            {"route": UNKNOWN},
            {},
        ),
    ],
)
def test_nothing_is_written_back_where_that_is_no_use(
    rules: str, more: dict[str, Any], world: dict[str, Any]
) -> None:
    desk = before_two(rules, **more)
    desk.world = replace(desk.world, **world)
    assert desk.until(local("14:30")).did(actions.WriteBack) == []


@pytest.mark.parametrize(
    ("route", "tries"),
    [
        (UNKNOWN, 1),
        (replace(UNKNOWN, started="later"), 2),
        (replace(UNKNOWN, firmware="1.50.1"), 2),
    ],
)
def test_another_start_or_firmware_is_tried_anew(route: Capabilities, tries: int) -> None:
    desk = before_two(EVEN, route=UNKNOWN)
    desk.fails[actions.WriteBack].append(AWAY)
    desk.until(local("14:30"))
    desk.route = route
    desk.until(local("15:00"))
    assert len(desk.did(actions.WriteBack)) == tries


# --- what an earlier run left open ------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "shows", "outcome", "owned", "again"),
    [
        (True, FULL, Outcome.RECOVERED_APPLIED, True, None),
        (False, FULL, Outcome.RECOVERED_APPLIED, False, Again(FULL, Cause.REPEAT)),
        (True, EVERYDAY, Outcome.RECOVERED_NOT_APPLIED, False, None),
        (False, EVERYDAY, Outcome.RECOVERED_NOT_APPLIED, False, Again(FULL, Cause.REPEAT)),
        (True, Setting(SELF, 60), Outcome.SUPERSEDED, False, None),
    ],
)
def test_an_open_intent_is_closed_at_the_first_reading(
    sent: bool, shows: Setting, outcome: Outcome, owned: bool, again: Again | None
) -> None:
    opened = OpenIntent(7, NOW, EVERYDAY, FULL, Cause.TIME, NOW if sent else None)
    desk = Desk(EVEN, past=Past(next_number=8, open_intent=opened))
    desk.sets(shows)
    desk.unanswered.add(actions.Apply)
    desk.tick()
    assert outcomes(desk) == [outcome]
    assert desk.state.writing.again == again
    taken_over = desk.state.effects.found is not None
    assert taken_over is owned


def test_after_a_gap_nothing_is_written_until_a_reading_is_whole() -> None:
    gap = PastGap(None, local("13:58"), "lost")
    desk = before_two(AFTERNOON.replace("14:00", "12:00"), past=Past(gap=gap))
    desk.world = replace(desk.world, running=None)
    desk.tick(6)
    assert desk.state.writing.read_first
    desk.sets(EVERYDAY, running=True).until(local("14:05"))
    assert not desk.state.writing.read_first
    assert desk.settings == []
    desk.until(local("15:00"))
    assert desk.settings == [FULL]


# --- a setting that does not show -------------------------------------------------------------


def test_a_setting_that_does_not_show_is_sent_once_more_and_then_told() -> None:
    desk = before_two()
    desk.until(TWO)
    desk.world = replace(desk.world, battery_power=1_000.0, load_power=1_200.0)
    desk.until(local("14:30"))
    assert desk.settings == [FULL, FULL]
    causes = [intent.cause for intent in desk.records(IntentRecord)]
    assert causes == [Cause.TIME, Cause.NO_EFFECT]
    shown = [record.effect for record in desk.records(EffectRecord)]
    assert shown == [Effect.CONTRADICTED, Effect.CONTRADICTED]
    assert len(desk.notes(NoteKind.NO_EFFECT)) == 1


@pytest.mark.parametrize(
    ("caveats", "told"),
    [
        (set(), "look at the battery in the app"),
        ({Caveat.TARIFF_MAY_WIN}, "a rate plan in the Tesla app may win over the reserve"),
        ({Caveat.DONE_BY_THE_APP}, "not done until the Tesla app is opened, so open the app"),
    ],
)
def test_a_setting_that_does_not_show_is_told_with_what_is_known_of_the_route(
    caveats: set[Caveat], told: str
) -> None:
    spared = AFTERNOON.replace('{ mode = "backup", reserve = 100 }', "{ reserve = 80 }")
    desk = before_two(spared, route=replace(ROUTE, caveats=frozenset(caveats)))
    desk.until(TWO)
    desk.world = replace(desk.world, battery_power=1_000.0, load_power=1_200.0)
    desk.until(local("14:30"))
    (note,) = desk.notes(NoteKind.NO_EFFECT)
    assert "Nothing more is sent until the rules want something else; " in note
    assert told in note


# --- how somebody else's change ends ----------------------------------------------------------

ANN = "ann (uid 1000)"
OVERRULED = "overruled by a rule or a manual hold"


@pytest.mark.parametrize(
    ("event", "end", "detail", "written_then"),
    [
        (events.Hold(NOW, ANN, reserve=40), "written_over", OVERRULED, Setting(BACKUP, 40)),
        (events.Release(NOW, ANN), "written_over", OVERRULED, EVERYDAY),
        (events.Resume(NOW, ANN), "resumed", f"{ANN} requested resume", FULL),
        (None, "boundary", "from now on", EVERYDAY),
    ],
)
def test_a_change_by_hand_ends_by_the_owner_s_word_or_the_clock(
    event: Any, end: str, detail: str, written_then: Setting
) -> None:
    desk = before_two().until(local("14:10")).sets(Setting(SELF, 60)).until(local("14:20"))
    assert desk.state.ownership.override is not None
    assert desk.settings == [FULL]
    if event is not None:
        reply = desk.take(replace(event, at=desk.now))
        assert (reply == ("override",)) is (end == "resumed")
        desk.tick()
    desk.until(local("16:01"))
    ended = desk.records(OverrideRecord)[-1]
    assert (ended.state, ended.end) == ("ended", end)
    assert ended.detail.endswith(detail)
    assert desk.settings[1] == written_then


def test_a_storm_outlasts_the_clock() -> None:
    desk = before_two(AFTERNOON.replace("100", "80")).until(local("14:10"))
    desk.sets(FULL).until(local("16:30"))
    assert desk.state.ownership.override is not None
    assert desk.settings == [Setting(BACKUP, 80)]
    desk.sets(Setting(BACKUP, 60)).until(local("16:40"))
    assert desk.records(OverrideRecord)[-1].end == "storm_over"
    assert desk.settings == [Setting(BACKUP, 80), EVERYDAY]
