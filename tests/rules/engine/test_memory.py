"""What stays true when rules change, and what a restart finds again."""

from __future__ import annotations

import json

from pictured import Watch, event, plan, rule, told, wall

from rules.engine import Memory, carried_over, memory_from_json, memory_to_json
from rules.engine.memory import EventMemory, RuleMemory, TurnMemory

HOLD = rule("hold", 'time = "12:00-14:00"', 'battery = "hold"')
LOW = rule("low", 'time = "12:00-14:00", soe_below = 30', 'mode = "backup"', "margin = 5")
CHECK = event("check", 'at = "12:00"')
OLD = plan(HOLD, LOW, CHECK)


def watched() -> Memory:
    watch = Watch.since(OLD, "2026-07-01 00:00")
    watch.look("2026-07-01 12:30", 29)
    return watch.memory


def test_a_memory_as_json() -> None:
    memory = Memory(
        wall("2026-07-01 00:00"),
        {
            "hold": RuleMemory(
                active=True,
                since=wall("2026-07-01 12:30"),
                holds=False,
                holds_since=wall("2026-07-01 12:40"),
                held=frozenset({"while.soe_below", "while.any[0].soe_above"}),
                unknown_since=wall("2026-07-01 12:31:07"),
                captured=29,
            ),
            "low": RuleMemory(
                active=False,
                since=wall("2026-07-01 12:30"),
                holds=True,
                holds_since=wall("2026-07-01 12:30"),
            ),
        },
        EventMemory(
            {"check": wall("2026-07-01 12:00")},
            {
                "turn": TurnMemory(
                    holds=True, since=wall("2026-07-01 12:00"), held=frozenset({"when.soe_below"})
                )
            },
            {"turn": (wall("2026-06-30 12:00"), wall("2026-07-01 12:00"))},
        ),
    )
    stored = memory_to_json(memory)
    assert stored["rules"]["hold"] == {
        "active": True,
        "since": "2026-07-01T19:30:00+00:00",
        "holds": False,
        "holds_since": "2026-07-01T19:40:00+00:00",
        "held": ["while.any[0].soe_above", "while.soe_below"],
        "unknown_since": "2026-07-01T19:31:07+00:00",
        "captured": 29,
    }
    assert stored["turns"]["turn"] == {
        "holds": True,
        "since": "2026-07-01T19:00:00+00:00",
        "held": ["when.soe_below"],
        "done": False,
    }
    assert memory_from_json(json.loads(json.dumps(stored))) == memory


def test_unchanged_rules_keep_their_memory() -> None:
    memory = watched()
    new = plan(rule("more", "soe_above = 90", "reserve = 30"), HOLD, LOW, CHECK)
    assert carried_over(memory, OLD.rules, new.rules) == memory


def test_changed_and_removed_rules_lose_it() -> None:
    memory = watched()
    assert set(memory.rules) == {"hold", "low"}
    changed = LOW.replace("below = 30", "below = 25")
    kept = carried_over(memory, OLD.rules, plan(HOLD, changed).rules)
    assert kept.rules == {"hold": memory.rules["hold"]}
    assert kept.since == memory.since
    assert kept.events.settled == {}


def test_a_rule_that_is_only_renamed_or_moved_in_words_is_another_or_the_same() -> None:
    memory = watched()
    renamed = plan(HOLD.replace('"hold"\nwhile', '"held"\nwhile'), LOW)
    assert set(carried_over(memory, OLD.rules, renamed.rules).rules) == {"low"}
    reworded = plan(HOLD.replace('"12:00-14:00"', '["12:00 - 14:00"]'), LOW)
    assert set(carried_over(memory, OLD.rules, reworded.rules).rules) == {"hold", "low"}


def test_without_the_old_rules_nothing_counts_as_unchanged() -> None:
    kept = carried_over(watched(), None, OLD.rules)
    assert kept.rules == {}
    assert kept.events.settled == {"check": wall("2026-07-01 12:00")}


def test_a_settled_event_does_not_fire_again_because_its_rule_changed() -> None:
    later = plan(event("check", 'at = "12:00", soe_above = 0'), event("new", 'at = "12:30"'))
    watch = Watch(later, carried_over(watched(), OLD.rules, later.rules))
    assert told(watch.look("2026-07-01 12:31")) == ["new fired 07-01 12:30"]


LOW_TURN = event("turn", "soe_below = 30", 'for = "10m"', 'at_most = "1/day"', "margin = 5")


def turned() -> Watch:
    watch = Watch.since(plan(LOW_TURN), "2026-07-01 00:00")
    watch.look("2026-07-01 12:00", 40)
    watch.look("2026-07-01 12:01", 29)
    return watch


def test_a_turn_goes_on_over_a_restart() -> None:
    watch = turned()
    watch.memory = memory_from_json(json.loads(json.dumps(memory_to_json(watch.memory))))
    assert told(watch.look("2026-07-01 12:10", 34)) == []
    assert told(watch.look("2026-07-01 12:11", 34)) == ["turn fired 07-01 12:01"]


def test_a_turn_of_a_changed_rule_must_be_seen_anew() -> None:
    changed = plan(LOW_TURN.replace("below = 30", "below = 35"))
    watch = Watch(changed, carried_over(turned().memory, plan(LOW_TURN).rules, changed.rules))
    assert told(watch.look("2026-07-01 12:11", 29)) == []
    assert told(watch.look("2026-07-01 12:30", 29)) == []


def test_what_counts_against_a_limit_outlives_a_change_of_the_rule() -> None:
    watch = turned()
    assert told(watch.look("2026-07-01 12:11", 29)) == ["turn fired 07-01 12:01"]
    changed = plan(LOW_TURN.replace("below = 30", "below = 35"))
    watch = Watch(changed, carried_over(watch.memory, plan(LOW_TURN).rules, changed.rules))
    for minute, soe in ((20, 50), (21, 20), (31, 20)):
        assert told(watch.look(f"2026-07-01 12:{minute}", soe)) == []
