"""Tests of rule files, as values: what a house is like through time, and what is expected of it.

`rules.language` reads them from test files, `scheduler.rule_tests` runs them. A `Series` is one
value through time; a `RuleTest` has the series of everything that a controller reads.
"""

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

__all__ = [
    "BY_ITSELF",
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
]
