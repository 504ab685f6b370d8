"""The pages of the configuration, of tariffs and of the commands are what the code says."""

from __future__ import annotations

import re
import tomllib
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from billed import metered

from docs import commands
from docs.file_examples import CONFIGURATION, FORMS, TARIFFS, TERMS
from docs.generate import (
    CONFIGURATION_DOCUMENT,
    TARIFFS_DOCUMENT,
    generated,
    with_the_calendar,
)
from rules.calendar import Tariff
from rules.errors import RuleProblems
from rules.language import json_schema, load_tariff, tariff_file
from rules.terms import file as terms_file
from rules.terms import load_bill_tariff
from scheduler import config
from scheduler.cli.exit_codes import FALLS_SHORT
from scheduler.config import Config, load_config
from scheduler.money.bill import Plan, bill

ROOT = Path(__file__).parents[1]
FENCE = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
PAGES = sorted((ROOT / "docs").glob("*.md"))

SITE = {"name": 'name = "home"', "rules": 'rules = ["rules.toml"]'}
GATEWAY = {"host": 'host = "192.168.1.50"'}
SAFE = {"mode": 'mode = "backup"', "reserve": "reserve = 30"}
FLOOR = {"reserve_floor": "reserve_floor = 5"}

TARIFF = {
    "title": 'title = "Mine"',
    "source": 'source = "the sheet on my desk"',
    "timezone": 'timezone = "Europe/London"',
    "currency": 'currency = "GBP"',
    "seasons": 'seasons = { summer = "05-01..10-31", winter = "11-01..04-30" }',
}
HOLIDAYS = {"days": 'days = "12-25"'}
PRICES = {
    "effective": 'effective = "2026-03-01"',
    "summer": "summer = { on-peak = 0.4, off-peak = 0.2 }",
    "winter": "winter = { on-peak = 0.4, off-peak = 0.2 }",
}
EVERY_DAY = (
    {"period": 'period = "on-peak"', "time": 'time = "16:00-20:00"'},
    {"period": 'period = "off-peak"', "time": 'time = "20:00-16:00"'},
)
BY_DAY = (
    {"period": 'period = "on-peak"', "days": 'days = "workdays"', "time": 'time = "16:00-20:00"'},
    {"period": 'period = "off-peak"', "time": 'time = "16:00-20:00"'},
    EVERY_DAY[1],
)
TAX = 1.05

PEAK_HOURS = 4 * 21
"""Hours on-peak of 21 workdays: 4 July is a Saturday, so no workday is a holiday."""


ROUTES = {"SignedTable": "v1r", "FleetTable": "fleet"}
"""The tables that only one route has."""


def lines(said: dict[str, str], head: str = "") -> str:
    """A table; what begins with a bracket is the head of another one."""
    return "\n".join((head, *(each for each in said.values() if each[0] != "["), ""))


def configuration(table: str, key: str, example: str) -> str:
    """A configuration that holds the example of a key."""

    def of(name: str, usual: dict[str, str]) -> dict[str, str]:
        return usual | ({key: example} if name == table else {})

    route = ROUTES.get(table, example.partition('"')[2][:-1] if key == "route" else "local")
    if key in ROUTES.values():
        route = key
    site = SITE if route == "local" else SITE | {"route": f'route = "{route}"'}
    special = {route: table for table, route in ROUTES.items()}.get(route)
    safe = {"safe": f"safe = {{ {', '.join(of('SafeTable', SAFE).values())} }}"}
    text = "".join(
        (
            lines(of("ConfigFile", {})),
            lines(of("ControlTable", {}), "[control]") if table == "ControlTable" else "",
            lines(of("SiteTable", site), "[[site]]"),
            lines(of("GatewayTable", GATEWAY), "[site.gateway]"),
            lines(of(special, {}), f"[site.{route}]") if special else "",
            lines(of("SafetyTable", FLOOR | safe), "[site.safety]"),
        )
    )
    return text.replace("sha256:...", f"sha256:{'0' * 64}")


def tariff(table: str, key: str, example: str) -> str:
    """A tariff file that holds the example of a key."""

    def of(name: str, usual: dict[str, str]) -> dict[str, str]:
        return usual | ({key: example} if name == table else {})

    windows = BY_DAY if (table, key) == ("Period", "days") else EVERY_DAY
    held = [of("Period", each) if "off-peak" in each["period"] else each for each in windows]
    if len(windows) == len(BY_DAY):
        held[-1] = windows[-1]
    periods = [
        lines(each, f"[[periods.{season}]]") for season in ("summer", "winter") for each in held
    ]
    return "".join(
        (
            lines(of("TariffFile", TARIFF)),
            lines(of("Holidays", HOLIDAYS), "[holidays]"),
            *periods,
            lines(of("Prices", PRICES), "[[prices]]"),
        )
    )


def each_key(examples: Any) -> list[tuple[str, str, str]]:
    return [(table, key, said) for table, keys in examples.items() for key, said in keys.items()]


def loaded(folder: Path, text: str) -> Config:
    path = folder / "pwsched.toml"
    path.write_text(text)
    return load_config(path)


