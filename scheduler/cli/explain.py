"""`pwsched explain`: the decision at one moment and state, rule by rule."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rules.domain import GridStatus
    from rules.explain import Explanation, RuleTrace

GRID_WORDS = {"up": "CONNECTED", "down": "ISLANDED"}


def explain(
    rules: Annotated[
        list[Path], typer.Argument(metavar="RULES...", help="A base file and any rule files.")
    ],
    *,
    at: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Local time like 2026-07-15T16:05; now unless said."),
    ] = None,
    soe: Annotated[float | None, typer.Option(min=0, max=100, help="State of energy, %.")] = None,
    grid: Annotated[str | None, typer.Option(help="up, down, or a word of the gateway.")] = None,
    grid_services: Annotated[bool | None, typer.Option(help="Grid services are active.")] = None,
    solar: Annotated[str | None, typer.Option(metavar="POWER", help='Like "2.5 kW".')] = None,
    load: Annotated[str | None, typer.Option(metavar="POWER", help="What the home uses.")] = None,
    site: Annotated[
        str | None, typer.Option(metavar="POWER", help="From the grid; negative: to it.")
    ] = None,
    battery: Annotated[
        str | None, typer.Option(metavar="POWER", help="From the battery; negative: into it.")
    ] = None,
    flag: Annotated[list[str] | None, typer.Option(help="A flag that is set; repeatable.")] = None,
    value: Annotated[
        list[str] | None, typer.Option("--input", metavar="NAME=NUMBER", help="Repeatable.")
    ] = None,
    firmware: Annotated[
        str | None, typer.Option(help="The gateway's firmware, for what its route can set.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The explanation as JSON.")] = False,
) -> None:
    """What would be decided at this moment, and why (not). What is not given is unknown."""
    from rules.domain import AppPercent, Observation
    from rules.engine import Memory
    from rules.explain import explain as explained
    from rules.inputs import DatedValue, Inputs
    from rules.load import load_rules
    from rules.plan import Plan
    from scheduler.clock import SystemClock
    from scheduler.gateways.versions import levers_of, parse_version

    found = load_rules(rules)
    now = _instant(at, found.almanac.zone) if at else SystemClock().now()
    observation = Observation(
        now,
        soe=None if soe is None else AppPercent(soe),
        grid=_grid(grid),
        grid_services=grid_services,
        solar_power=_power("--solar", solar),
        load_power=_power("--load", load),
        site_power=_power("--site", site),
        battery_power=_power("--battery", battery),
    )
    inputs = Inputs(
        dict.fromkeys(flag or []),
        {name: DatedValue(number, now) for name, number in map(_input, value or [])},
    )
    plan = Plan.of(found, levers_of(parse_version(firmware) if firmware else None))
    explanation = explained(plan, observation, Memory(now), inputs, now)
    if as_json:
        print(json.dumps(_as_json(explanation, now), indent=2))
    else:
        _show(explanation, now.astimezone(found.almanac.zone))


def _instant(text: str, zone: Any) -> datetime:  # noqa: ANN401 -- a ZoneInfo, imported late
    from datetime import UTC

    from scheduler.errors import ConfigProblem

    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigProblem(f'--at: must be a time like "2026-07-15T16:05", got "{text}"') from None
    return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)


def _grid(word: str | None) -> GridStatus | None:
    from rules.domain import GridStatus
    from scheduler.errors import ConfigProblem

    if word is None:
        return None
    if word in GRID_WORDS:
        return GridStatus[GRID_WORDS[word]]
    try:
        return GridStatus(word)
    except ValueError:
        raise ConfigProblem(
            f'--grid: must be up, down or a gateway\'s word, got "{word}"'
        ) from None


def _power(option: str, text: str | None) -> float | None:
    from rules.model import parse_power
    from scheduler.errors import ConfigProblem

    if text is None:
        return None
    sign, text = (-1, text[1:]) if text.startswith("-") else (1, text)
    try:
        return sign * parse_power(float(text) if text.replace(".", "", 1).isdigit() else text)
    except ValueError as error:
        raise ConfigProblem(f"{option}: {error}") from None


def _input(text: str) -> tuple[str, float]:
    from scheduler.errors import ConfigProblem

    name, _, number = text.partition("=")
    try:
        return name, float(number)
    except ValueError:
        raise ConfigProblem(f'--input: must be like "sun=25", got "{text}"') from None


def _show(explanation: Explanation, local: datetime) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    console.print(f"{local:%A %d %B %Y %H:%M} ({local.tzname()})")
    console.print(Text(f"wanted: {explanation.decision.setting}", "bold"))
    console.print(f"  {explanation.reason()}\n", soft_wrap=True)
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("rule", "verdict", "key", "there", "wanted", ""):
        table.add_column(column)
    for trace in explanation.rules:
        head = (trace.name, _verdict(trace))
        for number, clause in enumerate(trace.clauses or (None,)):
            first = head if number == 0 else ("", "")
            if clause is None:
                table.add_row(*first, "", "", "", "")
                continue
            mark = {True: "yes", False: "no", None: "unknown"}[clause.verdict]
            key = clause.key.partition(".")[2] or clause.key
            table.add_row(*first, key, clause.got, clause.wanted, mark)
        if trace.active:
            table.add_row("", "", "sets", f"{trace.want}", f"here: {trace.setting}", "")
        if trace.active_otherwise:
            table.add_row("", "", "", trace.active_otherwise, "", "")
    console.print(table)


def _verdict(trace: RuleTrace) -> str:
    if not trace.active:
        return "not active"
    won = " and ".join(part.value.replace("_", " ") for part in trace.won)
    return f"wins {won}" if won else "active, outranked"


def _as_json(explanation: Explanation, now: datetime) -> dict[str, object]:
    setting = explanation.decision.setting
    return {
        "at": now.isoformat(),
        "setting": {
            "mode": setting.mode,
            "reserve": setting.reserve,
            "grid_charging": setting.grid_charging,
            "export": setting.export,
        },
        "winners": {part.value: winner for part, winner in explanation.decision.winners.items()},
        "reason": explanation.reason(),
        "until": explanation.decision.until.isoformat(),
        "rules": [
            {
                "name": trace.name,
                "priority": trace.priority,
                "active": trace.active,
                "won": [part.value for part in trace.won],
                "wants": trace.want,
                "because": trace.active_otherwise or None,
                "clauses": [
                    {
                        "key": clause.key,
                        "wanted": clause.wanted,
                        "got": clause.got,
                        "verdict": clause.verdict,
                    }
                    for clause in trace.clauses
                ],
            }
            for trace in explanation.rules
        ],
    }
