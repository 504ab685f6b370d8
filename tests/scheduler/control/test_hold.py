"""The owner's word: what can be held, until when, and what it makes of a decision."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from pretended import (
    BACKUP,
    EVERY_LEVER,
    EVERYDAY,
    HOUR,
    LOS_ANGELES,
    QUIET,
    SAFETY,
    SELF,
    UNREADABLE,
    local,
    rules_of,
)

from rules.domain import Export, Mode, Part, Setting
from rules.engine import Decision, Memory, Plan, Validity, explain
from rules.inputs import NO_INPUTS
from rules.resolve import Levers
from scheduler.control.events import Hold
from scheduler.control.hold import (
    HoldRefused,
    announced,
    cause_of_hold,
    ended,
    hold_of,
    in_a_sentence,
    in_force,
    laid_over,
    reason,
    refuse,
    resume_of,
    resumed,
)
from scheduler.domain import THE_CLOCK, Cause, HoldKind, HoldRecord, Safety

ANN = "ann (uid 1000)"
NEVER, SOLAR, BATTERY = Export.NEVER, Export.SOLAR, Export.BATTERY
GAP = Levers(reserve_ceiling=80)
CAREFUL = Safety(10, EVERYDAY, grid_charging=False, export=SOLAR)
"""An owner whose interconnection permits neither buying for the battery nor selling from it."""

NOON, THREE = local("12:00"), local("15:00")

DEFAULTS = """\
language = 1
timezone = "America/Los_Angeles"

[default]
mode = "self_consumption"
reserve = 20
grid_charging = false
export = "never"

