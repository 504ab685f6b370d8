"""What an owner is told of mistakes in rule files.

`golden/` holds one mistake a file, named after it; the comments at its top are what must be said.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from rules.errors import RuleProblems
from rules.language import load_rules, shipped

GOLDEN = Path(__file__).parent / "golden"

BASE = """language = 1
timezone = "America/Los_Angeles"
[default]
mode = "self_consumption"
reserve = 20
"""
RULE = """[[rule]]
name = "evening"
while = { time = "16:00-21:00" }
set = { mode = "backup" }
"""
LATE = RULE.replace("evening", "late")


def told(*paths: Path) -> list[str]:
    """What is said of these files, without their folder."""
    with pytest.raises(RuleProblems) as error:
        load_rules(paths)
    return str(error.value).replace(f"{paths[0].parent}/", "").split("\n")


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.toml")), ids=lambda path: path.stem)
def test_a_mistake_is_told_with_its_place(path: Path) -> None:
    head, _, _ = path.read_text(encoding="utf-8").partition("\n\n")
    assert told(path) == [line.removeprefix("# ") for line in head.split("\n")]


def written(folder: Path, **texts: str | bytes) -> list[Path]:
    paths = []
    for name, text in texts.items():
        path = folder / f"{name}.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        paths.append(path)
    return paths


def test_mistakes_in_several_files_are_told_in_the_order_of_the_files(tmp_path: Path) -> None:
    paths = written(tmp_path, b=RULE + "prio = 1", a=BASE.replace("20", "200"), c="x")
    assert told(*paths) == [
        'b.toml:5: rule "evening": prio: unknown key; did you mean "priority"?',
        "a.toml:5: default.reserve: must be at most 100, got 200",
        "c.toml:1: not valid TOML: expected '=' after a key in a key/value pair",
    ]


def test_the_same_name_in_two_files(tmp_path: Path) -> None:
    assert told(*written(tmp_path, base=BASE + RULE, more=RULE)) == [
        'more.toml:2: rule "evening": name: there is a rule of this name already, at base.toml:7'
    ]


def test_two_base_files(tmp_path: Path) -> None:
    paths = written(tmp_path, first=BASE + RULE, second=f'# c\ntimezone = "UTC"\n{LATE}')
    assert told(*paths) == [
        "second.toml:2: timezone: only the base file may have this, and that is first.toml"
    ]


def test_no_base_file_among_two(tmp_path: Path) -> None:
    text = "not a base file: one file must have language = 1 and a [default]"
    paths = written(tmp_path, first=RULE, second=RULE)
    assert told(*paths) == [f"first.toml, second.toml: {text}"]


def test_no_file_at_all() -> None:
    with pytest.raises(RuleProblems, match="no rule file is named"):
        load_rules([])


def test_what_is_not_restored_is_told_in_other_files_too(tmp_path: Path) -> None:
    late = LATE.replace('mode = "backup"', "reserve = 50")
    paths = written(tmp_path, base=BASE.replace("reserve = 20\n", "") + RULE, more=late)
    missing = "sets reserve, but [default] does not, so nothing would restore it"
    assert told(*paths) == [f'more.toml:4: rule "late": set: {missing}']


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        (
            'off = ["evenings"]',
            '1: off: no earlier file has a rule "evenings"; did you mean "evening"?',
        ),
        ('off = ["x", "x"]', '1: off: no earlier file has a rule "x"'),
        (
            LATE + 'replaces = "evning"',
            '5: rule "late": replaces: there is no earlier rule "evning"; did you mean "evening"?',
        ),
        (
            RULE + "enabled = false",
            '2: rule "evening": name: there is a rule of this name already, at base.toml:7',
        ),
        ('country = "US"', "1: country: only the base file may have this, and that is base.toml"),
    ],
)
def test_mistakes_of_a_later_file(tmp_path: Path, more: str, problem: str) -> None:
    assert told(*written(tmp_path, base=BASE + RULE, more=more)) == [f"more.toml:{problem}"]


@pytest.mark.parametrize(
    ("more", "names"),
    [
        ('off = ["evening"]\n' + LATE, ["late"]),
        (LATE + 'replaces = "evening"', ["late"]),
        (RULE + 'replaces = "evening"', ["evening"]),
        (LATE + "enabled = false", ["evening"]),
        (LATE + 'replaces = "evening"\nenabled = false', []),
    ],
)
def test_a_later_file_may_switch_off_and_replace(
    tmp_path: Path, more: str, names: list[str]
) -> None:
    found = load_rules(written(tmp_path, base=BASE + RULE, more=more))
    assert [rule.name for rule in found.state_rules] == names


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (latin,) = written(tmp_path, latin=(BASE + RULE).encode() + b"# caf\xe9\n")
    assert told(folder, tmp_path / "missing.toml", latin) == [
        "folder: is not a regular file",
        "missing.toml: cannot be read: no such file or directory",
        "latin.toml:10: is not UTF-8 text",
    ]


@pytest.mark.parametrize(
    ("size", "problem"), [(64 * 1024, "has no rules"), (64 * 1024 + 1, "is larger than 64 KiB")]
)
def test_a_file_may_be_64_kib_large(tmp_path: Path, size: int, problem: str) -> None:
    (line,) = told(*written(tmp_path, large=BASE + "#" * (size - len(BASE))))
    assert line.partition(";")[0] == f"large.toml: {problem}"


def dotted(parts: int) -> str:
    return ".".join(["a"] * parts)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (f"{dotted(30_000)} = 1", "nested too deeply"),
        (f"timezone.{dotted(30_000)} = 1", "nested too deeply"),
        (f"[{dotted(30_000)}]", "nested too deeply"),
        (f"timezone = {'[' * 30_000}{']' * 30_000}", "nested too deeply"),
        (f"timezone = {'[' * 200}{']' * 200}", "nested too deeply"),
        (f"timezone = {'{a=' * 16_000}1{'}' * 16_000}", "nested too deeply"),
        (f"timezone = {'{a=' * 21}1{'}' * 21}", "nested too deeply"),
        ("\n".join(f"[{dotted(depth)}]" for depth in range(1, 200)), "nested too deeply"),
        (f"language = {'9' * 60_000}", "has a number of too many digits"),
        (
            f"{BASE.replace('Los_Angeles', 'Los/' * 10_000)}{RULE}",
            (
                f'2: timezone: unknown time zone "America/{"Los/" * 17}Lo..., '
                'say one like "America/Los_Angeles"'
            ),
        ),
    ],
    ids=lambda text: text[:20],
)
def test_a_file_made_to_hurt_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    place = "bomb.toml:" if problem[0].isdigit() else "bomb.toml: "
    assert told(*written(tmp_path, bomb=text)) == [f"{place}{problem}"]


def test_of_very_many_mistakes_the_first_hundred_are_told(tmp_path: Path) -> None:
    keys = "".join(f"key{number} = 1\n" for number in range(5_000))
    found = told(*written(tmp_path, bomb=keys + BASE + RULE))
    assert found[99:] == [
        "bomb.toml:100: key99: unknown key",
        "bomb.toml:101: and 4900 more mistakes",
    ]


def test_a_very_large_number_is_not_written_out(tmp_path: Path) -> None:
    (path,) = written(tmp_path, bomb=f"language = 0x{'f' * 60_000}")
    assert told(path) == ["bomb.toml:1: language: must be 1, got a very large number"]


def test_nothing_of_a_file_moves_the_cursor(tmp_path: Path) -> None:
    (path,) = written(tmp_path, clever='"\\u001b[2J" = 1\ntimezone = 5')
    assert told(path) == [
        "clever.toml:1: \\x1b[2J: unknown key",
        "clever.toml:2: timezone: must be text in quotes, got 5",
    ]


def test_a_tariff_that_nothing_is_like(tmp_path: Path) -> None:
    (path,) = written(tmp_path, rules='tariff = "octopus"\n' + BASE + RULE)
    hint = f"shipped are {', '.join(shipped())} (a file of your own ends in .toml)"
    assert told(path) == [f'rules.toml:1: tariff: unknown tariff "octopus"; {hint}']


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    (path,) = written(tmp_path, notepad=b"\xef\xbb\xbf" + (BASE + RULE).encode())
    assert [rule.name for rule in load_rules([path]).state_rules] == ["evening"]


def test_a_tariff_of_ones_own_is_sought_beside_the_rules(tmp_path: Path) -> None:
    (path,) = written(tmp_path, rules=BASE + RULE)
    text = shipped()["sce-tou-d-prime"].read_text(encoding="utf-8")
    written(tmp_path, mine=text)
    path.write_text('tariff = "mine.toml"\n' + path.read_text(encoding="utf-8"), encoding="utf-8")
    tariff = load_rules([path]).almanac.tariff
    assert tariff is not None
    assert tariff.name == "mine"


def test_the_digest_follows_every_byte_of_every_file(tmp_path: Path) -> None:
    digests = {
        load_rules(written(tmp_path, **texts)).digest
        for texts in (
            {"base": BASE + RULE, "more": LATE},
            {"base": BASE + RULE, "more": LATE + "#"},
            {"base": BASE + RULE, "other": LATE},
            {"base": BASE + RULE + "#", "more": LATE},
            {"base": BASE + RULE},
        )
    }
    assert len(digests) == 5
    assert load_rules([tmp_path / "base.toml"]).digest in digests
