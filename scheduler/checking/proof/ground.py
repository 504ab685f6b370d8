"""What a site's rules are checked under: its route, its owner's limits, what comes from outside."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date

from rules.calendar import midnight
from rules.check import (
    Code,
    Finding,
    Places,
    Report,
    check,
    missing_outside,
    moment_in_words,
)
from rules.engine import Plan
from rules.inputs import Inputs
from rules.language import load_kept
from scheduler.checking import Answer, Found, Question
from scheduler.gateways import WIDEST_LEVERS


def priced_by(inputs: Inputs) -> bool | None:
    """Prices that come by the day take the place of the tariff's; `None`: there are none."""
    return False if inputs.prices is not None else None


def report_on(plan: Plan, inputs: Inputs, first: date) -> Report:
    """What is found of a site's rules from the day `first` on."""
    report = check(plan, first, priced=priced_by(inputs))
    return replace(report, findings=(*report.findings, *missing_outside(plan.rules, inputs)))


def answer(question: Question) -> Answer:
    """What is found of the rules that are asked about, one sentence each."""
    rules = load_kept(question.sources)
    plan = Plan.of(rules, WIDEST_LEVERS, question.limits)
    report = report_on(plan, question.inputs, question.first)
    places, zone = Places(rules.sources), rules.almanac.zone
    until = midnight(report.until, zone).astimezone(UTC)
    return Answer(until, tuple(_found(each, plan, places) for each in report.findings))


def refuses(finding: Finding) -> bool:
    """New rules are refused for it.

    Not for what could not be decided: it may be sound, and the daemon is worth more to its house
    than a proof.
    """
    return finding.is_error and finding.code is not Code.UNDECIDED


def _found(finding: Finding, plan: Plan, places: Places) -> Found:
    """Where it stands, and what, when, and how it is mended, in one sentence."""
    located = next((each for each in map(places.find, finding.places) if each is not None), None)
    said = [f"{finding.code}: {finding.text}"]
    if finding.history is not None:
        said.append(f"as on {moment_in_words(finding.history, plan.rules.almanac.zone)}")
    if finding.repair is not None:
        said.append(f"repair, proved: {finding.repair}")
    file, line = (0, 0) if located is None else (located.file, located.span.line)
    return Found(file, line, "; ".join(said), refuses(finding))
