"""What rules ask for in vain is told: why, and what is set instead."""

from __future__ import annotations

from dataclasses import replace

import pytest
from four_levers import FOUR_LEVERS
from pictured import BASE, Watch, plan, rule

from rules.domain import Export, Mode, Part, Setting
from rules.engine import Plan, of_setting, out_of_reach
from rules.engine.reach import Reason, Shortfall
from rules.resolve import NO_LIMITS, Levers, Limits

LOCAL = Levers(frozenset(Mode))
GAPPED = Levers(reserve_ceiling=80)  # and no autonomous
FULL_BASE = BASE + 'grid_charging = true\nexport = "pv_only"\n'
LEAVE = 'language = 1\ntimezone = "America/Los_Angeles"\n[default]\nleave = true\n'
STRICT = Limits(grid_charging=False, export=Export.SOLAR, reserve_floor=10)

NO_ROUTE = "this route cannot set it"
NOT_PERMITTED = "not permitted by [site.safety]"


def made(want: str, levers: Levers, limits: Limits = NO_LIMITS, base: str = FULL_BASE) -> Plan:
    return plan(rule("a", "soe_below = 90", want), base=base, levers=levers, limits=limits)


def told(of: Plan, name: str = "a") -> list[str]:
    return [str(each) for each in out_of_reach(of).get(name, ())]


@pytest.mark.parametrize(
    ("levers", "limits", "want", "sentences"),
    [
        # The route has no such lever, or not this value.
        (LOCAL, NO_LIMITS, "grid_charging = false", [f"grid charging off: {NO_ROUTE}"]),
        (LOCAL, NO_LIMITS, "grid_charging = true", [f"grid charging on: {NO_ROUTE}"]),
        (LOCAL, NO_LIMITS, 'export = "never"', [f"export never: {NO_ROUTE}"]),
        (LOCAL, STRICT, "grid_charging = true", [f"grid charging on: {NO_ROUTE}"]),
        (GAPPED, NO_LIMITS, 'mode = "autonomous"', [f"autonomous: {NO_ROUTE}"]),
        (GAPPED, NO_LIMITS, "reserve = 90", [f"reserve 90 %: {NO_ROUTE}; 80 % is set instead"]),
        (
            replace(FOUR_LEVERS, export=frozenset({Export.NEVER, Export.SOLAR})),
            NO_LIMITS,
            'export = "battery_ok"',
            [f"export battery_ok: {NO_ROUTE}; pv_only is set instead"],
        ),
        (
            replace(FOUR_LEVERS, modes=frozenset({Mode.SELF_CONSUMPTION})),
            NO_LIMITS,
            'battery = "charge", to = 60',
            [f"backup: {NO_ROUTE}"],
        ),
        (
            replace(FOUR_LEVERS, modes=frozenset({Mode.BACKUP})),
            NO_LIMITS,
            'battery = "use"',
            [f"self_consumption: {NO_ROUTE}"],
        ),
        # The owner does not permit it.
        (
            FOUR_LEVERS,
            STRICT,
            "grid_charging = true",
            [f"grid charging on: {NOT_PERMITTED}; off is set instead"],
        ),
        (
            FOUR_LEVERS,
            STRICT,
            'export = "battery_ok"',
            [f"export battery_ok: {NOT_PERMITTED}; pv_only is set instead"],
        ),
        (
            FOUR_LEVERS,
            STRICT,
            'battery = "charge", to = 60',
            [f"grid charging on: {NOT_PERMITTED}; off is set instead"],
        ),
        (
            LOCAL,
            STRICT,
            'battery = "charge", to = 60',
            [f"grid charging on: {NOT_PERMITTED}; this route cannot forbid it"],
        ),
        (
            LOCAL,
            STRICT,
            "reserve = 9",
            ["reserve 9 %: under the reserve_floor of [site.safety]; 10 % is set instead"],
        ),
        (
            LOCAL,
            STRICT,
            'battery = "use", reserve = 0, export = "never"',
            [
                "reserve 0 %: under the reserve_floor of [site.safety]; 10 % is set instead",
                f"export never: {NO_ROUTE}",
            ],
        ),
        # All of it is set as it is wanted.
        (FOUR_LEVERS, NO_LIMITS, 'grid_charging = true, export = "battery_ok"', []),
        (FOUR_LEVERS, STRICT, 'grid_charging = false, export = "pv_only", reserve = 10', []),
        (FOUR_LEVERS, STRICT, 'battery = "hold"', []),
        (LOCAL, STRICT, 'battery = "hold"', []),
        (LOCAL, NO_LIMITS, 'battery = "charge", to = 60', []),
        (LOCAL, STRICT, "reserve_at_least = 5", []),
        (LOCAL, STRICT, 'mode = "backup", reserve = 100', []),
        (LOCAL, STRICT, 'battery = "leave"', []),
    ],
)
def test_what_is_told(levers: Levers, limits: Limits, want: str, sentences: list[str]) -> None:
    assert told(made(want, levers, limits)) == sentences


