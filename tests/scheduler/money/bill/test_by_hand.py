"""A month of summer and one of winter under each shipped tariff, counted with pencil and calendar.

A home that always takes 1 kW: the hours of a period are its kWh. What the counts rest on:

September 2026 has 30 days, Labor Day on Monday the 7th: 21 workdays, 9 others. November 2026 begins
with the Sunday on which clocks go back (721 hours; 01:00 comes twice) and has Veterans Day (Wed)
and Thanksgiving (Thu): 19 workdays, 11 others. March 2026 has 31 days and loses 02:00 on the 8th
(743 hours). September 2025 has Labor Day on the 1st: 21 workdays, 9 others. November 2025 has 721
hours, Veterans Day (Tue) and Thanksgiving (Thu): 18 workdays, 12 others; SCE's fixed charge changes
on the 15th.
"""

from __future__ import annotations

from datetime import date

import pytest
from billed import kwh_of, metered, tariff

from scheduler.money.bill import Plan, bill

SCE_2025, SCE_2026, PGE = 0.00198 + 0.0003, 0.00619 + 0.0003, 0.0003
COMMON = {"sce-tou-d-4-9pm": "10", "sce-tou-d-5-8pm": "10", "sce-tou-d-a": "10",
          "pge-e-tou-c": "X", "sdge-tou-dr1": "coastal"}  # fmt: skip

SEPTEMBER, NOVEMBER, MARCH = (2026, 9, 30), (2026, 11, 30), (2026, 3, 31)
BEFORE_SEPTEMBER, BEFORE_NOVEMBER = (2025, 9, 30), (2025, 11, 30)

