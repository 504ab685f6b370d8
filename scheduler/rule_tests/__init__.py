"""Runs the tests of rule files: the daemon's own controller, on a house that a test describes.

`run` plays one test and compares what came with what was expected. There is no clock, no gateway
and no disk: time is that of the test, and a write is in effect at once. `forecast` plays the coming
hours of a simulated home in the same way.
"""

from scheduler.rule_tests.forecast import Beginning, Forecast, Wanted, forecast
from scheduler.rule_tests.judge import Difference, Failure
from scheduler.rule_tests.play import Played, Tick, play
from scheduler.rule_tests.result import Result, run
from scheduler.rule_tests.world import LoadAndSun, MakeHousehold

__all__ = [
    "Beginning",
    "Difference",
    "Failure",
    "Forecast",
    "LoadAndSun",
    "MakeHousehold",
    "Played",
    "Result",
    "Tick",
    "Wanted",
    "forecast",
    "play",
    "run",
]
