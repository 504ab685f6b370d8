"""What rules ask of the world outside, against what is there: inputs, and flags that are set."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from rules.check.findings import Code, Finding
from rules.check.never import place_of
from rules.engine import Condition, EventRule, FlagSet, InputThreshold, RuleSet, StateRule, leaves
from rules.inputs import Inputs


def missing_outside(rules: RuleSet, inputs: Inputs) -> Iterator[Finding]:
    """Inputs that nobody writes, and flags whose name somebody seems to have mistyped."""
    asked = {flag.name for _, flag in _conditions(rules) if isinstance(flag, FlagSet)}
    set_by_others = [name for name in inputs.flags if name not in asked]
    for rule, condition in _conditions(rules):
        place = place_of(rule, condition)
        match condition:
            case InputThreshold(name=name) if name not in inputs.values:
                text = f'"{rule}" needs the input "{name}", which is not in the input folder'
                yield Finding(Code.MISSING_INPUT, text, (place,))
            case FlagSet(name=name) if name not in inputs.flags:
                near = get_close_matches(name, set_by_others, n=1)
                if near:
                    text = f'"{rule}" asks for the flag "{name}", and the flag "{near[0]}" is set'
                    yield Finding(Code.SIMILAR_FLAG, text, (place,))


def _conditions(rules: RuleSet) -> Iterator[tuple[str, Condition]]:
    every: tuple[StateRule | EventRule, ...] = (*rules.state_rules, *rules.event_rules)
    for rule in every:
        for condition in dict.fromkeys(leaves(rule.conditions)):
            yield rule.name, condition
