"""Searches for rules that the check takes long over: `python bench/worst_check.py [SECONDS]`.

Rule sets within the limits of the language are changed at random, a few rules at a time, and what
takes longer is kept. Seconds are of CPU. Beyond `CUT` a check is broken off, and counts as that.
"""

from __future__ import annotations

import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from rule_kinds import plan_of

from rules.check import check
from rules.errors import RuleProblems

FIRST = date(2026, 11, 21)
MOST_RULES, MOST_BYTES = 200, 64_000
GOAL, CUT = 10.0, 40.0

Rule = str


class TooLongError(Exception):
    """A check took longer than anybody waits for."""


def window(chance: random.Random) -> str:
    """Some hours."""
    start, length = chance.randrange(1440), chance.randrange(1, 1440)
    end = (start + length) % 1440
    return f'time = "{start // 60:02}:{start % 60:02}-{end // 60:02}:{end % 60:02}"'


def threshold(chance: random.Random) -> str:
    """A threshold that no other rule has."""
    key = chance.choice(("soe", "soe", "load", "solar", "import", "export", "charging"))
    side = chance.choice(("above", "below"))
    limit = chance.uniform(1, 99) if key == "soe" else chance.uniform(50, 9_000)
    return f"{key}_{side} = {limit:.2f}"


def other(chance: random.Random) -> str:
    """Any other key of a clause."""
    return chance.choice(
        (
            f'flag = "f{chance.randrange(40)}"',
            'grid = "down"',
            'grid = "up"',
            f'input = "i{chance.randrange(9)}", above = {chance.randrange(100)}, margin = 5',
            f"cheapest = {chance.randrange(1, 40)}",
            f"price_above = {chance.uniform(0, 1):.3f}",
            f'days = "{chance.choice(("weekends", "holidays", "mon", "workdays"))}"',
            f'months = "{chance.choice(("jan", "mar..jul", "nov..feb"))}"',
        )
    )


def clause(chance: random.Random, parts: int) -> str:
    """A few keys, each once."""
    found: dict[str, str] = {}
    for _ in range(parts):
        said = chance.choice((threshold, threshold, other))(chance)
        found.setdefault(said.partition(" ")[0], said)
    return ", ".join(found.values())


def some_rule(chance: random.Random) -> Rule:
    """One rule without its name."""
    tests = []
    if chance.random() < 0.5:
        tests.append(window(chance))
    if chance.random() < 0.9:
        tests.append(clause(chance, chance.choice((1, 1, 2, 3))))
    for key in ("any", "none", "all"):
        if chance.random() < 0.2:
            members = (clause(chance, chance.choice((1, 2))) for _ in range(chance.choice((2, 6))))
            tests.append(f"{key} = [{', '.join(f'{{ {each} }}' for each in members)}]")
    wanted = chance.choice(
        (
            f"reserve = {chance.randrange(80)}",
            f"reserve_at_least = {chance.randrange(80)}",
            'battery = "hold"',
            f'battery = "charge", to = {chance.randrange(1, 100)}',
            'mode = "backup"',
            'battery = "use"',
        )
    )
    lines = [f"while = {{ {', '.join(tests)} }}"] if tests else []
    lines += [
        f"set = {{ {wanted} }}",
        f"priority = {chance.choice((0, 0, 0, chance.randrange(200)))}",
    ]
    text = str(tests)
    if "soe_" in text and chance.random() < 0.5:
        lines.append(f"margin = {chance.choice((0.5, 5, 20))}")
    if tests and chance.random() < 0.25:
        lines.append(f'for = "{chance.randrange(1, 90)}m"')
    if (
        any(each in text for each in ("_above", "_below", "flag", "grid"))
        and chance.random() < 0.25
    ):
        lines.append(f'keep = "{chance.randrange(1, 300)}m"')
    if tests and chance.random() < 0.3:
        lines.append(f'stale = "{chance.randrange(60)}m"')
    return "\n".join(lines)


def crowd(chance: random.Random) -> list[Rule]:
    """As many rules as there may be, each in hours of its own, with alternatives."""
    found = []
    for number in range(MOST_RULES):
        members = ", ".join(f"{{ {clause(chance, 2)} }}" for _ in range(4))
        wanted = chance.choice(('mode = "backup"', f"reserve = {chance.randrange(80)}"))
        found.append(
            f"while = {{ {window(chance)}, {threshold(chance)}, any = [{members}] }}\n"
            f"set = {{ {wanted} }}\npriority = {number}"
        )
    return found


def text_of(rules: list[Rule]) -> str:
    """The rules as a file has them."""
    return "".join(f'[[rule]]\nname = "rule {n}"\n{rule}\n' for n, rule in enumerate(rules))


def sound(rules: list[Rule]) -> bool:
    """It loads, and is no larger than a file may be."""
    text = text_of(rules)
    if len(rules) > MOST_RULES or len(text) > MOST_BYTES:
        return False
    try:
        plan_of(text)
    except RuleProblems:
        return False
    return True


def changed(rules: list[Rule], chance: random.Random) -> list[Rule]:
    """A few rules are new, gone, copied, or moved to another priority."""
    found = list(rules)
    for _ in range(chance.choice((1, 3, 10, 40))):
        match chance.randrange(5):
            case 0 | 1:
                found.append(some_rule(chance))
            case 2 if found:
                found[chance.randrange(len(found))] = some_rule(chance)
            case 3 if found:
                found.append(chance.choice(found))
            case 4 if found:
                where = chance.randrange(len(found))
                kept = [line for line in found[where].split("\n") if "priority" not in line]
                found[where] = "\n".join([*kept, f"priority = {chance.choice((0, 1, 50))}"])
    while len(found) > MOST_RULES:
        found.pop(chance.randrange(len(found)))
    return found


@contextmanager
def broken_off(after: float) -> Iterator[None]:
    """Raises `TooLongError` after so many seconds of CPU."""

    def stop(*_: object) -> None:
        raise TooLongError

    signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, after)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def seconds(rules: list[Rule]) -> tuple[float, str]:
    """Seconds of CPU, and what was told."""
    plan = plan_of(text_of(rules))
    start = time.process_time()
    try:
        with broken_off(CUT):
            report = check(plan, FIRST)
    except TooLongError:
        return CUT, "broken off"
    codes = Counter(str(each.code) for each in report.findings)
    return time.process_time() - start, str(dict(codes))


def search(chance: random.Random, until: float, told: Callable[[str], None]) -> list[Rule]:
    """The rules that took the longest."""
    few = chance.random() < 0.5
    best, longest = [some_rule(chance) for _ in range(60)] if few else crowd(chance), -1.0
    best = [rule for rule in best if sound([rule])]
    while time.monotonic() < until:
        tried = changed(best, chance)
        if not sound(tried):
            tried = [rule for rule in tried if sound([rule])]
            if not sound(tried):
                continue
        took, what = seconds(tried)
        if took > longest:
            best, longest = tried, took
            verdict = "" if took <= GOAL else "  MISSED"
            told(f"{took:7.2f} s  {len(best):3} rules{verdict}  {what}")
    return best


if __name__ == "__main__":
    given = [float(each) for each in sys.argv[1:]] + [300.0, 1.0][len(sys.argv) - 1 :]
    worst = search(
        random.Random(int(given[1])),  # noqa: S311 -- the same search at every run
        time.monotonic() + given[0],
        lambda line: print(line, flush=True),
    )
    Path("worst_check.toml").write_text(text_of(worst), "utf-8")
    print("the rules are in worst_check.toml")