@pytest.mark.parametrize("document", [CONFIGURATION_DOCUMENT, TARIFFS_DOCUMENT])
def test_the_tables_are_those_of_the_code(document: Path) -> None:
    text = document.read_text("utf-8")
    assert generated(text) == text, "say: python docs/generate.py"


@pytest.mark.parametrize(
    ("document", "model", "examples"),
    [
        (CONFIGURATION_DOCUMENT, config.ConfigFile, CONFIGURATION),
        (TARIFFS_DOCUMENT, tariff_file.TariffFile, TARIFFS),
        (
            TARIFFS_DOCUMENT,
            terms_file.TermsFile,
            {**TERMS, "Holidays": TARIFFS["Holidays"]},
        ),
        (TARIFFS_DOCUMENT, terms_file.FormFile, FORMS),
    ],
)
def test_every_table_of_the_model_is_there_and_every_key_has_a_text(
    document: Path, model: Any, examples: Any
) -> None:
    schema = json_schema(model)
    tables = {model.__name__: schema, **schema["$defs"]}
    assert set(tables) == set(examples)
    for name, table in tables.items():
        assert f"<!-- keys of {name} -->" in document.read_text("utf-8")
        assert set(examples[name]) == set(table["properties"])
        silent = [key for key, said in table["properties"].items() if not said.get("description")]
        assert silent == []


@pytest.mark.parametrize(("table", "key", "example"), each_key(CONFIGURATION))
def test_every_example_of_a_key_can_be_used(
    tmp_path: Path, table: str, key: str, example: str
) -> None:
    assert re.search(rf"(^|[.\[]){key}( =|\]+)", example)
    assert loaded(tmp_path, configuration(table, key, example)).sites


@pytest.mark.parametrize(("table", "key", "example"), each_key(TARIFFS))
def test_every_example_of_a_tariffs_key_can_be_used(
    tmp_path: Path, table: str, key: str, example: str
) -> None:
    assert re.search(rf"(^|[.\[]){key}( =|\]+|\.)", example)
    path = tmp_path / "my_tariff.toml"
    path.write_text(tariff(table, key, example))
    assert load_tariff(path).seasons


CREDIT = {"name": 'name = "x"', "months": "months = [4]", "amount": "amount = 1.0"}
NBT = {"source": 'source = "x"', "unused": 'unused = "ends"'}
FORM = {key: said for key, said in TARIFF.items() if key != "seasons"}
SERIES = {"step": 'step = "1h"', "prices_from": 'prices_from = "x"'}


def terms(table: str, key: str, example: str) -> str:
    """A tariff file that holds the example of a key which only bills look at."""

    def of(name: str, usual: dict[str, str]) -> dict[str, str]:
        return usual | ({key: example} if name == table else {})

    charges = of("ChargesTable", {"effective": 'effective = "2026-03-01"'})
    demand = ", ".join(of("DemandTable", {"price_per_kw": "price_per_kw = 1.0"}).values())
    credit = ", ".join(of("CreditTable", CREDIT).values())
    if table in {"DemandTable", "CreditTable"}:
        charges |= {"demand": f"demand = {{ {demand} }}", "credits": f"credits = [{{ {credit} }}]"}
    return "".join(
        (
            tariff("", "", ""),
            lines(charges, "[[charges]]"),
            "[baseline]\nhills = { summer = 10.0, winter = 9.0 }\n",
            lines(of("NetMeteringTable", {"source": 'source = "x"'}), "[export.nem1]"),
            lines(of("NetBillingTable", NBT), "[export.nbt]"),
            lines(of("FlatTable", {"source": 'source = "x"', "price": "price = 0.1"}),
                  "[export.flat]"),
        )
    )  # fmt: skip


@pytest.mark.parametrize(("table", "key", "example"), each_key(TERMS))
def test_every_example_of_a_bills_key_can_be_used(
    tmp_path: Path, table: str, key: str, example: str
) -> None:
    assert re.search(rf"(^|[.\[]){key}( =|\]+|\.)", example)
    path = tmp_path / "my_tariff.toml"
    path.write_text(terms(table, key, example))
    assert load_bill_tariff(path).terms.charges


@pytest.mark.parametrize(("table", "key", "example"), each_key(FORMS))
def test_every_example_of_a_forms_key_can_be_used(
    tmp_path: Path, table: str, key: str, example: str
) -> None:
    said = FORM | ({key: example} if table == "FormFile" else {})
    series = SERIES | ({key: example} if table == "SeriesTable" else {})
    path = tmp_path / "my_tariff.toml"
    path.write_text(lines(said) + lines(series, "[series]"))
    assert not load_bill_tariff(path).has_prices


# --- from a bill to a file -----------------------------------------------------------------------


def blocks(kind: str) -> list[str]:
    return [text for said, text in FENCE.findall(TARIFFS_DOCUMENT.read_text()) if said == kind]


