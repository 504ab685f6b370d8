"""A small file beside the journal that remembers how far the journal had come.

SQLite takes an empty file for a new database, and one whose last pages are gone for a shorter one.
The sidecar is written at each upkeep and at the end, not with every row: it may lag behind the
journal, and a journal that lags behind it has lost rows.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import Connection

from scheduler.journal.sqlite import tables
from scheduler.journal.sqlite.files import beside, make_private, put_in_place
from scheduler.journal.sqlite.lookups import Tail, sites_in, tail_of


@dataclass(frozen=True, slots=True)
class End:
    """The last links of a site's two chains, in hexadecimal, with the numbers of their rows."""

    id: int
    chain: str
    seal: int
    seal_chain: str

    @classmethod
    def of(cls, tail: Tail) -> End:
        """What is to be remembered of a site."""
        return cls(tail.link.number, tail.link.chain.hex(), tail.seal.number, tail.seal.chain.hex())


NOTHING_YET = End.of(Tail())


@dataclass(frozen=True, slots=True)
class Remembered:
    """Where the chains of each site end.

    `lost` is true from when the journal was found damaged until what was lost is in it as a gap.
    """

    ends: Mapping[str, End]
    lost: bool = False


def remembered_of(connection: Connection, sites: Iterable[str] = ()) -> Remembered:
    """What is to be remembered of a sound journal, and of these sites."""
    known = {*sites, *sites_in(connection, tables.run), *sites_in(connection, tables.gap)}
    return Remembered({site: End.of(tail_of(connection, site)) for site in sorted(known)})


def remember(path: Path, remembered: Remembered) -> None:
    """Write the sidecar of the journal at `path`. Raises `OSError`."""
    sidecar = beside(path, ".tail")
    unfinished = beside(sidecar, ".part")
    make_private(unfinished)
    ends = {site: asdict(end) for site, end in remembered.ends.items()}
    unfinished.write_text(json.dumps({"ends": ends, "lost": remembered.lost}) + "\n", "utf-8")
    put_in_place(unfinished, sidecar)


def recall(path: Path) -> Remembered | None:
    """What the sidecar says; `None` where there is none, or one that cannot be used."""
    try:
        said = json.loads(beside(path, ".tail").read_text("utf-8"))
        ends = {
            str(site): End(
                int(end["id"]), str(end["chain"]), int(end["seal"]), str(end["seal_chain"])
            )
            for site, end in said["ends"].items()
        }
        return Remembered(ends, bool(said["lost"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
