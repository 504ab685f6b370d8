"""Tariffs of other formats: what they say arrives, what they cannot say is asked for."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from billed import SHARED, tariff

from rules.terms import BillTariff, load_bill_tariff
from scheduler.errors import ImportRefused
from scheduler.money.tariff_import import Answers, Holidays, import_tariff

ZONE = "America/Los_Angeles"
ANSWERS = Answers(ZONE, Holidays.SCE, date(2026, 6, 1))


def imported(folder: Path, said: Any, answers: Answers = ANSWERS) -> BillTariff:
    """What is loaded from the file that was written for a text or a JSON value."""
    source = folder / "rate.json"
    source.write_text(said if isinstance(said, str) else json.dumps(said))
    made = folder / "made.toml"
    made.write_text(import_tariff(source, answers))
    return load_bill_tariff(made)


def hours(found: BillTariff, day: str) -> str:
    return ", ".join(
        f"{part.start / 60:g}-{part.end / 60:g} {part.name} {part.price:g}"
        for part in found.tariff.day(date.fromisoformat(day))
    )


def tiers(price: float, credit: float = 0.0, kwh: float = 10.0) -> list[dict[str, Any]]:
    last = {"rate": price - 0.01, "adj": 0.01}
    if not credit:
        return [last]
    return [{"rate": price - credit, "max": kwh, "unit": "kWh daily"}, last]


PEAK_DAY = [0] * 16 + [1] * 5 + [0] * 3
RATE: dict[str, Any] = {
    "label": "abc123",
    "utility": "Valley Light and Power",
    "name": "TOU-R",
    "startdate": 1772323200,  # 2026-03-01
    "energyratestructure": [tiers(0.2), tiers(0.5), tiers(0.15)],
    "energyweekdayschedule": [[2] * 24] * 5 + [PEAK_DAY] * 4 + [[2] * 24] * 3,
    "energyweekendschedule": [[2] * 24] * 5 + [[0] * 24] * 4 + [[2] * 24] * 3,
    "fixedchargefirstmeter": 0.8,
    "fixedchargeunits": "$/day",
}


def test_a_rate_of_urdb(tmp_path: Path) -> None:
    found = imported(tmp_path, {"items": [RATE]}, Answers(ZONE, Holidays.SCE))
    assert found.tariff.title == "Valley Light and Power TOU-R"
    assert found.tariff.source == "URDB abc123"
    assert found.tariff.versions[0].effective == date(2026, 3, 1)
    assert hours(found, "2026-07-01") == "0-16 off-peak 0.2, 16-21 on-peak 0.5, 21-24 off-peak 0.2"
    assert hours(found, "2026-07-04") == "0-24 off-peak 0.2"
    assert hours(found, "2026-09-07") == "0-24 off-peak 0.2"
    assert hours(found, "2026-12-01") == "0-24 all-day 0.15"
    (charges,) = found.terms.charges
    assert charges.fixed_per_day == 0.8
    assert found.terms.baseline == {}


def test_charges_of_a_month_are_spread_over_the_year(tmp_path: Path) -> None:
    said = RATE | {"fixedchargeunits": "$/month", "fixedchargefirstmeter": 10.0, "mincharge": 15.0}
    (charges,) = imported(tmp_path, said).terms.charges
    assert charges.fixed_per_day == pytest.approx(120 / 365, abs=1e-6)
    assert charges.minimum_per_day == pytest.approx(180 / 365, abs=1e-6)


def test_two_tiers_by_the_day_are_a_baseline_credit(tmp_path: Path) -> None:
    said = RATE | {
        "energyratestructure": [tiers(0.2, 0.08), tiers(0.5, 0.08), tiers(0.15, 0.08, 7.5)]
    }
    found = imported(tmp_path, said)
    assert found.terms.charges[0].baseline_credit == pytest.approx(0.08)
    assert found.terms.baseline == {"imported": {"summer": 10.0, "winter": 7.5}}
    assert hours(found, "2026-12-01") == "0-24 all-day 0.15"


def test_one_price_for_export_is_taken_and_others_are_told_of(tmp_path: Path) -> None:
    priced = [[{"rate": 0.2, "sell": 0.05}], [{"rate": 0.5, "sell": 0.05}], [{"rate": 0.15}]]
    found = imported(tmp_path, RATE | {"energyratestructure": priced})
    assert found.terms.flat == 0.05
    priced[1][0]["sell"] = 0.4
    assert imported(tmp_path, RATE | {"energyratestructure": priced}).terms.flat is None
    assert "differ by period and are left out" in (tmp_path / "made.toml").read_text()


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"demandratestructure": [[{"rate": 1}]]}, "it has a demandratestructure"),
        ({"energyweekdayschedule": [[0] * 24] * 11}, "12 months by 24 hours"),
        ({"energyweekdayschedule": [[3] * 24] * 12}, "names a period that has no price"),
        (
            {"energyratestructure": [tiers(0.2, 0.08), tiers(0.5, 0.1), tiers(0.15, 0.08)]},
            "differ by another sum in each period",
        ),
        (
            {"energyratestructure": [tiers(0.2, 0.08), tiers(0.5, 0.08, 11), tiers(0.15, 0.08)]},
            "end at another kWh in each period",
        ),
        (
            {"energyratestructure": [tiers(0.2), [*tiers(0.5, 0.1), {"rate": 0.9}], tiers(0.1)]},
            "period 1 has 3 tiers",
        ),
        ({"fixedchargeunits": "$/kW"}, "fixedchargefirstmeter is in $/kW"),
        ({"energyratestructure": [[{"rate": "dear"}]] * 3}, "not of the form it seems to be"),
        ({"items": [RATE, RATE]}, "has 2 rates; keep the one"),
    ],
)
def test_what_a_tariff_file_cannot_say_is_refused(
    tmp_path: Path, change: dict[str, Any], wrong: str
) -> None:
    with pytest.raises(ImportRefused) as error:
        imported(tmp_path, RATE | change)
    assert str(error.value).startswith(f"{tmp_path}/rate.json: ")
    assert wrong in str(error.value)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"seasons": {}}'])
def test_a_file_of_neither_kind_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ImportRefused, match=r"is not JSON|is neither a rate of URDB"):
        imported(tmp_path, text)


def test_what_neither_format_says_is_asked_for_at_once(tmp_path: Path) -> None:
    with pytest.raises(ImportRefused) as error:
        imported(tmp_path, {**RATE, "startdate": None}, Answers())
    for option in ("--timezone", "--holidays, one of sce, us, none", "--effective"):
        assert option in str(error.value)
    # Where weekends are priced as weekdays are, holidays make no difference.
    plain = RATE | {"energyweekendschedule": RATE["energyweekdayschedule"]}
    assert (
        imported(tmp_path, plain, Answers(ZONE)).tariff.holidays
        == type(imported(tmp_path, plain).tariff.holidays)()
    )


@pytest.mark.parametrize(
    ("holidays", "friday", "columbus"),
    [(Holidays.SCE, False, False), (Holidays.US, True, True), (Holidays.NONE, False, False)],
)
def test_holidays_are_as_the_owner_says(
    tmp_path: Path, holidays: Holidays, *, friday: bool, columbus: bool
) -> None:
    found = imported(tmp_path, RATE, Answers(ZONE, holidays)).tariff
    assert (date(2026, 7, 3) in found.holidays) is friday
    assert (date(2026, 10, 12) in found.holidays) is columbus
    assert (date(2026, 9, 7) in found.holidays) is (holidays is not Holidays.NONE)


def test_without_the_writer_of_toml_it_is_said_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tomli_w", None)
    with pytest.raises(ImportRefused, match=r'pip install "powerwall-scheduler\[money\]"'):
        imported(tmp_path, RATE)


@pytest.mark.skipif(not SHARED.exists(), reason="needs the collected tariffs")
@pytest.mark.parametrize(
    ("record", "name", "days"),
    [
        ("sce-tou-d-4-9pm", "sce-tou-d-4-9pm", ("2026-07-01", "2026-09-07", "2026-12-01")),
        ("sce-tou-d-prime", "sce-tou-d-prime", ("2026-07-01", "2027-07-05", "2026-12-01")),
        ("pge-e-tou-c", "pge-e-tou-c", ("2026-07-01", "2026-07-04", "2026-12-01")),
        ("pge-ev2-a", "pge-ev2-a", ("2026-07-01", "2026-07-04", "2026-12-01")),
        ("sdge-tou-dr-1", "sdge-tou-dr1", ("2026-07-01", "2026-09-07", "2026-12-01")),
        ("sdge-ev-tou-5", "sdge-ev-tou-5", ("2026-07-01", "2026-09-07", "2026-12-01")),
    ],
)
def test_a_collected_record_is_the_tariff_that_is_shipped(
    tmp_path: Path, record: str, name: str, days: tuple[str, ...]
) -> None:
    """Hour by hour, but for the names of periods, and for adders that one has and the other not."""
    text = (SHARED / f"tariffs/{record}.json").read_text()
    found, known = imported(tmp_path, text, Answers(ZONE)), tariff(name)
    added = sum(known.tariff.versions[-1].adders.values())
    # The record of SCE adds a part that is not of bundled homes.
    added -= 0.00842 if name.startswith("sce") else 0.0
    for day in map(date.fromisoformat, days):
        for minute in range(0, 1440, 60):
            here, there = (
                next(part for part in each.tariff.day(day) if part.start <= minute < part.end)
                for each in (found, known)
            )
            assert here.price + added == pytest.approx(there.price), (day, minute)
    assert found.terms.charges[0].fixed_per_day == known.terms.charges[-1].fixed_per_day
    if found.terms.charges[0].baseline_credit:
        assert found.terms.charges[0].baseline_credit == known.terms.charges[-1].baseline_credit
        assert found.terms.baseline["imported"] in known.terms.baseline.values()


def every_day(first: int, last: int) -> dict[str, Any]:
    return {"fromHour": first, "toHour": last, "toDayOfWeek": 6}


TESLA: dict[str, Any] = {
    "version": 1,
    "code": "VLP-TOU",
    "name": "TOU-R",
    "utility": "Valley Light and Power",
    "currency": "USD",
    "daily_charges": [{"name": "Charge", "amount": 0.8}, {"name": "Nothing"}],
    "demand_charges": {"ALL": {"rates": {}}, "Summer": {}},
    "energy_charges": {
        "ALL": {"rates": {"ALL": 0.15}},
        "Summer": {"rates": {"ON_PEAK": 0.5, "PARTIAL_PEAK": 0.4, "OFF_PEAK": 0.2}},
        "Winter": {},
    },
    "seasons": {
        "Summer": {
            "fromMonth": 6, "fromDay": 1, "toMonth": 9, "toDay": 30,
            "tou_periods": {
                "ON_PEAK": {"periods": [{"fromHour": 16, "toHour": 21, "toDayOfWeek": 4}]},
                "PARTIAL_PEAK": {
                    "periods": [
                        {"fromHour": 16, "toHour": 21, "fromDayOfWeek": 5, "toDayOfWeek": 6}
                    ]
                },
                # Across midnight, every day.
                "OFF_PEAK": {"periods": [{"fromHour": 21, "toHour": 16}]},
            },
        },
        "Winter": {
            "fromMonth": 10, "fromDay": 1, "toMonth": 5, "toDay": 31,
            "tou_periods": {
                "OFF_PEAK": {"periods": [every_day(0, 8), every_day(8, 0)]}
            },
        },
        "Spring": {},
    },
    "sell_tariff": {"energy_charges": {"ALL": {"rates": {"ALL": 0.06}}}},
}  # fmt: skip


@pytest.mark.parametrize(
    "wrap",
    [
        lambda content: content,
        lambda content: {"response": {"tariff_content_v2": content}},
        lambda content: {"tou_settings": {"optimization_strategy": "economics",
                                          "tariff_content_v2": content}},
    ],
)  # fmt: skip
def test_what_tesla_keeps(tmp_path: Path, wrap: Any) -> None:
    found = imported(tmp_path, wrap(TESLA))
    workday = "0-16 off-peak 0.2, 16-21 on-peak 0.5, 21-24 off-peak 0.2"
    weekend = workday.replace("on-peak 0.5", "part-peak 0.4")
    assert hours(found, "2026-07-03") == workday
    # Day 5 is a Saturday; holidays, which the format does not know, are the owner's word.
    assert hours(found, "2026-07-04") == weekend
    assert hours(found, "2026-09-07") == weekend
    none = imported(tmp_path, wrap(TESLA), Answers(ZONE, Holidays.NONE, date(2026, 6, 1)))
    assert hours(none, "2026-09-07") == workday
    assert hours(found, "2026-12-01") == "0-8 off-peak 0.15, 8-24 off-peak 0.15"
    assert found.terms.charges[0].fixed_per_day == 0.8
    assert found.terms.flat == 0.06
    assert found.tariff.title == "Valley Light and Power TOU-R"


def test_since_when_teslas_prices_hold_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match="since when its prices hold"):
        imported(tmp_path, TESLA, Answers(ZONE, Holidays.SCE))


@pytest.mark.parametrize(
    ("path", "value", "wrong"),
    [
        (("energy_charges", "Summer"), {"rates": {"ON_PEAK": 1}}, "PARTIAL_PEAK has no price"),
        (("energy_charges", "ALL"), {"rates": {}}, "OFF_PEAK has no price in season Winter"),
        (("demand_charges", "ALL"), {"rates": {"ALL": 5}}, "it has demand charges"),
        (
            ("seasons", "Winter", "tou_periods", "OFF_PEAK", "periods"),
            [every_day(0, 8)],
            "does not make a tariff: leaves 08:00-24:00 unpriced",
        ),
        (
            ("seasons", "Summer", "tou_periods", "ON_PEAK", "periods"),
            [{"fromHour": 16, "toHour": 21, "toDayOfWeek": 3}],
            "leaves open what holds on a holiday",
        ),
        (("seasons",), {"Summer": {}}, "no season with hours"),
    ],
)
def test_what_of_teslas_cannot_be_told_is_refused(
    tmp_path: Path, path: tuple[str, ...], value: Any, wrong: str
) -> None:
    said = json.loads(json.dumps(TESLA))
    table = said
    for key in path[:-1]:
        table = table[key]
    table[path[-1]] = value
    with pytest.raises(ImportRefused) as error:
        imported(tmp_path, said)
    assert wrong in str(error.value)