@pytest.fixture
def from_the_bill(tmp_path: Path) -> Tariff:
    (text,) = blocks("toml")
    path = tmp_path / "my_tariff.toml"
    path.write_text(text)
    return load_tariff(path)


def test_the_bill_of_the_example_is_right() -> None:
    bill, _ = blocks("text")
    charged = [
        (float(amount), float(price), float(charge))
        for amount, price, charge in re.findall(
            r"(\d+) (?:kWh|days) x \$([\d.]+) +\$([\d.]+)", bill
        )
    ]
    for amount, price, charge in charged:
        assert round(amount * price, 2) == charge
    tax, total = map(float, re.findall(r"(?:tax|Total).*\$([\d.]+)", bill))
    assert len(charged) == 5
    before = sum(charge for *_, charge in charged)
    assert round(before * (TAX - 1), 2) == tax
    assert round(before + tax, 2) == total


def test_the_prices_of_the_file_are_those_of_the_bill(from_the_bill: Tariff) -> None:
    bill, _ = blocks("text")
    (version,) = from_the_bill.versions
    kwh = dict.fromkeys(("on-peak", "off-peak"), 0.0)
    for name in kwh:
        found = re.findall(rf"{name} +(\d+) kWh x \$([\d.]+)", bill, re.IGNORECASE)
        assert len(found) == 2
        price = sum(float(each) for _, each in found) * TAX
        assert version.prices["summer"][name] == pytest.approx(price)
        kwh[name] = float(found[0][0])
    basic = 31 * 0.40 * TAX
    total = sum(kwh[name] * version.prices["summer"][name] for name in kwh) + basic
    assert f"${total:.2f}" in bill
    page = TARIFFS_DOCUMENT.read_text()
    assert f"${total - basic:.2f}" in page
    assert f"${basic:.2f}" in page


def test_the_bill_of_the_file_is_the_bill_of_the_example(tmp_path: Path) -> None:
    """From 3 July 2026 on, 31 days of which 21 are workdays: 142 kWh on-peak, 611 off-peak."""
    printed, _ = blocks("text")
    (text,) = blocks("toml")
    path = tmp_path / "my_tariff.toml"
    path.write_text(text)
    found = load_bill_tariff(path)

    def watts(at: datetime) -> float:
        on_peak = found.tariff.at(at).name == "on-peak"
        return 142_000 / PEAK_HOURS if on_peak else 611_000 / (31 * 24 - PEAK_HOURS)

    meter = metered(date(2026, 7, 3), date(2026, 8, 2), watts)
    (month,) = bill(meter, Plan(found, billing_day=3)).months
    assert f"${month.total:.2f}" in printed.splitlines()[-1]


def test_the_table_between_bill_and_file_is_right(from_the_bill: Tariff) -> None:
    page, (version,) = TARIFFS_DOCUMENT.read_text(), from_the_bill.versions
    rows = re.findall(r"^\| (\w+), (\w+-peak) \| (.*) \|$", page, re.MULTILINE)
    assert len(rows) == 4
    for season, period, numbers in rows:
        delivery, generation, added, price = map(float, numbers.split(" | "))
        assert added == pytest.approx(delivery + generation)
        assert price == pytest.approx(added * TAX)
        assert price == version.prices[season][period]


def test_what_is_shown_of_the_file_is_what_is_shown() -> None:
    text = TARIFFS_DOCUMENT.read_text("utf-8")
    assert with_the_calendar(text) == text, "say: python docs/generate.py"


def test_the_file_of_the_example_would_be_refused_without_one_of_its_windows(
    tmp_path: Path,
) -> None:
    (text,) = blocks("toml")
    windows = re.findall(r"\[\[periods\.\w+\]\]\n.*?(?=\n\[)", text, re.DOTALL)
    assert len(windows) == 6
    for window in windows:
        path = tmp_path / "my_tariff.toml"
        path.write_text(text.replace(window, "", 1))
        assert tomllib.loads(path.read_text())
        with pytest.raises(RuleProblems):
            load_tariff(path)


# --- the commands --------------------------------------------------------------------------------


def test_the_page_of_the_commands_is_what_they_say_and_print() -> None:
    assert commands.page() == commands.DOCUMENT.read_text("utf-8"), "say: python docs/generate.py"


def test_every_command_prints_an_example_or_says_where_one_is() -> None:
    named = set(commands.commands())
    assert set(commands.EXAMPLES) | set(commands.ELSEWHERE) == named
    assert set(commands.EXAMPLES) & set(commands.ELSEWHERE) == set()
    assert set(FALLS_SHORT) <= named


@pytest.mark.parametrize("name", sorted(commands.commands()))
def test_the_help_of_a_command_says_when_it_ends_with_1(tmp_path: Path, name: str) -> None:
    said = " ".join(commands.said(f"{name} --help", tmp_path).text.split())
    assert ("Exit code 1: " in said) == (name in FALLS_SHORT)
    assert FALLS_SHORT.get(name, "") in said


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_readme_links_every_page_once(page: Path) -> None:
    assert (ROOT / "README.md").read_text("utf-8").count(f"](docs/{page.name}") == 1
