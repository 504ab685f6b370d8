"""Which rules a site accepts: those that the check found sound, and those that it accepted before.

New rules are checked before they come into force, and refused for an error. Rules once accepted
always start: what is found of them later, by another calendar or another version of ours, is told
as a warning. Every month the rules in force are checked again for the months to come.

Where nobody can know what was accepted, because the journal lost rows or cannot be read, nothing
is refused: a house that had a daemon yesterday must not lose it with its disk.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from rules.engine import RuleSet
from rules.errors import Problem, RuleProblems
from scheduler.checking import Answer, CheckUnfinished, Question, ask
from scheduler.clock import Clock
from scheduler.config import Site
from scheduler.control.events import RulesChecked
from scheduler.domain import Past, RuleCheck, RuleFinding
from scheduler.errors import DaemonEnding, JournalProblem
from scheduler.inputs import InputFolder
from scheduler.journal import Journal
from scheduler.loop import SiteLoop

MONTH = timedelta(days=30)
AGAIN = timedelta(days=1)
"""A check that came to no end is made again after this time."""

LOOKED_AFTER = timedelta(hours=1)
"""How often it is looked whether a check is due."""

LONGEST_ADMISSION_S = 60.0
"""Real seconds for the check of all new rules: systemd gives a start 90."""

TOLD_AFTER_S = 2.0
"""After so many real seconds it is told what is waited for."""

LONGEST_S = 600.0
"""Real seconds for a check that nobody waits for."""

Ask = Callable[[Question, float], Awaitable[Answer]]
"""Has rules checked within so many seconds. Raises `CheckUnfinished`."""

log = logging.getLogger("pwsched")


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a site's checks. `ended`: the last one of these rules came to its end.

    While `in_doubt` rules may have been accepted of which the journal knows no longer.
    """

    accepted: frozenset[str]
    in_doubt: bool = False
    rules_hash: str = ""
    at: datetime | None = None
    ended: bool = False

    @classmethod
    def of(cls, past: Past) -> Known:
        """As the journal has it."""
        last = past.rule_check
        if last is None:
            return cls(past.accepted, in_doubt=past.gap is not None)
        ended = last.until is not None
        return cls(past.accepted, rules_hash=last.rules_hash, at=last.at, ended=ended)

    def due(self, rules: RuleSet, now: datetime) -> bool:
        """These rules are to be checked now. A clock that was set back does not put it off."""
        if self.at is None or self.rules_hash != rules.digest:
            return True
        return not self.at <= now < self.at + (MONTH if self.ended else AGAIN)


