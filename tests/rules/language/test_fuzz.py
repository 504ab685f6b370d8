"""Rule files that somebody, or some disk, has damaged: every mistake is told, and nothing else.

Each example file and each golden mistake is mutated: its bytes, its tokens, and its values, keys
and structure. Whatever comes of it, reading it ends in a rule set that decides, or in
`RuleProblems` of a bounded length.
"""

from __future__ import annotations

import json
import math
import random
import re
import resource
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, date, datetime, time, timedelta
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any

import pytest
import tomli
from example_files import RULE_FILES

from rules.domain import AppPercent, GridStatus, Observation
from rules.engine import Memory, Plan, RuleSet, explain
from rules.errors import RuleProblems
from rules.inputs import NO_INPUTS
from rules.language import load_rules
from rules.resolve import Levers

ROOT = Path(__file__).parents[3]
SOUND = [path.read_text("utf-8") for path in RULE_FILES]
GOLDEN = [path.read_text("utf-8") for path in sorted(Path(__file__).parent.glob("golden/*.toml"))]

LONGEST = 1_000_000
"""Characters that may be said of one file of at most 64 KiB."""

GROWTH = 200 * 1024
"""KiB by which the process may grow over a run."""

TOKEN = re.compile(r'"[^"\n]*"|[\w.+:-]+|\s+|.')
TOKENS = sorted(
    {token for text in SOUND + GOLDEN for token in TOKEN.findall(text) if token.strip()}
)

NASTY: tuple[Any, ...] = (
    *(0, -1, 1, 2**63, 10**400, 0.0, -0.0, 1e308, float("nan"), float("inf"), True, False),
    *("", " ", "\0", "\u2028", "é", "\uff101:00", "a" * 300, "24:00", "24:00-24:00", "00:00-24:00"),
    *(
        "sun 23:59 - mon 00:00",
        "mon 00:00 - sun 24:00",
        "0s",
        "9999h",
        "-1h",
        "9999/9999h",
        "0/day",
    ),
    *("02-29", "0000-01-01", "9999-12-31", "12-31..01-01", "mon..", "..", "dec..jan", "holidays"),
    *(
        "/dev/zero",
        "../x.toml",
        ".",
        "sce-tou-d-4-9pm",
        "UTC",
        "Asia/Beirut",
        "US",
        "0 W",
        "9999999 kW",
    ),
    *(
        [],
        {},
        [[]],
        [{}],
        ["16:00-21:00"],
        {"soe_below": 20},
        [{"flag": "x"}],
        datetime(2026, 1, 1, tzinfo=UTC),
    ),
)

Path_ = tuple[str | int, ...]


def mutants(seed: int, count: int) -> Iterator[bytes]:
    """Damaged rule files, the same for the same seed."""
    chance = random.Random(seed)
    for _ in range(count):
        text = chance.choice(chance.choice((SOUND, SOUND, GOLDEN)))
        mutate = chance.choice((of_bytes, of_tokens, of_tree, of_tree))
        yield mutate(text, chance)


def of_bytes(text: str, chance: random.Random) -> bytes:
    content = bytearray(text.encode())
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(content) + 1)
        end = min(len(content), at + chance.choice((1, 1, 2, 8, 100)))
        match chance.randrange(4):
            case 0:
                content[at:end] = b""
            case 1:
                content[at:at] = chance.randbytes(chance.randint(1, 4))
            case 2:
                content[at:at] = content[at:end] * chance.choice((1, 2, 50))
            case 3:
                content[at:end] = bytes(
                    each ^ (1 << chance.randrange(8)) for each in content[at:end]
                )
    return bytes(content)


def of_tokens(text: str, chance: random.Random) -> bytes:
    tokens = TOKEN.findall(text)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(tokens))
        tokens[at] = chance.choice(
            (chance.choice(TOKENS), chance.choice(tokens), written(chance.choice(NASTY)), "")
        )
    return "".join(tokens).encode()


def of_tree(text: str, chance: random.Random) -> bytes:
    try:
        tree = tomli.loads(text)
    except (tomli.TOMLDecodeError, ValueError):
        return of_tokens(text, chance)
    for _ in range(chance.randint(1, 3)):
        change(tree, chance)
    return "\n".join(pairs(tree)).encode()


