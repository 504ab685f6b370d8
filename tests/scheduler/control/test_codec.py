"""A state as JSON and back, with every organ filled."""

from __future__ import annotations

import json
from dataclasses import MISSING, Field, fields, is_dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from pretended import (
    AFTERNOON,
    EVERY_LEVER,
    EVERYDAY,
    FULL,
    HOUR,
    MINUTE,
    NOW,
    QUIET,
    ROUTE,
    SELF,
    TERMS,
    UNREADABLE,
    Desk,
    local,
    rules_of,
)

from rules.domain import AppPercent, Export, Quantity, Setting
from rules.inputs import DatedValue, Inputs, PriceSeries, PriceSlot
from scheduler import control
from scheduler.control import State, events
from scheduler.control.applying import Applying
from scheduler.control.codec import from_json, to_json
from scheduler.control.effect import Effects, WatchedWrite
from scheduler.control.firmware import FirmwareCheck, Installation, Job
from scheduler.control.override import Override, Owned, Ownership, Suspect
from scheduler.control.polling import Silence
from scheduler.control.reconcile import Again, Blocker, WriteNow
from scheduler.control.route import Route
from scheduler.control.watchdog import Watchdog
from scheduler.control.writing import Sending, Writing
from scheduler.domain import (
    CapabilityRecord,
    Cause,
    Effect,
    Endpoint,
    FirmwareCheckRecord,
    FirmwareState,
    FirmwareStatus,
    HoldKind,
    HoldRecord,
    NoteKind,
    OpenIntent,
    Past,
    PastWrite,
)
from scheduler.domain.engine_inputs import inputs_to_json, levers_to_json

RULES = (
    AFTERNOON
    + """
[[rule]]
name  = "low"
while = { soe_below = 60 }
for   = "10m"
set   = { battery = "hold" }

[[rule]]
name    = "bell"
when    = { at = "12:30" }
do      = "notify"
message = "it is half past twelve"

[[rule]]
name    = "idle"
when    = { load_below = "100 W" }
do      = "notify"
message = "nobody is at home"
at_most = "2/day"
"""
)
FOUR = Setting(SELF, 20, grid_charging=False, export=Export.SOLAR)
WHOLE = Setting(FULL.mode, 100, grid_charging=True, export=Export.NEVER)
HOLD = HoldRecord(NOW, HoldKind.HOLD, WHOLE, NOW + HOUR, "ann (uid 1000)")
GIVEN = Inputs(
    {"away": NOW + HOUR, "guests": None},
    {"surplus": DatedValue(1.5, NOW)},
    PriceSeries([PriceSlot(NOW, NOW + HOUR, 0.25, None)]),
)
CAPABLE = CapabilityRecord(
    NOW,
    "1.49.0",
    "installer",
    may_write=True,
    may_check_firmware=True,
    may_install_firmware=False,
    levers=levers_to_json(UNREADABLE),
    started="then",
)
OBSERVED = replace(
    QUIET,
    grid_charging=False,
    export=Export.SOLAR,
    soe=AppPercent(1 / 3),
    earlier={Quantity.FIRMWARE: NOW - MINUTE},
)
ORGANS = {
    "writing": Writing(
        OpenIntent(7, NOW, FOUR, WHOLE, Cause.TIME, NOW),
        Sending(8, WriteNow(WHOLE, FOUR, Cause.GRID)),
        Applying(
            9,
            WHOLE,
            FOUR,
            Cause.STATE,
            NOW,
            timedelta(seconds=0.5),
            UNREADABLE.unreadable,
            (30.0, 600.0),
            shows_running=False,
        ),
        3,
        "nobody there",
        NOW + MINUTE,
        Again(WHOLE, Cause.NO_EFFECT),
        ("1.49.0", None),
        (None, "customer"),
        FULL,
        Setting(grid_charging=False),
        (Blocker("the battery is stopped", NOW),),
        (PastWrite(NOW, FULL, EVERYDAY, Cause.TIME),),
        (PastWrite(NOW, WHOLE, FOUR, Cause.TIME),),
        NOW - HOUR,
        read_first=True,
        unrecorded_at=NOW,
    ),
    "ownership": Ownership(
        Owned(FOUR, NOW, "1.49.0", None),
        Suspect(WHOLE, NOW),
        Override(FOUR, WHOLE, NOW, NOW + HOUR),
        Override(WHOLE, FOUR, NOW - HOUR, NOW),
        doubtful=True,
    ),
    "effects": Effects(
        WatchedWrite(
            9, WHOLE, FOUR, NOW, shown=False, run=2, read_at=NOW, verdict=Effect.CONFIRMED,
            last_try=True, alerted=True,
        ),
        (WHOLE, FOUR),
    ),
    "job": Job(
        FirmwareCheck(
            5, "early", NOW, started=True, next_read=NOW,
            seen=FirmwareStatus(FirmwareState.STAGED, "21.44", "/staged"),
        ),
        FirmwareCheckRecord(NOW, 5, "staged", "/staged", "21.44", "new"),
        Installation(5, "early", NOW, None, NOW + MINUTE),
    ),
    "watchdog": Watchdog(NOW, NOW - HOUR),
    "route": Route(CAPABLE, UNREADABLE, NOW, ("Europe/Paris", "America/Los_Angeles")),
}  # fmt: skip


