"""Backtests of rules as texts, at homes whose days are made by hand."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from simulated import LOS_ANGELES

from rules.battery import POWERWALL_2
from rules.engine import RuleSet
from rules.language import load_rules
from scheduler.money import IntervalData
from scheduler.money.backtest import Backtest, Site, backtest

BASE = """\
language = 1
timezone = "America/Los_Angeles"
[default]
mode = "self_consumption"
reserve = 20
"""
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
ONE_WAY = POWERWALL_2.efficiency


def rules_of(text: str, base: str = BASE) -> RuleSet:
    """The rules in a text, with a base before them."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "rules.toml")
        path.write_text(base + text, encoding="utf-8")
        return load_rules([path])


def data_of(
    start: datetime,
    load: Sequence[float],
    solar: Sequence[float] | None = None,
    step: timedelta = 5 * MINUTE,
) -> IntervalData:
    """Interval data of Los Angeles from these mean powers."""
    return IntervalData(start, step, LOS_ANGELES, load, solar or [0.0] * len(load))


def steady(
    start: datetime,
    length: timedelta,
    load: float = 1_000.0,
    solar: float = 0.0,
    step: timedelta = 5 * MINUTE,
) -> IntervalData:
    """Interval data in which nothing ever changes."""
    count = length // step
    return data_of(start, [load] * count, [solar] * count, step)


def backtested(text: str, data: IntervalData, base: str = BASE, **site: Any) -> Backtest:
    """The backtest of these rules at a site."""
    return backtest(Site(data, **site), rules_of(text, base))


def kwh(series: Sequence[float]) -> float:
    """Watt hours of intervals, in kilowatt hours altogether."""
    return sum(series) / 1_000.0
