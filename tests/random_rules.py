"""Random rule files.

Times, thresholds and steps come from small sets on purpose, so that observations fall on
boundaries, on thresholds and into margins far more often than chance would have it.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from four_levers import FOUR_LEVERS
from hypothesis import strategies as st

from rules.domain import Export, Mode
from rules.engine import Plan
from rules.language import load_rules
from rules.resolve import NO_LIMITS, Levers, Limits

EVERY_MODE = frozenset(Mode)
TIMES = ("00:00", "01:30", "02:30", "06:00", "12:00", "16:00", "21:00", "24:00")
DAYS = ("mon", "fri..mon", "weekdays", "weekends", "workdays", "holidays")
MONTHS = ("jul", "mar", "oct..apr")
DATES = ("03-08", "10-04..11-01", "2026-07-04", "2026-10-30..2026-11-25", "12-25", "named")
EVES = ("holidays", "sun", "weekends", "10-25", "2026-11-01", "named")
WEEK_WINDOWS = ("sat 21:00 - sun 06:00", "fri 16:00 - sun 21:00", "sun 12:00 - wed 12:00")
PERIODS = ("peak", "cheapest", "on-peak", "off-peak", "super-off-peak")
PERCENTS = (20, 50, 55, 80)
WATTS = (0, 500, 2000)
PRICES = (0.1, 0.2, 0.3, 0.55)
GROUPS = ("all", "any", "none")
POWERS = ("solar", "load", "import", "export", "charging", "discharging")
FLAGS = ("storm", "away")
VALUES = ("sun", "carbon")

# Around clock changes in Los Angeles, London, Sydney and Lord Howe, a season's edge, holidays, and
# days like any other.
STARTS = tuple(
    datetime.fromisoformat(text).replace(tzinfo=UTC)
    for text in (
        "2026-03-07T20:00",
        "2026-10-31T20:00",
        "2026-03-28T14:00",
        "2026-10-24T14:00",
        "2026-04-04T06:00",
        "2026-10-03T06:00",
        "2026-05-31T10:00",
        "2026-07-03T12:00",
        "2026-11-25T15:00",
        "2026-02-17T23:00",
    )
)

durations = st.sampled_from(("45s", "5m", "10m", "90m"))
percents = st.sampled_from(PERCENTS)
watts = st.sampled_from((*WATTS, "500 W", "2 kW"))
prices = st.sampled_from(PRICES)


def table(pairs: Mapping[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """One or two of these keys."""
    keys = st.lists(st.sampled_from(sorted(pairs)), min_size=1, max_size=2, unique=True)
    return keys.flatmap(lambda chosen: st.fixed_dictionaries({key: pairs[key] for key in chosen}))


def mostly(known: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """One of these, or now and then nothing."""
    return st.one_of(known, known, known, st.none())


def some(words: Sequence[str]) -> st.SearchStrategy[list[str]]:
    """One or two of these words."""
    return st.lists(st.sampled_from(words), min_size=1, max_size=2, unique=True)


day_windows = (
    st.tuples(st.sampled_from(TIMES[:-1]), st.sampled_from(TIMES))
    .filter(lambda times: times[0] != times[1])
    .map("-".join)
)
any_windows = day_windows | st.sampled_from(WEEK_WINDOWS)

DAY = {
    "days": some(DAYS),
    "months": some(MONTHS),
    "dates": some(DATES),
    "eve_of": st.sampled_from(EVES),
    "season": st.sampled_from(("summer", "winter")),
}
CALENDAR = {
    "time": st.lists(any_windows, min_size=1, max_size=2),
    "period": some(PERIODS),
    **DAY,
}
STATE: Mapping[str, st.SearchStrategy[Any]] = {
    "soe_above": percents,
    "soe_below": percents,
    "grid": st.sampled_from(("up", "down", "SystemTransitionToIsland")),
    "grid_services": st.booleans(),
    **{f"{word}_{suffix}": watts for word in POWERS for suffix in ("above", "below")},
}
PRICED = {
    "price_above": prices,
    "price_below": prices,
    "export_price_above": prices,
    "export_price_below": prices,
}
ranked = st.fixed_dictionaries(
    {}, optional={"cheapest": st.integers(1, 6), "dearest": st.integers(1, 6), "of": day_windows}
).filter(lambda clause: "cheapest" in clause or "dearest" in clause)
flagged = st.fixed_dictionaries({"flag": st.sampled_from(FLAGS)})
measured = st.fixed_dictionaries(
    {"input": st.sampled_from(VALUES)},
    optional={
        "above": percents,
        "below": percents,
        "oldest": st.sampled_from(("10m", "6h")),
        "margin": st.sampled_from((0.5, 3)),
    },
).filter(lambda clause: "above" in clause or "below" in clause)

# What the gateway says more often than the rest, which is missing more often.
conditions = st.one_of(
    table(STATE), table(STATE), table(STATE), table(PRICED), ranked, ranked, flagged, measured
)
flat_clauses = st.one_of(
    table(CALENDAR),
    conditions,
    st.tuples(table(CALENDAR), conditions).map(lambda both: {**both[0], **both[1]}),
    st.tuples(conditions, conditions).map(lambda both: {**both[0], **both[1]}),
)
groups = st.fixed_dictionaries(
    {},
    optional={
        key: st.lists(flat_clauses, min_size=1, max_size=2) for key in ("all", "any", "none")
    },
)
clauses = (
    st.tuples(st.just({}) | flat_clauses, groups)
    .map(lambda both: {**both[0], **both[1]})
    .filter(bool)
)
moments = st.one_of(
    st.fixed_dictionaries({"at": st.sampled_from((*TIMES, "03:00"))}),
    st.fixed_dictionaries(
        {}, optional={"before": st.sampled_from(PERIODS), "lead": durations}
    ).filter(lambda clause: "before" in clause),
    st.fixed_dictionaries(
        {}, optional={"after": st.sampled_from(PERIODS), "lead": durations}
    ).filter(lambda clause: "after" in clause),
)
whens = st.tuples(st.just({}) | clauses, moments).map(lambda both: {**both[0], **both[1]})

PARTS = {
    "mode": st.sampled_from(tuple(mode.value for mode in Mode)),
    "reserve": st.sampled_from((0, 20, 80, 100)),
    "grid_charging": st.booleans(),
    "export": st.sampled_from(("never", "pv_only", "battery_ok")),
    "reserve_at_least": st.sampled_from((10, 40, 85)),
}
wants = st.one_of(
    table(PARTS),
    st.just({"battery": "hold"}),
    st.sampled_from(({"battery": "leave"}, {"battery": "use"})),
    st.sampled_from(
        ({"battery": "use", "grid_charging": False}, {"battery": "hold", "export": "never"})
    ),
    st.sampled_from(({"battery": "use", "reserve": 30}, {"battery": "charge", "to": 100})),
    percents.map(lambda to: {"battery": "charge", "to": to}),
    percents.map(lambda to: {"battery": "charge", "to": to, "reserve_at_least": 60}),
)
margins = st.sampled_from((0.5, 2, 5, "300 W"))
always_rules = st.fixed_dictionaries({"set": wants}, optional={"priority": st.just(-1)})
state_rules = always_rules | st.fixed_dictionaries(
    {"while": clauses, "set": wants},
    optional={
        "priority": st.sampled_from((-1, 0, 1)),
        "even_if_overridden": st.booleans(),
        "margin": margins,
        "for": durations,
        "keep": durations,
        "inset": durations,
        "stale": st.sampled_from(("0s", "5m", "10m", "3h")),
    },
)
acts = st.sampled_from(
    (
        {"do": "firmware-check"},
        {"do": "firmware-check", "else": "notify"},
        {"do": "notify", "message": "look at the house"},
    )
)
rates = st.sampled_from(("1/hour", "1/day", "2/90m"))
moment_rules = st.tuples(
    st.fixed_dictionaries({"when": whens}, optional={"catch_up": durations, "at_most": rates}),
    acts,
).map(lambda both: {**both[0], **both[1]})
turning_rules = st.tuples(
    st.fixed_dictionaries(
        {"when": clauses}, optional={"margin": margins, "for": durations, "at_most": rates}
    ),
    acts,
).map(lambda both: {**both[0], **both[1]})
any_rules = st.one_of(state_rules, state_rules, state_rules, moment_rules, turning_rules)

FULL_DEFAULT = {
    "mode": "self_consumption",
    "reserve": 20,
    "grid_charging": True,
    "export": "pv_only",
}
PLAIN_DEFAULT = {"mode": "self_consumption", "reserve": 20}
defaults = st.sampled_from((FULL_DEFAULT, PLAIN_DEFAULT, {"leave": True}))
tariffs = st.sampled_from(("sce-tou-d-4-9pm", "sce-tou-d-a"))
abroad = st.sampled_from(
    (("Europe/London", "GB"), ("Australia/Sydney", "AU"), ("Australia/Lord_Howe", "AU"))
)


@st.composite
def rule_files(draw: st.DrawFn) -> str:
    """The text of a base file that loads."""
    base: dict[str, Any] = {"language": 1, "dates": {"named": ["07-03", "11-01", "2026-10-04"]}}
    tariff = draw(st.booleans())
    if tariff:
        base["tariff"] = draw(tariffs)
    else:
        base["timezone"], base["country"] = draw(abroad)
    base["default"] = draw(defaults)
    lines = [f"{key} = {inline(value)}" for key, value in base.items()]
    for number, rule in enumerate(draw(st.lists(any_rules, min_size=1, max_size=5))):
        lines += ["[[rule]]", f'name = "rule {number}"']
        fitting = _fitting(rule, tariff=tariff, plain=base["default"] is PLAIN_DEFAULT)
        lines += [f"{key} = {inline(value)}" for key, value in fitting.items()]
    return "\n".join(lines)


def _fitting(rule: Mapping[str, Any], *, tariff: bool, plain: bool) -> dict[str, Any]:
    """The rule without what this base cannot answer, or could not restore."""
    found = dict(rule)
    for key in ("while", "when"):
        if key in found and not tariff:
            found[key] = _without_tariff(found[key]) or {"soe_below": 50}
    if "margin" in found and not _tests_what_it_is_for(found):
        del found["margin"]
    if {"at", "before", "after"} & set(found.get("when", ())):
        found["when"] = _without_margins(found["when"])
    if plain and "set" in found:
        kept = {k: v for k, v in found["set"].items() if k not in ("grid_charging", "export")}
        found["set"] = kept or {"battery": "use"}
    if set(found.get("while", ())) <= {*CALENDAR}:
        found.pop("keep", None)
    return found


def _without_tariff(clause: Mapping[str, Any]) -> dict[str, Any]:
    found = {key: value for key, value in clause.items() if key not in ("season", "period")}
    for key in GROUPS:
        if key in found:
            members = [left for each in found[key] if (left := _without_tariff(each))]
            found[key] = members or [{"grid": "down"}]
    if "before" in found or "after" in found:
        found = {key: found[key] for key in found if key not in ("before", "after", "lead")}
        found["at"] = "02:30"
    return found


def _tests_what_it_is_for(rule: Mapping[str, Any]) -> bool:
    """The rule tests something that its margin is for."""
    clause = rule.get("while") or rule.get("when") or {}
    members = [each for key in GROUPS for each in clause.get(key, ())]
    keys = {key for each in (clause, *members) for key in each}
    powers = {key for key in keys if key.rpartition("_")[0] in POWERS}
    return bool(powers if isinstance(rule["margin"], str) else keys & {"soe_above", "soe_below"})


def _without_margins(clause: Mapping[str, Any]) -> dict[str, Any]:
    """The clause of a moment, which has none."""
    found = {key: value for key, value in clause.items() if key != "margin"}
    return found | {
        key: [_without_margins(each) for each in found[key]] for key in GROUPS if key in found
    }


def inline(value: object) -> str:
    """A value as TOML on one line."""
    if isinstance(value, Mapping):
        pairs = (f"{key} = {inline(inner)}" for key, inner in value.items())
        return f"{{ {', '.join(pairs)} }}"
    if isinstance(value, list):
        return f"[{', '.join(inline(each) for each in value)}]"
    return json.dumps(value)


def plan_of(text: str, levers: Levers | None = None, limits: Limits = NO_LIMITS) -> Plan:
    """A plan from the text of a base file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "rules.toml")
        path.write_text(text, encoding="utf-8")
        rules = load_rules([path])
    return Plan.of(rules, levers or Levers(EVERY_MODE), limits)


plans = st.builds(
    plan_of,
    rule_files(),
    st.sampled_from(
        (
            Levers(EVERY_MODE),
            Levers(EVERY_MODE, reserve_ceiling=80),
            FOUR_LEVERS,
        )
    ),
    st.sampled_from((NO_LIMITS, Limits(grid_charging=False, export=Export.SOLAR))),
)