def filled() -> State:
    """A state that has gone some way, with something in every field."""
    desk = Desk(RULES, local("12:00"), past=Past(), inputs=GIVEN)
    desk.until(local("12:31")).take(held(desk))
    desk.world = replace(desk.world, load_power=50.0)
    desk.tick(2)
    return replace(
        desk.state,
        decisions=replace(desk.state.decisions, cause=Cause.STATE),
        capabilities=replace(
            ROUTE, levers=EVERY_LEVER, timezone="America/Los_Angeles", may_install_firmware=False
        ),
        observation=OBSERVED,
        recorded=True,
        requested_at=dict.fromkeys(Endpoint, NOW),
        read_at=NOW,
        silence=Silence("nobody there", noted=False),
        grid_up_since=NOW,
        clock=(NOW, 0.1),
        unnoted_step=MINUTE,
        occurred=frozenset({("bell", NOW), ("bell", NOW + HOUR)}),
        out_of_reach=("storm: grid charging off: this route cannot set it",),
        pending_notes=((NoteKind.UNRECORDED_WRITE, "wrote"),),
        unrecorded=True,
        **ORGANS,
    )


def held(desk: Desk) -> events.Hold:
    return events.Hold(desk.now, "ann", reserve=80, until="18:00")


def through_json(state: State, rules: str = RULES) -> tuple[State, dict[str, Any]]:
    said = json.loads(json.dumps(to_json(state)))
    return from_json(said, state.terms, rules_of(rules)), said


def unfilled(value: Any) -> list[str]:
    """The fields of a value that are as they begin, at any depth."""
    found = []
    for field in fields(value):
        has = getattr(value, field.name)
        if has == default_of(field):
            found.append(f"{type(value).__name__}.{field.name}")
        elif is_dataclass(has) and type(has).__module__.startswith("scheduler.control"):
            found += unfilled(has)
    return found


def default_of(field: Field[Any]) -> object:
    return field.default_factory() if field.default_factory is not MISSING else field.default


def test_nothing_is_left_out_of_the_state_that_is_tried() -> None:
    left_out = {"Terms.dry_run", "Terms.says_why", "DecisionState.afresh"}  # follow from elsewhere
    assert set(unfilled(filled())) <= left_out


def test_a_state_is_the_same_after_a_way_through_json() -> None:
    state = filled()
    again, said = through_json(state)
    assert again == state
    for field in fields(State):
        if field.name not in {"engine_plan", "inputs"}:
            assert getattr(again, field.name) == getattr(state, field.name), field.name
    assert to_json(again) == said


def test_the_inputs_are_those_that_were_given() -> None:
    state = replace(filled(), engine_inputs=inputs_to_json(GIVEN))
    again, _ = through_json(state)
    assert inputs_to_json(again.inputs) == inputs_to_json(GIVEN)


def test_the_memory_of_rules_and_events_comes_along() -> None:
    memory = filled().decisions.memory
    assert memory.rules
    assert memory.events.settled
    assert memory.events.turns
    assert through_json(filled())[0].decisions.memory == memory


@pytest.mark.parametrize("different", [{"thread_last": None}, {"last_hold": None}, {"clock": None}])
def test_what_is_not_there_stays_so(different: dict[str, None]) -> None:
    state = filled()
    if "thread_last" in different:
        state = replace(state, decisions=replace(state.decisions, last=None, at=None, hold=None))
    else:
        state = replace(state, **different)
    assert through_json(state)[0] == state


def test_the_plan_is_made_for_the_levers_that_the_owner_permits() -> None:
    safety = replace(TERMS.safety, grid_charging=False)
    state = replace(filled(), terms=replace(TERMS, safety=safety))
    again, _ = through_json(state)
    narrowed = EVERY_LEVER.permitted(grid_charging=False, export=Export.BATTERY)
    assert again.decisions.plan.permitted == narrowed


def test_a_site_goes_on_the_same_from_there() -> None:
    one = Desk(RULES, local("13:00"), past=Past()).until(local("13:58"))
    other = Desk(RULES, local("13:00"), past=Past()).until(local("13:58"))
    other.state, _ = through_json(other.state)
    rows = len(one.rows)
    one.until(local("16:30"))
    other.until(local("16:30"))
    assert one.rows[rows:] == other.rows[rows:]
    assert one.done == other.done


@pytest.mark.parametrize(
    ("field", "value"),
    [("writing", None), ("observation", {"at": "soon"}), ("run", "many"), ("capabilities", {})],
)
def test_what_is_no_state_is_refused(field: str, value: object) -> None:
    said = {**to_json(filled()), field: value}
    with pytest.raises(ValueError, match=r"validation error"):
        from_json(said, TERMS, rules_of(RULES))


def test_what_does_not_belong_to_a_state_is_not_in_it() -> None:
    names = set(to_json(filled()))
    assert names == {field.name for field in fields(State)} - {"terms", "inputs", "engine_plan"}
    assert control.State is State
