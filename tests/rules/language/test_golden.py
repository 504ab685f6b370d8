"""What an owner is told of mistakes in rule files.

`golden/` holds one mistake a file, named after it, and some files with several; the comments at the
top are what must be said.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from rules.domain import Mode, Observation
from rules.engine import Memory, Plan, decide
from rules.errors import RuleProblems
from rules.inputs import NO_INPUTS
from rules.language import forms, load_kept, load_rules, shipped
from rules.resolve import Levers, Want

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
    way_out = 'to replace it, say replaces = ["timezone"] at the top of this file'
    assert told(*paths) == [f"second.toml:2: timezone: first.toml:2 has this already; {way_out}"]


def test_the_language_is_said_once(tmp_path: Path) -> None:
    assert told(*written(tmp_path, base=BASE + RULE, more="language = 1\n" + LATE)) == [
        "more.toml:1: language: base.toml:1 has this already; leave it out here"
    ]


def test_no_base_file_among_two(tmp_path: Path) -> None:
    text = "not a base file: one file must have language = 1 and a [default]"
    paths = written(tmp_path, first=RULE, second=LATE)
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
        (
            'timezone = "UTC"',
            (
                "1: timezone: base.toml:2 has this already; to replace it, say "
                'replaces = ["timezone"] at the top of this file'
            ),
        ),
        (
            "[default]\nleave = true",
            (
                "1: default: base.toml:3 has this already; to replace it, say "
                'replaces = ["default"] at the top of this file'
            ),
        ),
        (
            'replaces = ["tariff"]\ntariff = "sce-tou-d-prime"',
            '1: replaces: no earlier file has a tariff; leave "tariff" out of this list',
        ),
        (
            'replaces = ["default"]',
            "1: replaces: this file has no default of its own to replace the earlier with",
        ),
        (
            'replaces = ["default"]\n[default]\nmode = "backup"\n'
            + LATE.replace('mode = "backup"', "reserve = 50"),
            (
                '7: rule "late": set: sets reserve, but [default] does not, so nothing would '
                "restore it; [default] is that of more.toml:2"
            ),
        ),
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


TARIFF = 'language = 1\ntariff = "sce-tou-d-prime"\n[default]\nmode = "self_consumption"\n'
PEAK = RULE.replace('time = "16:00-21:00"', 'period = "peak"')


def test_a_later_file_may_replace_the_default_whole(tmp_path: Path) -> None:
    base = BASE.replace('mode = "self_consumption"', "grid_charging = false")
    more = 'replaces = ["default"]\n[default]\nmode = "backup"\n'
    found = load_rules(written(tmp_path, base=base, more=more + RULE))
    assert found.default == Want(Mode.BACKUP)


def test_a_later_file_may_replace_the_tariff_and_its_zone(tmp_path: Path) -> None:
    own = shipped()["sce-tou-d-4-9pm"].read_text("utf-8")
    folder = tmp_path / "cabin"
    folder.mkdir()
    written(folder, mine=own.replace("America/Los_Angeles", "America/Denver"))
    (base,) = written(tmp_path, base=TARIFF + PEAK)
    (more,) = written(folder, more='replaces = ["tariff"]\ntariff = "mine.toml"\n')
    found = load_rules([base, more])
    assert found.almanac.tariff is not None
    assert (found.almanac.tariff.name, found.almanac.zone.key) == ("mine", "America/Denver")
    assert found.sources.tariff is not None
    assert found.sources.tariff.name == "mine.toml"
    again = load_kept(found.sources)
    assert (again.digest, again.almanac.zone) == (found.digest, found.almanac.zone)


def test_a_later_file_may_replace_the_zone(tmp_path: Path) -> None:
    more = 'replaces = ["timezone"]\ntimezone = "America/Denver"\n'
    found = load_rules(written(tmp_path, base=BASE + RULE, more=more))
    assert found.almanac.zone.key == "America/Denver"


def test_a_zone_of_another_file_than_the_tariff(tmp_path: Path) -> None:
    base = BASE.replace("America/Los_Angeles", "America/Denver")
    paths = written(tmp_path, base=base + RULE, more='tariff = "sce-tou-d-prime"\n')
    assert told(*paths) == [
        (
            'base.toml:2: timezone: is "America/Denver", but tariff sce-tou-d-prime is in '
            '"America/Los_Angeles" (more.toml:1, which can replace the timezone, too)'
        )
    ]


def test_another_country_has_other_parts(tmp_path: Path) -> None:
    base = 'country = "US"\nsubdivision = "CA"\n' + BASE + RULE
    found = load_rules(
        written(tmp_path, base=base, more='replaces = ["country"]\ncountry = "GB"\n')
    )
    assert found.almanac.holiday(date(2026, 12, 28))  # Boxing Day, a Saturday, is kept on Monday
    assert not found.almanac.holiday(date(2026, 11, 26))


def test_what_no_earlier_file_has_needs_no_word(tmp_path: Path) -> None:
    """So each site names its own tariff, and the shared base file none."""
    base = TARIFF.replace('tariff = "sce-tou-d-prime"\n', "") + PEAK
    found = load_rules(written(tmp_path, base=base, more='tariff = "sce-tou-d-prime"\n'))
    assert found.almanac.tariff is not None
    assert found.almanac.tariff.name == "sce-tou-d-prime"


def test_a_default_alone_is_a_rule_file(tmp_path: Path) -> None:
    found = load_rules(written(tmp_path, base=BASE))
    assert (found.state_rules, found.event_rules) == ((), ())
    now = datetime(2026, 7, 15, 23, tzinfo=UTC)
    plan = Plan.of(found, Levers(frozenset(Mode)))
    decision, _ = decide(plan, Observation(now), Memory(now), NO_INPUTS, now)
    assert str(decision.setting) == "self_consumption, reserve 20 %"


# --- every mistake at once, and nothing that only follows from another ----------------------------


def test_of_a_file_that_cannot_be_read_nothing_is_said_to_be_missing(tmp_path: Path) -> None:
    more = LATE.replace("late", "night").replace("16:00-21:00", "16:00-25:00")
    more += 'replaces = "evening"\n' + RULE.replace(
        'time = "16:00-21:00"', 'period = "peak", dates = ["fair", "12-32"], days = "holidays"'
    )
    assert told(*written(tmp_path, base=BASE + RULE + "x", more='off = ["late"]\n' + more)) == [
        "base.toml:10: not valid TOML: expected '=' after a key in a key/value pair",
        'more.toml:4: rule "night": while.time: must be a time of day like "16:00", got "25:00"',
        'more.toml:9: rule "evening": while.dates: there is no day "12-32"',
    ]


def test_a_file_that_needs_its_base_file_is_told_so_and_no_more(tmp_path: Path) -> None:
    more = 'off = ["late"]\n' + PEAK + 'replaces = "night"\n'
    assert told(*written(tmp_path, more=more)) == [
        "more.toml: not a base file: one file must have language = 1 and a [default]"
    ]


def test_a_rule_is_known_by_its_name_whatever_is_wrong_with_it(tmp_path: Path) -> None:
    bad = RULE.replace("16:00-21:00", "16:00-25:00")
    more = 'off = ["evening"]\n' + LATE
    assert told(*written(tmp_path, base=BASE + bad, more=more)) == [
        'base.toml:8: rule "evening": while.time: must be a time of day like "16:00", got "25:00"'
    ]
    more = RULE + 'replaces = "evening"\n' + LATE.replace('name = "late"', 'nam = "late"')
    assert told(*written(tmp_path, base=BASE + RULE + bad, more=more)) == [
        'base.toml:11: rule "evening": name: there is a rule of this name already, at base.toml:7',
        'base.toml:12: rule "evening": while.time: must be a time of day like "16:00", got "25:00"',
        "more.toml:6: rule 2: name: is missing",
        'more.toml:7: rule 2: nam: unknown key; did you mean "name"?',
    ]


@pytest.mark.parametrize(
    ("base", "more", "lines"),
    [
        ("[rule]\nname = 'evening'\n", 'off = ["evening"]\n', [("base", 6)]),
        ("[[rules]]\nname = 'evening'\n", 'off = ["evening"]\n', [("base", 6)]),
        (RULE.replace("name", "nam"), 'off = ["evening"]\n', [("base", 6), ("base", 7)]),
        (RULE, 'off = ["evening", 5, 6]\n' + RULE, [("more", 1), ("more", 1)]),
        (RULE, 'ofd = ["evening"]\n' + RULE, [("more", 1)]),
        (RULE, RULE + 'replacs = "evening"\n', [("more", 5)]),
        (RULE, 'replaces = "timezone"\ntimezone = "UTC"\n', [("more", 1)]),
        (RULE, 'replacs = ["timezone"]\ntimezone = "UTC"\n', [("more", 1)]),
        (RULE, 'replaces = ["timezone"]\ntimezne = "UTC"\n', [("more", 2)]),
        ("", "dates = 5\n" + RULE.replace('time = "16:00-21:00"', 'dates = "fair"'), [("more", 1)]),
        ("reserv = 20\n", LATE.replace('mode = "backup"', "export = 'never'"), [("base", 6)]),
        (RULE, 'contry = "US"\nsubdivision = "CA"\n', [("more", 1)]),
        (RULE.replace("time =", 'soe_below = "low", time =') + 'keep = "1h"\n', "", [("base", 8)]),
        (RULE.replace('time = "16:00-21:00"', 'dates = "fair"'), "", [("base", 8)]),
    ],
)
def test_what_follows_from_a_mistake_is_not_told(
    tmp_path: Path, base: str, more: str, lines: list[tuple[str, int]]
) -> None:
    found = told(*written(tmp_path, base=BASE + base, more=more))
    places = [line.split(":")[:2] for line in found]
    assert [(file.removesuffix(".toml"), int(line)) for file, line in places] == lines


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        ('dates = "fair"', 'when.dates: "fair" is neither a date nor a list in [dates]'),
        ('season = "summer"', "when.season: needs a tariff that has seasons; or say months"),
    ],
)
def test_an_event_on_unknown_days_is_not_one_that_never_turns_true(
    tmp_path: Path, key: str, problem: str
) -> None:
    event = f"""[[rule]]
