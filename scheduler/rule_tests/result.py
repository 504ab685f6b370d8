"""One test, run: what it came to, and which rules it has shown."""

from __future__ import annotations

from dataclasses import dataclass

from rules.engine import Happened
from rules.testing import RuleTest, RuleTestFile
from scheduler.rule_tests.judge import Failure, failures
from scheduler.rule_tests.play import play
from scheduler.rule_tests.world import MakeHousehold


@dataclass(frozen=True, slots=True)
class Result:
    """What a test came to. `won` are rules that won a part of the setting, `fired` events."""

    test: RuleTest
    failures: tuple[Failure, ...]
    won: frozenset[str]
    fired: frozenset[str]
    ticks: int

    @property
    def passed(self) -> bool:
        """Everything was as expected."""
        return not self.failures


def run(test: RuleTest, file: RuleTestFile, make_household: MakeHousehold) -> Result:
    """Play a test, and compare."""
    zone, home = file.rules.almanac.zone, test.house.home
    played = play(test, file, None if home is None else make_household(home, zone))
    found = tuple(failures(test.expect, played, zone))
    won = {name for tick in played.ticks for name in tick.decision.winners.values()}
    fired = {rule for _, rule, happened in played.events if happened is Happened.FIRED}
    return Result(test, found, frozenset(won), frozenset(fired), len(played.ticks))
