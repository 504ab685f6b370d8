"""What `pwsched check --tests` writes: each moment that shows a finding, as a rule test."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from os.path import relpath
from pathlib import Path

from rules.check import Code, Finding
from rules.engine import Plan
from rules.testing import rule_test_text, rule_tests_text
from scheduler.errors import ConfigProblem

NOTE = """\
Written by pwsched check. Each test shows a moment at which something is wrong, and passes
as long as it is: with rules that were mended it fails, and can go."""


def write_tests(path: Path, files: Sequence[Path], findings: Sequence[Finding], plan: Plan) -> int:
    """Write the tests of all findings that have a history; how many there are.

    Raises `ConfigProblem` where the file cannot be written.
    """
    tests = list(_tests(findings, plan))
    names = [relpath(file, path.parent) for file in files]
    text = rule_tests_text(names, tests, note=NOTE, reserve_floor=plan.limits.reserve_floor)
    try:
        path.write_text(text, "utf-8")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ConfigProblem(f"--tests: cannot write {path}: {reason}") from None
    return len(tests)


def _tests(findings: Sequence[Finding], plan: Plan) -> Iterator[str]:
    zone = plan.rules.almanac.zone
    for finding in findings:
        if finding.history is None:
            continue
        rules = tuple(place.rule for place in finding.places)
        name = f"{finding.code}: {' and '.join(rules)}"
        looks = finding.history.looks
        if finding.code is Code.CONFLICT:
            yield rule_test_text(name, looks, zone, active=rules)
        else:
            setting = finding.history.play(plan).decision.setting
            yield rule_test_text(name, looks, zone, setting=setting)
