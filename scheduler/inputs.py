"""Flags, dated values and prices that others write into a folder, read at every tick.

    flags/NAME           the flag is set; the file holds its expiry as an ISO instant, or nothing
    values/NAME.json     {"value": 31.5, "at": "2026-07-15T06:00:00Z"}
    prices.json          [{"start": ..., "end": ..., "import": 0.31, "export": 0.05}, ...]

Whoever refreshes a file writes another one beside it and renames it over the old, so that nobody
ever reads half of it. A file that cannot be used counts as missing, and is told of once.

Whoever may write here may be somebody who must not read what we can, such as the password. So no
link is followed, and what is told of a file names the file and the mistake, never its content.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from rules.errors import printable
from rules.inputs import NO_INPUTS, DatedValue, Inputs, PriceSeries, PriceSlot
from rules.language import parse_name
from scheduler.errors import ConfigProblem

LARGEST = 1024 * 1024
"""Bytes of one input file; a month of quarter-hourly prices is a third of it."""

YEARS = range(1970, 9000)
"""Years that an instant of an input file may lie in; some write 8999 for "for ever"."""

LARGEST_SERIES = 16 * LARGEST
"""Bytes of a price file that somebody names; a year of half hours is an eighth of it."""

_Signature = tuple[tuple[str, int, int, int], ...]


class _Value(BaseModel):
    model_config = ConfigDict(extra="ignore", allow_inf_nan=False)
    value: float
    at: AwareDatetime


class _Slot(BaseModel):
    model_config = ConfigDict(extra="ignore", allow_inf_nan=False)
    start: AwareDatetime
    end: AwareDatetime
    imported: Annotated[float | None, Field(alias="import")] = None
    exported: Annotated[float | None, Field(alias="export")] = None


_SLOTS = TypeAdapter(list[_Slot])

Report = Callable[[str], None]
"""Called with a sentence about an input file that cannot be used."""


class InputFolder:
    """One site's input folder. Without a path there are no inputs."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._seen: _Signature = ()
        self._told: frozenset[str] = frozenset()
        self._inputs = NO_INPUTS

    def read(self, report: Report) -> Inputs:
        """The inputs as they are now; the same object as long as no file has changed."""
        if self._path is None:
            return self._inputs
        seen = _signature(self._path)
        if seen != self._seen:
            self._seen = seen
            problems: list[str] = []
            self._inputs = _read(self._path, problems.append)
            for problem in map(printable, problems):
                if problem not in self._told:
                    report(problem)
            self._told = frozenset(map(printable, problems))
        return self._inputs


def set_flag(folder: Path, name: str, expiry: datetime | None) -> None:
    """Set a flag, until its expiry or until it is taken back. Raises `ConfigProblem`."""
    flags, name = folder / "flags", flag_name(name)
    try:
        flags.mkdir(parents=True, exist_ok=True)
        new = flags / f".{name}.new"
        new.unlink(missing_ok=True)  # what a killed call left, or a link that somebody put there
        with new.open("x", encoding="utf-8") as file:
            file.write("" if expiry is None else expiry.astimezone(UTC).isoformat())
        new.replace(flags / name)
    except OSError as error:
        raise ConfigProblem(f"{flags}: cannot set the flag: {_reason(error)}") from None


def take_back(folder: Path, name: str) -> None:
    """Take a flag back; one that is not set stays so. Raises `ConfigProblem`."""
    try:
        (folder / "flags" / flag_name(name)).unlink(missing_ok=True)
    except OSError as error:
        raise ConfigProblem(f"{folder / 'flags'}: cannot clear it: {_reason(error)}") from None


def set_value(folder: Path, name: str, value: DatedValue) -> None:
    """Write a dated value over the one before."""
    values = folder / "values"
    values.mkdir(parents=True, exist_ok=True)
    new = values / f".{name}.new"
    new.write_text(_Value(value=value.value, at=value.at).model_dump_json(), encoding="utf-8")
    new.replace(values / f"{name}.json")


def read_prices(path: Path) -> PriceSeries:
    """The prices of a file like an input folder's `prices.json`. Raises `ConfigProblem`.

    Whoever names a file may name a link to it: it is read with their own rights.
    """
    problems: list[str] = []
    found = _parsed(path.resolve(), _prices, problems.append, LARGEST_SERIES)
    for problem in problems:
        raise ConfigProblem(printable(problem))
    return found if isinstance(found, PriceSeries) else PriceSeries(())


