"""`pwsched explain`: the decision at one moment and state, rule by rule."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from scheduler.cli.options import CONFIG, SITE

if TYPE_CHECKING:
    from rules.domain import GridStatus, Part, Setting
    from rules.engine import Explanation, RuleTrace
    from rules.resolve import Levers

GRID_WORDS = {"up": "CONNECTED", "down": "ISLANDED"}
YEARS = range(2000, 2100)
WIDTH = 80
VERDICTS = {True: "yes", False: "no", None: "unknown"}


def explain(
    rules: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="RULES...",
            help="A base file and any other rule files (default: the site's).",
        ),
    ] = None,
    *,
    at: Annotated[
        str | None,
        typer.Option(metavar="TIME", help='"16:05", "tomorrow 16:05", "3d", ISO (default: now).'),
    ] = None,
    soe: Annotated[float | None, typer.Option(min=0, max=100, help="State of energy, %.")] = None,
    grid: Annotated[str | None, typer.Option(help="up, down, or a word of the gateway.")] = None,
    grid_services: Annotated[bool | None, typer.Option(help="Grid services are active.")] = None,
    solar: Annotated[str | None, typer.Option(metavar="POWER", help='Like "2.5 kW".')] = None,
    load: Annotated[str | None, typer.Option(metavar="POWER", help="What the home uses.")] = None,
    grid_power: Annotated[
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
    config: CONFIG = None,
    site: SITE = None,
    as_json: Annotated[bool, typer.Option("--json", help="The explanation as JSON.")] = False,
) -> None:
    """Show the decision at a given moment, rule by rule. Values not given are unknown."""
    from rules.domain import AppPercent, Observation
    from rules.engine import Memory, Plan
    from rules.engine import explain as explained
    from rules.inputs import DatedValue, Inputs
    from rules.language import load_rules
    from scheduler.cli.chosen_site import limits_of, rules_and_site
    from scheduler.clock import SystemClock

    chosen = rules_and_site(rules, config, site)
    found = load_rules(chosen.files)
    now = SystemClock().now()
    if at is not None:
        now = _instant(at, now, found.almanac.zone)
    observation = Observation(
        now,
        soe=None if soe is None else AppPercent(soe),
        grid=_grid(grid),
        grid_services=grid_services,
        solar_power=_power("--solar", solar),
        load_power=_power("--load", load),
        site_power=_power("--grid-power", grid_power),
        battery_power=_power("--battery", battery),
    )
    inputs = Inputs(
        dict.fromkeys(_named("--flag", each) for each in flag or []),
        {name: DatedValue(number, now) for name, number in map(_input, value or [])},
    )
    plan = Plan.of(found, _levers(firmware), limits_of(chosen.site))
    explanation = explained(plan, observation, Memory(now), inputs, now)
    if as_json:
        print(json.dumps(explanation_json(explanation, now), indent=2))
    else:
        _show(explanation, now.astimezone(found.almanac.zone))


def _instant(text: str, now: datetime, zone: ZoneInfo) -> datetime:
    from rules.language import Towards
    from scheduler.cli.moment import moment_of
    from scheduler.errors import ConfigProblem

    found = moment_of("--at", text, now, zone, Towards.TODAY)
    if found.year not in YEARS:
        raise ConfigProblem(f"--at: must be in the years {YEARS[0]} to {YEARS[-1]}")
    return found


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
    from rules.language import parse_power
    from scheduler.errors import ConfigProblem

    if text is None:
        return None
    sign, size = (-1, text[1:]) if text.startswith("-") else (1, text)
    try:
        return sign * parse_power(size if size.endswith("W") else f"{size} W")
    except ValueError:
        raise ConfigProblem(
            f'{option}: must be watts, or a power like "2 kW", got "{text}"'
        ) from None


def _input(text: str) -> tuple[str, float]:
    from scheduler.errors import ConfigProblem

    name, equals, number = text.partition("=")
    if not equals:
        raise ConfigProblem(f'--input: must be like "sun=25", got "{text}"')
    return _named("--input", name), _finite("--input", number)


def _named(option: str, name: str) -> str:
    from rules.language import parse_name
    from scheduler.errors import ConfigProblem

    try:
        return parse_name(name)
    except ValueError as error:
        raise ConfigProblem(f"{option}: {error}") from None


def _finite(option: str, text: str) -> float:
    from math import isfinite

    from scheduler.errors import ConfigProblem

    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not isfinite(number):
        raise ConfigProblem(f'{option}: must be a number, got "{text}"')
    return number


def _levers(firmware: str | None) -> Levers:
    from scheduler.errors import ConfigProblem
    from scheduler.gateways import levers_of, parse_version

    version = parse_version(firmware)
    if firmware is not None and version is None:
        raise ConfigProblem(f'--firmware: must be like "23.44.3", got "{firmware}"')
    return levers_of(version)


def _show(explanation: Explanation, local: datetime) -> None:
    """A block for each rule, and for each clause a verdict, its key, what is there, and wanted."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from rules.engine import DEFAULT

    console = Console(highlight=False, width=WIDTH, soft_wrap=False)
    console.print(Text(f"{local:%A %d %B %Y %H:%M} ({local.tzname()})"))
    wanted, written = explanation.decision.setting, explanation.written
    console.print(Text(f"wanted: {wanted}", "bold"))
    if written != wanted:
        console.print(Text(f"written: {written}", "bold"))
    keys = max(
        (len(_short(each.key)) for rule in explanation.rules for each in rule.clauses), default=0
    )
    for trace in explanation.rules:
        console.print()
        console.print(Text.assemble((trace.name, "bold"), f": {_verdict(trace)}"))
        table = Table.grid(padding=(0, 2, 0, 0))
        for width in (9, keys, 16):
            table.add_column(width=width, overflow="fold")
        table.add_column(overflow="fold")
        for clause in trace.clauses:
            key = _short(clause.key)
            mark = f"  {VERDICTS[clause.verdict]}"
            table.add_row(mark, *(Text(each) for each in (key, clause.got, clause.wanted)))
        console.print(table)
        for note in _notes(trace):
            console.print(Text(f"  {note}"))
    by_default = [
        part for part, winner in explanation.decision.winners.items() if winner == DEFAULT
    ]
    if by_default or explanation.default_out_of_reach:
        console.print()
        console.print(Text.assemble((DEFAULT, "bold"), f": {_wins(by_default)}"))
        for shortfall in explanation.default_out_of_reach:
            console.print(Text(f"  {shortfall}"))