class RuleChecks:
    """The checks of the sites of one process."""

    def __init__(
        self, sites: Sequence[Site], journal: Journal, clock: Clock, ask: Ask = ask
    ) -> None:
        self._sites = {site.name: site for site in sites}
        self._journal = journal
        self._clock = clock
        self._ask = ask
        self._known: dict[str, Known] = {}

    async def begin(self, rules: Mapping[str, RuleSet]) -> dict[str, RuleCheck]:
        """Admit the rules of every site for a start.

        Raises `RuleProblems` as `admit` does, and `JournalProblem` for what waiting cannot mend.
        """
        for site in rules:
            try:
                await self._learn(site)
            except JournalProblem as problem:
                log.debug("%s: nothing is refused: %s", site, problem)
        return await self.admit(rules)

    def accepts(self, rules: Mapping[str, RuleSet]) -> bool:
        """None of these rules has to be checked before it comes into force."""
        return not self._new(rules)

    async def admit(self, rules: Mapping[str, RuleSet]) -> dict[str, RuleCheck]:
        """Check new rules, by site. Raises `RuleProblems` with every error in any of them."""
        new = self._new(rules)
        telling = asyncio.get_running_loop().call_later(TOLD_AFTER_S, _tell_of_the_wait, list(new))
        try:
            checks = await self._checked(new, LONGEST_ADMISSION_S)
        finally:
            telling.cancel()
        errors = dict.fromkeys(each for check in checks.values() for each in check.errors)
        if errors:
            raise RuleProblems(list(errors))
        return checks

    def take(self, site: str, check: RuleCheck) -> None:
        """These rules are accepted: a loop has them in force, or will at its next tick."""
        known = self._known.get(site, Known(frozenset()))
        ended = check.until is not None
        accepted = known.accepted | {check.rules_hash}
        self._known[site] = Known(
            accepted, rules_hash=check.rules_hash, at=self._clock.now(), ended=ended
        )

    async def run(self, loops: Sequence[SiteLoop], found: Mapping[str, RuleCheck]) -> None:
        """Tell the loops what was found at the start, and check again each month, until cancelled.

        What the journal does not take is told again.
        """
        try:
            for loop in loops:
                if (check := found.get(loop.site.name)) is not None:
                    await self._tell(loop, check)
            while True:
                await self._look_after(loops)
                await self._wait(LOOKED_AFTER)
        except DaemonEnding:
            return

    async def _look_after(self, loops: Sequence[SiteLoop]) -> None:
        """Check what is due, and tell of it."""
        due: dict[str, RuleSet] = {}
        for loop in loops:
            known = await self._learned(loop.site)
            if known.due(loop.rules, self._clock.now()):
                due[loop.site.name] = loop.rules
        checks = await self._checked(due, LONGEST_S)
        for loop in loops:
            if (check := checks.get(loop.site.name)) is not None:
                await self._tell(loop, check)

    async def _tell(self, loop: SiteLoop, check: RuleCheck) -> None:
        """Have it recorded. Raises `DaemonEnding`."""
        while True:
            try:
                # A tick of its own would read the gateway, and a write back, before its time.
                await loop.ask(partial(RulesChecked, check=check), at_once=False)
            except JournalProblem:
                await self._wait(loop.site.poll)
            else:
                return self.take(loop.site.name, check)

    async def _learned(self, site: Site) -> Known:
        """What the journal knows, as soon as it can be read."""
        while site.name not in self._known:
            try:
                await self._learn(site.name)
            except JournalProblem:
                await self._wait(site.poll)
        return self._known[site.name]

    async def _learn(self, site: str) -> None:
        self._known[site] = Known.of(await self._journal.past(site))

    def _new(self, rules: Mapping[str, RuleSet]) -> dict[str, RuleSet]:
        """Those that nobody has accepted, as far as that is known."""
        return {
            site: each
            for site, each in rules.items()
            if (known := self._known.get(site)) is not None
            and not known.in_doubt
            and each.digest not in known.accepted
        }

    async def _checked(self, rules: Mapping[str, RuleSet], longest: float) -> dict[str, RuleCheck]:
        """What is found of these, all within `longest` seconds; the same question is asked once."""
        answers: list[tuple[Question, Answer | str]] = []
        checks: dict[str, RuleCheck] = {}
        end = asyncio.get_running_loop().time() + longest
        for name, each in rules.items():
            question = self._question(self._sites[name], each)
            answer = next((said for asked, said in answers if asked == question), None)
            if answer is None:
                answer = await self._answer(question, end)
                answers.append((question, answer))
            checks[name] = _check_of(each, answer, self._sites[name])
        return checks

    async def _answer(self, question: Question, end: float) -> Answer | str:
        """What is found, or why nothing is."""
        try:
            return await self._ask(question, max(0.0, end - asyncio.get_running_loop().time()))
        except CheckUnfinished as why:
            return str(why)

    def _question(self, site: Site, rules: RuleSet) -> Question:
        today = self._clock.now().astimezone(rules.almanac.zone).date()
        inputs = InputFolder(site.inputs).read(lambda _: None)  # the loop tells what is wrong there
        return Question(rules.sources, site.safety.limits, inputs, today)

    async def _wait(self, span: timedelta) -> None:
        # No alarm clock is left over: simulated time goes on while a check is made.
        alarm = self._clock.alarm_clock()
        try:
            await alarm.wait(span.total_seconds())
        finally:
            await alarm.close()


def _tell_of_the_wait(sites: Sequence[str]) -> None:
    names = ", ".join(sites)
    log.info("%s: the new rules are being checked, for up to a minute", names)


def _check_of(rules: RuleSet, answer: Answer | str, site: Site) -> RuleCheck:
    """An answer, with the site's own files."""
    if isinstance(answer, str):
        text = f"the rules could not be checked: {answer}; pwsched check may find more"
        problem = Problem(str(site.rules[0]), 0, text)
        return RuleCheck(rules.digest, None, (RuleFinding(problem, is_error=False),))
    findings: Iterable[RuleFinding] = (
        RuleFinding(Problem(str(site.rules[each.file]), each.line, each.text), each.is_error)
        for each in answer.findings
    )
    return RuleCheck(rules.digest, answer.until, tuple(findings))