def flag_name(name: str) -> str:
    """The name, where a flag may be called so. Raises `ConfigProblem`."""
    try:
        return parse_name(name)
    except ValueError as error:
        raise ConfigProblem(f"the name of a flag {error}") from None


def _signature(folder: Path) -> _Signature:
    """What would change if a file did."""
    found = []
    for place in (folder, folder / "flags", folder / "values"):
        for path in _files(place):
            try:
                entry = path.lstat()
            except OSError:
                continue  # it went away meanwhile
            found.append((str(path), entry.st_mtime_ns, entry.st_size, entry.st_ino))
    return tuple(sorted(found))


def _read(folder: Path, report: Report) -> Inputs:
    flags: dict[str, datetime | None] = {}
    values: dict[str, DatedValue] = {}
    prices: PriceSeries | None = None
    for path in _named(folder / "flags", report):
        flag = _parsed(path, _flag, report)
        if flag is not None:
            flags[path.name] = flag[0]
    for path in _named(folder / "values", report):
        value = _parsed(path, _value, report) if path.suffix == ".json" else None
        if value is not None:
            values[path.stem] = value
    if folder / "prices.json" in _files(folder):
        prices = _parsed(folder / "prices.json", _prices, report) or PriceSeries(())
    return Inputs(flags, values, prices)


def _files(folder: Path) -> list[Path]:
    """What may be a file: all but folders, and what is not finished yet."""
    try:
        with os.scandir(folder) as entries:
            return sorted(
                folder / each.name
                for each in entries
                if each.name[0] != "." and not each.is_dir(follow_symlinks=False)
            )
    except OSError:
        return []


def _named(folder: Path, report: Report) -> list[Path]:
    """The files of a folder whose names become the names of inputs, and so stand in the journal."""
    if folder.is_symlink():  # the names in another folder are not for everybody either
        report(f"{folder}: is a symbolic link; make it a folder")
        return []
    found = _files(folder)
    for path in found:
        if not path.name.isprintable():
            report(f"{path}: the name has characters that cannot be printed; rename the file")
    return [path for path in found if path.name.isprintable()]


def _parsed(
    path: Path, parse: Callable[[bytes], Any], report: Report, largest: int = LARGEST
) -> Any:  # noqa: ANN401 -- whatever parse gives
    try:
        return parse(_content(path, largest))
    except OSError as error:
        report(f"{path}: cannot be read: {_reason(error)}")
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = "".join(f"{part}: " for part in first["loc"])
        report(f"{path}: {place}{first['msg'][:1].lower()}{first['msg'][1:]}")
    except (ValueError, RecursionError) as error:
        report(f"{path}: {error}")
    return None


def _content(path: Path, largest: int) -> bytes:
    """What a regular file holds. A pipe without a writer must not stop the loop either.

    Raises `ValueError` for anything else, and `OSError`.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise ValueError("is a symbolic link; put the file itself there") from None
        raise
    with open(descriptor, "rb") as file:  # noqa: PTH123 -- a path cannot say O_NOFOLLOW
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ValueError("is not a regular file")
        content = file.read(largest + 1)
    if len(content) > largest:
        raise ValueError(f"is larger than {largest // LARGEST} MiB")
    return content


def _flag(content: bytes) -> tuple[datetime | None]:
    text = content.decode("utf-8", "replace").strip()
    if not text:
        return (None,)
    try:
        expiry = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError('the expiry must be a time like "2026-07-15T18:00:00Z"') from None
    if expiry.tzinfo is None:
        raise ValueError("the expiry needs an offset from UTC")
    return (_instant(expiry),)


def _value(content: bytes) -> DatedValue:
    found = _Value.model_validate_json(content)
    return DatedValue(found.value, _instant(found.at))


def _prices(content: bytes) -> PriceSeries:
    return PriceSeries(
        [
            PriceSlot(_instant(slot.start), _instant(slot.end), slot.imported, slot.exported)
            for slot in _SLOTS.validate_json(content)
        ]
    )


def _instant(said: datetime) -> datetime:
    """An aware time in UTC; none so far away that one could not reckon with it."""
    if said.year not in YEARS:
        raise ValueError("the year must be from 1970 to 8999")
    return said.astimezone(UTC)


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