def test_what_nothing_would_restore() -> None:
    of = made("grid_charging = false, reserve = 30", FOUR_LEVERS, base=LEAVE)
    assert told(of) == ["grid charging off: [default] does not set it, so nothing would restore it"]
    assert told(made("grid_charging = false", FOUR_LEVERS, STRICT, base=LEAVE)) == []


def test_buying_needs_no_default() -> None:
    assert told(made('battery = "charge", to = 60', FOUR_LEVERS, base=BASE)) == []


@pytest.mark.parametrize(
    ("levers", "sentences"),
    [
        (
            FOUR_LEVERS,
            [
                "reserve 20 %: under the reserve_floor of [site.safety]; 30 % is set instead",
                f"grid charging on: {NOT_PERMITTED}; off is set instead",
            ],
        ),
        (
            LOCAL,
            [
                "reserve 20 %: under the reserve_floor of [site.safety]; 30 % is set instead",
                f"grid charging on: {NO_ROUTE}",
                f"export pv_only: {NO_ROUTE}",
            ],
        ),
    ],
)
def test_the_default_is_told_of_too(levers: Levers, sentences: list[str]) -> None:
    limits = replace(STRICT, reserve_floor=30)
    of = made("reserve = 40", levers, limits)
    assert told(of, "default") == sentences
    assert list(out_of_reach(of)) == ["default"]


def test_the_place_of_each_wish() -> None:
    of = made('battery = "charge", to = 60, export = "never"', LOCAL, STRICT)
    assert out_of_reach(of)["a"] == (
        Shortfall(Part.GRID_CHARGING, "battery", wanted=True, reason=Reason.OUT_OF_HAND),
        Shortfall(Part.EXPORT, "export", Export.NEVER, Reason.ROUTE),
    )
    narrowed = made('battery = "charge", to = 60', FOUR_LEVERS, STRICT)
    assert [each.key for each in out_of_reach(narrowed)["a"]] == ["battery"]


def test_a_setting_beside_the_rules() -> None:
    of = made("reserve = 30", LOCAL, STRICT)
    safe = Setting(Mode.BACKUP, 5, grid_charging=False, export=Export.NEVER)
    assert [each.part for each in of_setting(of, safe)] == [
        Part.RESERVE,
        Part.GRID_CHARGING,
        Part.EXPORT,
    ]
    assert of_setting(of, Setting(Mode.BACKUP, 10)) == ()


# --- explain ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("want", "in_vain"),
    [
        ("grid_charging = false", True),
        ('export = "never", grid_charging = true', True),
        ("grid_charging = false, reserve = 40", False),
        ("grid_charging = false, reserve_at_least = 40", False),
        ("reserve = 40", False),
    ],
)
def test_a_rule_of_which_nothing_can_be_set(want: str, in_vain: bool) -> None:
    watch = Watch.since(made(want, LOCAL), "2026-07-01 00:00")
    (trace,) = watch.explained("2026-07-01 12:00").rules
    assert trace.active
    assert trace.in_vain is in_vain
    assert trace.out_of_reach == out_of_reach(watch.plan).get("a", ())


def test_an_explanation_has_what_would_be_written() -> None:
    watch = Watch.since(made("reserve = 3", LOCAL, STRICT), "2026-07-01 00:00")
    found = watch.explained("2026-07-01 12:00")
    assert found.decision.setting == Setting(Mode.SELF_CONSUMPTION, 3)
    assert found.written == Setting(Mode.SELF_CONSUMPTION, 10)
    assert [each.part for each in found.default_out_of_reach] == [Part.GRID_CHARGING, Part.EXPORT]
