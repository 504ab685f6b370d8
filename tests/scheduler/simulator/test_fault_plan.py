"""Fault plans: what they hit, and what every seed keeps to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rules.domain import GridStatus, Mode, Setting
from scheduler.errors import ConfigProblem
from scheduler.household import unit
from scheduler.simulator.fault_plan import CALM_AT_END, Fault, FaultKind, FaultPlan

START = datetime(2026, 7, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
GET_SOE = ("GET", "/api/system_status/soe")
GET_OPERATION = ("GET", "/api/operation")
POST_OPERATION = ("POST", "/api/operation")
COMPLETED = ("GET", "/api/config/completed")
REQUESTS = (GET_SOE, GET_OPERATION, POST_OPERATION, COMPLETED)


@pytest.mark.parametrize(
    ("kind", "path", "hit"),
    [
        (FaultKind.NO_ANSWER, None, REQUESTS),
        (FaultKind.NO_ANSWER, "/api/system_status", (GET_SOE,)),
        (FaultKind.LATE_ANSWER, "/api/operation", (GET_OPERATION, POST_OPERATION)),
        (FaultKind.BAD_GATEWAY, None, REQUESTS),
        (FaultKind.UNAUTHORIZED, None, REQUESTS),
        (FaultKind.RATE_LIMITED, "/api/login", ()),
        (FaultKind.UNCERTAIN_WRITE, None, (POST_OPERATION, COMPLETED)),
        (FaultKind.UNCERTAIN_WRITE, "/api/config", (COMPLETED,)),
        (FaultKind.LOST_WRITE, None, (POST_OPERATION, COMPLETED)),
        (FaultKind.IGNORED_WRITE, None, (COMPLETED,)),
        (FaultKind.UNACTED_WRITE, None, (COMPLETED,)),
        (FaultKind.REBOOT, None, ()),  # a reboot is the gateway's own affair
    ],
)
def test_which_requests_a_fault_hits(
    kind: FaultKind, path: str | None, hit: tuple[tuple[str, str], ...]
) -> None:
    plan = FaultPlan.scripted([Fault(kind, START, START + HOUR, path)])
    assert tuple(request for request in REQUESTS if plan.at(START, *request)) == hit


@pytest.mark.parametrize(
    ("minutes", "kind"),
    [
        (-1, None),
        (0, FaultKind.NO_ANSWER),
        (9, FaultKind.NO_ANSWER),
        (10, FaultKind.BAD_GATEWAY),  # the one that began last
        (19, FaultKind.BAD_GATEWAY),
        (20, FaultKind.NO_ANSWER),
        (59, FaultKind.NO_ANSWER),
        (60, None),
        (90, FaultKind.UNAUTHORIZED),
    ],
)
def test_faults_begin_end_and_overlap(minutes: int, kind: FaultKind | None) -> None:
    plan = FaultPlan.scripted(
        [
            Fault(FaultKind.UNAUTHORIZED, START + 1.5 * HOUR, START + 2 * HOUR),
            Fault(FaultKind.NO_ANSWER, START, START + HOUR),
            Fault(FaultKind.BAD_GATEWAY, START + HOUR / 6, START + HOUR / 3),
        ]
    )
    fault = plan.at(START + timedelta(minutes=minutes), *GET_SOE)
    assert (fault.kind if fault else None) == kind


END = START + timedelta(days=5)
PLANS = [FaultPlan.seeded(seed, START, END) for seed in range(100)]


def test_seeded_plans_disturb_some_of_the_time_and_end_calm() -> None:
    for plan in PLANS:
        troubled = sum((f.end - f.start for f in plan.faults), timedelta())
        assert timedelta(0) < troubled <= 0.3 * (END - START)
        assert all(START < fault.start < fault.end <= END - CALM_AT_END for fault in plan.faults)
        assert all(HOUR / 60 <= f.end - f.start <= HOUR for f in plan.faults)
        for one, following in zip(plan.faults, plan.faults[1:], strict=False):
            assert one.end < following.start


def test_each_seed_takes_its_own_few_kinds_and_all_seeds_take_all() -> None:
    mixes = [frozenset(fault.kind for fault in plan.faults) for plan in PLANS]
    assert len(set(mixes)) > 60
    assert max(len(mix) for mix in mixes) < len(FaultKind)
    assert frozenset().union(*mixes) == frozenset(FaultKind)


def test_a_seed_repeats_itself() -> None:
    assert FaultPlan.seeded(7, START, END).faults == PLANS[7].faults


def test_too_short_a_span_stays_calm() -> None:
    assert FaultPlan.seeded(7, START, START + CALM_AT_END).faults == ()


def test_numbers_are_spread_evenly() -> None:
    drawn = [unit(5, index) for index in range(4_000)]
    tenths = [sum(1 for x in drawn if i / 10 <= x < (i + 1) / 10) for i in range(10)]
    assert sum(tenths) == 4_000
    assert all(300 < count < 500 for count in tenths)


def test_a_plan_is_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "faults.toml"
    path.write_text(
        """
        [[fault]]
        kind = "late_answer"
        start = 2026-07-01T16:00:00-07:00
        end = 2026-07-01T17:00:00-07:00
        path = "/api/operation"
        delay_s = 3
        """
    )
    four = datetime(2026, 7, 1, 23, tzinfo=UTC)
    assert FaultPlan.from_toml(path, START).faults == (
        Fault(FaultKind.LATE_ANSWER, four, four + HOUR, "/api/operation", 3.0),
    )


def test_a_plan_may_count_from_the_beginning_of_the_run(tmp_path: Path) -> None:
    path = tmp_path / "faults.toml"
    path.write_text(
        """
        [[fault]]
        kind = "app_change"
        after_s = 90
        for_s = 1
        mode = "autonomous"
        reserve = 35
        [[fault]]
        kind = "grid_state"
        after_s = 0
        for_s = 60
        grid = "SystemWaitForUser"
        """
    )
    second = timedelta(seconds=1)
    assert FaultPlan.from_toml(path, START).faults == (
        Fault(FaultKind.GRID_STATE, START, START + 60 * second, grid=GridStatus.WAIT_FOR_USER),
        Fault(
            FaultKind.APP_CHANGE,
            START + 90 * second,
            START + 91 * second,
            setting=Setting(Mode.AUTONOMOUS, 35),
        ),
    )


GOOD = 'kind = "reboot"\nstart = 2026-07-01T16:00:00Z\nend = 2026-07-01T17:00:00Z\n'


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[[fault]]\n" + GOOD.replace("reboot", "explosion"), "kind"),
        ("[[fault]]\n" + GOOD.replace(":00Z", ":00"), "start"),
        ("[[fault]]\n" + GOOD.replace("T17", "T16"), "end must be after start"),
        ("[[fault]]\n" + GOOD + "colour = 1\n", "colour"),
        ("[[fault]]\n" + GOOD + "delay_s = inf\n", "delay_s"),
        ("[[fault]]\n" + GOOD + "reserve = 101\n", "reserve"),
        ("[[fault]]\n" + GOOD + 'grid = "up"\n', "grid"),
        ("[[fault]]\n" + GOOD + "after_s = 3\n", "either start or after_s"),
        ("[[fault]]\n" + GOOD + "for_s = 3\n", "either end or for_s"),
        ('[[fault]]\nkind = "reboot"\n', "either start or after_s"),
        ("fault = 3\n", "fault"),
        ("[[fault\n", "cannot be read"),
    ],
)
def test_a_wrong_file_is_named_with_its_mistake(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "faults.toml"
    path.write_text(text)
    with pytest.raises(ConfigProblem, match=complaint) as caught:
        FaultPlan.from_toml(path, START)
    assert str(path) in str(caught.value)


def test_a_missing_file_is_named() -> None:
    with pytest.raises(ConfigProblem, match=r"nowhere\.toml: cannot be read"):
        FaultPlan.from_toml(Path("nowhere.toml"), START)
