"""Tests of rule files: what a house is like through time, and what is expected of the rules.

`file` reads them from test files, `model` says what these may contain, `writer` writes one that
shows what was found; `scheduler.rule_tests` runs them. A `Series` is one value through time; a
`RuleTest` has the series of everything that a controller reads.
"""

from rules.testing.file import ENDING, load_rule_tests
from rules.testing.house import oldest_values, refreshed, set_at_first
from rules.testing.rule_test import (
    BY_ITSELF,
    ORDINARY,
    Count,
    Expectation,
    Holds,
    House,
    RuleTest,
    RuleTestFile,
    SimulatedHome,
)
from rules.testing.series import Point, Series
from rules.testing.writer import rule_test_text, rule_tests_text

__all__ = [
    "BY_ITSELF",
    "ENDING",
    "ORDINARY",
    "Count",
    "Expectation",
    "Holds",
    "House",
    "Point",
    "RuleTest",
    "RuleTestFile",
    "Series",
    "SimulatedHome",
    "load_rule_tests",
    "oldest_values",
    "refreshed",
    "rule_test_text",
    "rule_tests_text",
    "set_at_first",
]
