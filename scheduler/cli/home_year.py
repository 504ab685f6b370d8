"""A home's year with its contract, without rules: for commands that look for the best."""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from scheduler.cli.backtest_site import Asked
from scheduler.cli.contract import Contract

if TYPE_CHECKING:
    from rules.engine import RuleSet
    from rules.resolve import Limits
    from scheduler.money import MeteredEnergy
    from scheduler.money.backtest import Site
    from scheduler.money.bill import Bill, BillCalculator, Plan

LIBRARIES = ("highspy", "numpy", "tomli_w")


@dataclass(frozen=True)
class HomeYear:
    """A site that begins at its floor, in steps of its own, and the plan it is billed by."""

    site: Site
    plan: Plan
    calculator: BillCalculator
    floor: int

    @property
    def limits(self) -> Limits:
        """What the owner permits."""
        from rules.resolve import Limits

        safety = self.site.safety
        return Limits(safety.grid_charging, safety.export, self.floor)

    def bill(self, metered: MeteredEnergy) -> Bill:
        """The bill of a schedule of this home."""
        return self.calculator.bill(metered)


def needs_money() -> None:
    """Raises `ConfigProblem` where the libraries that search are not installed."""
    from scheduler.errors import ConfigProblem

    missing = [name for name in LIBRARIES if find_spec(name) is None]
    if missing:
        raise ConfigProblem(
            f"{' and '.join(missing)} is not installed: install powerwall-scheduler[money]"
        )


def home_year(asked: Asked, contract: Contract) -> HomeYear:
    """The home of a call. Raises `ConfigProblem`, `HistoryProblems`, `BillRefused`."""
    from scheduler.cli.backtest_site import site_of
    from scheduler.cli.contract import plan_of
    from scheduler.cli.given import route_levers
    from scheduler.money.bill import BillCalculator

    floor = 20 if asked.floor is None else asked.floor
    asked = replace(asked, floor=floor, soe=float(floor))
    rules = plain_rules(contract, floor)
    site = site_of(asked, rules, None, route_levers(None))
    plan = plan_of(contract, rules, Path("rules.toml"))
    data = site.data
    return HomeYear(site, plan, BillCalculator(plan, data.start, data.step, len(data)), floor)


def plain_rules(contract: Contract, floor: int) -> RuleSet:
    """Rules that leave the battery to itself, with the tariff of the contract."""
    import tomli_w

    default = {"mode": "self_consumption", "reserve": floor}
    return rules_of(tomli_w.dumps({"language": 1, **source_of(contract), "default": default}))


def source_of(contract: Contract) -> dict[str, str]:
    """What a rule file says of the tariff: its name, or its whole path.

    Of one that has its prices from a price file rules know the time zone only. Raises
    `ConfigProblem` where none is said or known, `RuleProblems` for a file that is none.
    """
    from rules.terms import load_bill_tariff
    from scheduler.cli.contract import named_tariff
    from scheduler.errors import ConfigProblem

    if contract.tariff is None:
        raise ConfigProblem("say by what the home is billed with --tariff")
    path = named_tariff(contract.tariff)
    # A mistake in it is told with its own name, not that of our rules.
    found = load_bill_tariff(path)
    if not found.has_prices:
        return {"timezone": found.tariff.zone.key}
    return {"tariff": str(path.resolve()) if contract.tariff.endswith(".toml") else contract.tariff}


def rules_of(text: str) -> RuleSet:
    """The rule set of a text. Raises `RuleProblems`."""
    from rules.language import load_rules

    with TemporaryDirectory() as folder:
        path = Path(folder, "tuned.toml")
        path.write_text(text, encoding="utf-8")
        return load_rules([path])