name = "tell"
when = {{ {key} }}
do = "notify"
message = "now"
"""
    assert told(*written(tmp_path, base=BASE + event)) == [f'base.toml:8: rule "tell": {problem}']


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
    ("size", "problem"),
    [(64 * 1024, ":3: x: unknown key"), (64 * 1024 + 1, ": is larger than 64 KiB")],
)
def test_a_file_may_be_64_kib_large(tmp_path: Path, size: int, problem: str) -> None:
    text = BASE.replace("[default]", "x = 1\n[default]")
    (line,) = told(*written(tmp_path, large=text + "#" * (size - len(text))))
    assert line == f"large.toml{problem}"


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
    (path,) = written(tmp_path, bomb=BASE.replace("language = 1", f"language = 0x{'f' * 60_000}"))
    assert told(path) == ["bomb.toml:1: language: must be 1, got a very large number"]


def test_nothing_of_a_file_moves_the_cursor(tmp_path: Path) -> None:
    (path,) = written(
        tmp_path, clever='"\\u001b[2J" = 1\nlanguage = 1\ntimezone = 5\ndefault.leave = true'
    )
    assert told(path) == [
        "clever.toml:1: \\x1b[2J: unknown key",
        "clever.toml:3: timezone: must be text in quotes, got 5",
    ]


def test_a_tariff_that_nothing_is_like(tmp_path: Path) -> None:
    (path,) = written(tmp_path, rules='tariff = "zonal"\n' + BASE + RULE)
    hint = f"shipped are {', '.join(shipped() | forms())} (a file of your own ends in .toml)"
    assert told(path) == [f'rules.toml:1: tariff: unknown tariff "zonal"; {hint}']


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