MONTHS = [
    # tariff, month; kWh and price of each period; adders; fixed charges; baseline kWh and credit
    ("sce-tou-d-4-9pm", SEPTEMBER,
     {"summer on-peak": (105, 0.58477), "summer mid-peak": (45, 0.46482),
      "summer off-peak": (570, 0.34666)}, SCE_2026, 30 * 0.794, (30 * 19.3, 0.10108)),
    ("sce-tou-d-4-9pm", NOVEMBER,
     {"winter mid-peak": (150, 0.51112), "winter off-peak": (331, 0.37515),
      "winter super-off-peak": (240, 0.33605)}, SCE_2026, 30 * 0.794, (30 * 12.1, 0.10108)),
    ("sce-tou-d-5-8pm", SEPTEMBER,
     {"summer on-peak": (63, 0.74), "summer mid-peak": (27, 0.54),
      "summer off-peak": (630, 0.34)}, SCE_2026, 30 * 0.794, (30 * 19.3, 0.10108)),
    ("sce-tou-d-5-8pm", NOVEMBER,
     {"winter mid-peak": (90, 0.60), "winter off-peak": (361, 0.38),
      "winter super-off-peak": (270, 0.32)}, SCE_2026, 30 * 0.794, (30 * 12.1, 0.10108)),
    ("sce-tou-d-prime", SEPTEMBER,
     {"summer on-peak": (105, 0.59291), "summer mid-peak": (45, 0.40182),
      "summer off-peak": (570, 0.26698)}, SCE_2026, 30 * 0.794, None),
    ("sce-tou-d-prime", NOVEMBER,
     {"winter mid-peak": (150, 0.56646), "winter off-peak": (331, 0.24633),
      "winter super-off-peak": (240, 0.24633)}, SCE_2026, 30 * 0.794, None),
    ("sce-tou-d-prime", MARCH,
     {"winter mid-peak": (155, 0.30091 + 0.26489), "winter off-peak": (340, 0.18785 + 0.05958),
      "winter super-off-peak": (248, 0.18785 + 0.05958)}, SCE_2026, 31 * 0.794, None),
    ("sce-tou-d-a", BEFORE_SEPTEMBER,
     {"summer on-peak": (126, 0.80443), "summer off-peak": (294, 0.52125),
      "summer super-off-peak": (300, 0.19862)}, SCE_2025, 30 * 0.031, (30 * 19.3, 0.0925)),
    ("sce-tou-d-a", BEFORE_NOVEMBER,
     {"winter on-peak": (108, 0.51172), "winter off-peak": (312, 0.42681),
      "winter super-off-peak": (301, 0.19609)}, SCE_2025, 14 * 0.031 + 16 * 0.794,
     (30 * 12.1, 0.0925)),
    ("sce-tou-d-b", BEFORE_SEPTEMBER,
     {"summer on-peak": (126, 0.66372), "summer off-peak": (294, 0.31030),
      "summer super-off-peak": (300, 0.15929)}, SCE_2025, 30 * 0.88, None),
    ("sce-tou-d-b", BEFORE_NOVEMBER,
     {"winter on-peak": (108, 0.42523), "winter off-peak": (312, 0.28471),
      "winter super-off-peak": (301, 0.16019)}, SCE_2025, 14 * 0.88 + 16 * 0.794, None),
    ("pge-e-tou-c", SEPTEMBER,
     {"summer on-peak": (150, 0.52240), "summer off-peak": (570, 0.39940)},
     PGE, 30 * 0.79343, (30 * 9.8, 0.0814)),
    ("pge-e-tou-c", NOVEMBER,
     {"winter on-peak": (150, 0.39757), "winter off-peak": (571, 0.36757)},
     PGE, 30 * 0.79343, (30 * 9.7, 0.0814)),
    ("pge-e-tou-c", MARCH,
     {"winter on-peak": (155, 0.39757), "winter off-peak": (588, 0.36757)},
     PGE, 31 * 0.79343, (31 * 9.7, 0.0814)),
    ("pge-ev2-a", SEPTEMBER,
     {"summer on-peak": (150, 0.53809), "summer part-peak": (120, 0.42760),
      "summer off-peak": (450, 0.22558)}, PGE, 30 * 0.79343, None),
    ("pge-ev2-a", NOVEMBER,
     {"winter on-peak": (150, 0.41099), "winter part-peak": (120, 0.39428),
      "winter off-peak": (451, 0.22558)}, PGE, 30 * 0.79343, None),
    ("pge-e-elec", SEPTEMBER,
     {"summer on-peak": (150, 0.55214), "summer part-peak": (120, 0.39026),
      "summer off-peak": (450, 0.33358)}, PGE, 30 * 0.79343, None),
    ("pge-e-elec", NOVEMBER,
     {"winter on-peak": (150, 0.32063), "winter part-peak": (120, 0.29854),
      "winter off-peak": (451, 0.28468)}, PGE, 30 * 0.79343, None),
    ("sdge-tou-dr1", SEPTEMBER,
     {"summer on-peak": (150, 0.68459), "summer off-peak": (234, 0.46392),
      "summer super-off-peak": (336, 0.37660)}, 0.0, 30 * 0.79343, (30 * 9.0, 0.10663)),
    ("sdge-tou-dr1", NOVEMBER,
     {"winter on-peak": (150, 0.61014), "winter off-peak": (226, 0.52843),
      "winter super-off-peak": (345, 0.43767)}, 0.0, 30 * 0.79343, (30 * 9.2, 0.10663)),
    ("sdge-ev-tou-5", SEPTEMBER,
     {"summer on-peak": (150, 0.79321), "summer off-peak": (234, 0.49613),
      "summer super-off-peak": (336, 0.12852)}, 0.0, 30 * 0.79343, None),
    ("sdge-ev-tou-5", NOVEMBER,
     {"winter on-peak": (150, 0.52292), "winter off-peak": (226, 0.46639),
      "winter super-off-peak": (345, 0.12115)}, 0.0, 30 * 0.79343, None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "month", "energy", "adders", "fixed", "baseline"),
    MONTHS,
    ids=[f"{each[0]}-{each[1][0]}-{each[1][1]:02}" for each in MONTHS],
)
def test_a_month_of_one_kilowatt(
    name: str,
    month: tuple[int, int, int],
    energy: dict[str, tuple[float, float]],
    adders: float,
    fixed: float,
    baseline: tuple[float, float] | None,
) -> None:
    year, number, days = month
    through_the_meter = metered(date(year, number, 1), date(year, number, days))
    plan = Plan(tariff(name), baseline_region=COMMON.get(name))
    (found,) = bill(through_the_meter, plan).months
    assert kwh_of(found) == pytest.approx({period: kwh for period, (kwh, _) in energy.items()})
    expected = sum(kwh * (price + adders) for kwh, price in energy.values()) + fixed
    if baseline:
        expected -= baseline[0] * baseline[1]
    assert found.total == pytest.approx(expected, abs=1e-9)
    assert found.complete


def test_every_shipped_tariff_is_counted_in_summer_and_in_winter() -> None:
    from rules.language import shipped

    seasons = {(name, next(iter(energy)).split()[0]) for name, _, energy, *_ in MONTHS}
    assert seasons == {(name, season) for name in shipped() for season in ("summer", "winter")}