[[rule]]
name = "nothing else"
while = { soe_below = 1 }
set = { mode = "backup" }
"""


def plan_of(levers: Levers, safety: Safety, text: str = DEFAULTS) -> Plan:
    return Plan.of(rules_of(text), levers, safety.limits)


# --- what is refused --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("setting", "levers", "said"),
    [
        (Setting(), GAP, "nothing to hold"),
        (Setting(reserve=5), GAP, "under the floor of 10 %; hold at least 10 %"),
        (Setting(reserve=85), GAP, "does not hold a reserve of 85 %; nearest: 80 % and 100 %"),
        (Setting(reserve=101), GAP, "a reserve is 0 to 100 %, not 101 %"),
        (Setting(reserve=-1), GAP, "a reserve is 0 to 100 %, not -1 %"),
        (
            Setting(Mode.AUTONOMOUS),
            GAP,
            "autonomous cannot be set by this route; it can set backup, self_consumption",
        ),
        # beyond what the owner permits
        (
            Setting(grid_charging=True),
            EVERY_LEVER,
            "grid charging on: not permitted by [site.safety]",
        ),
        (Setting(export=BATTERY), EVERY_LEVER, "export battery_ok: not permitted by [site.safety]"),
        (Setting(export=BATTERY), GAP, "export battery_ok: this route cannot set it"),
        # beyond what the route can set
        (Setting(grid_charging=False), GAP, "grid charging off: this route cannot set it"),
        (Setting(export=NEVER), GAP, "export never: this route cannot set it"),
        (
            Setting(export=NEVER),
            replace(EVERY_LEVER, export=frozenset({SOLAR})),
            "export never: this route cannot set it",
        ),
        (
            Setting(export=SOLAR),
            replace(EVERY_LEVER, export=frozenset({NEVER})),
            "export pv_only: this route cannot set it",
        ),
        # one part that cannot be held refuses all
        (
            Setting(SELF, 40, export=BATTERY),
            EVERY_LEVER,
            "export battery_ok: not permitted by [site.safety]",
        ),
        (Setting(SELF, 5, export=NEVER), EVERY_LEVER, "under the floor"),
    ],
)
def test_what_cannot_be_held_is_refused_with_the_way_out(
    setting: Setting, levers: Levers, said: str
) -> None:
    with pytest.raises(HoldRefused) as refusal:
        refuse(setting, plan_of(levers, CAREFUL))
    assert said in str(refusal.value)


@pytest.mark.parametrize(
    ("setting", "levers", "safety"),
    [
        (Setting(SELF), GAP, CAREFUL),
        (Setting(reserve=10), GAP, CAREFUL),
        (Setting(reserve=0), GAP, Safety(0, EVERYDAY)),
        (Setting(BACKUP, 100), GAP, CAREFUL),
        (Setting(grid_charging=False), EVERY_LEVER, CAREFUL),
        (Setting(export=SOLAR), EVERY_LEVER, CAREFUL),
        (Setting(export=NEVER), EVERY_LEVER, CAREFUL),
        (Setting(grid_charging=True), EVERY_LEVER, SAFETY),
        (Setting(export=BATTERY), EVERY_LEVER, SAFETY),
        (Setting(Mode.AUTONOMOUS, 50, grid_charging=True, export=BATTERY), UNREADABLE, SAFETY),
    ],
)
def test_what_is_permitted_and_settable_can_be_held(
    setting: Setting, levers: Levers, safety: Safety
) -> None:
    refuse(setting, plan_of(levers, safety))


def test_a_part_that_nothing_would_put_back_is_refused() -> None:
    bare = DEFAULTS.replace('export = "never"\n', "")
    with pytest.raises(HoldRefused, match=r"nothing would restore export: add export to"):
        refuse(Setting(export=SOLAR), plan_of(EVERY_LEVER, SAFETY, bare))


def test_a_legal_reserve_at_the_floor_is_named() -> None:
    with pytest.raises(HoldRefused) as refusal:
        refuse(Setting(reserve=90), plan_of(GAP, Safety(80, EVERYDAY)))
    assert str(refusal.value).endswith("nearest: 80 % and 100 %")


def test_what_is_legal_but_under_the_floor_is_not_named() -> None:
    with pytest.raises(HoldRefused) as refusal:
        refuse(Setting(reserve=90), plan_of(GAP, Safety(85, EVERYDAY)))
    assert str(refusal.value).endswith("nearest: 100 %")


# --- what is recorded -------------------------------------------------------------------------


def test_a_hold_has_the_four_parts_that_were_asked_for() -> None:
    asked = Hold(NOON, ANN, BACKUP, 40, grid_charging=True, export=NEVER, lasting="3h")
    assert hold_of(asked, plan_of(EVERY_LEVER, SAFETY)) == HoldRecord(
        NOON, HoldKind.HOLD, Setting(BACKUP, 40, grid_charging=True, export=NEVER), THREE, ANN
    )
    with pytest.raises(HoldRefused):
        hold_of(asked, plan_of(EVERY_LEVER, CAREFUL))
    with pytest.raises(HoldRefused):
        hold_of(replace(asked, lasting="0m"), plan_of(EVERY_LEVER, SAFETY))


HELD = HoldRecord(NOON, HoldKind.HOLD, Setting(reserve=80), THREE, ANN)
RELEASED = HoldRecord(NOON, HoldKind.RELEASE, EVERYDAY, None, ANN)
RESUMED, RAN_OUT = resume_of(NOON, ANN), resume_of(NOON, THE_CLOCK)


@pytest.mark.parametrize(
    ("said", "followed"),
    [(None, None), (HELD, HELD), (RELEASED, RELEASED), (RESUMED, None), (RAN_OUT, None)],
)
def test_what_was_said_last_is_followed_unless_it_was_taken_back(
    said: HoldRecord | None, followed: HoldRecord | None
) -> None:
    assert in_force(said) is followed


@pytest.mark.parametrize(
    ("hold", "overridden", "what", "sentence"),
    [
        (None, False, (), "nothing was held; the rules decide"),
        (HELD, False, ("hold",), "the hold is ended; the rules decide again"),
        (RELEASED, False, ("release",), "the release is ended; the rules decide again"),
        (
            None,
            True,
            ("override",),
            "the override is ended; the rules decide again",
        ),
        (
            HELD,
            True,
            ("hold", "override"),
            "the hold and the override are ended; the rules decide again",
        ),
    ],
)
def test_what_a_resume_has_ended(
    hold: HoldRecord | None, overridden: bool, what: tuple[str, ...], sentence: str
) -> None:
    assert ended(hold, overridden) == what
    assert resumed(what) == sentence


# --- what it makes of a decision ----------------------------------------------------------------

BY_RULES = Decision(
    Setting(SELF, 20),
    {Part.MODE: "default", Part.RESERVE: "default"},
    (),
    validity=Validity(local("16:00")),
)


@pytest.mark.parametrize(
    ("held", "setting", "owned"),
    [
        (Setting(reserve=80), Setting(SELF, 80), [Part.RESERVE]),
        (Setting(BACKUP, 80), Setting(BACKUP, 80), [Part.MODE, Part.RESERVE]),
        (
            Setting(grid_charging=False, export=NEVER),
            Setting(SELF, 20, grid_charging=False, export=NEVER),
            [Part.GRID_CHARGING, Part.EXPORT],
        ),
        (
            Setting(BACKUP, 0, grid_charging=True, export=BATTERY),
            Setting(BACKUP, 0, grid_charging=True, export=BATTERY),
            list(Part),
        ),
    ],
)
def test_the_owner_decides_the_parts_that_are_named_and_insists(
    held: Setting, setting: Setting, owned: list[Part]
) -> None:
    over = laid_over(BY_RULES, replace(HELD, setting=held))
    winners = {**BY_RULES.winners, **dict.fromkeys(owned, "owner")}
    assert over == Decision(setting, winners, (), insists=True, validity=Validity(THREE))
    assert over.until == THREE


@pytest.mark.parametrize(
    ("until", "looked_at_again"),
    [(THREE, THREE), (None, local("16:00")), (local("18:00"), local("16:00"))],
)
def test_a_hold_is_looked_at_again_at_its_end(
    until: datetime | None, looked_at_again: datetime
) -> None:
    assert laid_over(BY_RULES, replace(HELD, until=until)).until == looked_at_again


OVER = laid_over(BY_RULES, HELD)


@pytest.mark.parametrize(
    ("last", "followed", "before", "now", "cause"),
    [
        # the parts that the owner decides have changed
        (HELD, None, BY_RULES, OVER, Cause.OWNER),
        (RESUMED, HELD, OVER, BY_RULES, Cause.OWNER),
        (RAN_OUT, HELD, OVER, BY_RULES, Cause.TIME),
        (HELD, HELD, laid_over(BY_RULES, replace(HELD, setting=EVERYDAY)), OVER, Cause.OWNER),
        (None, None, OVER, BY_RULES, Cause.OWNER),
        # they have not
        (HELD, HELD, OVER, OVER, None),
        (None, None, BY_RULES, BY_RULES, None),
        (RESUMED, None, BY_RULES, BY_RULES, None),
        # without a decision before, the word tells
        (HELD, None, None, OVER, Cause.OWNER),
        (HELD, HELD, None, OVER, None),
        (RESUMED, HELD, None, BY_RULES, Cause.OWNER),
        (RAN_OUT, HELD, None, BY_RULES, Cause.TIME),
        (RESUMED, None, None, BY_RULES, None),
        (None, None, None, BY_RULES, None),
    ],
)
def test_whether_the_owner_s_word_made_it_change(
    last: HoldRecord | None,
    followed: HoldRecord | None,
    before: Decision | None,
    now: Decision,
    cause: Cause | None,
) -> None:
    assert cause_of_hold(last, followed, before, now) is cause


EVERYDAY_SAID = "self_consumption and reserve 20 %"
OFF_SAID = "grid charging off and export never"


@pytest.mark.parametrize(
    ("hold", "said"),
    [
        (None, f"{EVERYDAY_SAID} by default"),
        (
            HELD,
            "reserve 80 % by manual hold until 15:00; self_consumption by default",
        ),
        (
            RELEASED,
            f"{EVERYDAY_SAID} by manual hold, the safe state until resumed",
        ),
        (
            replace(HELD, setting=Setting(grid_charging=False, export=NEVER)),
            f"{OFF_SAID} by manual hold until 15:00; {EVERYDAY_SAID} by default",
        ),
    ],
)
def test_the_reason_names_the_owner_s_parts_and_the_rules(
    hold: HoldRecord | None, said: str
) -> None:
    plan = Plan.of(rules_of(), Levers())
    explanation = explain(plan, QUIET, Memory(NOON), NO_INPUTS, NOON)
    decision = explanation.decision if hold is None else laid_over(explanation.decision, hold)
    explanation = replace(explanation, decision=decision)
    assert reason(explanation, hold, NOON, LOS_ANGELES) == said


def test_an_end_on_another_day_is_said_with_its_day() -> None:
    tomorrow = replace(HELD, until=THREE + 24 * HOUR)
    assert in_a_sentence(tomorrow, NOON, LOS_ANGELES).endswith("until Thu 16 Jul 15:00")


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (HELD, f"{ANN} requested hold reserve 80 % until 2026-07-15 22:00 UTC"),
        (RELEASED, f"{ANN} requested release self_consumption, reserve 20 %"),
        (RESUMED, f"{ANN} requested resume"),
        (RAN_OUT, "the hold has ended"),
    ],
)
def test_the_log_tells_who_said_what(record: HoldRecord, said: str) -> None:
    assert announced(record) == said