def _verdict(trace: RuleTrace) -> str:
    if not trace.active:
        return "not active"
    if trace.in_vain:
        return "active, and nothing of it can be set here"
    return _wins(trace.won) if trace.won else "active, outranked"


def _short(key: str) -> str:
    """The key without the table it stands in."""
    return key.partition(".")[2] or key


def _wins(parts: Sequence[Part]) -> str:
    if not parts:
        return "wins nothing"
    return f"wins {' and '.join(part.value.replace('_', ' ') for part in parts)}"


def _notes(trace: RuleTrace) -> Iterator[str]:
    """What there is to say of a rule beside its clauses."""
    if trace.active_otherwise:
        yield trace.active_otherwise
    if trace.active:
        here = "left as it is" if trace.setting.empty else str(trace.setting)
        says_more = here != trace.want and (trace.won or not trace.setting.empty)
        yield f"wants: {trace.want}{f'; here: {here}' if says_more else ''}"
        yield from map(str, trace.out_of_reach)
    if trace.why:
        yield f"why: {trace.why}"


def explanation_json(explanation: Explanation, now: datetime) -> dict[str, object]:
    """An explanation as JSON values."""
    from rules.domain import Part

    def parts(setting: Setting) -> dict[str, object]:
        return {part.value: getattr(setting, part) for part in Part}

    return {
        "at": now.isoformat(),
        "setting": parts(explanation.decision.setting),
        "written": parts(explanation.written),
        "default_out_of_reach": [str(each) for each in explanation.default_out_of_reach],
        "winners": {part.value: winner for part, winner in explanation.decision.winners.items()},
        "reason": explanation.reason(),
        "until": explanation.decision.until.isoformat(),
        "rules": [
            {
                "name": trace.name,
                "priority": trace.priority,
                "active": trace.active,
                "state": trace.state.value,
                "won": [part.value for part in trace.won],
                "wants": trace.want,
                "because": trace.active_otherwise or None,
                "out_of_reach": [str(each) for each in trace.out_of_reach],
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
