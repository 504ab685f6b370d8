"""The input folder: what others write there, whole, half, wrong or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rules.inputs import NO_INPUTS, DatedValue, Inputs, PriceSlot
from scheduler.errors import ConfigProblem
from scheduler.inputs import LARGEST, InputFolder, set_flag, take_back

NOON = datetime(2026, 7, 15, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
ONE = NOON + HOUR
SUN = '{"value": 31.5, "at": "2026-07-15T05:00:00-07:00"}'


class Watched:
    """An input folder, and all that was objected to in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.told: list[str] = []
        self._folder = InputFolder(path)

    def write(self, name: str, content: str | bytes) -> None:
        """As the interface asks: beside it first, then over it."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_name(f".{path.name}.new")
        new.write_bytes(content if isinstance(content, bytes) else content.encode())
        new.replace(path)

    def read(self) -> Inputs:
        return self._folder.read(lambda text: self.told.append(text.replace(f"{self.path}/", "")))


@pytest.fixture
def folder(tmp_path: Path) -> Watched:
    return Watched(tmp_path / "inputs")


def slot(start: datetime, end: datetime, **prices: float | str | None) -> dict[str, object]:
    return {"start": start.isoformat(), "end": end.isoformat(), **prices}


def test_without_a_folder_there_are_no_inputs(tmp_path: Path) -> None:
    told: list[str] = []
    assert InputFolder(None).read(told.append) is NO_INPUTS
    assert InputFolder(tmp_path / "missing").read(told.append) == NO_INPUTS
    assert not told


# --- flags -------------------------------------------------------------------------------------


def test_a_flag_is_set_until_its_expiry_or_until_it_is_taken_back(folder: Watched) -> None:
    set_flag(folder.path, "storm", None)
    set_flag(folder.path, "away", NOON.astimezone())
    assert folder.read().flags == {"storm": None, "away": NOON}
    set_flag(folder.path, "away", ONE)
    take_back(folder.path, "storm")
    assert folder.read().flags == {"away": ONE}
    take_back(folder.path, "storm")
    assert not folder.told


@pytest.mark.parametrize(
    "name", ["", "Storm", "../storm", "a/b", ".hidden", "1st", "s" * 41, "ä", "a\n"]
)
@pytest.mark.parametrize("act", [lambda *args: set_flag(*args, None), take_back])
def test_a_flag_with_a_name_that_no_rule_could_say(
    tmp_path: Path, name: str, act: Callable[[Path, str], None]
) -> None:
    with pytest.raises(ConfigProblem, match="the name of a flag must be small letters"):
        act(tmp_path, name)
    assert not list(tmp_path.rglob("*storm*"))


def test_a_flag_where_no_folder_can_be_made(tmp_path: Path) -> None:
    (tmp_path / "inputs").write_text("a file", encoding="utf-8")
    with pytest.raises(ConfigProblem, match=r"flags: cannot set the flag: not a directory"):
        set_flag(tmp_path / "inputs", "storm", None)


@pytest.mark.parametrize(
    ("content", "expiry"),
    [
        (b"", None),
        (b" \n", None),
        (b"2026-07-15T12:00:00Z\n", NOON),
        (b"2026-07-15T05:00-07:00", NOON),
        (b"8999-12-31T23:59:59Z", datetime(8999, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_flags_that_somebody_else_writes(
    folder: Watched, content: bytes, expiry: datetime | None
) -> None:
    folder.write("flags/storm", content)
    assert folder.read().flags == {"storm": expiry}


BACKWARDS = [slot(NOON, ONE), slot(ONE, ONE)]
OVERLAPPING = [slot(ONE, ONE + HOUR), slot(NOON, ONE + timedelta(seconds=1))]
NO_NUMBER = "input should be a valid number, unable to parse string as a number"

NO_TIME = 'the expiry must be a time like "2026-07-15T18:00:00Z"'
NOT_OURS = "the year must be from 1970 to 8999"


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("flags/storm", b"tomorrow", NO_TIME),
        ("flags/storm", b"\xff\xfe", NO_TIME),
        ("flags/storm", b"2026-07-15T12:00", "the expiry needs an offset from UTC"),
        ("flags/storm", b"0001-01-01T00:00+14:00", NOT_OURS),
        ("flags/storm", b"9999-12-31T23:00-14:00", NOT_OURS),
        ("flags/storm", b"x" * (LARGEST + 1), "is larger than 1 MiB"),
        ("values/sun.json", b"", "invalid JSON: EOF while parsing a value at line 1 column 0"),
        ("values/sun.json", b'{"value": 1}', "at: field required"),
        (
            "values/sun.json",
            SUN.replace("31.5", "NaN").encode(),
            "value: input should be a finite number",
        ),
        (
            "values/sun.json",
            SUN.replace("-07:00", "").encode(),
            "at: input should have timezone info",
        ),
        ("values/sun.json", SUN.replace("2026", "0001").encode(), NOT_OURS),
        (
            "values/sun.json",
            b"[" * 100_000,
            "invalid JSON: recursion limit exceeded at line 1 column 202",
        ),
        ("values/sun.json", b" " * (LARGEST + 1), "is larger than 1 MiB"),
        ("prices.json", b"{}", "input should be a valid array"),
        (
            "prices.json",
            json.dumps([slot(NOON, NOON)]).encode(),
            "the price slot at 2026-07-15T12:00:00+00:00 ends before it starts",
        ),
        (
            "prices.json",
            json.dumps(BACKWARDS).encode(),
            "the price slot at 2026-07-15T13:00:00+00:00 ends before it starts",
        ),
        (
            "prices.json",
            json.dumps(OVERLAPPING).encode(),
            "two price slots overlap at 2026-07-15T13:00:00+00:00",
        ),
        (
            "prices.json",
            json.dumps([slot(NOON, ONE, **{"import": "dear"})]).encode(),
            f"0: import: {NO_NUMBER}",
        ),
        (
            "prices.json",
            json.dumps([slot(NOON.replace(tzinfo=None), ONE)]).encode(),
            "0: start: input should have timezone info",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_told_of_once(
    folder: Watched, name: str, content: bytes, problem: str
) -> None:
    folder.write(name, content)
    inputs = folder.read()
    assert not inputs.flags
    assert not inputs.values
    # Prices that are there but wrong are unknown; the tariff does not stand in for them.
    assert (inputs.prices is not None) is (name == "prices.json")
    assert inputs.prices is None or not inputs.prices.slots
    folder.read()
    folder.write("flags/other", "")
    assert folder.read().flags == {"other": None}
    assert folder.told == [f"{name}: {problem}"]


def test_what_is_mended_and_breaks_again_is_told_again(folder: Watched) -> None:
    for content in ("x", "", "x"):
        folder.write("flags/storm", content)
        folder.read()
    assert len(folder.told) == 2


# --- values and prices ---------------------------------------------------------------------------


def test_a_dated_value(folder: Watched) -> None:
    folder.write("values/sun.json", SUN)
    folder.write("values/notes.txt", "not JSON")
    assert folder.read().values == {"sun": DatedValue(31.5, NOON)}
    assert not folder.told


def test_prices_in_any_order_and_with_a_gap(folder: Watched) -> None:
    later = ONE + timedelta(hours=1)
    slots = [
        slot(later, later + timedelta(hours=1)),
        slot(NOON, ONE, **{"import": 0.3, "export": -0.05}),
    ]
    folder.write("prices.json", json.dumps(slots))
    prices = folder.read().prices
    assert prices is not None
    assert prices.at(NOON) == PriceSlot(NOON, ONE, 0.3, -0.05)
    assert prices.at(ONE) is None
    assert prices.at(later) == PriceSlot(later, later + timedelta(hours=1))


# --- what is read when ---------------------------------------------------------------------------


def test_the_same_object_as_long_as_nothing_changes(folder: Watched) -> None:
    folder.write("values/sun.json", SUN)
    first = folder.read()
    assert folder.read() is first
    (folder.path / "values" / ".sun.json.new").write_text("half", encoding="utf-8")
    assert folder.read() is first
    (folder.path / "values" / "sun.json").unlink()
    assert folder.read() == NO_INPUTS


def test_a_replacement_of_the_same_size_and_time_is_seen(folder: Watched) -> None:
    folder.write("values/sun.json", SUN)
    folder.read()
    path = folder.path / "values" / "sun.json"
    stat = path.stat()
    new = path.with_name(".new")
    new.write_text(SUN.replace("31.5", "13.5"), encoding="utf-8")
    os.utime(new, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    new.replace(path)
    assert folder.read().values["sun"].value == 13.5


def test_a_folder_or_a_file_that_is_not_finished_is_left_alone(folder: Watched) -> None:
    (folder.path / "flags" / "storm").mkdir(parents=True)
    (folder.path / "values" / "sun.json").mkdir(parents=True)
    (folder.path / "values" / ".sun.json.new").symlink_to("nowhere")
    (folder.path / "prices.json").mkdir()
    assert folder.read() == NO_INPUTS
    assert not folder.told


# --- what must not leak --------------------------------------------------------------------------

PASSWORD = "S3cr3t-0042"


@pytest.fixture
def password(tmp_path: Path) -> Path:
    """A file that only we can read, and whoever writes into the input folder cannot."""
    path = tmp_path / "gateway-password"
    path.write_text(PASSWORD, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["flags/storm", "values/sun.json", "prices.json"])
def test_a_link_is_not_followed(folder: Watched, password: Path, name: str) -> None:
    link = folder.path / name
    link.parent.mkdir(parents=True)
    for target in (password, password.with_name("nowhere")):
        link.unlink(missing_ok=True)
        link.symlink_to(target)
        folder.read()
    assert folder.told == [f"{name}: is a symbolic link; put the file itself there"]


@pytest.mark.parametrize(
    ("name", "content"),
    [("flags/storm", ""), ("values/sun.json", SUN), ("prices.json", "[]")],
)
def test_not_even_a_link_to_what_could_be_used(folder: Watched, name: str, content: str) -> None:
    folder.write("elsewhere/file", content)
    (folder.path / name).parent.mkdir(exist_ok=True)
    (folder.path / name).symlink_to(folder.path / "elsewhere" / "file")
    inputs = folder.read()
    assert not inputs.flags
    assert not inputs.values
    assert len(folder.told) == 1


@pytest.mark.parametrize("name", ["flags", "values"])
def test_the_files_of_another_folder_are_not_named(
    folder: Watched, tmp_path: Path, name: str
) -> None:
    (tmp_path / "private").mkdir()
    (tmp_path / "private" / "diary.json").write_text("", encoding="utf-8")
    folder.path.mkdir()
    (folder.path / name).symlink_to(tmp_path / "private")
    assert folder.read() == NO_INPUTS
    assert folder.told == [f"{name}: is a symbolic link; make it a folder"]


@pytest.mark.parametrize("name", ["flags/storm", "values/sun.json", "prices.json"])
def test_a_pipe_does_not_stop_the_loop(folder: Watched, name: str) -> None:
    (folder.path / name).parent.mkdir(parents=True)
    os.mkfifo(folder.path / name)
    folder.read()
    assert folder.told == [f"{name}: is not a regular file"]


@pytest.mark.parametrize("name", ["flags/storm", "values/sun.json", "prices.json"])
@pytest.mark.parametrize(
    "content",
    [
        PASSWORD,
        f'"{PASSWORD}"',
        json.dumps({PASSWORD: PASSWORD}),
        json.dumps({"value": PASSWORD, "at": PASSWORD}),
        json.dumps([{"start": PASSWORD, "end": PASSWORD, PASSWORD: 1}]),
        json.dumps([slot(NOON, ONE, **{"import": PASSWORD})]),
    ],
)
def test_no_message_quotes_a_file(folder: Watched, name: str, content: str) -> None:
    folder.write(name, content)
    folder.read()
    assert len(folder.told) == 1
    assert PASSWORD not in folder.told[0]


@pytest.mark.parametrize(
    ("name", "escaped"),
    [
        ("a\nINFO home: all is well", r"a\nINFO home: all is well"),
        ("a\x1b[2J", r"a\x1b[2J"),
        ("a\u2028b", r"a\u2028b"),
        (os.fsdecode(b"a\xff"), r"a\udcff"),
    ],
)
@pytest.mark.parametrize(("place", "content"), [("flags/{}", ""), ("values/{}.json", SUN)])
def test_a_file_name_forges_no_line(
    folder: Watched, place: str, content: str, name: str, escaped: str
) -> None:
    folder.write(place.format(name), content)
    assert folder.read() == NO_INPUTS
    said = "the name has characters that cannot be printed; rename the file"
    assert folder.told == [f"{place.format(escaped)}: {said}"]


def test_setting_a_flag_writes_through_no_link(folder: Watched, password: Path) -> None:
    (folder.path / "flags").mkdir(parents=True)
    (folder.path / "flags" / ".storm.new").symlink_to(password)
    set_flag(folder.path, "storm", ONE)
    assert password.read_text("utf-8") == PASSWORD
    assert folder.read().flags == {"storm": ONE}