def change(tree: dict[str, Any], chance: random.Random) -> None:
    """Put something in the place of a value, or take it away, or rename or move it."""
    others = list(paths(tree))
    if not others:
        return
    *way, last = chance.choice(others)
    holder: Any = reduce(getitem, way, tree)
    match chance.randrange(9):
        case 0 if isinstance(holder, dict):
            key = chance.choice(sorted(SAID))
            holder[key] = deepcopy(chance.choice(SAID[key]))
        case 1 | 2 | 3 if last in SAID:
            holder[last] = deepcopy(chance.choice(SAID[last]))
        case 4:
            holder[last] = deepcopy(chance.choice(NASTY))
        case 5:
            holder[last] = deepcopy(reduce(getitem, chance.choice(others), tree))
        case 6:
            del holder[last]
        case 7 if isinstance(holder, dict):
            keys = [each for path in others for each in path if isinstance(each, str)]
            holder[chance.choice([*keys, f"{last}_", f"{last} ", "any", "none", "when"])] = (
                holder.pop(last)
            )
        case _:
            holder[last] = chance.choice(
                ([holder[last]], {str(last): holder[last]}, [holder[last]] * 30)
            )


def paths(value: Any, at: Path_ = ()) -> Iterator[Path_]:
    """The way to each value inside a value."""
    inside: Any = ()
    if isinstance(value, dict):
        inside = value.items()
    elif isinstance(value, list):
        inside = enumerate(value)
    for key, inner in inside:
        yield (*at, key)
        yield from paths(inner, (*at, key))


def pairs(table: dict[str, Any]) -> list[str]:
    return [f"{json.dumps(key)} = {written(each)}" for key, each in table.items()]


def written(value: Any) -> str:
    """A value as TOML."""
    if isinstance(value, dict):
        return f"{{{', '.join(pairs(value))}}}"
    if isinstance(value, list):
        return f"[{', '.join(written(each) for each in value)}]"
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return json.dumps(value, ensure_ascii=False)


def said() -> dict[str, list[Any]]:
    """What the files say under each key, wherever it stands in them."""
    found: dict[str, list[Any]] = {}
    for text in SOUND + GOLDEN:
        try:
            tree = tomli.loads(text)
        except tomli.TOMLDecodeError:
            continue
        for path in paths(tree):
            if isinstance(path[-1], str):
                found.setdefault(path[-1], []).append(reduce(getitem, path, tree))
    return found


SAID = said()


def look_at(path: Path, chance: random.Random) -> None:
    """Read a file; and what can be read must be able to decide."""
    said = ""
    try:
        decide_by(load_rules([path]), chance)
    except RuleProblems as error:
        said = f"{error}"
    assert len(said) < LONGEST


def decide_by(rules: RuleSet, chance: random.Random) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=chance.randrange(3 * 525_600))
    soe = AppPercent(chance.uniform(0, 100))
    observation = Observation(now, soe=soe, grid=GridStatus.CONNECTED)
    since = Memory(now - timedelta(days=1))
    explain(Plan.of(rules, Levers()), observation, since, NO_INPUTS, now).reason()


def run(folder: Path, seed: int, count: int) -> None:
    path, chance = folder / "mutant.toml", random.Random(seed)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for content in mutants(seed, count):
        path.write_bytes(content)
        try:
            look_at(path, chance)
        except Exception as error:  # noqa: BLE001 -- whatever it is, it names the mutant
            pytest.fail(f"{type(error).__name__}: {error}\n{content!r}")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < GROWTH


def test_damaged_files_are_told_of(tmp_path: Path) -> None:
    run(tmp_path, seed=1, count=3_000)


@pytest.mark.long
@pytest.mark.parametrize(
    "seed",
    [*range(2, 8), *(pytest.param(seed, marks=pytest.mark.longest) for seed in range(8, 32))],
)
def test_many_damaged_files_are_told_of(tmp_path: Path, seed: int) -> None:
    run(tmp_path, seed, count=10_000)
